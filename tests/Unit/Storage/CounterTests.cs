using PgVectorCompat.Engine;
using PgVectorCompat.Unit.Engine;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>What pg_stat_bgwriter, pg_stat_wal and pg_stat_archiver count is what was done, in a cluster that nobody else uses.</summary>
public sealed class CounterTests : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public void Checkpoints_are_counted_with_what_they_wrote()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        session.Query("CREATE TABLE t AS SELECT i, repeat('x', 500) AS x FROM generate_series(1, 20000) i");
        Assert.Equal(["0,0,0,0,0"], session.Query("SELECT checkpoints_timed, checkpoints_req, buffers_checkpoint, checkpoint_write_time, checkpoint_sync_time FROM pg_stat_bgwriter"));
        // The rows of the table were written, and synced, by its commit.
        Assert.Equal(["t,t"], session.Query("SELECT buffers_backend BETWEEN 1200 AND 1700, buffers_backend_fsync > 0 FROM pg_stat_bgwriter"));
        session.Query("UPDATE t SET x = 'y' WHERE i = 1");
        session.Query("CHECKPOINT");
        session.Query("CHECKPOINT");
        Assert.Equal(["0,2,t,t"], session.Query(
            "SELECT checkpoints_timed, checkpoints_req, checkpoint_write_time > 0, checkpoint_sync_time > 0 FROM pg_stat_bgwriter"));
        session.Query($"SELECT * FROM pgvc_backup('{_folder}-backup')");
        Assert.Equal(["0,3"], session.Query("SELECT checkpoints_timed, checkpoints_req FROM pg_stat_bgwriter"));
    }

    [Fact]
    public void Log_is_counted_by_batch_and_byte()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        session.Query("CREATE TABLE t (a int, b text)");
        session.Query("CREATE TEMP TABLE was AS SELECT wal_records, wal_bytes, wal_sync, wal_write FROM pg_stat_wal");
        session.Query("SELECT count(*) FROM t");
        session.Query("BEGIN");
        session.Query("INSERT INTO t VALUES (0, 'undone')");
        session.Query("ROLLBACK");
        for (var i = 0; i < 5; i++) session.Query($"INSERT INTO t VALUES ({i}, repeat('x', 1000))");
        // The table was made and filled by one commit, each row by another; what is undone is not logged.
        Assert.Equal(["6,t,t,t"], session.Query(
            """
            SELECT now.wal_records - was.wal_records, now.wal_bytes - was.wal_bytes BETWEEN 5000 AND 8000, now.wal_sync > was.wal_sync, now.wal_write > was.wal_write
            FROM pg_stat_wal now, was
            """));
        // Counted from the beginning of this directory's log.
        Assert.Equal(["t"], session.Query("SELECT wal_bytes <= pg_current_wal_lsn() - '0/0'::pg_lsn AND wal_bytes > 5000 FROM pg_stat_wal"));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Archiving_is_counted_with_file_and_time(string command, bool succeeds)
    {
        using var cluster = Cluster.Open(new(_folder, new Dictionary<string, string> { ["archive_mode"] = "on", ["archive_command"] = command }));
        using var session = new TestSession(cluster);
        Assert.Equal(["0,NULL,NULL,0,NULL,NULL"], session.Query(
            "SELECT archived_count, last_archived_wal, last_archived_time, failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver"));
        session.Query("CREATE TABLE t (a int)");
        session.Query("CHECKPOINT");
        session.Query("INSERT INTO t VALUES (1)");
        Assert.True(SpinWait.SpinUntil(() => session.Query("SELECT archived_count + failed_count FROM pg_stat_archiver")[0] != "0", TimeSpan.FromMinutes(2)));
        var (did, didNot) = succeeds ? ("archived", "failed") : ("failed", "archived");
        Assert.Equal(["t,t,t,t"], session.Query(
            $"""
            SELECT last_{did}_wal = '0000000000000001.log', last_{did}_time BETWEEN now() - interval '10 minutes' AND now() + interval '10 minutes',
                   {didNot}_count = 0, last_{didNot}_wal IS NULL AND last_{didNot}_time IS NULL
            FROM pg_stat_archiver
            """));
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        if (Directory.Exists(_folder + "-backup")) Directory.Delete(_folder + "-backup", recursive: true);
    }
}
