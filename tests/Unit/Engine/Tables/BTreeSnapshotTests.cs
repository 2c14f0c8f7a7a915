using PgVectorCompat.Engine;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Engine;

/// <summary>Indexes found again after a restart answer as if they had been built from the rows.</summary>
public sealed class BTreeSnapshotTests : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));
    Cluster _cluster;
    TestSession _session;

    public BTreeSnapshotTests() => (_cluster, _session) = Open();

    (Cluster, TestSession) Open()
    {
        var cluster = Cluster.Open(new(_folder, new Dictionary<string, string> { ["enable_seqscan"] = "off" }));
        return (cluster, new(cluster));
    }

    void Restart()
    {
        _session.Dispose();
        _cluster.Dispose();
        (_cluster, _session) = Open();
    }

    /// <summary>Copies the directory as a crash would leave it, and goes on with the copy.</summary>
    void Crash()
    {
        var copy = _folder + "-crashed";
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file).StartsWith("lock", StringComparison.Ordinal)) continue;
            var target = Path.Combine(copy, Path.GetRelativePath(_folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        _session.Dispose();
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
        Directory.Move(copy, _folder);
        (_cluster, _session) = Open();
    }

    void MakeTable()
    {
        _session.Query("create table t (id int primary key, name text, part int)");
        _session.Query("insert into t select i, 'name ' || i, i % 10 from generate_series(1, 5000) i");
        _session.Query("create index t_name on t (name desc, part)");
        _session.Query("create index t_part on t (id) where part = 3");
    }

    void CheckAll(int rows)
    {
        Assert.Equal([$"{rows}"], _session.Query("select count(*) from t where id > -1"));
        Assert.Equal([$"{rows}"], _session.Query("select count(*) from t where name > ''"));
        Assert.Equal(_session.Query("select count(*) from t where part + 0 = 3"), _session.Query("select count(*) from t where id > -1 and part = 3"));
        Assert.Equal(["name 4321,1"], _session.Query("select name, part from t where name = 'name 4321'"));
        Assert.Equal("23505", Assert.Throws<PgError>(() => _session.Query("insert into t values (4321, 'again', 0)")).SqlState);
    }

    [Fact]
    public void A_clean_restart_reads_every_index()
    {
        MakeTable();
        Restart();
        CheckAll(5000);
        Assert.Equal(2, _cluster.Store.Statistics.IndexSnapshotsLoaded);
    }

    [Fact]
    public void What_changed_since_the_snapshot_is_made_up_for()
    {
        MakeTable();
        _session.Query("checkpoint");
        _session.Query("delete from t where id <= 100");
        _session.Query("update t set name = 'new ' || id, part = 3 where id between 101 and 200");
        _session.Query("update t set part = 4 where id between 201 and 300 and part = 3");
        _session.Query("insert into t select i, 'late ' || i, 3 from generate_series(6001, 6050) i");
        Crash();
        CheckAll(4950);
        Assert.Equal(["0"], _session.Query("select count(*) from t where name = 'name 150'"));
        Assert.Equal(["new 150,3"], _session.Query("select name, part from t where name = 'new 150'"));
        Assert.Equal(["50"], _session.Query("select count(*) from t where name like 'late%'"));
        Assert.Equal(["100"], _session.Query("select count(*) from t where id between 101 and 200 and part = 3"));
        Assert.Equal(2, _cluster.Store.Statistics.IndexSnapshotsLoaded);
    }

    [Fact]
    public void A_damaged_snapshot_is_built_anew()
    {
        MakeTable();
        _session.Dispose();
        _cluster.Dispose();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder, "index")))
        {
            using var stream = new FileStream(file, FileMode.Open);
            stream.Position = stream.Length / 2;
            var value = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)~value);
        }
        (_cluster, _session) = Open();
        CheckAll(5000);
        Assert.Equal(0, _cluster.Store.Statistics.IndexSnapshotsLoaded);
    }

    sealed class Broken : IIndexSnapshotSource
    {
        public long Changes => 1;
        public bool IsWorthWriting(long? changes, bool closing) => true;
        public void Write(Stream stream) => throw new InvalidOperationException("this index cannot be written");
    }

    [Fact]
    public void An_index_that_cannot_be_written_stops_no_checkpoint()
    {
        MakeTable();
        var table = _cluster.Store.IndexSnapshots.Keys.First().Table;
        _cluster.Store.IndexSnapshots.Register(new(table, 1), new Broken(), isLoaded: false);
        _session.Query("checkpoint");
        _session.Query("insert into t values (0, 'zero', 0)");
        Restart();
        CheckAll(5001);
    }

    [Fact]
    public void Snapshots_go_with_their_index()
    {
        MakeTable();
        _session.Query("checkpoint");
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder, "index")).Length);
        _session.Query("drop index t_name");
        _session.Query("checkpoint");
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "index")));
        _session.Query("drop table t");
        _session.Query("checkpoint");
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "index")));
    }

    public void Dispose()
    {
        _session.Dispose();
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
