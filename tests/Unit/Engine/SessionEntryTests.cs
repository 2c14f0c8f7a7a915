using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Engine;

/// <summary>Connections beside DROP DATABASE: the two take their locks on the database in a given order.</summary>
public sealed class SessionEntryTests : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));
    readonly Cluster _cluster;

    public SessionEntryTests()
    {
        _cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(_cluster);
        session.Query("CREATE DATABASE other");
    }

    public void Dispose()
    {
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Who_connects_while_the_database_goes_is_told_that_it_is_gone()
    {
        var (drop, connect) = InLine(Drop, Connect);

        Assert.Null(drop);
        Assert.Equal("3D000", connect?.SqlState);
        Assert.Equal("It seems to have just been dropped or renamed.", connect!.Detail);
        Assert.Empty(_cluster.Sessions);
    }

    [Fact]
    public void A_database_does_not_go_under_who_connects()
    {
        var (connect, drop) = InLine(Connect, Drop);

        Assert.Null(connect);
        Assert.Equal("55006", drop?.SqlState);
        foreach (var session in _cluster.Sessions) session.Dispose();
    }

    [Fact]
    public async Task Who_is_about_to_leave_does_not_keep_a_database()
    {
        var leaving = new TestSession(_cluster, "other");
        var drop = Task.Factory.StartNew(Drop, TaskCreationOptions.LongRunning);
        // Without waiting it would have failed by then.
        await Task.Delay(300);
        leaving.Dispose();
        await drop;
    }

    void Drop()
    {
        using var session = new TestSession(_cluster);
        session.Query("DROP DATABASE other");
    }

    void Connect() => _ = new TestSession(_cluster, "other");

    // Both stand in line for the database behind a lock of the test, in this order.
    (PgError? First, PgError? Second) InLine(Action first, Action second)
    {
        var tag = CatalogLocks.Of(0, _cluster.Catalog.Shared.FindDatabase("other")!);
        using var holder = _cluster.Store.Begin();
        Assert.True(_cluster.Store.Locks.TryAcquire(holder, tag, LockMode.AccessExclusive));
        var one = Start(first, waiting: 1);
        var other = Start(second, waiting: 2);
        holder.Rollback();
        return (one.Result, other.Result);
    }

    Task<PgError?> Start(Action action, int waiting)
    {
        var task = Task.Factory.StartNew(() => Record.Exception(action) as PgError, TaskCreationOptions.LongRunning);
        SpinWait.SpinUntil(() => _cluster.Store.Locks.List().Count(info => !info.Granted) == waiting || task.IsCompleted);
        return task;
    }
}
