namespace PgVectorCompat.Storage;

/// <summary>One wait: for a lock on an object, or for the end of a transaction.</summary>
sealed class LockWait(LockOwner owner, LockedObject? target, Transaction? transaction, LockMode mode, bool ofSession, DateTimeOffset since)
{
    public LockOwner Owner { get; } = owner;
    public LockedObject? Target { get; } = target;

    /// <summary>Waited for, when <see cref="Target"/> is null; else the transaction the lock is wanted for.</summary>
    public Transaction? Transaction { get; } = transaction;

    /// <summary>With a transaction waited for: a row of it is wanted, which it may give back before it ends.</summary>
    public bool IsForRow { get; init; }

    public LockMode Mode { get; } = mode;
    public bool OfSession { get; } = ofSession;
    public DateTimeOffset Since { get; } = since;

    /// <summary>Set once, when granted or when the transaction has ended.</summary>
    public ManualResetEventSlim Granted { get; } = new();
}

/// <summary>Holders of one lock tag and those in line for it; guarded by the lock manager.</summary>
sealed class LockedObject(LockTag tag)
{
    internal readonly record struct Holder(LockOwner Owner, LockMode Mode, bool OfSession, int Count);

    public LockTag Tag { get; } = tag;
    public List<Holder> Holders { get; } = [];
    public List<LockWait> Line { get; } = [];

    public bool IsUnused => Holders.Count == 0 && Line.Count == 0;

    public bool Holds(LockOwner owner, LockMode mode, bool ofSession) => IndexOf(owner, mode, ofSession) >= 0;

    public void Add(LockOwner owner, LockMode mode, bool ofSession)
    {
        var index = IndexOf(owner, mode, ofSession);
        if (index < 0) Holders.Add(new(owner, mode, ofSession, 1));
        else Holders[index] = Holders[index] with { Count = Holders[index].Count + 1 };
    }

    public bool Remove(LockOwner owner, LockMode mode, bool ofSession)
    {
        var index = IndexOf(owner, mode, ofSession);
        if (index < 0) return false;
        if (Holders[index].Count > 1) Holders[index] = Holders[index] with { Count = Holders[index].Count - 1 };
        else Holders.RemoveAt(index);
        return true;
    }

    public bool ExcludedByHolders(LockOwner owner, LockMode wanted)
    {
        foreach (var holder in Holders)
            if (holder.Owner != owner && LockManager.Conflicts(holder.Mode, wanted)) return true;
        return false;
    }

    /// <summary>Whether one of the first <paramref name="count"/> in line wants what excludes <paramref name="wanted"/>.</summary>
    public bool ExcludedByLine(LockOwner owner, LockMode wanted, int count)
    {
        for (var i = 0; i < count; i++)
            if (Line[i].Owner != owner && LockManager.Conflicts(Line[i].Mode, wanted)) return true;
        return false;
    }

    /// <summary>
    /// Place in line for a newcomer: at the end, but before the first who waits for a lock that the newcomer already holds, since
    /// behind him both would wait for each other.
    /// </summary>
    public int PlaceFor(LockOwner owner)
    {
        for (var i = 0; i < Line.Count; i++)
        {
            foreach (var holder in Holders)
                if (holder.Owner == owner && LockManager.Conflicts(holder.Mode, Line[i].Mode)) return i;
        }
        return Line.Count;
    }

    int IndexOf(LockOwner owner, LockMode mode, bool ofSession)
    {
        for (var i = 0; i < Holders.Count; i++)
            if (Holders[i].Owner == owner && Holders[i].Mode == mode && Holders[i].OfSession == ofSession) return i;
        return -1;
    }
}
