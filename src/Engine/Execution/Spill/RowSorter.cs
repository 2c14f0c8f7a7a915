using System.Runtime.CompilerServices;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// Sorts rows by keys that stand in them, equal ones in the order they came. What does not fit work_mem goes to disk as sorted runs,
/// which are merged while they are read. Add all rows, <see cref="Finish"/>, then read.
/// </summary>
/// <param name="keys">Where in a row the keys begin.</param>
sealed class RowSorter(ExecutionState state, int width, int keys, SortDirection[] directions)
{
    /// <summary>Besides the row itself: its place in the order, and its prefix.</summary>
    const int BytesPerRow = 2 * (sizeof(int) + sizeof(ulong));

    readonly List<TemporaryRows> _runs = [];
    readonly RowBuffer _rows = new(width);
    RowMerge? _merge;
    int[] _order = [];
    long _memory;
    long _mostMemory;
    long _diskBytes;
    int _next;

    /// <summary>A new row, to be filled; then call <see cref="Added"/>.</summary>
    public Span<Datum> Add() => _rows.Add();

    /// <param name="copies">So many values at the row's end are copies of others in it, whose objects are counted there.</param>
    public void Added(ReadOnlySpan<Datum> row, int copies = 0)
    {
        _memory += RowImage.Memory(row[..^copies]) + copies * (long)Unsafe.SizeOf<Datum>() + BytesPerRow;
        if (_memory <= state.WorkMemory)
            return;
        WriteRun();
        state.ThrowIfCancelled();
    }

    void WriteRun()
    {
        var run = new TemporaryRows(state.Temporary, width);
        foreach (var row in RowOrder.Of(_rows, keys, directions))
            run.Add(_rows[row]);
        AddRun(_runs, run);
        _rows.Reuse();
        _mostMemory = Math.Max(_mostMemory, _memory);
        _memory = 0;
    }

    void AddRun(List<TemporaryRows> runs, TemporaryRows run)
    {
        run.Flush();
        runs.Add(run);
        _diskBytes = Math.Max(_diskBytes, state.Temporary.Bytes);
    }

    /// <summary>All rows are there.</summary>
    public void Finish()
    {
        if (_runs.Count == 0)
        {
            _order = RowOrder.Of(_rows, keys, directions);
            return;
        }
        if (_rows.Count > 0)
            WriteRun();
        var atOnce = (int)Math.Max(6, state.WorkMemory / TemporarySpace.PieceBytes);
        var runs = _runs;
        while (runs.Count > atOnce)
            runs = MergeGroups(runs, atOnce);
        _merge = new RowMerge(runs, keys, directions);
    }

    List<TemporaryRows> MergeGroups(List<TemporaryRows> runs, int atOnce)
    {
        var longer = new List<TemporaryRows>();
        for (var first = 0; first < runs.Count; first += atOnce)
        {
            state.ThrowIfCancelled();
            var merge = new RowMerge(runs.GetRange(first, Math.Min(atOnce, runs.Count - first)), keys, directions);
            var merged = new TemporaryRows(state.Temporary, width);
            while (merge.MoveNext())
                merged.Add(merge.Current);
            AddRun(longer, merged);
        }
        return longer;
    }

    public bool MoveNext()
    {
        if (_merge is not null)
            return _merge.MoveNext();
        if (_next >= _order.Length)
            return false;
        _next++;
        return true;
    }

    public ReadOnlySpan<Datum> Current => _merge is not null ? _merge.Current : _rows[_order[_next - 1]];

    /// <summary>As EXPLAIN ANALYZE shows it.</summary>
    public string Method => _merge is not null
        ? $"external merge  Disk: {_diskBytes / 1024}kB"
        : $"quicksort  Memory: {Math.Max(25, Math.Max(_memory, _mostMemory) / 1024)}kB";
}
