namespace PgVectorCompat.Storage;

/// <summary>
/// One transaction, used by one thread at a time. Reading costs nothing; the first write makes it known. Nothing it wrote is seen
/// by others before <see cref="Commit"/> returns, and nothing of it is on disk as committed before its log batch is.
/// </summary>
/// <remarks>Any IOException from a writing method leaves the transaction usable for rollback (to a savepoint or whole).</remarks>
public sealed class Transaction : IDisposable
{
    internal Transaction(Store store, LockOwner owner)
    {
        Store = store;
        Owner = owner;
    }

    public Store Store { get; }

    /// <summary>The session, as waits and deadlocks know it.</summary>
    public LockOwner Owner { get; }

    /// <summary>From 1, never reused in the life of a data directory by a transaction that wrote.</summary>
    public long Id => throw new NotSupportedException();

    /// <summary>Number of the running command, from 0. A statement does not see what its own command writes.</summary>
    public int Command => throw new NotSupportedException();

    /// <summary>Begins the next command: snapshots taken from now on see what was written so far.</summary>
    public void AdvanceCommand() => throw new NotSupportedException();

    /// <summary>Whether a commit has anything to write.</summary>
    public bool HasWrites => throw new NotSupportedException();

    /// <summary>Whether it was committed or rolled back.</summary>
    public bool HasEnded => throw new NotSupportedException();

    /// <summary>All commits published so far, and own writes of earlier commands.</summary>
    public Snapshot TakeSnapshot() => throw new NotSupportedException();

    /// <summary>
    /// A snapshot of the same commits as <paramref name="of"/> that sees own writes up to the current command (REPEATABLE READ takes
    /// its first snapshot once and one of these per statement; <paramref name="of"/> must still live).
    /// </summary>
    public Snapshot TakeSnapshot(Snapshot of) => throw new NotSupportedException();

    /// <summary>Makes a table, at once usable here; its files vanish on rollback. An id is used once in the life of a data directory.</summary>
    public Table CreateTable(uint id, TableShape shape) => throw new NotSupportedException();

    /// <summary>Drops a table at commit; its files go when no snapshot needs them.</summary>
    public void DropTable(uint id) => throw new NotSupportedException();

    /// <summary>Sets a catalog record at commit, in the same log batch as everything else.</summary>
    public void PutCatalog(CatalogKey key, byte[] record) => throw new NotSupportedException();

    /// <summary>Removes a catalog record at commit; nothing happens when there is none.</summary>
    public void DeleteCatalog(CatalogKey key) => throw new NotSupportedException();

    /// <summary>
    /// Adds a row. Its image and vectors are copied.
    /// </summary>
    /// <exception cref="StoreFullException">No space left.</exception>
    public RowId Insert(Table table, ReadOnlySpan<byte> image, VectorValues vectors) => throw new NotSupportedException();

    /// <summary>
    /// Replaces the row version that <paramref name="snapshot"/> sees, which must be the newest.
    /// </summary>
    /// <param name="keyChanged">Whether a column of a key that foreign keys may point to changes: then the write conflicts with
    /// <see cref="RowLockMode.KeyShare"/> too.</param>
    public WriteResult Update(Table table, RowId row, Snapshot snapshot, ReadOnlySpan<byte> image, VectorValues vectors, bool keyChanged)
        => throw new NotSupportedException();

    /// <summary>Deletes the row that <paramref name="snapshot"/> sees.</summary>
    public WriteResult Delete(Table table, RowId row, Snapshot snapshot) => throw new NotSupportedException();

    /// <summary>Locks a row until the transaction (or its savepoint) ends; never waits.</summary>
    public WriteResult LockRow(Table table, RowId row, Snapshot snapshot, RowLockMode mode) => throw new NotSupportedException();

    /// <summary>Waits until <paramref name="other"/> has ended; null waits for ever.</summary>
    public WaitOutcome WaitFor(Transaction other, TimeSpan? timeout, CancellationToken cancellation) => throw new NotSupportedException();

    public Savepoint CreateSavepoint() => throw new NotSupportedException();

    /// <summary>Undoes rows, tables, catalog records and locks since the savepoint, which stays valid.</summary>
    public void RollbackTo(Savepoint savepoint) => throw new NotSupportedException();

    /// <summary>Forgets the savepoint and those after it; what was done since belongs to the level above.</summary>
    public void Release(Savepoint savepoint) => throw new NotSupportedException();

    /// <summary>
    /// Makes everything durable and visible, in that order; without <paramref name="waitForFlush"/> a crash may lose the commit, whole,
    /// for a moment. On an exception the transaction is not committed and must be rolled back.
    /// </summary>
    /// <exception cref="StoreFullException">No space for the log.</exception>
    /// <exception cref="StoreFailedException">The log cannot be written; whether this commit is on disk is decided at the next start.</exception>
    public void Commit(bool waitForFlush = true) => throw new NotSupportedException();

    public void Rollback() => throw new NotSupportedException();

    /// <summary>Rolls back unless it has ended.</summary>
    public void Dispose() => throw new NotSupportedException();
}
