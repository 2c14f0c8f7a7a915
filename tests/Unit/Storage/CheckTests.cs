using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Unit.Engine;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>What a check says of a sound directory (nothing), and of one with single bytes changed.</summary>
public sealed class CheckTests : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));

    public CheckTests()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        session.Query("CREATE EXTENSION vector");
        session.Query("CREATE TABLE t (id int PRIMARY KEY, name text, v vector(16))");
        session.Query("INSERT INTO t SELECT i, 'name ' || i, (SELECT array_agg(i + j) FROM generate_series(1, 16) j)::vector FROM generate_series(1, 3000) i");
        session.Query("DELETE FROM t WHERE id % 7 = 0");
        session.Query("UPDATE t SET name = 'changed ' || id WHERE id % 5 = 0");
    }

    CheckReport Check()
    {
        using var files = new OverlayFileSystem(_folder);
        using var cluster = Cluster.Open(new(_folder) { Files = files, IsReadOnly = true });
        return ClusterCheck.Run(cluster, isQuiet: true, CancellationToken.None);
    }

    string Largest(string folder, string extension)
        => new DirectoryInfo(Path.Combine(_folder, folder)).GetFiles("*" + extension).MaxBy(file => file.Length)!.FullName;

    static void Damage(string path, int offset)
    {
        using var stream = new FileStream(path, FileMode.Open);
        stream.Position = offset;
        var value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 0x10));
    }

    [Fact]
    public void A_sound_directory_has_no_problems_and_is_not_touched()
    {
        var before = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order().ToDictionary(name => name, File.ReadAllBytes);
        var report = Check();
        Assert.Empty(report.Problems);
        Assert.Equal(2572, report.Rows);
        Assert.Equal(2572, report.IndexEntries);
        Assert.InRange(report.Vectors, 2572, 3000);
        var after = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order().ToDictionary(name => name, File.ReadAllBytes);
        Assert.Equal(before, after);
    }

    [Fact]
    public void The_server_checks_itself_while_it_runs()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        session.Query("BEGIN");
        session.Query("DELETE FROM t WHERE id < 100");
        session.Query("UPDATE t SET name = 'open' WHERE id BETWEEN 100 AND 200");
        Assert.Empty(session.Query("SELECT * FROM pgvc_check()"));
        session.Query("ROLLBACK");
        Assert.Empty(session.Query("SELECT * FROM pgvc_check()"));
    }

    [Theory]
    [InlineData("data", ".rows", 5000, "damaged record")]
    [InlineData("data", ".vecs", 9000, "damaged value")]
    [InlineData("index", ".idx", 3000, "is damaged at")]
    public void A_changed_byte_is_found(string folder, string extension, int offset, string expected)
    {
        Damage(Largest(folder, extension), offset);
        Assert.Contains(Check().Problems, problem => problem.What.Contains(expected, StringComparison.Ordinal));
    }

    /// <summary>Entries that outlive their rows, as an index would leave them that had not heard of the deletion.</summary>
    [Fact]
    public void Entries_of_rows_that_are_gone_are_found()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        session.Query("CREATE INDEX graph ON t USING hnsw (v vector_l2_ops)");
        session.Query("CREATE INDEX lists ON t USING ivfflat (v vector_l2_ops) WITH (lists = 5)");
        var heard = cluster.Store.VersionDropped;
        cluster.Store.CollectGarbage();
        cluster.Store.VersionDropped = null;
        session.Query("DELETE FROM t WHERE id = 8");
        // Another thread may hold back the first pass.
        while (cluster.Store.Statistics.HeldRows > 0) cluster.Store.CollectGarbage();
        cluster.Store.CollectGarbage();
        cluster.Store.VersionDropped = heard;
        Assert.Equal(
            [
                "index public.graph,had an entry for row (0,8), which has no version with that vector; it was removed",
                "index public.lists,had an entry for row (0,8), which has no version with that vector; it was removed",
                "index public.t_pkey,has an entry for row (0,8), which has no version with that key",
            ],
            session.Query("SELECT object, problem FROM pgvc_check() ORDER BY 1"));
        Assert.Equal(["index public.t_pkey"], session.Query("SELECT object FROM pgvc_check()"));
    }

    /// <summary>A row made behind the engine's back, as if a writer had forgotten the indexes.</summary>
    static void InsertInStore(Cluster cluster, TestSession session, Func<RowView, byte[]> image)
    {
        using var transaction = cluster.Store.Begin();
        var table = cluster.Store.GetTable(uint.Parse(session.Query("SELECT relfilenode FROM pg_class WHERE oid = 't'::regclass")[0]));
        using var snapshot = transaction.TakeSnapshot();
        var rows = table.Scan(snapshot);
        Assert.True(rows.MoveNext(out var row));
        transaction.Insert(table, image(row), new(row.Vector(0)));
        transaction.Commit();
    }

    [Fact]
    public void Rows_without_entries_are_found()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        session.Query("CREATE INDEX graph ON t USING hnsw (v vector_l2_ops)");
        session.Query("CREATE INDEX lists ON t USING ivfflat (v vector_l2_ops) WITH (lists = 5)");
        InsertInStore(cluster, session, row => row.Image.ToArray());
        var ctid = session.Query("SELECT max(ctid) FROM t WHERE id + 0 = 1")[0];
        Assert.Equal(
            [
                $"index public.graph,had no entry for row {ctid}; it was added",
                $"index public.lists,had no entry for row {ctid}; it was added",
                $"index public.t_pkey,has no entry for row {ctid}",
            ],
            session.Query("SELECT object, problem FROM pgvc_check() ORDER BY 1"));
        Assert.Equal(["index public.t_pkey"], session.Query("SELECT object FROM pgvc_check()"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_row_that_cannot_be_read_is_found(int bytes)
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        InsertInStore(cluster, session, row => row.Image[..bytes].ToArray());
        Assert.StartsWith("table public.t,cannot be read: ", Assert.Single(session.Query("SELECT object, problem FROM pgvc_check()")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_that_was_built_anew_is_named_until_the_next_checkpoint()
    {
        Damage(Largest("index", ".idx"), 3000);
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        Assert.Equal(["8"], session.Query("SELECT id FROM t WHERE id = 8"));
        Assert.Contains("was built anew: ", Assert.Single(session.Query("SELECT problem FROM pgvc_check()")), StringComparison.Ordinal);
        session.Query("CHECKPOINT");
        Assert.Empty(session.Query("SELECT problem FROM pgvc_check()"));
    }

    [Fact]
    public void A_damaged_checkpoint_stops_the_opening()
    {
        Damage(Largest("checkpoint", ".ckpt"), 100);
        Assert.Throws<StoreDamagedException>(() => Check());
    }

    [Fact]
    public void Every_file_says_what_it_is()
    {
        using var files = new OverlayFileSystem(_folder);
        var found = FileInspector.NamesIn(files).Select(new FileInspector(files, verify: true).Inspect).ToList();
        Assert.All(found, file => Assert.Empty(file.Problems));
        Assert.Equal(["checkpoint", "control", "index snapshot", "log", "rows", "vectors"], found.Select(file => file.Kind).Distinct().Order());
        Assert.Equal(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Count(name => !Path.GetFileName(name).StartsWith("lock", StringComparison.Ordinal)), found.Count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
