using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>Commits of many rows are seen whole or not at all, by scans and by single reads, while their rows are still being stamped.</summary>
public sealed class LargeCommitTests : IDisposable
{
    const int Rows = 20_000;
    const int Rounds = 30;

    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));
    readonly StoreOptions _options = new() { LogFileBytes = 1 << 20, BulkBytes = 100_000 };

    static int Value(RowView row) => BitConverter.ToInt32(row.Image);

    [Fact]
    public void A_large_commit_is_seen_whole()
    {
        using (var store = Store.Open(new DiskFileSystem(_folder), _options))
        {
            using (var transaction = store.Begin())
            {
                var made = transaction.CreateTable(1, new([]));
                for (var i = 0; i < Rows; i++) transaction.Insert(made, BitConverter.GetBytes(0), new([], []));
                // Rows of one commit each, beside the large ones.
                transaction.CreateTable(2, new([]));
                transaction.Commit();
            }
            var (done, committed) = (false, 0);
            Exception? failure = null;
            var threads = new List<Thread>();
            foreach (var work in (Action[])[
                () => Look(store, ref committed, () => Volatile.Read(ref done)), () => LookAtSingles(store, () => Volatile.Read(ref done)),
                () => InsertSingles(store, () => Volatile.Read(ref done)), () => Checkpoint(store, () => Volatile.Read(ref done))])
                threads.Add(new(() => Try(work)));
            foreach (var thread in threads) thread.Start();
            Try(() => UpdateAll(store, ref committed));
            Volatile.Write(ref done, true);
            foreach (var thread in threads) thread.Join();
            Assert.Null(failure);

            void Try(Action work)
            {
                try
                {
                    work();
                }
                catch (Exception error)
                {
                    failure = error;
                }
            }
        }
        using var again = Store.Open(new DiskFileSystem(_folder), _options);
        Assert.Equal((Rows, Rounds), Count(again));
        var report = new CheckReport();
        again.CollectGarbage();
        again.Check(isQuiet: false, report, CancellationToken.None);
        Assert.Empty(report.Problems);
    }

    /// <summary>Every row gets the number of the round, which deletes and inserts a row besides.</summary>
    static void UpdateAll(Store store, ref int committed)
    {
        var table = store.GetTable(1);
        for (var round = 1; round <= Rounds; round++)
        {
            using var transaction = store.Begin();
            using var snapshot = transaction.TakeSnapshot();
            var scan = table.Scan(snapshot);
            var isFirst = true;
            while (scan.MoveNext(out var row))
            {
                var result = isFirst
                    ? transaction.Delete(table, row.Row, snapshot)
                    : transaction.Update(table, row.Row, snapshot, BitConverter.GetBytes(round), new([], []), keyChanged: false);
                isFirst = false;
                Assert.Equal(WriteStatus.Done, result.Status);
            }
            transaction.Insert(table, BitConverter.GetBytes(round), new([], []));
            transaction.Commit(waitForFlush: round % 2 == 0);
            Volatile.Write(ref committed, round);
        }
    }

    static (int Rows, int Value) Count(Store store)
    {
        using var snapshot = store.TakeSnapshot();
        var scan = store.GetTable(1).Scan(snapshot);
        var (rows, value) = (0, -1);
        while (scan.MoveNext(out var row))
        {
            if (rows++ == 0) value = Value(row);
            Assert.Equal(value, Value(row));
        }
        return (rows, value);
    }

    static void Look(Store store, ref int committed, Func<bool> isDone)
    {
        while (!isDone())
        {
            var before = Volatile.Read(ref committed);
            var (rows, value) = Count(store);
            Assert.Equal(Rows, rows);
            Assert.True(value >= before, $"{value} is seen after {before} was committed");
        }
    }

    /// <summary>Single rows of one snapshot are all of one commit.</summary>
    static void LookAtSingles(Store store, Func<bool> isDone)
    {
        var table = store.GetTable(1);
        var random = new Random(1);
        while (!isDone())
        {
            using var snapshot = store.TakeSnapshot();
            var value = -1;
            for (var i = 0; i < 200; i++)
            {
                if (!table.TryRead(new(random.Next(Rows)), snapshot, out var row)) continue;
                if (value < 0) value = Value(row);
                Assert.Equal(value, Value(row));
            }
        }
    }

    static void InsertSingles(Store store, Func<bool> isDone)
    {
        while (!isDone())
        {
            using var transaction = store.Begin();
            var row = transaction.Insert(store.GetTable(2), BitConverter.GetBytes(1), new([], []));
            transaction.Commit();
            using var snapshot = store.TakeSnapshot();
            Assert.True(store.GetTable(2).TryRead(row, snapshot, out _));
        }
    }

    static void Checkpoint(Store store, Func<bool> isDone)
    {
        while (!isDone())
        {
            store.Checkpoint();
            Thread.Sleep(5);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
