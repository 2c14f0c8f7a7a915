namespace PgVectorCompat.Storage;

/// <summary>
/// Heavyweight locks in PostgreSQL's eight modes on anything that has a tag, with waits in order of arrival and one deadlock detector
/// for these, for waits on transactions, and for both mixed.
/// </summary>
public sealed class LockManager
{
    readonly Lock _gate = new();
    readonly Dictionary<LockTag, LockedObject> _objects = [];
    readonly Dictionary<Transaction, List<LockWait>> _waitsForEnd = [];
    readonly TimeProvider _time;

    internal LockManager(TimeProvider time) => _time = time;

    /// <summary>Bit m of entry w: mode m held by one session excludes mode w for another (PostgreSQL's table).</summary>
    static ReadOnlySpan<ushort> ConflictBits =>
    [
        0,
        1 << 8,
        1 << 7 | 1 << 8,
        1 << 5 | 1 << 6 | 1 << 7 | 1 << 8,
        1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8,
        1 << 3 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8,
        1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8,
        1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8,
        0b1_1111_1110,
    ];

    /// <summary>Whether two modes exclude each other between sessions.</summary>
    public static bool Conflicts(LockMode held, LockMode wanted) => (ConflictBits[(int)wanted] >> (int)held & 1) != 0;

    /// <summary>Takes a lock until the transaction (or its savepoint) ends; null waits for ever. Taking a mode again is free.</summary>
    public WaitOutcome Acquire(Transaction transaction, LockTag tag, LockMode mode, TimeSpan? timeout, CancellationToken cancellation)
    {
        LockWait wait;
        lock (_gate)
        {
            if (TryGrant(transaction.Owner, transaction, tag, mode, out var target)) return WaitOutcome.Done;
            wait = new(transaction.Owner, target, transaction, mode, ofSession: false, _time.GetUtcNow());
            if (!StandInLine(wait)) return WaitOutcome.Deadlock;
        }
        return Wait(wait, timeout, cancellation);
    }

    /// <summary>Takes a lock if nobody has or waits for one in conflict.</summary>
    public bool TryAcquire(Transaction transaction, LockTag tag, LockMode mode)
    {
        lock (_gate)
        {
            if (TryGrant(transaction.Owner, transaction, tag, mode, out var target)) return true;
            Forget(target);
            return false;
        }
    }

    /// <summary>Takes a lock until it is released as often as taken (session-level advisory locks).</summary>
    public WaitOutcome AcquireForSession(LockOwner owner, LockTag tag, LockMode mode, TimeSpan? timeout, CancellationToken cancellation)
    {
        LockWait wait;
        lock (_gate)
        {
            if (TryGrant(owner, null, tag, mode, out var target)) return WaitOutcome.Done;
            wait = new(owner, target, null, mode, ofSession: true, _time.GetUtcNow());
            if (!StandInLine(wait)) return WaitOutcome.Deadlock;
        }
        return Wait(wait, timeout, cancellation);
    }

    public bool TryAcquireForSession(LockOwner owner, LockTag tag, LockMode mode)
    {
        lock (_gate)
        {
            if (TryGrant(owner, null, tag, mode, out var target)) return true;
            Forget(target);
            return false;
        }
    }

    /// <summary>Gives back one taking; false when the session does not hold the lock in this mode.</summary>
    public bool ReleaseForSession(LockOwner owner, LockTag tag, LockMode mode)
    {
        lock (_gate)
        {
            if (!owner.SessionLocks.Remove((tag, mode))) return false;
            Give(owner, tag, mode, ofSession: true);
            return true;
        }
    }

    /// <summary>Gives back all session-level locks (<c>pg_advisory_unlock_all</c>, end of session).</summary>
    public void ReleaseAllForSession(LockOwner owner)
    {
        lock (_gate)
        {
            foreach (var (tag, mode) in owner.SessionLocks) Give(owner, tag, mode, ofSession: true);
            owner.SessionLocks.Clear();
        }
    }

    /// <summary>Whether the transaction holds a lock on this in some mode.</summary>
    public bool Holds(Transaction transaction, LockTag tag)
    {
        lock (_gate) return transaction.HeldLocks.Taken.Exists(taken => taken.Tag == tag);
    }

