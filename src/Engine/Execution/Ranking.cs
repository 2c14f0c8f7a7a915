using System.Collections.Immutable;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>What number a <see cref="RankingNode"/> gives a row of its partition.</summary>
public enum Ranking { RowNumber, Rank, DenseRank }

/// <summary>
/// Numbers the rows of an input sorted by partition and order: the window functions that need nothing of later rows. Each row is given as it comes, so
/// that a LIMIT above ends the input early.
/// </summary>
/// <param name="Partition">Rows equal in these are numbered together.</param>
/// <param name="Order">Rows equal in these too have the same rank.</param>
public sealed record RankingNode(
    PlanNode Input, ImmutableArray<(Evaluator Value, TypeCodec Codec)> Partition, ImmutableArray<(Evaluator Value, TypeCodec Codec)> Order, ImmutableArray<Ranking> Calls) : PlanNode
{
    public override string Title => "WindowAgg";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(RankingNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly Datum[] _row = new Datum[node.Columns.Length];
        readonly Datum[] _partition = new Datum[node.Partition.Length];
        readonly Datum[] _order = new Datum[node.Order.Length];
        long _number, _rank, _denseRank;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (!_input.MoveNext())
                return false;
            var input = _input.Current;
            var isFirst = _number == 0;
            var isOther = HasChanged(node.Partition, _partition, input);
            var isFarther = HasChanged(node.Order, _order, input);
            if (isFirst || isOther)
                _number = _rank = _denseRank = 0;
            _number++;
            if (isFirst || isOther || isFarther)
                (_rank, _denseRank) = (_number, _denseRank + 1);

            input.CopyTo(_row);
            for (var i = 0; i < node.Calls.Length; i++)
                _row[input.Length + i] = Datum.Of(node.Calls[i] switch { Ranking.RowNumber => _number, Ranking.Rank => _rank, _ => _denseRank });
            return true;
        }

        // Keeps the keys of the row at hand, and says whether they differ from those of the row before.
        bool HasChanged(ImmutableArray<(Evaluator Value, TypeCodec Codec)> keys, Datum[] before, ReadOnlySpan<Datum> row)
        {
            var changed = false;
            for (var i = 0; i < before.Length; i++)
            {
                var value = keys[i].Value.Evaluate(row, state);
                changed |= value.IsNull || before[i].IsNull ? value.IsNull != before[i].IsNull : !keys[i].Codec.Equal(value, before[i]);
                before[i] = value;
            }
            return changed;
        }

        public override void Reset()
        {
            _input.Reset();
            _number = 0;
        }

        public override void Dispose() => _input.Dispose();
    }
}
