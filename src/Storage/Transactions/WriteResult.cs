namespace PgVectorCompat.Storage;

/// <summary>How an UPDATE, DELETE or row lock went.</summary>
public enum WriteStatus : byte
{
    Done,

    /// <summary>Another transaction holds the row: wait for <see cref="WriteResult.Blocker"/>, then try again.</summary>
    Busy,

    /// <summary>
    /// The row was updated by a commit the snapshot does not see. READ COMMITTED: take a new snapshot, read the row again, re-check
    /// the condition, retry. Otherwise 40001.
    /// </summary>
    ChangedSince,

    /// <summary>The row was deleted by a commit the snapshot does not see, or is gone.</summary>
    DeletedSince,

    /// <summary>The same command of the same transaction already wrote the row.</summary>
    SelfModified,
}

/// <param name="Status">How it went.</param>
/// <param name="Blocker">With <see cref="WriteStatus.Busy"/>: who must give the row back first; else empty.</param>
/// <param name="HasLock">With <see cref="WriteStatus.Busy"/>: the own transaction has a weaker lock on the row.</param>
public readonly record struct WriteResult(WriteStatus Status, RowHolder Blocker = default, bool HasLock = false)
{
    public static WriteResult Done => default;
}
