namespace PgVectorCompat.Storage;

/// <summary>Visible rows of a range of row ids, in row id order. One thread at a time; the snapshot must outlive it.</summary>
public sealed class RowScan
{
    const int BatchRows = 256;

    readonly Table _table;
    readonly Snapshot _snapshot;
    readonly int[] _indexes;
    readonly RowVersion[] _versions;
    readonly long _end;
    long _chunk;
    int _index;
    long _batchChunk;
    int _count;
    int _position;

    internal RowScan(Table table, Snapshot snapshot, RowId first, RowId end)
    {
        _table = table;
        _snapshot = snapshot;
        // Rows above were not there when the scan began, so the snapshot cannot see them: an endless insert ends the scan all the same.
        _end = Math.Min(end.Value, table.NextRowId);
        _chunk = first.Value >> Chunk.Shift;
        _index = RowDirectory.IndexOf(first.Value);
        var batch = (int)Math.Clamp(_end - first.Value, 1, BatchRows);
        _indexes = new int[batch];
        _versions = new RowVersion[batch];
    }

    /// <summary>The next visible row; false at the end.</summary>
    public bool MoveNext(out RowView row)
    {
        if (_position == _count && !Fill())
        {
            row = default;
            return false;
        }
        row = _table.ViewOf((_batchChunk << Chunk.Shift) + _indexes[_position], _versions[_position]);
        _position++;
        return true;
    }

    bool Fill()
    {
        _position = 0;
        _count = 0;
        while (_count == 0)
        {
            _count = DirectoryScan.Next(_table, _snapshot, _end, ref _chunk, ref _index, _indexes, _versions, out _batchChunk);
            if (_count < 0) break;
        }
        _count = Math.Max(_count, 0);
        return _count > 0;
    }
}

/// <summary>Steps through the chunks of a table for scans of rows and of vectors.</summary>
static class DirectoryScan
{
    /// <summary>The next visible rows of one chunk, as many as fit (possibly none); -1 at the end.</summary>
    public static int Next(
        Table table, Snapshot snapshot, long end, ref long chunk, ref int index, Span<int> indexes, Span<RowVersion> versions, out long batchChunk)
    {
        batchChunk = chunk;
        var start = chunk << Chunk.Shift;
        if (start + index >= end) return -1;

        var count = 0;
        var stop = (int)Math.Min(Chunk.Rows, end - start);
        if (table.Directory.ChunkAt(chunk) is { } rows) count = rows.ReadVisible(ref index, stop, snapshot, indexes, versions);
        else index = Chunk.Rows;
        if (index >= Chunk.Rows)
        {
            chunk++;
            index = 0;
        }
        return count;
    }
}
