namespace PgVectorCompat.Storage;

/// <summary>Turns one transaction's versions into committed ones.</summary>
static class CommitStamps
{
    public static void ApplyRows(Store store, Transaction transaction, long csn)
    {
        var writes = transaction.Writes;
        RowRanges? garbage = null;
        foreach (var range in writes.Rows)
            if (!writes.Dropped(range.Table)) StampRange(range, Stamp.Of(transaction.Id), csn, ref garbage);
        if (garbage is not null) store.Garbage.Add(garbage);
    }

    /// <param name="range">Rows that the transaction wrote.</param>
    /// <param name="stamp">The transaction.</param>
    /// <param name="csn">Its commit.</param>
    /// <param name="garbage">Rows with an older version, or a deletion, for the collector.</param>
    static void StampRange(RowRange range, long stamp, long csn, ref RowRanges? garbage)
    {
        var rowCountChange = 0L;
        var end = range.First + range.Count;
        for (var row = range.First; row < end;)
        {
            var chunk = range.Table.Directory.Find(row)!;
            var chunkEnd = Math.Min(end, ((row >> Chunk.Shift) + 1) << Chunk.Shift);
            lock (chunk.Gate)
            {
                for (; row < chunkEnd; row++)
                {
                    var index = RowDirectory.IndexOf(row);
                    if (!chunk.TryCommit(index, stamp, csn, out var hadRow, out var newest)) continue;
                    rowCountChange += (newest.Position.IsDeletion ? 0 : 1) - (hadRow ? 1 : 0);
                    if (newest.Position.IsDeletion || chunk.OlderOf(index) != 0) (garbage ??= new()).Add(range.Table, row);
                }
            }
        }
        range.Table.Directory.AddToRowCount(rowCountChange);
    }
}
