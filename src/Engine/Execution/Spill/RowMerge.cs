using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>Several sorted runs as one; of equal rows those of the earlier run come first.</summary>
sealed class RowMerge
{
    readonly TemporaryRows.Reader[] _runs;
    readonly int _keys;
    readonly SortDirection[] _directions;

    // A heap of the runs that have a row, the one with the first row at its top.
    readonly int[] _heap;
    int _count;
    bool _hasBegun;

    public RowMerge(List<TemporaryRows> runs, int keys, SortDirection[] directions)
    {
        (_keys, _directions) = (keys, directions);
        _runs = [.. runs.Select(run => run.Read())];
        _heap = new int[_runs.Length];
        for (var i = 0; i < _runs.Length; i++)
            if (_runs[i].MoveNext())
                _heap[_count++] = i;
        for (var i = _count / 2 - 1; i >= 0; i--)
            MoveDown(i);
    }

    public ReadOnlySpan<Datum> Current => _runs[_heap[0]].Current;

    public bool MoveNext()
    {
        // The row given last stays at the top until now, so that it remains valid.
        if (_hasBegun)
        {
            if (!_runs[_heap[0]].MoveNext())
                _heap[0] = _heap[--_count];
            MoveDown(0);
        }
        _hasBegun = true;
        return _count > 0;
    }

    void MoveDown(int at)
    {
        var run = _heap[at];
        for (int child; (child = 2 * at + 1) < _count; at = child)
        {
            if (child + 1 < _count && IsBefore(_heap[child + 1], _heap[child]))
                child++;
            if (!IsBefore(_heap[child], run))
                break;
            _heap[at] = _heap[child];
        }
        _heap[at] = run;
    }

    bool IsBefore(int x, int y)
    {
        var order = SortDirection.Compare(_directions, _runs[x].Current[_keys..], _runs[y].Current[_keys..]);
        return order < 0 || (order == 0 && x < y);
    }
}
