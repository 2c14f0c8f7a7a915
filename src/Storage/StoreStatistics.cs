namespace PgVectorCompat.Storage;

/// <summary>True counters since the store was opened.</summary>
public sealed record StoreStatistics
{
    public required long Commits { get; init; }
    public required long Rollbacks { get; init; }
    public required long LogBytes { get; init; }
    public required long LogFlushes { get; init; }

    /// <summary>Bytes of rows and vectors in committed transactions.</summary>
    public required long DataBytesWritten { get; init; }
    public required long DataFlushes { get; init; }
    public required long Checkpoints { get; init; }
    public required TimeSpan CheckpointTime { get; init; }
    public required long CheckpointBytes { get; init; }
    public required TimeSpan RecoveryTime { get; init; }
    public required long RecoveredBatches { get; init; }

    /// <summary>Rows whose older versions are kept for some snapshot.</summary>
    public required long HeldRows { get; init; }
}
