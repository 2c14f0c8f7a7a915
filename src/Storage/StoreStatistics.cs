namespace PgVectorCompat.Storage;

/// <summary>True counters since the store was opened.</summary>
public sealed record StoreStatistics
{
    public required long Commits { get; init; }
    public required long Rollbacks { get; init; }
    public required long LogBytes { get; init; }
    public required long LogFlushes { get; init; }
    public required long RowBytesWritten { get; init; }
    public required long VectorBytesWritten { get; init; }
    public required long DataFlushes { get; init; }
    public required long Checkpoints { get; init; }
    public required TimeSpan CheckpointTime { get; init; }
    public required long CheckpointBytes { get; init; }
    public required TimeSpan RecoveryTime { get; init; }
    public required long RecoveredBatches { get; init; }
    public required long OldVersions { get; init; }
}
