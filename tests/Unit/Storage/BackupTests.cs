using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Unit.Engine;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>Backups of a store at work and at rest, restored and compared; and what becomes of damaged ones.</summary>
public sealed class BackupTests : IDisposable
{
    const string Totals = "SELECT (SELECT sum(balance) FROM account), (SELECT count(*) FROM account), (SELECT count(*) - count(DISTINCT id) FROM entry)";
    readonly string _root = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));

    string Folder(string name) => Path.Combine(_root, name);

    static void Prepare(TestSession session)
    {
        session.Query("CREATE TABLE account (id int PRIMARY KEY, balance int)");
        session.Query("INSERT INTO account SELECT i, 1000 FROM generate_series(1, 100) i");
        session.Query("CREATE TABLE entry (id int PRIMARY KEY, note text)");
        session.Query("INSERT INTO entry SELECT i, repeat('x', 500) FROM generate_series(1, 5000) i");
    }

    /// <summary>The restored directory has no problem, and the answer to <see cref="Totals"/>.</summary>
    string Restored(string backup, string name)
    {
        StoreRestore.Run(Folder(backup), Folder(name), archive: null, CancellationToken.None);
        using var cluster = Cluster.Open(new(Folder(name)));
        Assert.Empty(ClusterCheck.Run(cluster, isQuiet: true, CancellationToken.None).Problems);
        using var session = new TestSession(cluster);
        return session.Query(Totals)[0];
    }

    [Fact]
    public async Task A_backup_under_load_has_one_moment_and_a_second_one_shares_what_has_not_changed()
    {
        using (var cluster = Cluster.Open(new(Folder("data"))))
        using (var session = new TestSession(cluster))
        {
            Prepare(session);
            using var stop = new CancellationTokenSource();
            var writers = Enumerable.Range(0, 3).Select(number => Task.Run(() => Move(cluster, number, stop.Token))).ToArray();
            for (var i = 1; i <= 3; i++)
                Assert.Single(session.Query($"SELECT files FROM pgvc_backup('{Folder("b" + i)}'{(i > 1 ? $", '{Folder("b" + (i - 1))}'" : "")})"));
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            Assert.Equal(["t"], session.Query($"SELECT linked_bytes > 1000000 FROM pgvc_backup('{Folder("b4")}', '{Folder("b3")}')"));
        }
        for (var i = 1; i <= 4; i++) Assert.Equal("100000,100,0", Restored("b" + i, "r" + i));
    }

    /// <summary>Moves money and adds rows in one transaction, small and large ones.</summary>
    static void Move(Cluster cluster, int number, CancellationToken stop)
    {
        using var session = new TestSession(cluster);
        var random = new Random(number);
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            var (from, to, first) = (random.Next(1, 50), random.Next(51, 101), 100_000 * (number + 1) + round * 20);
            session.Query($"BEGIN; UPDATE account SET balance = balance - 5 WHERE id = {from}; "
                + $"INSERT INTO entry SELECT i, repeat('y', {random.Next(1, 5000)}) FROM generate_series({first}, {first + random.Next(20)}) i; "
                + $"UPDATE account SET balance = balance + 5 WHERE id = {to}; COMMIT");
        }
    }

    /// <summary>
    /// While the first data file is copied, all rows are replaced and deleted, two checkpoints and collections run, and vectors are written again: the
    /// files of the backup stay until it is done, and its slots keep their values.
    /// </summary>
    [Fact]
    public void Checkpoints_go_on_while_a_backup_is_taken()
    {
        var files = new InterruptingFiles(new DiskFileSystem(Folder("data")));
        var options = new StoreOptions { BackgroundWork = false, LogFileBytes = 64 << 10 };
        using (var store = Store.Open(files, options))
        {
            RowId[] rows;
            using (var transaction = store.Begin())
            {
                var table = transaction.CreateTable(1, new([4]));
                rows = [.. Enumerable.Range(0, 5000).Select(i => transaction.Insert(table, BitConverter.GetBytes(i), new(BitConverter.GetBytes(i))))];
                transaction.Commit();
            }
            var checkpoints = 0L;
            files.BeforeData = () =>
            {
                Replace(store, rows);
                store.Checkpoint();
                store.CollectGarbage();
                store.Checkpoint();
                store.CollectGarbage();
                Replace(store, rows);
                store.Checkpoint();
                checkpoints = store.Statistics.Checkpoints;
            };
            store.Backup(Folder("b"), null, CancellationToken.None);
            Assert.True(checkpoints >= 4);
            store.Checkpoint();
            store.CollectGarbage();
            Assert.All(BackupManifest.Read(Folder("b")).Files.Where(file => file.Name.StartsWith("checkpoint", StringComparison.Ordinal)),
                file => Assert.False(files.Exists(file.Name)));
        }
        StoreRestore.Run(Folder("b"), Folder("r"), archive: null, CancellationToken.None);
        using var restored = Store.Open(new DiskFileSystem(Folder("r")), options);
        using var snapshot = restored.TakeSnapshot();
        var scan = restored.GetTable(1).Scan(snapshot);
        var next = 0;
        while (scan.MoveNext(out var row))
        {
            Assert.Equal(next, BitConverter.ToInt32(row.Image));
            Assert.Equal(next++, BitConverter.ToInt32(row.Vector(0)));
        }
        Assert.Equal(5000, next);
    }

    static void Replace(Store store, RowId[] rows)
    {
        using var transaction = store.Begin();
        using var snapshot = transaction.TakeSnapshot();
        foreach (var row in rows)
            Assert.Equal(WriteResult.Done, transaction.Update(store.GetTable(1), row, snapshot, BitConverter.GetBytes(-1), new(BitConverter.GetBytes(-1)), keyChanged: false));
        transaction.Commit();
    }

    /// <summary>The disk, with something happening before the first data file is opened.</summary>
    sealed class InterruptingFiles(DiskFileSystem disk) : IFileSystem
    {
        public Action? BeforeData { get; set; }

        public IFile Open(string name)
        {
            if (name.StartsWith("data/", StringComparison.Ordinal) && BeforeData is { } action)
            {
                BeforeData = null;
                action();
            }
            return disk.Open(name);
        }

        public IDisposable Lock(string name) => disk.Lock(name);
        public IFile Create(string name, long length) => disk.Create(name, length);
        public bool Exists(string name) => disk.Exists(name);
        public IReadOnlyList<string> List(string folder) => disk.List(folder);
        public void Delete(string name) => disk.Delete(name);
        public void Rename(string name, string newName) => disk.Rename(name, newName);
        public void FlushFolder(string folder) => disk.FlushFolder(folder);
    }

    [Fact]
    public void A_directory_at_rest_is_backed_up_whole()
    {
        using (var cluster = Cluster.Open(new(Folder("data"))))
        using (var session = new TestSession(cluster))
        {
            Prepare(session);
            Assert.Throws<StoreLockedException>(() => StoreBackup.Run(new(Folder("data")), Folder("b"), null, CancellationToken.None));
        }
        var first = StoreBackup.Run(new(Folder("data")), Folder("b"), null, CancellationToken.None);
        var second = StoreBackup.Run(new(Folder("data")), Folder("c"), Folder("b"), CancellationToken.None);
        Assert.Equal(0, second.CopiedBytes);
        Assert.Equal(first.CopiedBytes, second.LinkedBytes);
        Assert.Equal("100000,100,0", Restored("c", "r"));
    }

    [Fact]
    public void A_damaged_backup_is_refused_and_leaves_nothing()
    {
        using (var cluster = Cluster.Open(new(Folder("data"))))
        using (var session = new TestSession(cluster)) Prepare(session);
        var backup = StoreBackup.Run(new(Folder("data")), Folder("b"), null, CancellationToken.None);
        foreach (var name in backup.Manifest.Files.Select(file => file.Name).Append("backup.json"))
        {
            var path = Path.Combine(Folder("b"), name);
            var bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(path, bytes);
            Assert.Throws<StoreDamagedException>(() => StoreRestore.Run(Folder("b"), Folder("r"), archive: null, CancellationToken.None));
            Assert.Throws<StoreDamagedException>(() => StoreRestore.Verify(Folder("b"), CancellationToken.None));
            Assert.False(Directory.Exists(Folder("r")));
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(path, bytes);
        }
        StoreRestore.Verify(Folder("b"), CancellationToken.None);
        File.Delete(Path.Combine(Folder("b"), "backup.json"));
        Assert.Throws<StoreDamagedException>(() => StoreRestore.Run(Folder("b"), Folder("r"), archive: null, CancellationToken.None));
    }

    [Fact]
    public void Archived_log_leads_a_backup_on_to_any_moment()
    {
        Directory.CreateDirectory(Folder("archive"));
        var settings = new Dictionary<string, string> { ["archive_mode"] = "on", ["archive_command"] = $"cp %p {Folder("archive")}/%f" };
        DateTimeOffset middle;
        using (var cluster = Cluster.Open(new(Folder("data"), settings)))
        using (var session = new TestSession(cluster))
        {
            Prepare(session);
            session.Query($"SELECT * FROM pgvc_backup('{Folder("b")}')");
            session.Query("DELETE FROM account WHERE id > 90");
            // More than is logged whole: without the data files of this server, the log must have it.
            session.Query("CREATE TABLE bulk AS SELECT i, repeat('z', 900) AS t, ARRAY[i, i + 1]::float4[] AS a FROM generate_series(1, 5000) i");
            session.Query("CHECKPOINT");
            session.Query("INSERT INTO entry SELECT i, repeat('bulk', 200) FROM generate_series(10001, 14000) i");
            Thread.Sleep(5);
            middle = DateTimeOffset.UtcNow;
            Thread.Sleep(5);
            session.Query("DELETE FROM entry");
            session.Query("CHECKPOINT");
            session.Query("DROP TABLE bulk");
            Assert.Equal(["t,t,0"], session.Query(
                "SELECT (SELECT checkpoints_req > 1 FROM pg_stat_bgwriter), (SELECT wal_bytes > 1000000 FROM pg_stat_wal), failed_count FROM pg_stat_archiver"));
        }
        Directory.Delete(Folder("data"), recursive: true);

        Assert.InRange(LedOn("middle", middle)!.Value, middle.AddMinutes(-1), middle);
        Assert.Equal(["90,9000,5000,12502500,0"],
            Answers("middle", "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM entry), count(*), sum(a[1])::int, sum(length(t) - 900) FROM bulk"));

        LedOn("end", until: null);
        Assert.Equal(["90,0,f"], Answers("end", "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM entry), to_regclass('bulk') IS NOT NULL"));
        Assert.Equal("100000,100,0", Restored("b", "start"));
    }

    /// <summary>The time of the last commit of the backup <c>b</c> led on by the archive.</summary>
    DateTimeOffset? LedOn(string name, DateTimeOffset? until)
        => StoreRestore.Run(Folder("b"), Folder(name), new(Folder("archive"), until), CancellationToken.None).LastCommit;

    [Fact]
    public void Log_that_does_not_lead_to_the_moment_asked_for_is_refused_and_leaves_nothing()
    {
        Directory.CreateDirectory(Folder("archive"));
        var settings = new Dictionary<string, string> { ["archive_mode"] = "on", ["archive_command"] = $"cp %p {Folder("archive")}/%f" };
        var before = DateTimeOffset.UtcNow;
        using (var cluster = Cluster.Open(new(Folder("data"), settings)))
        using (var session = new TestSession(cluster))
        {
            Prepare(session);
            session.Query($"SELECT * FROM pgvc_backup('{Folder("b")}')");
            for (var i = 0; i < 4; i++)
            {
                session.Query($"CREATE TABLE t{i} AS SELECT i FROM generate_series(1, 1000) i");
                session.Query("CHECKPOINT");
            }
        }

        void Refused(string words, DateTimeOffset? until)
        {
            Assert.Contains(words, Assert.ThrowsAny<IOException>(() => LedOn("r", until)).Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Folder("r")));
        }
        Refused("recovery ended before configured recovery target was reached", DateTimeOffset.UtcNow.AddHours(1));
        Refused("is before the end of the backup", before);

        var log = Directory.GetFiles(Folder("archive")).Order(StringComparer.Ordinal).ToList();
        Assert.True(log.Count >= 4);
        var cut = File.ReadAllBytes(log[^2]);
        File.WriteAllBytes(log[^2], cut[..100]);
        Refused("redo log is damaged", null);
        File.Delete(log[^2]);
        Refused("is missing, but there is log after it", null);
        File.WriteAllBytes(log[^2], cut);

        // A directory that was there stays, empty.
        Directory.CreateDirectory(Folder("r"));
        Assert.ThrowsAny<IOException>(() => LedOn("r", DateTimeOffset.UtcNow.AddHours(1)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder("r")));
        LedOn("r", null);
        Assert.Equal(["1000"], Answers("r", "SELECT count(*) FROM t3"));

        Directory.Move(Folder("archive"), Folder("elsewhere"));
        Assert.Throws<DirectoryNotFoundException>(() => LedOn("s", null));
        Assert.False(Directory.Exists(Folder("s")));
    }

    IReadOnlyList<string> Answers(string name, string query)
    {
        using var cluster = Cluster.Open(new(Folder(name)));
        Assert.Empty(ClusterCheck.Run(cluster, isQuiet: true, CancellationToken.None).Problems);
        using var session = new TestSession(cluster);
        return session.Query(query);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
