using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

public sealed class SavepointTests : IDisposable
{
    readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Going_back_undoes_rows_tables_catalog_and_locks_and_can_be_done_again()
    {
        var row = _store.Insert(1);
        var tag = new LockTag(1, 2, 3);
        using var transaction = _store.Store.Begin();
        _store.Update(transaction, row, 2);
        transaction.AdvanceCommand();
        var savepoint = transaction.CreateSavepoint();

        for (var round = 0; round < 2; round++)
        {
            _store.Update(transaction, row, 3);
            var added = _store.Insert(transaction, 4);
            transaction.CreateTable(50, TableShape.RowsOnly);
            transaction.PutCatalog(new(1, 1), [1]);
            Assert.Equal(WaitOutcome.Done, _store.Store.Locks.Acquire(transaction, tag, LockMode.Exclusive, null, default));
            transaction.AdvanceCommand();
            Assert.Equal(3, _store.Read(row, transaction));

            transaction.RollbackTo(savepoint);
            transaction.AdvanceCommand();
            Assert.Equal(2, _store.Read(row, transaction));
            Assert.Null(_store.Read(added, transaction));
            Assert.Throws<KeyNotFoundException>(() => _store.Store.GetTable(50));
            Assert.Empty(_store.Store.Locks.List());
        }
        transaction.Release(savepoint);
        transaction.Commit();

        Assert.Equal(2, _store.Read(row));
        Assert.Empty(_store.Store.Catalog);
        _store.Reopen();
        Assert.Equal(2, _store.Read(row));
        Assert.Equal(1, _store.Table.RowCountEstimate);
    }

    [Fact]
    public void A_row_lock_goes_back_to_what_it_was_at_the_savepoint()
    {
        var row = _store.Insert(1);
        using var holder = _store.Store.Begin();
        using var other = _store.Store.Begin();
        Lock(holder, row, RowLockMode.KeyShare);
        var savepoint = holder.CreateSavepoint();
        Lock(holder, row, RowLockMode.Update);
        Assert.Equal(WriteStatus.Busy, Lock(other, row, RowLockMode.Share));

        holder.RollbackTo(savepoint);

        Assert.Equal(WriteStatus.Done, Lock(other, row, RowLockMode.Share));
        Assert.Equal(WriteStatus.Busy, Lock(other, row, RowLockMode.Update));
    }

    WriteStatus Lock(Transaction transaction, RowId row, RowLockMode mode)
    {
        using var snapshot = transaction.TakeSnapshot();
        return transaction.LockRow(_store.Table, row, snapshot, mode).Status;
    }

    [Fact]
    public void Undone_versions_are_reported_to_indexes()
    {
        var dropped = new List<int>();
        _store.Store.VersionDropped = (_, version) => dropped.Add(BitConverter.ToInt32(version.Image));
        using var transaction = _store.Store.Begin();
        var row = _store.Insert(transaction, 1);
        transaction.AdvanceCommand();
        _store.Update(transaction, row, 2);
        transaction.Rollback();

        Assert.Equal([2, 1], dropped);
        Assert.Equal(row, _store.Insert(3));
    }
}
