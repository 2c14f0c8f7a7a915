namespace PgVectorCompat.Storage;

/// <summary>The locks one transaction holds, in the order taken, so that a savepoint can give back the newer ones.</summary>
sealed class TransactionLocks
{
    int _mergeFloor;

    /// <summary>Heavyweight locks; guarded by the lock manager.</summary>
    public List<(LockTag Tag, LockMode Mode)> Taken { get; } = [];

    /// <summary>Row locks, each with what the transaction held on that row before: 0 nothing, otherwise one more than the mode.</summary>
    public RowRanges Rows { get; } = new();

    public void Add(Table table, long row, RowLockMode? before) => Rows.Add(table, row, _mergeFloor, (byte)(before is { } mode ? (int)mode + 1 : 0));

    /// <summary>Keeps what follows in ranges of its own, so that a savepoint is a number of ranges.</summary>
    public void Mark() => _mergeFloor = Rows.Count;

    /// <summary>Gives back the row locks from range <paramref name="from"/> on.</summary>
    public void ReleaseRows(Transaction transaction, int from)
    {
        while (Rows.Count > from)
        {
            var (table, first, count, tag) = Rows.RemoveLast();
            RowLockMode? before = tag == 0 ? null : (RowLockMode)(tag - 1);
            for (var row = first + count - 1; row >= first; row--) Release(transaction, table, row, before);
        }
    }

    static void Release(Transaction transaction, Table table, long row, RowLockMode? before)
    {
        var chunk = table.Directory.Find(row)!;
        lock (chunk.Gate)
        {
            if (chunk.Locks is not { } locks) return;
            locks.Set(RowDirectory.IndexOf(row), transaction, before);
            if (locks.IsEmpty) chunk.Locks = null;
        }
    }
}
