namespace PgVectorCompat.Storage;

/// <summary>The locks one transaction holds, in the order taken, so that a savepoint can give back the newer ones.</summary>
sealed class TransactionLocks
{
    internal readonly record struct RowLock(Table Table, long Row, RowLockMode? Before);

    /// <summary>Heavyweight locks; guarded by the lock manager.</summary>
    public List<(LockTag Tag, LockMode Mode)> Taken { get; } = [];

    /// <summary>Row locks, each with what the transaction held on that row before.</summary>
    public List<RowLock> Rows { get; } = [];

    /// <summary>Gives back the row locks from position <paramref name="from"/> on.</summary>
    public void ReleaseRows(Transaction transaction, int from)
    {
        for (var i = Rows.Count - 1; i >= from; i--)
        {
            var (table, row, before) = Rows[i];
            var chunk = table.Directory.Find(row)!;
            var index = RowDirectory.IndexOf(row);
            lock (chunk.Gate)
            {
                if (chunk.Locks is not { } all || !all.TryGetValue(index, out var locks)) continue;
                locks.Set(transaction, before);
                if (locks.IsEmpty) all.Remove(index);
                if (all.Count == 0) chunk.Locks = null;
            }
        }
        Rows.RemoveRange(from, Rows.Count - from);
    }
}
