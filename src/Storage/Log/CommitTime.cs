namespace PgVectorCompat.Storage;

/// <summary>Times in the log: microseconds from 2000-01-01 UTC, as PostgreSQL counts.</summary>
static class CommitTime
{
    static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static long Of(DateTimeOffset time) => (time - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>When the commit of a batch was logged; null in batches of version 1 and in those of no transaction.</summary>
    public static DateTimeOffset? OfBatch(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteSpanReader(payload);
        if (reader.AtEnd || (LogOperation)reader.ReadByte() != LogOperation.TransactionAt) return null;
        reader.ReadInt64();
        return From(reader.ReadInt64());
    }

    public static DateTimeOffset From(long microseconds) => Epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
