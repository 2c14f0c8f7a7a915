namespace PgVectorCompat.Storage;

/// <summary>
/// One transaction, used by one thread at a time. Reading costs nothing; the first write makes it known. Nothing it wrote is seen
/// by others before <see cref="Commit"/> returns, and nothing of it is on disk as committed before its log batch is.
/// </summary>
/// <remarks>Any IOException from a writing method leaves the transaction usable for rollback (to a savepoint or whole).</remarks>
public sealed class Transaction : IDisposable
{
    readonly SnapshotRegistry.Place _place;
    readonly RowWriter _writer;
    long _id;
    int _rollbacks;

    internal Transaction(Store store, LockOwner owner)
    {
        Store = store;
        Owner = owner;
        _place = store.Snapshots.EnterWithoutCsn();
        _writer = new(this);
    }

    public Store Store { get; }

    /// <summary>The session, as waits and deadlocks know it.</summary>
    public LockOwner Owner { get; }

    /// <summary>From 1, given at the first write or question; never used again in a data directory by another that wrote.</summary>
    public long Id
    {
        get
        {
            if (_id == 0) _id = Store.Register(this);
            return _id;
        }
    }

    /// <summary>Number of the running command, from 0. A statement does not see what its own command writes.</summary>
    public int Command { get; private set; }

    /// <summary>Whether a commit has anything to write.</summary>
    public bool HasWrites => !Writes.IsEmpty;

    /// <summary>Whether it was committed or rolled back.</summary>
    public bool HasEnded { get; private set; }

    internal WriteSet Writes { get; } = new();
    internal TransactionLocks HeldLocks { get; } = new();

    /// <summary>How often it has rolled back to a savepoint; raised by the lock manager when the rows undone are free.</summary>
    internal int Rollbacks
    {
        get => Volatile.Read(ref _rollbacks);
        set => Volatile.Write(ref _rollbacks, value);
    }

    /// <summary>The holder of a row, to be asked for while the row is looked at.</summary>
    internal RowHolder AsHolder => new(this, Rollbacks);

    /// <summary>Begins the next command: snapshots taken from now on see what was written so far.</summary>
    public void AdvanceCommand() => Command = checked(Command + 1);

    /// <summary>All commits published so far, and own writes of earlier commands.</summary>
    public Snapshot TakeSnapshot()
    {
        var place = Store.Snapshots.Enter(out var csn);
        return new(Store.Snapshots, place, csn, _id, Command);
    }

    /// <summary>
    /// A snapshot of the same commits as <paramref name="of"/> that sees own writes up to the current command (REPEATABLE READ takes
    /// its first snapshot once and one of these per statement; <paramref name="of"/> must still live).
    /// </summary>
    public Snapshot TakeSnapshot(Snapshot of) => new(Store.Snapshots, Store.Snapshots.EnterAs(of.ReadCsn), of.ReadCsn, _id, Command);

    /// <summary>Makes a table, at once usable here; its files vanish on rollback. An id is used once in the life of a data directory.</summary>
    /// <exception cref="ArgumentException">The id is in use, or the shape is out of range.</exception>
    public Table CreateTable(uint id, TableShape shape)
    {
        EnsureRunning();
        if (shape.VectorBytes.Length > TableShape.MaxVectorColumns) throw new ArgumentException("too many vector columns", nameof(shape));
        foreach (var bytes in shape.VectorBytes)
            if (bytes is < 1 or > TableShape.MaxVectorBytes) throw new ArgumentException($"no vector has {bytes} bytes", nameof(shape));
        var table = Store.AddTable(id, shape);
        Writes.Tables.Add(new(table, Created: true));
        return table;
    }

    /// <summary>Drops a table at commit; its files go when no snapshot needs them.</summary>
    public void DropTable(uint id)
    {
        EnsureRunning();
        Writes.Tables.Add(new(Store.GetTable(id), Created: false));
    }

    /// <summary>Sets a catalog record at commit, in the same log batch as everything else.</summary>
    public void PutCatalog(CatalogKey key, byte[] record)
    {
        EnsureRunning();
        Writes.Catalog.Add(new(key, record));
    }

    /// <summary>Removes a catalog record at commit; nothing happens when there is none.</summary>
    public void DeleteCatalog(CatalogKey key)
    {
        EnsureRunning();
        Writes.Catalog.Add(new(key, null));
    }

    /// <summary>Adds a row. Its image and vectors are copied.</summary>
    /// <exception cref="StoreFullException">No space left.</exception>
    public RowId Insert(Table table, ReadOnlySpan<byte> image, VectorValues vectors)
    {
        EnsureRunning();
        return _writer.Insert(table, image, vectors);
    }

    /// <summary>
    /// Replaces the row version that <paramref name="snapshot"/> sees, which must be the newest.
    /// </summary>
    /// <param name="table">The row's table.</param>
    /// <param name="row">The row.</param>
    /// <param name="snapshot">What the caller read the row with.</param>
    /// <param name="image">The new row image.</param>
    /// <param name="vectors">The new vectors.</param>
    /// <param name="keyChanged">Whether a column of a key that foreign keys may point to changes: then the write conflicts with
    /// <see cref="RowLockMode.KeyShare"/> too.</param>
    public WriteResult Update(Table table, RowId row, Snapshot snapshot, ReadOnlySpan<byte> image, VectorValues vectors, bool keyChanged)
    {
        EnsureRunning();
        return _writer.Update(table, row.Value, snapshot, image, vectors, keyChanged);
    }

