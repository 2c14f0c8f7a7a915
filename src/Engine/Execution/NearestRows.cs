using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>The first rows of a sort's order, as many as are wanted: a heap with the last of them at its top, whose place a better row takes.</summary>
sealed class NearestRows : IComparer<int>
{
    readonly SortNode _node;
    readonly ExecutionState _state;
    readonly int _wanted;
    readonly int _inputWidth;
    readonly RowBuffer _rows;
    readonly List<long> _arrivals = [];
    readonly PriorityQueue<int, int> _heap;
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
        _heap = new(this);
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
        int place;
        if (_rows.Count < _wanted)
        {
            place = _rows.Count;
            _rows.Add();
            _arrivals.Add(_arrival);
        }
        else
        {
            place = _heap.Peek();
            if (SortDirection.Compare(_node.Directions, _keys, Keys(place)) >= 0)
                return;
            Memory -= RowImage.Memory(_rows[place]);
            _heap.Dequeue();
            _arrivals[place] = _arrival;
        }
        _arrival++;
        var row = _rows.Writable(place);
        input.CopyTo(row);
        _keys.CopyTo(row[_inputWidth..]);
        Memory += RowImage.Memory(row);
        _heap.Enqueue(place, place);
    }

    /// <summary>All rows were offered.</summary>
    public void Finish()
    {
        _order = new int[_heap.Count];
        for (var i = _order.Length - 1; i >= 0; i--)
            _order[i] = _heap.Dequeue();
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

    public int Compare(int x, int y)
    {
        var order = SortDirection.Compare(_node.Directions, Keys(y), Keys(x));
        return order != 0 ? order : _arrivals[y].CompareTo(_arrivals[x]);
    }

    ReadOnlySpan<Datum> Keys(int row) => _rows[row][_inputWidth..];
}
