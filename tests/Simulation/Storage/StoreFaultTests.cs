using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Simulation;

/// <summary>Single faults of the disk, each with what the store must make of it.</summary>
public sealed class StoreFaultTests
{
    static readonly StoreOptions Options = new() { BackgroundWork = false, LogFileBytes = 64 << 10 };

    static void Put(Store store, uint key, int value, bool wait = true, int size = 4)
    {
        using var transaction = store.Begin();
        var bytes = new byte[size];
        BitConverter.TryWriteBytes(bytes, value);
        transaction.PutCatalog(new(1, key), bytes);
        transaction.Commit(wait);
    }

    static int? Get(Store store, uint key) => store.Catalog.TryGetValue(new(1, key), out var bytes) ? BitConverter.ToInt32(bytes) : null;

    static SimulatedDisk DiskWithTable(out Store store, StoreOptions? options = null)
    {
        var disk = new SimulatedDisk(1);
        store = Store.Open(disk, options ?? Options);
        using var transaction = store.Begin();
        transaction.CreateTable(1, Tokens.Shape);
        transaction.Commit();
        return disk;
    }

    static RowId Insert(Transaction transaction, Store store, int token)
        => transaction.Insert(store.GetTable(1), Tokens.Image(token), new([VectorSource.Present, VectorSource.Null], Tokens.Vector(0, token)));

