using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>The running server: sessions, locks, prepared statements, cursors, settings, table statistics.</summary>
static class ActivityViews
{
    public static readonly SystemTable[] All =
    [
        Live(12_222, "pg_stat_activity",
            "datid oid, datname name, pid int4, leader_pid int4, usesysid oid, usename name, application_name text, client_addr text, client_hostname text, client_port int4, " +
            "backend_start timestamptz, xact_start timestamptz, query_start timestamptz, state_change timestamptz, wait_event_type text, wait_event text, state text, backend_xid xid, " +
            "backend_xmin xid, query_id int8, query text, backend_type text",
            Activity),
        Live(12_073, "pg_locks",
            "locktype text, database oid, relation oid, page int4, tuple int2, virtualxid text, transactionid xid, classid oid, objid oid, objsubid int2, virtualtransaction text, " +
            "pid int4, mode text, granted bool, fastpath bool, waitstart timestamptz",
            context => context.Session.Cluster.Store.Locks.List().Select(Lock)),
        Live(12_095, "pg_prepared_statements",
            "name text, statement text, prepare_time timestamptz, parameter_types _regtype, from_sql bool, generic_plans int8, custom_plans int8",
            context => context.Session.Statements.Named.Select(statement => new[]
            {
                Text(statement.Name), Text(statement.Text), Int(statement.PreparedAt), Datum.Of(new PgArray(PgTypes.RegType, [.. statement.Parameters.Select(type => Oid(type.Oid))])),
                Bool(statement.FromSql), Int(0), Int(0),
            })),
        Live(12_077, "pg_cursors",
            "name text, statement text, is_holdable bool, is_binary bool, is_scrollable bool, creation_time timestamptz",
            context => context.Session.Portals.All.Where(portal => portal.Name.Length > 0).Select(portal => new[]
            {
                Text(portal.Name), Text(portal.Statement.Text), Bool(portal.IsHoldable), Bool(portal.IsBinary), Bool(portal.IsScrollable), Int(portal.CreatedAt),
            })),
        Live(12_104, "pg_settings",
            "name text, setting text, unit text, category text, short_desc text, extra_desc text, context text, vartype text, source text, min_val text, max_val text, enumvals _text, " +
            "boot_val text, reset_val text, sourcefile text, sourceline int4, pending_restart bool",
            AllSettings),
        Live(12_161, "pg_stat_user_tables", TableStatistics, context => Tables(context)),
        Live(12_142, "pg_stat_all_tables", TableStatistics, context => Tables(context)),
        Live(12_192, "pg_stat_user_indexes", IndexStatistics, Indexes),
        Live(12_183, "pg_stat_all_indexes", IndexStatistics, Indexes),
        Live(12_170, "pg_statio_all_tables",
            "relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, idx_blks_read int8, idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, " +
            "tidx_blks_read int8, tidx_blks_hit int8",
            context => context.Session.NewNames() is var names ? names.Snapshot.All<Relation>().Where(relation => relation.HasRows).Select(table => new[]
            {
                Oid(table.Oid), Text(names.SchemaName(table.Schema)), Text(table.Name), Int(0), Int(0), Int(0), Int(0), Null, Null, Null, Null,
            }) : []),
        Live(12_266, "pg_stat_database",
            "datid oid, datname name, numbackends int4, xact_commit int8, xact_rollback int8, blks_read int8, blks_hit int8, tup_returned int8, tup_fetched int8, tup_inserted int8, " +
            "tup_updated int8, tup_deleted int8, conflicts int8, temp_files int8, temp_bytes int8, deadlocks int8, checksum_failures int8, checksum_last_failure timestamptz, " +
            "blk_read_time float8, blk_write_time float8, session_time float8, active_time float8, idle_in_transaction_time float8, sessions int8, sessions_abandoned int8, " +
            "sessions_fatal int8, sessions_killed int8, stats_reset timestamptz",
            Databases),
        Live(12_126, "pg_timezone_names", "name text, abbrev text, utc_offset interval, is_dst bool", context => PgTimeZone.Names.Select(name => TimeZone(name, context)).OfType<Datum[]>()),
    ];

    const string TableStatistics
        = "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, " +
          "n_live_tup int8, n_dead_tup int8, n_mod_since_analyze int8, n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, last_analyze timestamptz, " +
          "last_autoanalyze timestamptz, vacuum_count int8, autovacuum_count int8, analyze_count int8, autoanalyze_count int8";

    const string IndexStatistics = "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, idx_tup_read int8, idx_tup_fetch int8";

