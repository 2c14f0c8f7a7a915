namespace PgVectorCompat.Storage;

/// <summary>
/// One data directory: the rows, catalog records and sequences of a whole cluster, as bytes. Storage never hears of SQL.
/// </summary>
public sealed class Store : IDisposable
{
    /// <summary>Opens a data directory, or makes it when there is none, and recovers what was committed.</summary>
    /// <exception cref="StoreLockedException">Another process has it open.</exception>
    /// <exception cref="StoreVersionException">It has another format version.</exception>
    /// <exception cref="StoreDamagedException">Synced bytes have changed.</exception>
    public static Store Open(IFileSystem files, StoreOptions options) => throw new NotSupportedException();

    /// <summary>Whether this Open made the data directory.</summary>
    public bool IsNew => throw new NotSupportedException();

    /// <summary>The committed catalog records; an immutable copy of the moment.</summary>
    public IReadOnlyDictionary<CatalogKey, byte[]> Catalog => throw new NotSupportedException();

    public LockManager Locks => throw new NotSupportedException();

    /// <summary>
    /// Called for each row version that is dropped, because no snapshot can see it any more or because it was undone, before its
    /// space and (for a row that is gone) its row id are given out again: indexes remove their entries here. Called from any thread,
    /// under no lock of Storage; never during recovery. The version is already unlinked, so <see cref="Table.AnyVersion"/> tells
    /// whether another version of the row still has the same key; an index that inserts entries after
    /// <see cref="Transaction.Update"/> must keep that and this call apart by a lock of its own per row.
    /// </summary>
    public VersionDroppedHandler? VersionDropped { get; set; }

    /// <summary>Begins a transaction; <paramref name="owner"/> is the session, null for one of its own.</summary>
    public Transaction Begin(LockOwner? owner = null) => throw new NotSupportedException();

    /// <summary>A snapshot of all commits published so far, without own writes.</summary>
    public Snapshot TakeSnapshot() => throw new NotSupportedException();

    /// <summary>The table of that id, also one still uncommitted. <see cref="KeyNotFoundException"/>.</summary>
    public Table GetTable(uint id) => throw new NotSupportedException();

    /// <summary>
    /// Sets a small state outside any transaction (high-water marks of sequences): durable with the next flush of any commit, so
    /// set it before the transaction that depends on it commits. An empty state removes it.
    /// </summary>
    public void SetSequence(uint database, uint id, ReadOnlySpan<byte> state) => throw new NotSupportedException();

    public bool TryGetSequence(uint database, uint id, out ReadOnlyMemory<byte> state) => throw new NotSupportedException();

    /// <summary>Writes a checkpoint now and drops the log before it. Others go on meanwhile.</summary>
    public void Checkpoint() => throw new NotSupportedException();

    /// <summary>Drops old row versions no snapshot needs. Runs by itself in the background.</summary>
    public void CollectGarbage() => throw new NotSupportedException();

    /// <summary>End of the log in bytes since the data directory was made.</summary>
    public long CurrentLsn => throw new NotSupportedException();

    public StoreStatistics Statistics => throw new NotSupportedException();

    /// <summary>Writes a last checkpoint and closes the files. All transactions and snapshots must have ended.</summary>
    public void Dispose() => throw new NotSupportedException();
}

/// <summary>Hears of a row version that is dropped; the view is valid during the call.</summary>
public delegate void VersionDroppedHandler(Table table, RowView version);
