namespace PgVectorCompat.Storage;

/// <summary>Turns one transaction's versions into committed ones, and applies its tables and catalog records.</summary>
static class CommitStamps
{
    public static void Apply(Store store, Transaction transaction, long csn)
    {
        var writes = transaction.Writes;
        foreach (var range in writes.Rows)
            if (!writes.Dropped(range.Table)) StampRange(store, range, Stamp.Of(transaction.Id), csn);
        store.ApplyDefinitions(writes);
    }

    static void StampRange(Store store, RowRange range, long stamp, long csn)
    {
        var rowCountChange = 0L;
        var garbageFirst = -1L;
        var end = range.First + range.Count;
        for (var row = range.First; row < end;)
        {
            var chunk = range.Table.Directory.Find(row)!;
            var chunkEnd = Math.Min(end, ((row >> Chunk.Shift) + 1) << Chunk.Shift);
            lock (chunk.Gate)
            {
                for (; row < chunkEnd; row++)
                {
                    var leavesGarbage = StampRow(store, range.Table, chunk, row, stamp, csn, ref rowCountChange);
                    if (leavesGarbage && garbageFirst < 0) garbageFirst = row;
                    if (leavesGarbage || garbageFirst < 0) continue;
                    store.Garbage.Add(new(range.Table, garbageFirst, (int)(row - garbageFirst), csn));
                    garbageFirst = -1;
                }
            }
        }
        if (garbageFirst >= 0) store.Garbage.Add(new(range.Table, garbageFirst, (int)(end - garbageFirst), csn));
        range.Table.Directory.AddToRowCount(rowCountChange);
    }

    /// <summary>Returns whether an older committed version, or a deletion, is left for the collector.</summary>
    static bool StampRow(Store store, Table table, Chunk chunk, long row, long stamp, long csn, ref long rowCountChange)
    {
        var index = RowDirectory.IndexOf(row);
        var newest = chunk.Newest(index);
        if (newest.Begin != stamp) return false;

        while (chunk.OlderOf(index) is { } own && own.Version.Begin == stamp)
        {
            var version = own.Version;
            var free = table.ColumnsNotShared(version, newest) & table.ColumnsNotShared(version, own.Older?.Version);
            chunk.Unlink(index, null, own);
            if (!version.Position.IsDeletion) store.Garbage.AddUnlinked(table, new(row, version, free));
        }
        chunk.Set(index, newest with { Begin = csn, Position = newest.Position.WithoutKey, Command = 0 });

        var hadRow = chunk.OlderOf(index) is not null;
        rowCountChange += (newest.Position.IsDeletion ? 0 : 1) - (hadRow ? 1 : 0);
        return hadRow || newest.Position.IsDeletion;
    }
}
