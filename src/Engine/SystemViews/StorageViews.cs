using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>
/// Counters of the store since the server started: checkpoints, log, archiving. Buffers are counted in blocks of 8 kB; a record of the log is a batch;
/// times of writing and syncing it are not taken, as with track_wal_io_timing off.
/// </summary>
static class StorageViews
{
    const int BlockBytes = Statistics.Blocks.Bytes;

    public static readonly SystemTable[] All =
    [
        Live(12_285, "pg_stat_bgwriter",
            "checkpoints_timed int8, checkpoints_req int8, checkpoint_write_time float8, checkpoint_sync_time float8, buffers_checkpoint int8, buffers_clean int8, " +
            "maxwritten_clean int8, buffers_backend int8, buffers_backend_fsync int8, buffers_alloc int8, stats_reset timestamptz",
            context => context.Session.Cluster.Store.Statistics is var counted
                ? [[
                    Int(counted.Checkpoints - counted.CheckpointsRequested), Int(counted.CheckpointsRequested), Real((counted.CheckpointTime - counted.CheckpointSyncTime).TotalMilliseconds),
                    Real(counted.CheckpointSyncTime.TotalMilliseconds),
                    Int(counted.CheckpointBytes / BlockBytes), Int(0), Int(0), Int(counted.DataBytesWritten / BlockBytes), Int(counted.DataFlushes), Int(0), Started(context),
                ]]
                : []),
        Live(12_289, "pg_stat_wal",
            "wal_records int8, wal_fpi int8, wal_bytes numeric, wal_buffers_full int8, wal_write int8, wal_sync int8, wal_write_time float8, wal_sync_time float8, stats_reset timestamptz",
            context => context.Session.Cluster.Store.Statistics is var counted
                ? [[
                    Int(counted.LogBatches), Int(0), Datum.Of(PgNumeric.Of(counted.LogBytes)), Int(0), Int(counted.LogFlushes), Int(counted.LogFlushes), Real(0), Real(0),
                    Started(context),
                ]]
                : []),
        Live(12_281, "pg_stat_archiver",
            "archived_count int8, last_archived_wal text, last_archived_time timestamptz, failed_count int8, last_failed_wal text, last_failed_time timestamptz, stats_reset timestamptz",
            context => context.Session.Cluster.Store.Statistics is var counted
                ? [[
                    Int(counted.LogFilesArchived), Text(counted.LastArchived?.Name), Time(counted.LastArchived?.Time), Int(counted.ArchiveFailures), Text(counted.LastArchiveFailure?.Name),
                    Time(counted.LastArchiveFailure?.Time), Started(context),
                ]]
                : []),
        // As since PostgreSQL 16. Temporary tables are tables, and what a checkpoint does not write is written by who commits.
        Live(12_293, "pg_stat_io",
            "backend_type text, object text, context text, reads int8, read_time float8, writes int8, write_time float8, writebacks int8, writeback_time float8, extends int8, " +
            "extend_time float8, op_bytes int8, hits int8, evictions int8, reuses int8, fsyncs int8, fsync_time float8, stats_reset timestamptz",
            context => context.Session.Cluster.Store.Statistics is var counted
                ?
                [
                    InputOutput(context, "client backend", counted.DataBytesWritten, Int(CounterViews.Blocks(context.Session.Cluster)), Int(counted.DataFlushes), Null),
                    InputOutput(context, "checkpointer", counted.CheckpointBytes, Null, Null, Real(counted.CheckpointSyncTime.TotalMilliseconds)),
                ]
                : []),
    ];

    static Datum[] InputOutput(EvaluationContext context, string backend, long written, Datum hits, Datum flushes, Datum flushTime)
        =>
        [
            Text(backend), Text("relation"), Text("normal"), hits.IsNull ? Null : Int(0), hits.IsNull ? Null : Real(0), Int(written / BlockBytes), Real(0), Int(0), Real(0), Null,
            Null, Int(BlockBytes), hits, hits.IsNull ? Null : Int(0), Null, flushes, flushTime, Started(context),
        ];

    static Datum Started(EvaluationContext context) => Int(context.Session.Cluster.StartedAt);
}
