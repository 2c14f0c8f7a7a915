namespace PgVectorCompat.Storage;

/// <summary>
/// Heavyweight locks in PostgreSQL's eight modes on anything that has a tag, with waits in order of arrival and one deadlock detector
/// for these, for waits on transactions, and for both mixed.
/// </summary>
public sealed class LockManager
{
    internal LockManager(TimeProvider time)
    {
    }

    /// <summary>Takes a lock until the transaction (or its savepoint) ends; null waits for ever. Taking a mode again is free.</summary>
    public WaitOutcome Acquire(Transaction transaction, LockTag tag, LockMode mode, TimeSpan? timeout, CancellationToken cancellation)
        => throw new NotSupportedException();

    /// <summary>Takes a lock if nobody has or waits for one in conflict.</summary>
    public bool TryAcquire(Transaction transaction, LockTag tag, LockMode mode) => throw new NotSupportedException();

    /// <summary>Takes a lock until it is released as often as taken (session-level advisory locks).</summary>
    public WaitOutcome AcquireForSession(LockOwner owner, LockTag tag, LockMode mode, TimeSpan? timeout, CancellationToken cancellation)
        => throw new NotSupportedException();

    public bool TryAcquireForSession(LockOwner owner, LockTag tag, LockMode mode) => throw new NotSupportedException();

    /// <summary>Gives back one taking; false when the session does not hold the lock in this mode.</summary>
    public bool ReleaseForSession(LockOwner owner, LockTag tag, LockMode mode) => throw new NotSupportedException();

    /// <summary>Gives back all session-level locks (<c>pg_advisory_unlock_all</c>, end of session).</summary>
    public void ReleaseAllForSession(LockOwner owner) => throw new NotSupportedException();

    /// <summary>Whether two modes exclude each other between sessions.</summary>
    public static bool Conflicts(LockMode held, LockMode wanted) => throw new NotSupportedException();

    /// <summary>All locks held and waited for.</summary>
    public IReadOnlyList<LockInfo> List() => throw new NotSupportedException();

    /// <summary>The sessions that <paramref name="owner"/> waits for (<c>pg_blocking_pids</c>).</summary>
    public IReadOnlyList<LockOwner> Blockers(LockOwner owner) => throw new NotSupportedException();
}
