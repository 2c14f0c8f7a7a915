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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_begins_to_wait_for_a_row_after_it_was_given_back_does_not_sleep(bool isWritten)
    {
        var row = _store.Insert(1);
        using var holder = _store.Store.Begin();
        using var waiter = _store.Store.Begin();
        var savepoint = holder.CreateSavepoint();
        if (isWritten) _store.Update(holder, row, 2);
        else Lock(holder, row, RowLockMode.Update);
        var busy = _store.Update(waiter, row, 3);
        var dirty = _store.Table.TryReadNewest(row, out _, out var state);
        Assert.Equal(WriteStatus.Busy, busy.Status);

        holder.RollbackTo(savepoint);

        // Forever, if the wait were for the holder's end.
        Assert.Equal(WaitOutcome.Done, waiter.WaitFor(busy.Blocker, null, default));
        if (isWritten) Assert.Equal(WaitOutcome.Done, waiter.WaitFor(state.Writer!.Value, null, default));
        Assert.True(dirty);
        Assert.Equal(WriteStatus.Done, _store.Update(waiter, row, 3).Status);
    }

    [Fact]
    public void Going_back_wakes_who_waits_for_a_row_and_not_who_waits_for_the_end()
    {
        var row = _store.Insert(1);
        using var holder = _store.Store.Begin();
        using var waiter = _store.Store.Begin(new("row"));
        using var patient = _store.Store.Begin(new("end"));
        var savepoint = holder.CreateSavepoint();
        _store.Update(holder, row, 2);
        var busy = _store.Update(waiter, row, 3);
        var (forRow, forEnd) = (WaitOutcome.Cancelled, WaitOutcome.Cancelled);
        var one = new Thread(() => forRow = waiter.WaitFor(busy.Blocker, null, default));
        var other = new Thread(() => forEnd = patient.WaitForEnd(holder, null, default));
        one.Start();
        other.Start();
        SpinWait.SpinUntil(() => _store.Store.Locks.List().Count == 2);

        holder.RollbackTo(savepoint);
        one.Join();
        Assert.Equal(WaitOutcome.Done, forRow);
        Assert.Equal(patient.Owner, Assert.Single(_store.Store.Locks.List()).Owner);

        holder.Rollback();
        other.Join();
        Assert.Equal(WaitOutcome.Done, forEnd);
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
