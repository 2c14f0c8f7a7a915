using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
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

    public override string Title => "Sort";
    public override IEnumerable<PlanNode> Children => [Input];
    public override IEnumerable<(string Label, string Text)> Details(BoundExpressionPrinter printer) => [("Sort Key", printer.PrintKeys(Keys))];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(SortNode node, ExecutionState state) : RowSource
    {
        /// <summary>Above this many rows a heap costs more than sorting everything.</summary>
        const int LargestHeap = 100_000;

        readonly RowSource _input = node.Input.Start(state);
        readonly int _inputWidth = node.Input.Columns.Length;
        RowBuffer? _rows;
        int[] _order = [];
        int _count;
        int _next;

        public override ReadOnlySpan<Datum> Current => _rows![_order[_next - 1]];

        public override bool MoveNext()
        {
            if (_rows is null)
                Fill();
            if (_next >= _count)
                return false;
            _next++;
            return true;
        }

        void Fill()
        {
            _rows = new RowBuffer(node.Columns.Length);
            var wanted = long.MaxValue;
            if (node.Limit is not null)
            {
                var (limit, offset) = LimitNode.Counts(node.Limit, node.Offset, state);
                wanted = limit > long.MaxValue - offset ? long.MaxValue : limit + offset;
            }
            if (wanted <= LargestHeap)
                FillHeap((int)wanted);
            else
                FillAll();
            Report(wanted <= LargestHeap && _rows.Count == wanted);
        }

        void FillAll()
        {
            while (_input.MoveNext())
            {
                if ((_rows!.Count & 1023) == 0)
                    state.ThrowIfCancelled();
                var row = _rows.Add();
                var input = _input.Current;
                input.CopyTo(row);
                for (var i = 0; i < node.KeyEvaluators.Length; i++)
                    row[_inputWidth + i] = node.KeyEvaluators[i].Evaluate(input, state);
            }
            _count = _rows!.Count;
            _order = new int[_count];
            for (var i = 0; i < _count; i++)
                _order[i] = i;
            Array.Sort(_order, Compare);
        }

        // The heap holds the rows wanted so far, the last of them at its top; a row joins by taking that one's place.
        void FillHeap(int wanted)
        {
            if (wanted == 0)
                return;
            var keys = new Datum[node.KeyEvaluators.Length];
            var arrivals = new List<long>();
            var heap = new PriorityQueue<int, int>(Comparer<int>.Create((a, b) =>
            {
                var order = SortDirection.Compare(node.Directions, Keys(b), Keys(a));
                return order != 0 ? order : arrivals[b].CompareTo(arrivals[a]);
            }));
            for (var arrival = 0L; _input.MoveNext(); arrival++)
            {
                if ((arrival & 1023) == 0)
                    state.ThrowIfCancelled();
                var input = _input.Current;
                for (var i = 0; i < keys.Length; i++)
                    keys[i] = node.KeyEvaluators[i].Evaluate(input, state);
                int place;
                if (_rows!.Count < wanted)
                {
                    place = _rows.Count;
                    _rows.Add();
                    arrivals.Add(arrival);
                }
                else
                {
                    place = heap.Peek();
                    if (SortDirection.Compare(node.Directions, keys, Keys(place)) >= 0)
                        continue;
                    heap.Dequeue();
                    arrivals[place] = arrival;
                }
                var row = _rows.Writable(place);
                input.CopyTo(row);
                keys.CopyTo(row[_inputWidth..]);
                heap.Enqueue(place, place);
            }
            _count = heap.Count;
            _order = new int[_count];
            for (var i = _count - 1; i >= 0; i--)
                _order[i] = heap.Dequeue();
        }

        ReadOnlySpan<Datum> Keys(int row) => _rows![row][_inputWidth..];

        int Compare(int left, int right)
        {
            var order = SortDirection.Compare(node.Directions, Keys(left), Keys(right));
            return order != 0 ? order : left.CompareTo(right);
        }

        void Report(bool isHeap)
        {
            if (state.Statistics?.Of(node) is { } statistics)
                statistics.Details["Sort Method"] = $"{(isHeap ? "top-N heapsort" : "quicksort")}  Memory: {Math.Max(25, _rows!.Bytes / 1024)}kB";
        }

        public override void Reset()
        {
            _rows = null;
            _next = 0;
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}
