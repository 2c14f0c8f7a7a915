namespace PgVectorCompat.Storage;

/// <summary>A session, as locks know it: it has at most one transaction and waits for at most one thing.</summary>
public sealed class LockOwner(object? tag = null)
{
    /// <summary>Whatever the owner wants to find again in <see cref="LockInfo"/> and <see cref="DeadlockEdge"/>: its session, its process id.</summary>
    public object? Tag { get; } = tag;

    /// <summary>How long a wait lasts before it is looked at for a deadlock; none: at once.</summary>
    public TimeSpan DeadlockTimeout { get; set; }

    /// <summary>The cycle that made the last wait a victim, starting with this owner.</summary>
    public IReadOnlyList<DeadlockEdge> LastDeadlock { get; internal set; } = [];

    /// <summary>What it waits for now; guarded by the lock manager.</summary>
    internal LockWait? Wait { get; set; }

    /// <summary>Session-level locks, one entry per taking; guarded by the lock manager.</summary>
    internal List<(LockTag Tag, LockMode Mode)> SessionLocks { get; } = [];
}
