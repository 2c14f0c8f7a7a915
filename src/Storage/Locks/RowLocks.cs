namespace PgVectorCompat.Storage;

/// <summary>The explicit locks on one row, one per transaction, its strongest. Guarded by the gate of the row's chunk.</summary>
sealed class RowLocks
{
    readonly List<(Transaction Holder, RowLockMode Mode)> _holders = [];

    public bool IsEmpty => _holders.Count == 0;

    /// <summary>PostgreSQL's table of conflicts between row locks.</summary>
    public static bool Conflicts(RowLockMode held, RowLockMode wanted) => held switch
    {
        RowLockMode.KeyShare => wanted == RowLockMode.Update,
        RowLockMode.Share => wanted is RowLockMode.NoKeyUpdate or RowLockMode.Update,
        RowLockMode.NoKeyUpdate => wanted != RowLockMode.KeyShare,
        _ => true,
    };

    /// <summary>Someone else whose lock excludes <paramref name="wanted"/>; null when nobody.</summary>
    public Transaction? Blocker(Transaction self, RowLockMode wanted)
    {
        foreach (var (holder, mode) in _holders)
            if (holder != self && Conflicts(mode, wanted)) return holder;
        return null;
    }

    public RowLockMode? ModeOf(Transaction transaction)
    {
        foreach (var (holder, mode) in _holders)
            if (holder == transaction) return mode;
        return null;
    }

    /// <summary>Sets the lock of one transaction; null takes it away.</summary>
    public void Set(Transaction transaction, RowLockMode? mode)
    {
        for (var i = 0; i < _holders.Count; i++)
        {
            if (_holders[i].Holder != transaction) continue;
            if (mode is { } changed) _holders[i] = (transaction, changed);
            else _holders.RemoveAt(i);
            return;
        }
        if (mode is { } added) _holders.Add((transaction, added));
    }
}