    /// <summary>All locks held and waited for.</summary>
    public IReadOnlyList<LockInfo> List()
    {
        lock (_gate)
        {
            var list = new List<LockInfo>();
            foreach (var target in _objects.Values)
            {
                foreach (var holder in target.Holders) list.Add(new(holder.Owner, target.Tag, null, holder.Mode, true, holder.OfSession, null));
                foreach (var wait in target.Line) list.Add(new(wait.Owner, target.Tag, null, wait.Mode, false, wait.OfSession, wait.Since));
            }
            foreach (var waits in _waitsForEnd.Values)
                foreach (var wait in waits) list.Add(new(wait.Owner, null, wait.Transaction, wait.Mode, false, false, wait.Since));
            return list;
        }
    }

    /// <summary>The sessions that <paramref name="owner"/> waits for (<c>pg_blocking_pids</c>).</summary>
    public IReadOnlyList<LockOwner> Blockers(LockOwner owner)
    {
        lock (_gate) return owner.Wait is { } wait ? DeadlockDetector.BlockersOf(wait) : [];
    }

    /// <summary>Waits until a row may be free: its holder has ended, or rolled back to a savepoint since it was looked at.</summary>
    internal WaitOutcome WaitForRow(LockOwner owner, RowHolder holder, TimeSpan? timeout, CancellationToken cancellation)
        => WaitFor(owner, holder.Transaction, holder.Rollbacks, timeout, cancellation);

    internal WaitOutcome WaitForEnd(LockOwner owner, Transaction other, TimeSpan? timeout, CancellationToken cancellation)
        => WaitFor(owner, other, null, timeout, cancellation);

    WaitOutcome WaitFor(LockOwner owner, Transaction other, int? rollbacks, TimeSpan? timeout, CancellationToken cancellation)
    {
        LockWait wait;
        lock (_gate)
        {
            if (other.HasEnded || (rollbacks is { } seen && seen != other.Rollbacks)) return WaitOutcome.Done;
            wait = new(owner, null, other, LockMode.Share, ofSession: false, _time.GetUtcNow()) { IsForRow = rollbacks is not null };
            owner.Wait = wait;
            if (owner.DeadlockTimeout == default && IsDeadlock(owner)) return WaitOutcome.Deadlock;
            if (!_waitsForEnd.TryGetValue(other, out var waits)) _waitsForEnd.Add(other, waits = []);
            waits.Add(wait);
        }
        return Wait(wait, timeout, cancellation);
    }

    /// <summary>Gives back everything the transaction holds and wakes those who wait for its end.</summary>
    internal void EndTransaction(Transaction transaction)
    {
        lock (_gate)
        {
            GiveFrom(transaction, 0);
            if (!_waitsForEnd.Remove(transaction, out var waits)) return;
            foreach (var wait in waits) Grant(wait);
        }
    }

    /// <summary>Gives back the locks taken after the first <paramref name="count"/>, and lets those who wait for a row of the transaction look
    /// again: it may be free. The rows must be so by now.</summary>
    internal void RollbackTo(Transaction transaction, int count)
    {
        lock (_gate)
        {
            GiveFrom(transaction, count);
            transaction.Rollbacks++;
            if (!_waitsForEnd.TryGetValue(transaction, out var waits)) return;
            foreach (var wait in waits)
                if (wait.IsForRow) Grant(wait);
            waits.RemoveAll(wait => wait.IsForRow);
            if (waits.Count == 0) _waitsForEnd.Remove(transaction);
        }
    }

    void GiveFrom(Transaction transaction, int count)
    {
        var taken = transaction.HeldLocks.Taken;
        for (var i = taken.Count - 1; i >= count; i--) Give(transaction.Owner, taken[i].Tag, taken[i].Mode, ofSession: false);
        taken.RemoveRange(count, taken.Count - count);
    }

