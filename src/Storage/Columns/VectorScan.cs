namespace PgVectorCompat.Storage;

/// <summary>Visible rows whose value in one vector column is not NULL, in row id order, as pairs of row id and slot.</summary>
public sealed class VectorScan
{
    readonly Table _table;
    readonly Snapshot _snapshot;
    readonly int _column;
    readonly long _end;
    int[] _indexes = [];
    RowVersion[] _versions = [];
    long _chunk;
    int _index;

    internal VectorScan(Table table, int column, Snapshot snapshot, RowId first, RowId end)
    {
        _table = table;
        _column = column;
        _snapshot = snapshot;
        _end = Math.Min(end.Value, table.NextRowId);
        _chunk = first.Value >> Chunk.Shift;
        _index = RowDirectory.IndexOf(first.Value);
    }

    /// <summary>Fills both spans (of equal length, best at least 1,024) and returns how many; 0 at the end.</summary>
    public int NextBatch(Span<RowId> rows, Span<int> slots)
    {
        // Not more than the table has rows: most of the time of a search in a small one would go to clearing memory.
        var limit = (int)Math.Min(Math.Min(rows.Length, slots.Length), Math.Min(Chunk.Rows, Math.Max(1, _end)));
        if (_indexes.Length < limit) (_indexes, _versions) = (new int[limit], new RowVersion[limit]);
        while (true)
        {
            var count = DirectoryScan.Next(_table, _snapshot, _end, ref _chunk, ref _index, _indexes.AsSpan(0, limit), _versions.AsSpan(0, limit), out var chunk);
            if (count < 0) return 0;
            var filled = 0;
            for (var i = 0; i < count; i++)
            {
                var slot = _table.SlotOf(_versions[i], _column);
                if (slot < 0) continue;
                rows[filled] = new((chunk << Chunk.Shift) + _indexes[i]);
                slots[filled++] = slot;
            }
            if (filled > 0) return filled;
        }
    }
}
