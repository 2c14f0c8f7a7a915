using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

public sealed class LockManagerTests : IDisposable
{
    static readonly LockTag Tag = new(5, 1259, 16384);
    static readonly LockTag Other = new(5, 1259, 16385);

    readonly TemporaryStore _store = new();

    LockManager Locks => _store.Store.Locks;

    public void Dispose() => _store.Dispose();

    /// <summary>PostgreSQL 15, table 13.2.</summary>
    [Theory]
    [InlineData(LockMode.AccessShare, "-------X")]
    [InlineData(LockMode.RowShare, "------XX")]
    [InlineData(LockMode.RowExclusive, "----XXXX")]
    [InlineData(LockMode.ShareUpdateExclusive, "---XXXXX")]
    [InlineData(LockMode.Share, "--XX-XXX")]
    [InlineData(LockMode.ShareRowExclusive, "--XXXXXX")]
    [InlineData(LockMode.Exclusive, "-XXXXXXX")]
    [InlineData(LockMode.AccessExclusive, "XXXXXXXX")]
    public void Table_locks_conflict_as_in_PostgreSQL(LockMode held, string expected)
    {
        using var holder = _store.Store.Begin();
        Assert.True(Locks.TryAcquire(holder, Tag, held));
        foreach (var wanted in Enum.GetValues<LockMode>())
        {
            using var other = _store.Store.Begin();
            Assert.Equal(expected[(int)wanted - 1] == '-', Locks.TryAcquire(other, Tag, wanted));
            Assert.True(Locks.TryAcquire(other, Other, wanted));
            Assert.True(Locks.TryAcquire(holder, Tag, held));
        }
    }

    [Fact]
    public async Task Nobody_overtakes_a_waiter_in_conflict()
    {
        using var reader = _store.Store.Begin();
        using var writer = _store.Store.Begin();
        using var late = _store.Store.Begin();
        Assert.True(Locks.TryAcquire(reader, Tag, LockMode.AccessShare));
        var waiting = Start(() => Locks.Acquire(writer, Tag, LockMode.AccessExclusive, null, default), writer.Owner);

        Assert.False(Locks.TryAcquire(late, Tag, LockMode.AccessShare));
        Assert.True(Locks.TryAcquire(reader, Tag, LockMode.RowExclusive));
        Assert.Equal(3, Locks.List().Count);

        reader.Commit();
        Assert.Equal(WaitOutcome.Done, await waiting);
        Assert.Equal([writer.Owner], Locks.List().Select(info => info.Owner));
    }

    Task<WaitOutcome> Start(Func<WaitOutcome> wait, LockOwner owner)
    {
        var task = Task.Factory.StartNew(wait, TaskCreationOptions.LongRunning);
        SpinWait.SpinUntil(() => Locks.Blockers(owner).Count > 0 || task.IsCompleted);
        return task;
    }

    [Fact]
    public void A_wait_ends_by_time_and_by_cancellation_and_lets_the_line_move()
    {
        using var holder = _store.Store.Begin();
        using var waiter = _store.Store.Begin();
        Locks.TryAcquire(holder, Tag, LockMode.AccessShare);
        Assert.Equal(WaitOutcome.Timeout, Locks.Acquire(waiter, Tag, LockMode.AccessExclusive, TimeSpan.FromMilliseconds(1), default));
        using (var cancelled = new CancellationTokenSource(5))
            Assert.Equal(WaitOutcome.Cancelled, Locks.Acquire(waiter, Tag, LockMode.AccessExclusive, null, cancelled.Token));
        Assert.True(Locks.TryAcquire(waiter, Tag, LockMode.AccessShare));
    }

    [Fact]
    public async Task A_deadlock_over_table_locks_and_rows_together_is_found()
    {
        var row = _store.Insert(1);
        using var one = _store.Store.Begin();
        using var two = _store.Store.Begin();
        Locks.TryAcquire(one, Tag, LockMode.Share);
        _store.Update(two, row, 2);
        var waiting = Start(() => one.WaitForEnd(two, null, default), one.Owner);

        Assert.Equal(WaitOutcome.Deadlock, Locks.Acquire(two, Tag, LockMode.RowExclusive, null, default));
        var cycle = two.Owner.LastDeadlock;
        Assert.Equal((Tag, LockMode.RowExclusive, one.Owner), (cycle[0].Tag!.Value, cycle[0].Mode, cycle[0].Blocker));
        Assert.Equal(two, cycle[1].Transaction);

        two.Rollback();
        Assert.Equal(WaitOutcome.Done, await waiting);
    }

    [Fact]
    public async Task Two_who_both_want_more_of_what_both_hold_are_a_deadlock()
    {
        using var one = _store.Store.Begin();
        using var two = _store.Store.Begin();
        Locks.TryAcquire(one, Tag, LockMode.Share);
        Locks.TryAcquire(two, Tag, LockMode.Share);
        var waiting = Start(() => Locks.Acquire(one, Tag, LockMode.Exclusive, null, default), one.Owner);
        Assert.Equal(WaitOutcome.Deadlock, Locks.Acquire(two, Tag, LockMode.Exclusive, null, default));
        two.Rollback();
        Assert.Equal(WaitOutcome.Done, await waiting);
    }

    [Fact]
    public void Session_locks_count_and_outlive_the_transaction()
    {
        var session = new LockOwner();
        using var other = _store.Store.Begin();
        using (var transaction = _store.Store.Begin(session))
        {
            Assert.True(Locks.TryAcquireForSession(session, Tag, LockMode.Exclusive));
            Assert.True(Locks.TryAcquireForSession(session, Tag, LockMode.Exclusive));
            Assert.True(Locks.TryAcquire(transaction, Tag, LockMode.Exclusive));
            transaction.Commit();
        }
        Assert.False(Locks.TryAcquire(other, Tag, LockMode.Exclusive));
        Assert.True(Locks.ReleaseForSession(session, Tag, LockMode.Exclusive));
        Assert.False(Locks.TryAcquire(other, Tag, LockMode.Exclusive));
        Assert.True(Locks.ReleaseForSession(session, Tag, LockMode.Exclusive));
        Assert.False(Locks.ReleaseForSession(session, Tag, LockMode.Exclusive));
        Assert.True(Locks.TryAcquire(other, Tag, LockMode.Exclusive));
    }
}
