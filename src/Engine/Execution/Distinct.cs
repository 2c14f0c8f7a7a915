using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Each row once, compared by its first columns (as many as there are codecs): DISTINCT and UNION.</summary>
public sealed record DistinctNode(PlanNode Input, ImmutableArray<TypeCodec> Codecs) : PlanNode
{
    public ImmutableArray<BoundExpression> Keys { get; init; } = [];
    public override string Title => "HashAggregate";
    public override IEnumerable<PlanNode> Children => [Input];

    public override IEnumerable<(string Label, string Text)> Details(BoundExpressionPrinter printer)
        => Keys.IsEmpty ? [] : [("Group Key", string.Join(", ", Keys.Select(printer.Print)))];

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(DistinctNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly HashSet<Datum[]> _seen = new(new RowComparer([.. node.Codecs]));

        public override ReadOnlySpan<Datum> Current => _input.Current;

        public override bool MoveNext()
        {
            var lookup = _seen.GetAlternateLookup<ReadOnlySpan<Datum>>();
            for (var count = 1; _input.MoveNext(); count++)
            {
                if ((count & 1023) == 0)
                    state.ThrowIfCancelled();
                if (lookup.Add(_input.Current))
                    return true;
            }
            return false;
        }

        public override void Reset()
        {
            _seen.Clear();
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}

/// <summary>The first row of each run of rows with equal keys, which are input columns: DISTINCT ON over a sorted input.</summary>
public sealed record UniqueNode(PlanNode Input, ImmutableArray<int> KeyColumns, ImmutableArray<TypeCodec> Codecs) : PlanNode
{
    public override string Title => "Unique";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(UniqueNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly Datum[] _last = new Datum[node.KeyColumns.Length];
        bool _hasLast;

        public override ReadOnlySpan<Datum> Current => _input.Current;

        public override bool MoveNext()
        {
            while (_input.MoveNext())
            {
                var row = _input.Current;
                if (_hasLast && IsSame(row))
                    continue;
                for (var i = 0; i < _last.Length; i++)
                    _last[i] = row[node.KeyColumns[i]];
                return _hasLast = true;
            }
            return false;
        }

        bool IsSame(ReadOnlySpan<Datum> row)
        {
            for (var i = 0; i < _last.Length; i++)
            {
                var value = row[node.KeyColumns[i]];
                if (value.IsNull || _last[i].IsNull ? value.IsNull != _last[i].IsNull : !node.Codecs[i].Equal(value, _last[i]))
                    return false;
            }
            return true;
        }

        public override void Reset()
        {
            _hasLast = false;
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}
