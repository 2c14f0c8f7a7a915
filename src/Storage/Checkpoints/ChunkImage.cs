namespace PgVectorCompat.Storage;

/// <summary>
/// The committed state of one chunk as bytes: the number of rows, then column by column, each number as the difference to the row
/// before (<see cref="DifferenceWriter"/>), so that rows loaded together take next to nothing.
/// <code>
/// row count                  varint
/// begin of each row          CSN; 0 no row
/// position of each row       segment and offset, where begin is not 0
/// slot of each row           -1 NULL, where begin is not 0
/// </code>
/// A deletion still held back by snapshots is written as no row: recovery has no snapshots.
/// </summary>
static class ChunkImage
{
    /// <summary>Copies what is committed into <paramref name="rows"/>, which has room for a whole chunk; returns how many. The gate is held.</summary>
    public static int Capture(Chunk chunk, Span<RowVersion> rows)
    {
        chunk.Entries.CopyTo(rows);
        var count = chunk.Entries.Length;
        for (var i = 0; i < count; i++)
        {
            var version = rows[i].Begin < 0 ? chunk.NewestCommitted(i) : rows[i];
            rows[i] = version.Position.IsDeletion ? default : version;
        }
        return count;
    }

    public static void Write(ReadOnlySpan<RowVersion> rows, ByteBuffer buffer)
    {
        while (rows.Length > 0 && rows[^1].Begin == 0) rows = rows[..^1];
        buffer.WriteVarint((ulong)rows.Length);
        var begins = new DifferenceWriter(buffer, 0);
        foreach (var row in rows) begins.Add(row.Begin);
        begins.Finish();
        var positions = new DifferenceWriter(buffer, 0);
        foreach (var row in rows)
            if (row.Begin != 0) positions.Add((long)row.Position.Bits);
        positions.Finish();
        var slots = new DifferenceWriter(buffer, -1);
        foreach (var row in rows)
            if (row.Begin != 0) slots.Add(row.Slot);
        slots.Finish();
    }

    /// <param name="bytes">The image.</param>
    /// <param name="version">Version of the file it is in: before 3 there were no runs.</param>
    public static RowVersion[] Read(ReadOnlySpan<byte> bytes, int version)
    {
        var hasRuns = version >= 3;
        var reader = new ByteSpanReader(bytes);
        var count = reader.ReadVarint();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (ulong)Chunk.Rows);
        var rows = new RowVersion[RoundUp((int)count)];
        var begins = new DifferenceReader(0, hasRuns);
        for (var i = 0; i < (int)count; i++) rows[i].Begin = begins.Next(ref reader);
        var positions = new DifferenceReader(0, hasRuns);
        for (var i = 0; i < (int)count; i++)
            if (rows[i].Begin != 0) rows[i].Position = new((ulong)positions.Next(ref reader));
        var slots = new DifferenceReader(-1, hasRuns);
        for (var i = 0; i < (int)count; i++)
            if (rows[i].Begin != 0) rows[i].Slot = (int)slots.Next(ref reader);
        return rows;
    }

    static int RoundUp(int count) => count == 0 ? 0 : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 64));
}
