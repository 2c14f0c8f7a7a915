namespace PgVectorCompat.Engine.Sessions;

/// <summary>Times as SQL has them: microseconds from 2000-01-01 UTC.</summary>
internal sealed class StatementClock(TimeProvider time)
{
    static readonly long Epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>The time now.</summary>
    public long Now => (time.GetUtcNow().Ticks - Epoch) / TimeSpan.TicksPerMicrosecond;

    /// <summary>When the current message arrived.</summary>
    public long Message { get; private set; }

    public void BeginMessage() => Message = Now;
}