    static IEnumerable<Datum[]> Activity(EvaluationContext context)
    {
        var names = context.Session.NewNames();
        var shared = names.Snapshot.Shared;
        foreach (var session in context.Session.Cluster.Sessions.OrderBy(session => session.ProcessId))
        {
            // Others' statements are for superusers and members of their role.
            var isVisible = session == context.Session || shared.IsMember(names.Role, session.AuthenticatedRole);
            var block = session.Block;
            var status = session.IsActive ? "active" : session.Status switch
            {
                TransactionStatus.InTransaction => "idle in transaction",
                TransactionStatus.Failed => "idle in transaction (aborted)",
                _ => "idle",
            };
            yield return
            [
                Oid(session.DatabaseOid), Text(shared.FindDatabase(session.DatabaseOid)?.Name), Int(session.ProcessId), Null, Oid(session.AuthenticatedRole), Text(shared.RoleName(session.AuthenticatedRole)),
                Text(session.Settings.Find("application_name")), isVisible ? Text(session.Request.ClientAddress) : Null, Null, isVisible ? Int(session.Request.ClientPort) : Null,
                isVisible ? Int(session.StartedAt) : Null, isVisible && block is not null ? Int(block.Timestamp) : Null, isVisible ? Int(session.StatementTimestamp) : Null,
                isVisible ? Int(session.StateChangedAt) : Null, isVisible && !session.IsActive ? Text("Client") : Null, isVisible && !session.IsActive ? Text("ClientRead") : Null,
                isVisible ? Text(status) : Null, Null, Null, Null, Text(isVisible ? session.ActivityText : "<insufficient privilege>"), Text("client backend"),
            ];
        }
    }

    static Datum[] Lock(Storage.LockInfo info)
    {
        var tag = info.Tag;
        var isRelation = tag is { Class: WellKnownOids.PgClass };
        return
        [
            Text(tag is null ? "transactionid" : isRelation ? "relation" : "object"), tag is null ? Null : Oid(tag.Value.Database), isRelation ? Oid((uint)tag!.Value.Object) : Null, Null, Null, Null,
            info.Transaction is { } transaction ? Int((uint)transaction.Id) : Null, tag is null || isRelation ? Null : Oid(tag.Value.Class), tag is null || isRelation ? Null : Oid((uint)tag.Value.Object),
            tag is null || isRelation ? Null : Int(0), Null, (info.Owner.Tag as Session)?.ProcessId is { } processId ? Int(processId) : Null, Text(info.Mode + "Lock"), Bool(info.Granted), Bool(false), Time(info.WaitingSince),
        ];
    }

    static IEnumerable<Datum[]> AllSettings(EvaluationContext context)
    {
        var settings = context.Session.Settings;
        foreach (var definition in Settings.All.OrderBy(definition => definition.Name, StringComparer.OrdinalIgnoreCase))
        {
            var value = settings[definition.Name];
            var isNumber = definition.Kind is SettingKind.Integer or SettingKind.Real;
            yield return
            [
                Text(definition.Name), Text(value), Text(definition.Unit), Text(definition.Category), Text(definition.Description), Null, Text(definition.Context.ToString().ToLowerInvariant()),
                Text(definition.Kind.ToString().ToLowerInvariant()), Text(value == definition.Default ? "default" : value == settings.DefaultOf(definition.Name) ? "configuration file" : "session"),
                isNumber ? Text(Limit(definition.Minimum, int.MinValue)) : Null, isNumber ? Text(Limit(definition.Maximum, int.MaxValue)) : Null,
                definition.Kind == SettingKind.Enum ? Texts(definition.Words) : Null, Text(definition.Default), Text(settings.DefaultOf(definition.Name)), Null, Null, Bool(false),
            ];
        }
    }

    static string Limit(double value, double otherwise)
        => (value is double.MinValue or double.MaxValue ? otherwise : value).ToString(System.Globalization.CultureInfo.InvariantCulture);

    static IEnumerable<Datum[]> Tables(EvaluationContext context)
    {
        var names = context.Session.NewNames();
        foreach (var table in names.Snapshot.All<Relation>().Where(relation => relation.HasRows))
            yield return
            [
                Oid(table.Oid), Text(names.SchemaName(table.Schema)), Text(table.Name), Int(0), Int(0), Int(0), Int(0), Int(0), Int(0), Int(0), Int(0),
                Int(RelationSizes.Rows(context.Session.Cluster, table)), Int(0), Int(0), Int(0), Null, Null, Null, Null, Int(0), Int(0), Int(0), Int(0),
            ];
    }

    static IEnumerable<Datum[]> Indexes(EvaluationContext context)
    {
        var names = context.Session.NewNames();
        foreach (var index in names.Snapshot.All<IndexDefinition>())
            yield return
            [
                Oid(index.Table), Oid(index.Oid), Text(names.SchemaName(index.Schema)), Text(names.Snapshot.Get<Relation>(index.Table).Name), Text(index.Name), Int(0), Int(0), Int(0),
            ];
    }

    static IEnumerable<Datum[]> Databases(EvaluationContext context)
    {
        var cluster = context.Session.Cluster;
        var statistics = cluster.Store.Statistics;
        foreach (var database in cluster.Catalog.Shared.Databases)
            yield return
            [
                Oid(database.Oid), Text(database.Name), Int(cluster.Sessions.Count(session => session.DatabaseOid == database.Oid)), Int(statistics.Commits), Int(statistics.Rollbacks),
                .. Enumerable.Repeat(Int(0), 11), Null, Null, .. Enumerable.Repeat(Real(0), 5), .. Enumerable.Repeat(Int(0), 4), Null,
            ];
    }

    static Datum[]? TimeZone(string name, EvaluationContext context)
    {
        if (PgTimeZone.Find(name) is not { } zone)
            return null;
        var offset = zone.At(context.TransactionTimestamp);
        return [Text(name), Text(offset.Abbreviation), Datum.Of(new PgInterval(0, 0, offset.Seconds * 1_000_000L)), Bool(offset.IsDaylight)];
    }
}