    /// <summary>Deletes the row that <paramref name="snapshot"/> sees.</summary>
    public WriteResult Delete(Table table, RowId row, Snapshot snapshot)
    {
        EnsureRunning();
        return _writer.Delete(table, row.Value, snapshot);
    }

    /// <summary>Locks a row until the transaction (or its savepoint) ends; never waits.</summary>
    public WriteResult LockRow(Table table, RowId row, Snapshot snapshot, RowLockMode mode)
    {
        EnsureRunning();
        return _writer.LockRow(table, row.Value, snapshot, mode);
    }

    /// <summary>Waits until the holder of a row has ended or rolled back to a savepoint since then; a null timeout waits for ever.</summary>
    public WaitOutcome WaitFor(RowHolder holder, TimeSpan? timeout, CancellationToken cancellation)
        => Store.Locks.WaitForRow(Owner, holder, timeout, cancellation);

    /// <summary>Waits until <paramref name="other"/> has ended; a null timeout waits for ever.</summary>
    public WaitOutcome WaitForEnd(Transaction other, TimeSpan? timeout, CancellationToken cancellation)
        => Store.Locks.WaitForEnd(Owner, other, timeout, cancellation);

    public Savepoint CreateSavepoint()
    {
        EnsureRunning();
        Writes.Mark();
        HeldLocks.Mark();
        return new()
        {
            Writes = Writes.Rows.Count,
            Tables = Writes.Tables.Count,
            CatalogChanges = Writes.Catalog.Count,
            Locks = HeldLocks.Taken.Count,
            RowLocks = HeldLocks.Rows.Count,
        };
    }

    /// <summary>Undoes rows, tables, catalog records and locks since the savepoint, which stays valid.</summary>
    public void RollbackTo(Savepoint savepoint)
    {
        EnsureRunning();
        Undo(savepoint);
        DiscardUndone();
        Writes.Mark();
        HeldLocks.Mark();
    }

    /// <summary>Forgets the savepoint and those after it; what was done since belongs to the level above.</summary>
    public void Release(Savepoint savepoint) => ArgumentOutOfRangeException.ThrowIfGreaterThan(savepoint.Writes, Writes.Rows.Count);

    /// <summary>
    /// Makes everything durable and visible, in that order; without <paramref name="waitForFlush"/> a crash may lose the commit, whole,
    /// for a moment. On an exception the transaction is not committed and must be rolled back.
    /// </summary>
    /// <exception cref="StoreFullException">No space for the log.</exception>
    /// <exception cref="StoreFailedException">The log cannot be written; whether this commit is on disk is decided at the next start.</exception>
    public void Commit(bool waitForFlush = true)
    {
        EnsureRunning();
        if (HasWrites) Store.Commit(this, waitForFlush);
        End();
    }

    public void Rollback()
    {
        EnsureRunning();
        if (HasWrites) Store.CountRollback(Writes.Bytes);
        Undo(default);
        End();
    }

    /// <summary>Rolls back unless it has ended.</summary>
    public void Dispose()
    {
        if (!HasEnded) Rollback();
    }

    void Undo(Savepoint to)
    {
        _writer.UndoRows(to.Writes);
        for (var i = Writes.Tables.Count - 1; i >= to.Tables; i--)
            if (Writes.Tables[i] is { Created: true, Table: var table }) Store.RemoveUncommitted(table);
        Writes.Tables.RemoveRange(to.Tables, Writes.Tables.Count - to.Tables);
        Writes.Catalog.RemoveRange(to.CatalogChanges, Writes.Catalog.Count - to.CatalogChanges);
        HeldLocks.ReleaseRows(this, to.RowLocks);
        Store.Locks.RollbackTo(this, to.Locks);
    }

    /// <summary>Lets go the files that only what was undone had written to; true when there were any.</summary>
    bool DiscardUndone()
    {
        // Little leaves no file that is worth a look.
        if (Writes.UndoneBytes * 16 <= Store.Options.BulkBytes) return false;
        Writes.CloseRooms();
        var any = Store.DiscardUnnamed(Writes.UndoneTables);
        Writes.UndoneTables.Clear();
        Writes.UndoneBytes = 0;
        return any;
    }

    void End()
    {
        Writes.CloseRooms();
        var discarded = DiscardUndone();
        HeldLocks.ReleaseRows(this, 0);
        if (_id != 0) Store.Unregister(_id);
        HasEnded = true;
        Store.Locks.EndTransaction(this);
        Store.Snapshots.Leave(_place);
        // The room is back when nobody else can be reading there; else soon, in the background.
        if (discarded) Store.CloseRetired();
    }

    void EnsureRunning()
    {
        if (HasEnded) throw new InvalidOperationException("the transaction has ended");
    }
}
