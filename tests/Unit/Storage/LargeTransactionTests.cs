using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>Transactions that touch every row of a table: old versions in files, locks as bits, and space that comes back.</summary>
public sealed class LargeTransactionTests : IDisposable
{
    const int Rows = 6000;
    readonly TemporaryStore _store = new();
    readonly RowId[] _rows;

    public LargeTransactionTests()
    {
        using var transaction = _store.Store.Begin();
        _rows = [.. Enumerable.Range(0, Rows).Select(i => _store.Insert(transaction, i, i))];
        transaction.Commit();
    }

    public void Dispose() => _store.Dispose();

    /// <summary>Without the log's file in reserve.</summary>
    int TemporaryFiles => Directory.GetFiles(Path.Combine(_store.Folder, "temp")).Count(name => !Path.GetFileName(name).StartsWith("log.", StringComparison.Ordinal));

    void UpdateAll(Transaction transaction, int add)
    {
        using var snapshot = transaction.TakeSnapshot();
        for (var i = 0; i < Rows; i++) Assert.Equal(WriteResult.Done, _store.Update(transaction, _rows[i], snapshot, i + add));
        transaction.AdvanceCommand();
    }

    void Expect(Snapshot snapshot, int add)
    {
        var seen = 0;
        var scan = _store.Table.Scan(snapshot);
        while (scan.MoveNext(out var row)) Assert.Equal(add + seen++, BitConverter.ToInt32(row.Image));
        Assert.Equal(Rows, seen);
        for (var i = 0; i < Rows; i += 97) Assert.Equal(i + add, _store.Read(_rows[i], snapshot));
    }

    [Fact]
    public void What_a_large_update_supersedes_lies_in_files_until_nobody_needs_it()
    {
        using var before = _store.Store.TakeSnapshot();
        using (var undone = _store.Store.Begin())
        {
            UpdateAll(undone, add: 1_000_000);
            Assert.NotEqual(0, TemporaryFiles);
            Expect(before, add: 0);
            undone.Rollback();
        }
        Assert.Equal(0, TemporaryFiles);

        using (var writer = _store.Store.Begin())
        {
            UpdateAll(writer, add: 1_000_000);
            var savepoint = writer.CreateSavepoint();
            UpdateAll(writer, add: 2_000_000);
            UpdateAll(writer, add: 3_000_000);
            using (var own = writer.TakeSnapshot()) Expect(own, add: 3_000_000);
            writer.RollbackTo(savepoint);
            UpdateAll(writer, add: 4_000_000);
            Expect(before, add: 0);
            writer.Commit();
        }
        Expect(before, add: 0);
        _store.Store.CollectGarbage();
        Expect(before, add: 0);
        Assert.Equal(Rows, _store.Store.Statistics.HeldRows);
        Assert.NotEqual(0, TemporaryFiles);

        before.Dispose();
        _store.Store.CollectGarbage();
        Assert.Equal(0, _store.Store.Statistics.HeldRows);
        Assert.Equal(0, TemporaryFiles);
        using (var after = _store.Store.TakeSnapshot()) Expect(after, add: 4_000_000);
        _store.Reopen();
        using (var reopened = _store.Store.TakeSnapshot()) Expect(reopened, add: 4_000_000);
    }

