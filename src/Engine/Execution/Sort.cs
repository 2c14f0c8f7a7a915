using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// Sorts its input; the output is the input row followed by the keys. Equal rows keep their order. With a <see cref="Limit"/> above it
/// only that many rows are kept, in a heap.
/// </summary>
public sealed record SortNode(PlanNode Input, ImmutableArray<BoundSortKey> Keys, ImmutableArray<Evaluator> KeyEvaluators) : PlanNode
{
    /// <summary>LIMIT and OFFSET of the node above, when nothing between takes rows away.</summary>
    public Evaluator? Limit { get; init; }
    public Evaluator? Offset { get; init; }

    internal SortDirection[] Directions { get; } = [.. Keys.Select(key => new SortDirection(key.Expression.Type.Codec, key.Descending, key.NullsFirst))];

    /// <summary>How many keys stand in the output twice, because all are columns of the input.</summary>
    int Copies { get; } = KeyEvaluators.All(key => key is ColumnEvaluator) ? KeyEvaluators.Length : 0;

    public override string Title => "Sort";
    public override IEnumerable<PlanNode> Children => [Input];
    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer) => [("Sort Key", printer.PrintKeys(Keys))];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(SortNode node, ExecutionState state) : RowSource
    {
        /// <summary>Above this many rows a heap costs more than sorting everything.</summary>
        const int LargestHeap = 100_000;

        readonly RowSource _input = node.Input.Start(state);
        RowSorter? _sorter;
        NearestRows? _nearest;

        public override ReadOnlySpan<Datum> Current => _nearest is not null ? _nearest.Current : _sorter!.Current;

        public override bool MoveNext()
        {
            if (_nearest is null && _sorter is null)
                Fill();
            return _nearest is not null ? _nearest.MoveNext() : _sorter!.MoveNext();
        }

        void Fill()
        {
            var wanted = long.MaxValue;
            if (node.Limit is not null)
            {
                var (limit, offset) = LimitNode.Counts(node.Limit, node.Offset, state);
                wanted = limit > long.MaxValue - offset ? long.MaxValue : limit + offset;
            }
            if (wanted <= LargestHeap)
                _nearest = new NearestRows(node, state, (int)wanted);
            else
                _sorter = NewSorter();
            for (var count = 0; _input.MoveNext(); count++)
            {
                if ((count & 1023) == 0)
                    state.ThrowIfCancelled();
                Take(_input.Current);
            }
            _sorter?.Finish();
            _nearest?.Finish();
            if (state.Statistics?.Of(node) is { } statistics)
                statistics.Details["Sort Method"] = _nearest?.Method ?? _sorter!.Method;
        }

        RowSorter NewSorter() => new(state, node.Columns.Length, node.Input.Columns.Length, node.Directions);

        void Take(ReadOnlySpan<Datum> input)
        {
            if (_nearest is not null)
            {
                _nearest.Offer(input);
                if (_nearest.Memory <= state.WorkMemory)
                    return;

                // The rows wanted are too large to keep: they and all that follow are sorted, on disk if need be.
                _sorter = NewSorter();
                foreach (var kept in _nearest.InArrivalOrder())
                {
                    var row = _sorter.Add();
                    kept.CopyTo(row);
                    _sorter.Added(row);
                }
                _nearest = null;
                return;
            }
            var added = _sorter!.Add();
            input.CopyTo(added);
            for (var i = 0; i < node.KeyEvaluators.Length; i++)
                added[input.Length + i] = node.KeyEvaluators[i].Evaluate(input, state);
            _sorter.Added(added, node.Copies);
        }

        public override void Reset()
        {
            (_sorter, _nearest) = (null, null);
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}
