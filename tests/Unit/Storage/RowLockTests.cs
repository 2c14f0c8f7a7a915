using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

public sealed class RowLockTests : IDisposable
{
    readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    WriteResult Lock(Transaction transaction, RowId row, RowLockMode mode)
    {
        using var snapshot = transaction.TakeSnapshot();
        return transaction.LockRow(_store.Table, row, snapshot, mode);
    }

    /// <summary>PostgreSQL 15, table 13.3.</summary>
    [Theory]
    [InlineData(RowLockMode.KeyShare, "---X")]
    [InlineData(RowLockMode.Share, "--XX")]
    [InlineData(RowLockMode.NoKeyUpdate, "-XXX")]
    [InlineData(RowLockMode.Update, "XXXX")]
    public void Row_locks_conflict_as_in_PostgreSQL(RowLockMode held, string expected)
    {
        var row = _store.Insert(1);
        using var holder = _store.Store.Begin();
        Assert.Equal(WriteResult.Done, Lock(holder, row, held));
        foreach (var wanted in Enum.GetValues<RowLockMode>())
        {
            using var other = _store.Store.Begin();
            var result = Lock(other, row, wanted);
            Assert.Equal(expected[(int)wanted] == 'X' ? new WriteResult(WriteStatus.Busy, new(holder, 0)) : WriteResult.Done, result);
        }
        holder.Commit();
        using var last = _store.Store.Begin();
        Assert.Equal(WriteResult.Done, Lock(last, row, RowLockMode.Update));
    }

    [Fact]
    public void An_update_that_leaves_the_key_alone_lets_foreign_key_checks_through()
    {
        var row = _store.Insert(1);
        using var checker = _store.Store.Begin();
        using (var writer = _store.Store.Begin())
        {
            Assert.Equal(WriteResult.Done, _store.Update(writer, row, 2));
            Assert.Equal(WriteResult.Done, Lock(checker, row, RowLockMode.KeyShare));
            Assert.Equal(WriteStatus.Busy, Lock(checker, row, RowLockMode.Share).Status);
            Assert.Equal(WriteStatus.Busy, _store.Delete(writer, row).Status == WriteStatus.SelfModified ? WriteStatus.Busy : WriteStatus.Done);
            writer.AdvanceCommand();
            Assert.Equal(new WriteResult(WriteStatus.Busy, new(checker, 0)), _store.Delete(writer, row));
            writer.Commit();
        }
        using (var writer = _store.Store.Begin())
        {
            Assert.Equal(WriteStatus.Busy, _store.Update(writer, row, 3, keyChanged: true).Status);
            Assert.Equal(WriteResult.Done, _store.Update(writer, row, 3));
        }
    }

    [Fact]
    public void Writers_learn_whom_to_wait_for_and_what_happened()
    {
        var row = _store.Insert(1);
        using var late = _store.Store.Begin();
        using var snapshot = late.TakeSnapshot();
        using (var first = _store.Store.Begin())
        {
            Assert.Equal(WriteResult.Done, _store.Update(first, row, 2));
            Assert.Equal(WriteStatus.SelfModified, _store.Update(first, row, 3).Status);
            Assert.Equal(new WriteResult(WriteStatus.Busy, new(first, 0)), _store.Update(late, row, snapshot, 9));
            Assert.Equal(WaitOutcome.Timeout, late.WaitForEnd(first, TimeSpan.FromMilliseconds(1), default));
            first.Commit();
            Assert.Equal(WaitOutcome.Done, late.WaitForEnd(first, null, default));
        }
        Assert.Equal(WriteStatus.ChangedSince, _store.Update(late, row, snapshot, 9).Status);
        using (var fresh = late.TakeSnapshot()) Assert.Equal(WriteResult.Done, _store.Update(late, row, fresh, 9));
        late.Rollback();

        using var third = _store.Store.Begin();
        using var old = third.TakeSnapshot();
        using (var deleter = _store.Store.Begin())
        {
            _store.Delete(deleter, row);
            deleter.Commit();
        }
        Assert.Equal(WriteStatus.DeletedSince, _store.Update(third, row, old, 1).Status);
    }

    [Fact]
    public void Two_transactions_that_wait_for_each_other_are_found_at_once()
    {
        var (a, b) = (_store.Insert(1), _store.Insert(2));
        var (left, right) = (new LockOwner("left"), new LockOwner("right"));
        using var one = _store.Store.Begin(left);
        using var two = _store.Store.Begin(right);
        _store.Update(one, a, 10);
        _store.Update(two, b, 20);
        var outcome = WaitOutcome.Cancelled;
        var waiter = new Thread(() => outcome = one.WaitForEnd(two, null, default));
        waiter.Start();
        SpinWait.SpinUntil(() => _store.Store.Locks.Blockers(left).Contains(right));

        Assert.Equal(WaitOutcome.Deadlock, two.WaitForEnd(one, null, default));
        Assert.Equal([(right, left), (left, right)], right.LastDeadlock.Select(edge => (edge.Waiter, edge.Blocker)));

        two.Rollback();
        waiter.Join();
        Assert.Equal(WaitOutcome.Done, outcome);
    }
}