    [Fact]
    public void A_batch_left_behind_a_torn_tail_never_comes_back()
    {
        var survived = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var store = Store.Open(disk, Options);
            Put(store, 1, 1);
            Put(store, 2, 2, wait: false, size: 2000);
            Put(store, 3, 3, wait: false, size: 2000);
            disk.LosePowerAt = disk.Flushes + 1;
            Assert.ThrowsAny<IOException>(() => Put(store, 4, 4));

            disk = disk.Restart(seed);
            store = Store.Open(disk, Options);
            if (Get(store, 2) is not null) continue;
            Assert.Null(Get(store, 3));
            // As long as the lost batch: what was behind it is now exactly behind this one.
            Put(store, 5, 5, size: 2000);
            disk.LosePowerAt = disk.Flushes + 1;
            Assert.ThrowsAny<IOException>(() => Put(store, 6, 6));

            store = Store.Open(disk.Restart(seed), Options);
            Assert.Equal(5, Get(store, 5));
            Assert.Null(Get(store, 3));
            Assert.Null(Get(store, 4));
            survived++;
        }
        Assert.True(survived > 100, "no torn tails");
    }

    [Fact]
    public void Damage_before_a_synced_batch_stops_recovery()
    {
        var disk = new SimulatedDisk(1);
        var store = Store.Open(disk, Options);
        for (var i = 0; i < 5; i++) Put(store, 1, i, size: 100);
        disk.Corrupt("log/0000000000000001.log", 64 + 200);

        disk.LosePowerAt = disk.Flushes + 1;
        Assert.ThrowsAny<IOException>(() => Put(store, 1, 9));
        var error = Assert.Throws<StoreDamagedException>(() => Store.Open(disk.Restart(1), Options));
        Assert.Contains("redo log is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_of_a_row_synced_before_its_commit_stops_recovery()
    {
        var disk = DiskWithTable(out var store);
        using (var transaction = store.Begin())
        {
            for (var i = 0; i < 40_000; i++) Insert(transaction, store, i);
            transaction.Commit();
        }
        disk.Corrupt("data/1-0.rows", 64 + 20);
        disk.LosePowerAt = disk.Flushes + 1;
        Assert.ThrowsAny<IOException>(() => Put(store, 1, 9));
        Assert.Throws<StoreDamagedException>(() => Store.Open(disk.Restart(1), Options));
    }

    [Theory]
    [InlineData("control.1")]
    [InlineData("checkpoint/0000000000000002.ckpt")]
    [InlineData("data/1-0.rows")]
    [InlineData("data/1-0-0.vecs")]
    public void Damage_of_a_header_is_noticed(string name)
    {
        var disk = DiskWithTable(out var store);
        using (var transaction = store.Begin())
        {
            Insert(transaction, store, 1);
            transaction.Commit();
        }
        store.Checkpoint();
        store.Checkpoint();
        store.Dispose();
        if (!disk.Exists(name)) name = disk.Names.First(other => other.StartsWith(name[..5], StringComparison.Ordinal));
        foreach (var copy in name.StartsWith("control", StringComparison.Ordinal) ? disk.Names.Where(other => other.StartsWith("control", StringComparison.Ordinal)) : [name])
            disk.Corrupt(copy, 20);
        Assert.Throws<StoreDamagedException>(() => Store.Open(disk, Options));
    }

    [Fact]
    public void Another_format_version_is_refused_by_name()
    {
        var disk = new SimulatedDisk(1);
        Store.Open(disk, Options).Dispose();
        foreach (var name in disk.Names.Where(name => name.StartsWith("control", StringComparison.Ordinal)).ToList())
        {
            var header = new byte[64];
            var file = disk.Open(name);
            file.Read(0, header);
            header[8] = 77;
            header.AsSpan(12, 4).Clear();
            BitConverter.TryWriteBytes(header.AsSpan(12), Crc32C.Of(header));
            file.Write(0, header);
        }
        var error = Assert.Throws<StoreVersionException>(() => Store.Open(disk, Options));
        Assert.Equal(77, error.Found);
        Assert.Contains("pgvc upgrade", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_fails_the_statement_and_nothing_else()
    {
        var disk = DiskWithTable(out var store, Options with { BulkBytes = 1000 });
        disk.Capacity = disk.UsedBytes + (600 << 10);
        var rows = 0;
        using (var transaction = store.Begin())
        {
            Assert.Throws<StoreFullException>((Action)(() =>
            {
                for (; ; rows++) Insert(transaction, store, rows);
            }));
            var savepoint = transaction.CreateSavepoint();
            Assert.Throws<StoreFullException>((Action)(() =>
            {
                while (true) Insert(transaction, store, 1);
            }));
            transaction.RollbackTo(savepoint);
            transaction.Commit();
        }
        Assert.True(rows > 1000);
        Assert.Equal(rows, store.GetTable(1).RowCountEstimate);

        // No room for the next log file either: the commit fails, whole, and can be done again once there is.
        using (var transaction = store.Begin())
        {
            transaction.PutCatalog(new(1, 1), new byte[200 << 10]);
            Assert.Throws<StoreFullException>(() => transaction.Commit());
            transaction.Rollback();
        }
        disk.Capacity = long.MaxValue;
        Put(store, 1, 7);
        disk.LosePowerAt = disk.Flushes + 1;
        Assert.ThrowsAny<IOException>(() => Put(store, 1, 8));

        store = Store.Open(disk.Restart(1), Options);
        Assert.Equal(rows, store.GetTable(1).RowCountEstimate);
        Assert.InRange(Get(store, 1)!.Value, 7, 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(1 << 20)]
    public void A_rolled_back_statement_leaves_a_full_disk_as_it_was(long bulkBytes)
    {
        var disk = DiskWithTable(out var store, Options with { BulkBytes = bulkBytes });
        using (var transaction = store.Begin())
        {
            for (var i = 0; i < 500; i++) Insert(transaction, store, i);
            transaction.Commit();
        }
        var used = disk.UsedBytes;
        disk.Capacity = used + (800 << 10);
        var rows = 500;
        var full = 0L;
        for (var round = 0; round < 10; round++)
        {
            using (var transaction = store.Begin())
            {
                Assert.Throws<StoreFullException>((Action)(() =>
                {
                    while (true) Insert(transaction, store, 1);
                }));
                // A checkpoint that comes in between must not keep what is rolled back, whether there is room for it or not.
                if (round % 3 == 1) _ = Record.Exception(store.Checkpoint);
                full = disk.UsedBytes;
                transaction.Rollback();
            }
            if (round == 0) Assert.InRange(disk.UsedBytes, 0, full - (700 << 10));
            // The background does this at once when the disk was full: slots in files that others have values in, too, wait for it.
            store.Checkpoint();
            using (var transaction = store.Begin())
            {
                for (var i = 0; i < 20; i++) Insert(transaction, store, rows++);
                transaction.Commit();
            }
        }

        disk.LosePowerAt = disk.Flushes + 1;
        Assert.ThrowsAny<IOException>(() => Put(store, 1, 9));
        disk = disk.Restart(1);
        disk.Capacity = used + (800 << 10);
        store = Store.Open(disk, Options);
        AssertRows(store, rows);
    }

    [Fact]
    public void A_full_disk_has_room_again_when_a_table_is_dropped()
    {
        var disk = DiskWithTable(out var store);
        using (var transaction = store.Begin())
        {
            transaction.CreateTable(2, Tokens.Shape);
            for (var i = 0; i < 20_000; i++)
                transaction.Insert(store.GetTable(2), Tokens.Image(i), new([VectorSource.Null, VectorSource.Null], []));
            transaction.Commit();
        }
        store.Checkpoint();
        // Room for a checkpoint's own file and for nothing else; the log has one more file ready.
        disk.Capacity = disk.UsedBytes + (60 << 10);
        var commits = 0;
        Assert.Throws<StoreFullException>((Action)(() =>
        {
            for (; ; commits++) Put(store, 1, commits, size: 5000);
        }));
        Assert.True(commits > 12, "the log has no second file");

        using (var transaction = store.Begin())
        {
            transaction.DropTable(2);
            transaction.Commit();
        }
        Assert.Throws<StoreFullException>(store.Checkpoint);
        Assert.Equal(commits - 1, Get(store, 1));
    }

    static void AssertRows(Store store, int rows)
    {
        var report = new CheckReport();
        store.Check(isQuiet: true, report, CancellationToken.None);
        Assert.Equal(0, report.ProblemCount);
        Assert.Equal(rows, store.GetTable(1).RowCountEstimate);
    }

    [Fact]
    public void After_a_failed_flush_no_commit_is_taken_and_nothing_acknowledged_is_lost()
    {
        for (var failAt = 1; failAt < 12; failAt++)
        {
            var disk = DiskWithTable(out var store);
            Put(store, 1, 1);
            disk.FailFlushAt = disk.Flushes + failAt;
            var acknowledged = 1;
            var failures = 0;
            for (var i = 2; i < 20; i++)
            {
                try
                {
                    if (i == 6) store.Checkpoint();
                    Put(store, 1, i);
                    Assert.Equal(0, failures);
                    acknowledged = i;
                }
                catch (IOException)
                {
                    failures++;
                }
            }
            Assert.True(failures > 5);
            Assert.Throws<StoreFailedException>(() => store.Checkpoint());
            using (var snapshot = store.TakeSnapshot()) Assert.False(store.GetTable(1).TryRead(new(0), snapshot, out _));

            store.Dispose();
            store = Store.Open(disk.Restart(failAt), Options);
            Assert.InRange(Get(store, 1)!.Value, acknowledged, acknowledged + 1);
        }
    }

    [Fact]
    public void A_short_write_of_the_log_is_a_failure_of_the_log()
    {
        var disk = DiskWithTable(out var store);
        Put(store, 1, 1);
        disk.FailWriteAt = disk.Writes + 1;
        Assert.Throws<StoreFailedException>(() => Put(store, 1, 2, size: 3000));
        Assert.Throws<StoreFailedException>(() => Put(store, 1, 3));
        store.Dispose();
        store = Store.Open(disk.Restart(1), Options);
        Assert.Equal(1, Get(store, 1));
    }

    [Fact]
    public void Files_of_dropped_tables_and_dead_segments_go()
    {
        var disk = DiskWithTable(out var store);
        using (var transaction = store.Begin())
        {
            transaction.CreateTable(2, Tokens.Shape);
            for (var i = 0; i < 14_000; i++)
            {
                transaction.Insert(store.GetTable(2), Tokens.Image(i), new([VectorSource.Null, VectorSource.Null], []));
                Insert(transaction, store, i);
            }
            transaction.Commit();
        }
        store.Checkpoint();
        var full = disk.UsedBytes;
        var vectors = store.GetTable(1).VectorFileBytes;
        using (var transaction = store.Begin())
        {
            using var snapshot = transaction.TakeSnapshot();
            transaction.DropTable(2);
            for (var row = 0; row < 14_000; row++) transaction.Delete(store.GetTable(1), new(row), snapshot);
            transaction.Commit();
        }
        store.CollectGarbage();
        store.Checkpoint();
        Assert.DoesNotContain(disk.Names, name => name.StartsWith("data/2-", StringComparison.Ordinal) || name.EndsWith(".rows", StringComparison.Ordinal));
        Assert.True(disk.UsedBytes < full / 2 + (2 << 20));

        // So do the vector files of the deleted rows; as many come back.
        Assert.Equal(0, store.GetTable(1).VectorFileBytes);
        using (var transaction = store.Begin())
        {
            for (var i = 0; i < 14_000; i++) Insert(transaction, store, i);
            transaction.Commit();
        }
        Assert.Equal(vectors, store.GetTable(1).VectorFileBytes);
        store.Dispose();
    }

    [Fact]
    public void What_lives_in_mostly_dead_segments_is_moved_and_the_files_go()
    {
        var disk = DiskWithTable(out var store, Options with { DataFileBytes = 128 << 10 });
        using (var transaction = store.Begin())
        {
            for (var i = 0; i < 20_000; i++) Insert(transaction, store, i);
            transaction.Commit();
        }
        var full = store.GetTable(1).RowFileBytes;
        using (var transaction = store.Begin())
        {
            using var snapshot = transaction.TakeSnapshot();
            for (var row = 0; row < 20_000; row++)
                if (row % 10 != 0) transaction.Delete(store.GetTable(1), new(row), snapshot);
            transaction.Commit();
        }
        using var reader = store.TakeSnapshot();
        Assert.True(store.GetTable(1).TryRead(new(10), reader, out var held));
        store.CollectGarbage();
        store.Checkpoint();
        store.Checkpoint();
        Assert.True(store.GetTable(1).RowFileBytes < full / 3);
        Assert.Equal(10, Tokens.Read(held).Image);
        reader.Dispose();

        disk.LosePowerAt = disk.Flushes + 1;
        Assert.ThrowsAny<IOException>(() => Put(store, 1, 9));
        store = Store.Open(disk.Restart(1), Options);
        using var after = store.TakeSnapshot();
        for (var row = 0; row < 20_000; row++)
        {
            Assert.Equal(row % 10 == 0, store.GetTable(1).TryRead(new(row), after, out var view));
            if (row % 10 == 0) Assert.Equal(row, Tokens.Read(view).Image);
        }
    }

    [Fact]
    public void A_table_whose_creation_is_undone_leaves_no_file()
    {
        var disk = DiskWithTable(out var store);
        using (var transaction = store.Begin())
        {
            transaction.CreateTable(2, Tokens.Shape);
            transaction.Insert(store.GetTable(2), Tokens.Image(1), new([VectorSource.Null, VectorSource.Null], []));
            Assert.Contains(disk.Names, name => name.StartsWith("data/2-", StringComparison.Ordinal));
            transaction.Rollback();
        }
        store.CollectGarbage();
        Assert.DoesNotContain(disk.Names, name => name.StartsWith("data/2-", StringComparison.Ordinal));
        Assert.Throws<KeyNotFoundException>(() => store.GetTable(2));
        store.Dispose();
    }
}
