using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

public sealed class StoreTests : IDisposable
{
    readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_second_store_on_the_folder_is_refused_with_the_process_that_has_it()
    {
        var error = Assert.Throws<StoreLockedException>(() => Store.Open(new DiskFileSystem(_store.Folder), new()));
        Assert.Equal(Environment.ProcessId, error.ProcessId);
    }

    [Fact]
    public void Everything_committed_is_there_after_reopening_and_nothing_else()
    {
        Assert.True(_store.Store.IsNew);
        var kept = _store.Insert(1, vector: 11);
        using (var transaction = _store.Store.Begin())
        {
            transaction.PutCatalog(new(1, 2), [3]);
            transaction.Commit(waitForFlush: false);
        }
        _store.Store.SetSequence(1, 9, [4, 5]);
        using (var transaction = _store.Store.Begin()) _store.Insert(transaction, 2);

        _store.Reopen();

        Assert.False(_store.Store.IsNew);
        Assert.Equal(1, _store.Read(kept));
        Assert.Equal(1, _store.Table.RowCountEstimate);
        Assert.Equal([3], _store.Store.Catalog[new(1, 2)]);
        Assert.True(_store.Store.TryGetSequence(1, 9, out var state));
        Assert.Equal([4, 5], state.ToArray());
    }

    [Fact]
    public void Commits_that_wait_together_share_a_flush()
    {
        using var gate = new Barrier(8);
        var threads = new List<Thread>();
        var before = _store.Store.Statistics;
        for (var i = 0; i < 8; i++)
        {
            threads.Add(new(() =>
            {
                gate.SignalAndWait();
                for (var n = 0; n < 200; n++) _store.Insert(n);
            }));
        }
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();

        var after = _store.Store.Statistics;
        Assert.Equal(1600, after.Commits - before.Commits);
        Assert.True(after.LogFlushes - before.LogFlushes < 1600);
        Assert.Equal(1600, _store.Table.RowCountEstimate);
    }

    [Fact]
    public void A_read_only_transaction_writes_nothing()
    {
        var before = _store.Store.CurrentLsn;
        using var transaction = _store.Store.Begin();
        using (transaction.TakeSnapshot()) Assert.False(transaction.HasWrites);
        transaction.Commit();
        Assert.Equal(before, _store.Store.CurrentLsn);
    }

    [Fact]
    public void A_big_transaction_is_written_once()
    {
        using (var transaction = _store.Store.Begin())
        {
            for (var i = 0; i < 100_000; i++) _store.Insert(transaction, i, vector: i);
            transaction.Commit();
        }
        Assert.True(_store.Store.Statistics.LogBytes < 20_000);
        Assert.Equal(100_000, _store.Table.RowCountEstimate);
        _store.Reopen();
        Assert.Equal(99_999, _store.Read(new(99_999)));
    }

    [Fact]
    public void Exact_search_gets_row_ids_with_slots_and_runs_of_memory()
    {
        using (var transaction = _store.Store.Begin())
        {
            for (var i = 0; i < 50_000; i++) _store.Insert(transaction, i, vector: i % 5 == 0 ? null : i);
            transaction.Commit();
        }
        using var snapshot = _store.Store.TakeSnapshot();
        var column = _store.Table.Vectors(0);
        var scan = _store.Table.ScanVectors(0, snapshot, new(10), new(40_000));
        var rows = new RowId[3000];
        var slots = new int[3000];
        var sum = 0L;
        while (scan.NextBatch(rows, slots) is > 0 and var count)
        {
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(rows[i].Value, BitConverter.ToInt32(column.Bytes(slots[i])));
                sum += rows[i].Value;
            }
        }
        Assert.Equal(Enumerable.Range(10, 39_990).Where(i => i % 5 != 0).Sum(i => (long)i), sum);

        var run = column.Run(0, 40_000, out var contiguous);
        Assert.Equal((contiguous - 1) * column.Stride + 4, run.Length);
        for (var slot = 0; slot < contiguous; slot++)
            Assert.Equal(BitConverter.ToInt32(column.Bytes(slot)), BitConverter.ToInt32(run[(slot * column.Stride)..]));
    }
}
