namespace PgVectorCompat.Storage;

/// <summary>
/// The explicit locks on the rows of one chunk: for each transaction and mode a bit per row, so that locking every row of a table takes a bit a row.
/// A transaction has one lock on a row, its strongest. Guarded by the gate of the chunk.
/// </summary>
sealed class ChunkLocks
{
    readonly List<Holding> _holdings = [];

    /// <summary>The rows one transaction holds in one mode.</summary>
    sealed class Holding(Transaction holder, RowLockMode mode)
    {
        readonly ulong[] _rows = new ulong[Chunk.Rows / 64];

        public Transaction Holder { get; } = holder;
        public RowLockMode Mode { get; } = mode;
        public int Count { get; private set; }

        public bool Has(int row) => (_rows[row >> 6] & (1ul << (row & 63))) != 0;

        public void Flip(int row)
        {
            _rows[row >> 6] ^= 1ul << (row & 63);
            Count += Has(row) ? 1 : -1;
        }
    }

    public bool IsEmpty => _holdings.Count == 0;

    /// <summary>PostgreSQL's table of conflicts between row locks.</summary>
    public static bool Conflicts(RowLockMode held, RowLockMode wanted) => held switch
    {
        RowLockMode.KeyShare => wanted == RowLockMode.Update,
        RowLockMode.Share => wanted is RowLockMode.NoKeyUpdate or RowLockMode.Update,
        RowLockMode.NoKeyUpdate => wanted != RowLockMode.KeyShare,
        _ => true,
    };

    /// <summary>Someone else whose lock on the row excludes <paramref name="wanted"/>; null when nobody.</summary>
    public Transaction? Blocker(int row, Transaction self, RowLockMode wanted)
    {
        foreach (var holding in _holdings)
            if (holding.Holder != self && Conflicts(holding.Mode, wanted) && holding.Has(row)) return holding.Holder;
        return null;
    }

    public RowLockMode? ModeOf(int row, Transaction transaction)
    {
        foreach (var holding in _holdings)
            if (holding.Holder == transaction && holding.Has(row)) return holding.Mode;
        return null;
    }

    /// <summary>Sets the lock of one transaction on a row; null takes it away.</summary>
    public void Set(int row, Transaction transaction, RowLockMode? mode)
    {
        Holding? target = null;
        for (var i = _holdings.Count - 1; i >= 0; i--)
        {
            var holding = _holdings[i];
            if (holding.Holder != transaction) continue;
            if (holding.Mode == mode) target = holding;
            else if (holding.Has(row)) holding.Flip(row);
            if (holding.Count == 0 && holding != target) _holdings.RemoveAt(i);
        }
        if (mode is null) return;
        if (target is null) _holdings.Add(target = new(transaction, mode.Value));
        if (!target.Has(row)) target.Flip(row);
    }
}
