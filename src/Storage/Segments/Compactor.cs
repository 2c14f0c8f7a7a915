namespace PgVectorCompat.Storage;

/// <summary>
/// Moves the live records out of segments that are more than half garbage, so that the files can go.
/// </summary>
/// <remarks>
/// A move changes only the place in the directory; the record keeps its bytes and its commit number, so nothing is logged. A crash
/// before the next checkpoint forgets the move: until that checkpoint counts, the old file is there. Versions held for snapshots stay
/// where they are and keep their segment.
/// </remarks>
static class Compactor
{
    /// <summary>Called with the caller pinned in the snapshot registry. <see cref="StoreFullException"/> leaves everything in order.</summary>
    public static void Run(Table table, DateTimeOffset now)
    {
        var victims = table.Segments.MostlyGarbage();
        if (victims.Count == 0) return;
        table.CountCompaction(now);
        for (var number = 0; number < table.Directory.ChunkCount; number++)
        {
            if (table.IsDropped) return;
            if (table.Directory.ChunkAt(number) is { } chunk) Move(table, chunk, victims);
        }
    }

    static void Move(Table table, Chunk chunk, HashSet<int> victims)
    {
        for (var index = 0; index < Chunk.Rows; index++)
        {
            chunk.ReadNewest(index, out var seen);
            if (!MayMove(seen, victims)) continue;
            lock (chunk.Gate)
            {
                var newest = chunk.Newest(index);
                if (MayMove(newest, victims)) Move(table, chunk, index, newest);
            }
        }
    }

    static bool MayMove(in RowVersion version, HashSet<int> victims)
        => version.Begin > 0 && !version.Position.IsDeletion && victims.Contains(version.Position.Segment);

    static unsafe void Move(Table table, Chunk chunk, int index, RowVersion version)
    {
        var columns = table.Columns.Length;
        var record = table.Segments.Record(version.Position);
        var size = RowRecord.Size(record, columns);
        var segment = table.Segments.Append(size, out var offset);
        new ReadOnlySpan<byte>(record, (int)size).CopyTo(new Span<byte>(segment.At(offset), (int)size));
        segment.File.MarkWritten();
        if (!segment.File.IsNamed) segment.File.AddName();
        chunk.Set(index, version with { Position = new(segment.Number, offset) });
        table.Segments.Release(version.Position, columns);
    }
}
