using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>
/// What was done to tables, indexes and databases since the server started or they were reset. What a block is says <see cref="Statistics.Blocks"/>: all are hits.
/// Row versions go by themselves, so that none are dead. Autovacuum is the store's compaction of files that are mostly garbage.
/// </summary>
static class CounterViews
{
    public static readonly SystemTable[] All =
    [
        Live(12_142, "pg_stat_all_tables", TableColumns, Tables),
        Live(12_161, "pg_stat_user_tables", TableColumns, Tables),
        Empty(12_152, "pg_stat_sys_tables", TableColumns, isView: true),
        Live(12_183, "pg_stat_all_indexes", IndexColumns, Indexes),
        Live(12_192, "pg_stat_user_indexes", IndexColumns, Indexes),
        Empty(12_188, "pg_stat_sys_indexes", IndexColumns, isView: true),
        Live(12_170, "pg_statio_all_tables", TableBlockColumns, TableBlocks),
        Live(12_179, "pg_statio_user_tables", TableBlockColumns, TableBlocks),
        Empty(12_175, "pg_statio_sys_tables", TableBlockColumns, isView: true),
        Live(12_196, "pg_statio_all_indexes", IndexBlockColumns, IndexBlocks),
        Live(12_205, "pg_statio_user_indexes", IndexBlockColumns, IndexBlocks),
        Empty(12_201, "pg_statio_sys_indexes", IndexBlockColumns, isView: true),
        Live(12_266, "pg_stat_database",
            "datid oid, datname name, numbackends int4, xact_commit int8, xact_rollback int8, blks_read int8, blks_hit int8, tup_returned int8, tup_fetched int8, tup_inserted int8, " +
            "tup_updated int8, tup_deleted int8, conflicts int8, temp_files int8, temp_bytes int8, deadlocks int8, checksum_failures int8, checksum_last_failure timestamptz, " +
            "blk_read_time float8, blk_write_time float8, session_time float8, active_time float8, idle_in_transaction_time float8, sessions int8, sessions_abandoned int8, " +
            "sessions_fatal int8, sessions_killed int8, stats_reset timestamptz",
            Databases),
    ];

    const string TableColumns
        = "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, " +
          "n_live_tup int8, n_dead_tup int8, n_mod_since_analyze int8, n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, last_analyze timestamptz, " +
          "last_autoanalyze timestamptz, vacuum_count int8, autovacuum_count int8, analyze_count int8, autoanalyze_count int8";

    const string IndexColumns = "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, idx_tup_read int8, idx_tup_fetch int8";

    const string TableBlockColumns
        = "relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, idx_blks_read int8, idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, " +
          "tidx_blks_read int8, tidx_blks_hit int8";

    const string IndexBlockColumns = "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_blks_read int8, idx_blks_hit int8";

    static IEnumerable<Datum[]> Tables(EvaluationContext context)
    {
        var names = context.Session.NewNames();
        var cluster = context.Session.Cluster;
        foreach (var table in names.Snapshot.All<Relation>().Where(relation => relation.HasRows))
        {
            var activity = cluster.Tables.Activity(table.Oid);
            var hasIndexes = names.IndexesOf(table.Oid).Any();
            var compaction = cluster.Store.GetTable(table.StorageId).Compactions;
            yield return
            [
                Oid(table.Oid), Text(names.SchemaName(table.Schema)), Text(table.Name), Int(activity.SequentialScans), Int(activity.SequentialRows),
                hasIndexes ? Int(activity.IndexScans) : Null, hasIndexes ? Int(activity.IndexRows) : Null,
                Int(activity.Inserted), Int(activity.Updated), Int(activity.Deleted), Int(activity.UpdatedInPlace), Int(RelationSizes.Rows(cluster, table)), Int(0),
                Int(activity.ChangedSinceAnalyze), Int(activity.InsertedSinceVacuum), Time(activity.LastVacuum), Time(compaction.Last), Time(activity.LastAnalyze), Time(activity.LastAutoAnalyze),
                Int(activity.Vacuums), Int(compaction.Count), Int(activity.Analyses), Int(activity.AutoAnalyses),
            ];
        }
    }