    bool TryGrant(LockOwner owner, Transaction? transaction, LockTag tag, LockMode mode, out LockedObject target)
    {
        if (!_objects.TryGetValue(tag, out target!)) _objects.Add(tag, target = new(tag));
        if (transaction is not null && target.Holds(owner, mode, ofSession: false)) return true;
        if (target.ExcludedByHolders(owner, mode) || target.ExcludedByLine(owner, mode, target.PlaceFor(owner))) return false;
        Take(owner, transaction, target, mode);
        return true;
    }

    static void Take(LockOwner owner, Transaction? transaction, LockedObject target, LockMode mode)
    {
        target.Add(owner, mode, ofSession: transaction is null);
        if (transaction is not null)
        {
            transaction.HeldLocks.Taken.Add((target.Tag, mode));
            return;
        }
        owner.SessionLocks.Add((target.Tag, mode));
    }

    void Give(LockOwner owner, LockTag tag, LockMode mode, bool ofSession)
    {
        if (!_objects.TryGetValue(tag, out var target)) return;
        target.Remove(owner, mode, ofSession);
        GrantWaiting(target);
        Forget(target);
    }

    static void GrantWaiting(LockedObject target)
    {
        for (var i = 0; i < target.Line.Count;)
        {
            var wait = target.Line[i];
            if (target.ExcludedByHolders(wait.Owner, wait.Mode) || target.ExcludedByLine(wait.Owner, wait.Mode, i))
            {
                i++;
                continue;
            }
            target.Line.RemoveAt(i);
            Take(wait.Owner, wait.OfSession ? null : wait.Transaction, target, wait.Mode);
            Grant(wait);
        }
    }

    static void Grant(LockWait wait)
    {
        wait.Owner.Wait = null;
        wait.Granted.Set();
    }

    bool StandInLine(LockWait wait)
    {
        var target = wait.Target!;
        target.Line.Insert(target.PlaceFor(wait.Owner), wait);
        wait.Owner.Wait = wait;
        if (wait.Owner.DeadlockTimeout != default || !IsDeadlock(wait.Owner)) return true;
        target.Line.Remove(wait);
        Forget(target);
        return false;
    }

    static bool IsDeadlock(LockOwner owner)
    {
        if (DeadlockDetector.FindCycle(owner) is not { } cycle) return false;
        owner.LastDeadlock = cycle;
        owner.Wait = null;
        return true;
    }

    WaitOutcome Wait(LockWait wait, TimeSpan? timeout, CancellationToken cancellation)
    {
        var outcome = WaitOutcome.Done;
        try
        {
            var patience = wait.Owner.DeadlockTimeout;
            if (patience != default && !(timeout <= patience))
            {
                timeout -= patience;
                if (!wait.Granted.Wait(patience, cancellation) && IsInDeadlock(wait)) outcome = WaitOutcome.Deadlock;
            }
            if (outcome == WaitOutcome.Done && !wait.Granted.Wait(timeout ?? Timeout.InfiniteTimeSpan, cancellation)) outcome = WaitOutcome.Timeout;
        }
        catch (OperationCanceledException)
        {
            outcome = WaitOutcome.Cancelled;
        }
        if (outcome != WaitOutcome.Done) outcome = GiveUp(wait, outcome);
        wait.Granted.Dispose();
        return outcome;
    }

    bool IsInDeadlock(LockWait wait)
    {
        lock (_gate) return !wait.Granted.IsSet && IsDeadlock(wait.Owner);
    }

    WaitOutcome GiveUp(LockWait wait, WaitOutcome outcome)
    {
        lock (_gate)
        {
            // Granted between the end of the wait and here: keep it.
            if (wait.Granted.IsSet) return WaitOutcome.Done;
            wait.Owner.Wait = null;
            if (wait.Target is { } target)
            {
                target.Line.Remove(wait);
                GrantWaiting(target);
                Forget(target);
            }
            else if (_waitsForEnd.TryGetValue(wait.Transaction!, out var waits))
            {
                waits.Remove(wait);
                if (waits.Count == 0) _waitsForEnd.Remove(wait.Transaction!);
            }
            return outcome;
        }
    }

    void Forget(LockedObject target)
    {
        if (target.IsUnused) _objects.Remove(target.Tag);
    }
}
