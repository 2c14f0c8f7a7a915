namespace PgVectorCompat.Storage;

/// <summary>True counters since the store was opened.</summary>
public sealed record StoreStatistics
{
    public required long Commits { get; init; }
    public required long Rollbacks { get; init; }
    public required long LogBatches { get; init; }
    public required long LogBytes { get; init; }
    public required long LogFlushes { get; init; }

    /// <summary>Bytes of rows and vectors in committed transactions.</summary>
    public required long DataBytesWritten { get; init; }
    public required long DataFlushes { get; init; }
    public required long Checkpoints { get; init; }

    /// <summary>Of them, those that were asked for; the others came by time or by the size of the log.</summary>
    public required long CheckpointsRequested { get; init; }
    public required TimeSpan CheckpointTime { get; init; }

    /// <summary>Of it, the time they waited for data files to be synced.</summary>
    public required TimeSpan CheckpointSyncTime { get; init; }
    public required long CheckpointBytes { get; init; }

    /// <summary>Snapshots of indexes that checkpoints wrote, and that a start made use of.</summary>
    public required long IndexSnapshotsWritten { get; init; }
    public required long IndexSnapshotsLoaded { get; init; }

    /// <summary>Log files that were archived, and how often that failed.</summary>
    public required long LogFilesArchived { get; init; }
    public required long ArchiveFailures { get; init; }

    /// <summary>Name of the newest archived log file, and of the newest that was refused, and when; null when there is none.</summary>
    public required (string Name, DateTimeOffset Time)? LastArchived { get; init; }
    public required (string Name, DateTimeOffset Time)? LastArchiveFailure { get; init; }
    public required TimeSpan RecoveryTime { get; init; }
    public required long RecoveredBatches { get; init; }

    /// <summary>Rows whose older versions are kept for some snapshot.</summary>
    public required long HeldRows { get; init; }
}