    static Datum Milliseconds(long micros) => Real(micros / 1000.0);

    static IEnumerable<Datum[]> Indexes(EvaluationContext context) => EachIndex(context, activity => [Int(activity.Scans), Int(activity.Entries), Int(activity.Rows)]);

    static IEnumerable<Datum[]> IndexBlocks(EvaluationContext context) => EachIndex(context, activity => [Int(0), Int(activity.Blocks)]);

    static IEnumerable<Datum[]> EachIndex(EvaluationContext context, Func<IndexActivity, Datum[]> counters)
    {
        var names = context.Session.NewNames();
        foreach (var index in names.Snapshot.All<IndexDefinition>())
        {
            var table = names.Snapshot.Get<Relation>(index.Table);
            yield return [Oid(index.Table), Oid(index.Oid), Text(names.SchemaName(index.Schema)), Text(table.Name), Text(index.Name), .. counters(context.Session.Cluster.Tables.Activity(table.Oid).Index(index.Oid))];
        }
    }

    static IEnumerable<Datum[]> TableBlocks(EvaluationContext context)
    {
        var names = context.Session.NewNames();
        var cluster = context.Session.Cluster;
        foreach (var table in names.Snapshot.All<Relation>().Where(relation => relation.HasRows))
        {
            var activity = cluster.Tables.Activity(table.Oid);
            var hasIndexes = names.IndexesOf(table.Oid).Any();
            yield return
            [
                Oid(table.Oid), Text(names.SchemaName(table.Schema)), Text(table.Name), Int(0), Int(activity.RowBlocks), hasIndexes ? Int(0) : Null,
                hasIndexes ? Int(activity.IndexBlocks) : Null, Null, Null, Null, Null,
            ];
        }
    }

    static RowTotals Totals(Cluster cluster, uint database)
        => (cluster.Catalog.Find(database)?.All<Relation>() ?? []).Where(relation => relation.HasRows)
            .Aggregate(cluster.ActivityOf(database).Dropped, (sum, relation) => sum + cluster.Tables.Activity(relation.Oid).Totals);

    /// <summary>Blocks that were looked at or written in all databases.</summary>
    public static long Blocks(Cluster cluster) => cluster.Catalog.Shared.Databases.Sum(database => Totals(cluster, database.Oid).Blocks);

    static IEnumerable<Datum[]> Databases(EvaluationContext context)
    {
        var cluster = context.Session.Cluster;
        foreach (var database in cluster.Catalog.Shared.Databases)
        {
            var activity = cluster.ActivityOf(database.Oid);
            var totals = Totals(cluster, database.Oid);
            var now = new StatementClock(cluster.Time).Now;
            var open = cluster.Sessions.Where(session => session.DatabaseOid == database.Oid).Sum(session => Math.Max(0, now - session.StartedAt));
            yield return
            [
                Oid(database.Oid), Text(database.Name), Int(cluster.Sessions.Count(session => session.DatabaseOid == database.Oid)), Int(activity.Commits), Int(activity.Rollbacks),
                Int(0), Int(totals.Blocks), Int(totals.Returned), Int(totals.Fetched), Int(totals.Inserted), Int(totals.Updated), Int(totals.Deleted),
                Int(0), Int(activity.TemporaryFiles), Int(activity.TemporaryBytes), Int(activity.Deadlocks), Int(0), Null, Real(0), Real(0), Milliseconds(activity.SessionMicros + open),
                Milliseconds(activity.ActiveMicros), Milliseconds(activity.IdleInTransactionMicros), Int(activity.Sessions), Int(activity.Ends(SessionEnd.Abandoned)),
                Int(activity.Ends(SessionEnd.Fatal)), Int(activity.Ends(SessionEnd.Killed)), Time(activity.ResetAt),
            ];
        }
    }
}