    [Fact]
    public void Readers_see_old_versions_while_they_come_and_go()
    {
        var store = _store.Store;
        using var before = store.TakeSnapshot();
        var stop = false;
        Exception? failure = null;
        var reader = new Thread(() =>
        {
            try
            {
                while (!Volatile.Read(ref stop)) Expect(before, add: 0);
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        reader.Start();
        for (var round = 0; round < 20; round++)
        {
            using var writer = store.Begin();
            UpdateAll(writer, add: round);
            if (round % 2 == 0) writer.Commit();
            else writer.Rollback();
            store.CollectGarbage();
        }
        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Null(failure);
    }

    [Fact]
    public void Locks_on_all_rows_keep_their_strength_over_savepoints()
    {
        using var holder = _store.Store.Begin();
        void LockAll(RowLockMode mode)
        {
            using var snapshot = holder.TakeSnapshot();
            foreach (var row in _rows) Assert.Equal(WriteResult.Done, holder.LockRow(_store.Table, row, snapshot, mode));
        }

        WriteStatus Try(RowLockMode mode, int row)
        {
            using var other = _store.Store.Begin();
            using var snapshot = other.TakeSnapshot();
            return other.LockRow(_store.Table, _rows[row], snapshot, mode).Status;
        }

        LockAll(RowLockMode.KeyShare);
        var savepoint = holder.CreateSavepoint();
        LockAll(RowLockMode.Update);
        foreach (var row in new[] { 0, 63, 64, 4095, 4096, Rows - 1 })
            Assert.Equal(WriteStatus.Busy, Try(RowLockMode.KeyShare, row));
        holder.RollbackTo(savepoint);
        foreach (var row in new[] { 0, 63, 64, 4095, 4096, Rows - 1 })
        {
            Assert.Equal(WriteStatus.Done, Try(RowLockMode.NoKeyUpdate, row));
            Assert.Equal(WriteStatus.Busy, Try(RowLockMode.Update, row));
        }
        holder.Rollback();
        Assert.Equal(WriteStatus.Done, Try(RowLockMode.Update, Rows - 1));
    }

    [Fact]
    public void Vector_files_that_a_rollback_leaves_empty_are_given_back()
    {
        const int Bytes = 4000;
        var value = new byte[Bytes];
        using (var transaction = _store.Store.Begin())
        {
            transaction.CreateTable(2, new([Bytes]));
            transaction.Commit();
        }
        RowId[] Fill(Transaction transaction, int rows)
            => [.. Enumerable.Range(0, rows).Select(i => transaction.Insert(_store.Store.GetTable(2), BitConverter.GetBytes(i), new(value)))];

        long FileBytes() => new DirectoryInfo(Path.Combine(_store.Folder, "data")).GetFiles("2-*.vecs").Sum(file => file.Length);

        RowId kept;
        using (var transaction = _store.Store.Begin())
        {
            kept = Fill(transaction, 1)[0];
            transaction.Commit();
        }
        var before = FileBytes();
        for (var round = 0; round < 2; round++)
        {
            using (var transaction = _store.Store.Begin())
            {
                Fill(transaction, 500);
                Assert.True(FileBytes() > before + 500 * Bytes - 1);
                transaction.Rollback();
            }
            _store.Store.Checkpoint();
            _store.Store.CollectGarbage();
            Assert.Equal(before, FileBytes());
        }

        // Emptied in between: the file goes, and comes back when there is need.
        RowId[] rows;
        using (var transaction = _store.Store.Begin())
        {
            rows = Fill(transaction, 300);
            transaction.Commit();
        }
        var full = FileBytes();
        using (var transaction = _store.Store.Begin())
        {
            using var snapshot = transaction.TakeSnapshot();
            foreach (var row in rows[..250]) transaction.Delete(_store.Store.GetTable(2), row, snapshot);
            transaction.Commit();
        }
        _store.Store.CollectGarbage();
        _store.Store.Checkpoint();
        _store.Store.CollectGarbage();
        var holes = FileBytes();
        Assert.True(holes < full);
        for (var reopened = 0; reopened < 2; reopened++)
        {
            var report = new CheckReport();
            _store.Store.Check(isQuiet: true, report, CancellationToken.None);
            Assert.Empty(report.Problems);
            using (var snapshot = _store.Store.TakeSnapshot()) Assert.True(_store.Store.GetTable(2).TryRead(kept, snapshot, out _));
            _store.Reopen();
            Assert.Equal(holes, FileBytes());
        }
        using (var transaction = _store.Store.Begin())
        {
            Fill(transaction, 250);
            transaction.Commit();
        }
        Assert.Equal(full, FileBytes());
    }

    [Fact]
    public void A_missing_vector_file_that_rows_need_is_damage()
    {
        _store.Store.Checkpoint();
        _store.Store.Dispose();
        File.Delete(Path.Combine(_store.Folder, "data", "1-0-0.vecs"));
        Assert.Throws<StoreDamagedException>(() => Store.Open(new DiskFileSystem(_store.Folder), new() { BackgroundWork = false }));
    }
}
