namespace PgVectorCompat.Storage;

/// <summary>
/// Logs the records and vectors of a big transaction before its commit refers to them, in batches that belong to no transaction: whoever
/// replays an archived log does not have the data files that were synced. Replay writes them to their places, where nothing refers
/// to them unless the commit follows.
/// </summary>
static class PlacedRecords
{
    const int BatchBytes = 1 << 20;
    const long FlushBytes = 16L << 20;

    public static void Write(Store store, Transaction transaction)
    {
        var stamp = Stamp.Of(transaction.Id);
        using var buffer = new ByteBuffer();
        var flushed = store.Log.EndLsn;
        foreach (var range in transaction.Writes.Rows)
        {
            if (transaction.Writes.Dropped(range.Table)) continue;
            for (var row = range.First; row < range.First + range.Count; row++)
            {
                range.Table.Directory.Find(row)!.ReadNewest(RowDirectory.IndexOf(row), out var version);
                if (version.Begin != stamp || version.Position.IsDeletion) continue;
                buffer.WriteByte((byte)LogOperation.Place);
                buffer.WriteUInt32(range.Table.Id);
                buffer.WriteUInt16((ushort)range.Table.Shape.VectorBytes.Length);
                foreach (var bytes in range.Table.Shape.VectorBytes) buffer.WriteInt32(bytes);
                LoggedRecord.Write(buffer, range.Table, row, version);
                if (buffer.Length >= BatchBytes) Append(store, buffer, ref flushed);
            }
        }
        if (buffer.Length > 0) Append(store, buffer, ref flushed);
    }

    static void Append(Store store, ByteBuffer buffer, ref long flushed)
    {
        var end = store.Log.Append(buffer.Written);
        buffer.Length = 0;
        // What is not written yet is in memory.
        if (end - flushed < FlushBytes) return;
        store.Log.Flush(end);
        flushed = end;
    }
}
