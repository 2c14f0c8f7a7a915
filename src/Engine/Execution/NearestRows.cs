using System.Runtime.InteropServices;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>The first rows of a sort's order, as many as are wanted: a heap with the last of them at its top, whose place a better row takes.</summary>
sealed class NearestRows
{
    readonly SortNode _node;
    readonly ExecutionState _state;
    readonly int _wanted;
    readonly int _inputWidth;
    readonly RowBuffer _rows;
    readonly List<long> _arrivals = [];

    // Places of rows; none is worse than the one at half its number, so that the worst is the first.
    readonly List<int> _heap = [];
    readonly Datum[] _keys;
    int[] _order = [];
    long _arrival;
    int _next;

    public NearestRows(SortNode node, ExecutionState state, int wanted)
    {
        (_node, _state, _wanted) = (node, state, wanted);
        _inputWidth = node.Input.Columns.Length;
        _rows = new(node.Columns.Length);
        _keys = new Datum[node.KeyEvaluators.Length];
    }

    /// <summary>Bytes that the rows kept take.</summary>
    public long Memory { get; private set; }

    public ReadOnlySpan<Datum> Current => _rows[_order[_next - 1]];

    public string Method => $"{(_rows.Count == _wanted ? "top-N heapsort" : "quicksort")}  Memory: {Math.Max(25, Memory / 1024)}kB";

    public void Offer(ReadOnlySpan<Datum> input)
    {
        if (_wanted == 0)
            return;
        for (var i = 0; i < _keys.Length; i++)
            _keys[i] = _node.KeyEvaluators[i].Evaluate(input, _state);
        if (_rows.Count < _wanted)
        {
            _rows.Add();
            _arrivals.Add(_arrival);
            Put(_rows.Count - 1, input);
            _heap.Add(_rows.Count - 1);
            Rise();
            return;
        }
        var worst = _heap[0];
        if (SortDirection.Compare(_node.Directions, _keys, Keys(worst)) >= 0)
            return;
        Memory -= RowImage.Memory(_rows[worst]);
        _arrivals[worst] = _arrival;
        Put(worst, input);
        Sink();
    }

    void Put(int place, ReadOnlySpan<Datum> input)
    {
        _arrival++;
        var row = _rows.Writable(place);
        input.CopyTo(row);
        _keys.CopyTo(row[_inputWidth..]);
        Memory += RowImage.Memory(row);
    }

    /// <summary>All rows were offered.</summary>
    public void Finish()
    {
        _order = new int[_heap.Count];
        for (var i = _order.Length - 1; i >= 0; i--)
        {
            _order[i] = _heap[0];
            _heap[0] = _heap[^1];
            _heap.RemoveAt(_heap.Count - 1);
            Sink();
        }
    }

    void Rise()
    {
        var heap = CollectionsMarshal.AsSpan(_heap);
        for (int at = heap.Length - 1, parent; at > 0 && IsWorse(heap[at], heap[parent = (at - 1) / 2]); at = parent)
            (heap[at], heap[parent]) = (heap[parent], heap[at]);
    }

    void Sink()
    {
        var heap = CollectionsMarshal.AsSpan(_heap);
        for (int at = 0, child; (child = 2 * at + 1) < heap.Length; at = child)
        {
            if (child + 1 < heap.Length && IsWorse(heap[child + 1], heap[child]))
                child++;
            if (!IsWorse(heap[child], heap[at]))
                return;
            (heap[at], heap[child]) = (heap[child], heap[at]);
        }
    }

    public bool MoveNext()
    {
        if (_next >= _order.Length)
            return false;
        _next++;
        return true;
    }

    /// <summary>The rows kept, keys included, in the order they came.</summary>
    public IEnumerable<Datum[]> InArrivalOrder()
        => Enumerable.Range(0, _rows.Count).OrderBy(row => _arrivals[row]).Select(row => _rows[row].ToArray());

    // Of equal rows the one that came later is worse.
    bool IsWorse(int x, int y)
    {
        var order = SortDirection.Compare(_node.Directions, Keys(x), Keys(y));
        return order != 0 ? order > 0 : _arrivals[x] > _arrivals[y];
    }

    ReadOnlySpan<Datum> Keys(int row) => _rows[row][_inputWidth..];
}
