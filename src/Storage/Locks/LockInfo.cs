namespace PgVectorCompat.Storage;

/// <summary>One lock held or waited for, for <c>pg_locks</c>.</summary>
/// <param name="Owner">The session.</param>
/// <param name="Tag">What is locked; null for a wait on <paramref name="Transaction"/>.</param>
/// <param name="Transaction">The transaction waited for; null for a lock on <paramref name="Tag"/>.</param>
/// <param name="Mode">The mode held or wanted.</param>
/// <param name="Granted">False while waiting.</param>
/// <param name="OfSession">Held until released rather than until the transaction ends.</param>
/// <param name="WaitingSince">Start of the wait, UTC; null when granted.</param>
public readonly record struct LockInfo(
    LockOwner Owner, LockTag? Tag, Transaction? Transaction, LockMode Mode, bool Granted, bool OfSession, DateTimeOffset? WaitingSince);

/// <summary>One arrow of a deadlock: <paramref name="Waiter"/> waits for <paramref name="Mode"/> on the tag or transaction, held by <paramref name="Blocker"/>.</summary>
public readonly record struct DeadlockEdge(LockOwner Waiter, LockTag? Tag, Transaction? Transaction, LockMode Mode, LockOwner Blocker);
