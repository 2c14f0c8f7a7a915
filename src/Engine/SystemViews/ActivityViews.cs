using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>The running server: sessions, locks, prepared statements, cursors, settings.</summary>
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
            LockRows.Of),
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
        Live(12_110, "pg_file_settings", "sourcefile text, sourceline int4, seqno int4, name text, setting text, applied bool, error text", FileSettings),
        Live(12_320, "pg_stat_progress_create_index",
            "pid int4, datid oid, datname name, relid oid, index_relid oid, command text, phase text, lockers_total int8, lockers_done int8, current_locker_pid int8, blocks_total int8, " +
            "blocks_done int8, tuples_total int8, tuples_done int8, partitions_total int8, partitions_done int8",
            Builds),
        Live(12_361, "pg_stat_ssl", "pid int4, ssl bool, version text, cipher text, bits int4, client_dn text, client_serial numeric, issuer_dn text", Encryption),
        // There is no GSSAPI here.
        Live(12_362, "pg_stat_gssapi", "pid int4, gss_authenticated bool, principal text, encrypted bool",
            context => InOrder(context).Select(session => IsVisible(context, session) ? [Int(session.ProcessId), Bool(false), Null, Bool(false)] : new[] { Int(session.ProcessId), Null, Null, Null })),
        Live(12_363, "pg_timezone_abbrevs", "abbrev text, utc_offset interval, is_dst bool",
            _ => TimeZoneAbbreviations.All.Select(zone => new[] { Text(zone.Abbreviation), Offset(zone), Bool(zone.IsDaylight) })),
        Live(12_126, "pg_timezone_names", "name text, abbrev text, utc_offset interval, is_dst bool", context => PgTimeZone.Names.Select(name => TimeZone(name, context)).OfType<Datum[]>()),
    ];

    static IEnumerable<Session> InOrder(EvaluationContext context) => context.Session.Cluster.Sessions.OrderBy(session => session.ProcessId);

    // What others do is for superusers and members of their role.
    static bool IsVisible(EvaluationContext context, Session session)
        => session == context.Session || context.Session.NewNames() is var names && names.Snapshot.Shared.IsMember(names.Role, session.AuthenticatedRole);

    static IEnumerable<Datum[]> Encryption(EvaluationContext context)
        => InOrder(context).Select(session => !IsVisible(context, session) ? [Int(session.ProcessId), Null, Null, Null, Null, Null, Null, Null]
            : session.Request.Tls is { } tls ? [Int(session.ProcessId), Bool(true), Text(tls.Version), Text(tls.Cipher), Int(tls.Bits), Null, Null, Null]
            : new[] { Int(session.ProcessId), Bool(false), Null, Null, Null, Null, Null, Null });

    static IEnumerable<Datum[]> Activity(EvaluationContext context)
    {
        var shared = context.Session.NewNames().Snapshot.Shared;
        var waits = LockRows.Waits(context.Session.Cluster);
        foreach (var session in InOrder(context))
        {
            var isVisible = IsVisible(context, session);
            var block = session.Block;
            var status = session.IsActive ? "active" : session.Status switch
            {
                TransactionStatus.InTransaction => "idle in transaction",
                TransactionStatus.Failed => "idle in transaction (aborted)",
                _ => "idle",
            };
            var (waitType, wait) = !session.IsActive ? ("Client", "ClientRead")
                : waits.TryGetValue(session, out var lockType) ? ("Lock", lockType)
                : block is { AwaitsSafeSnapshot: true } ? ("IPC", "SafeSnapshot")
                : (null, null);
            yield return
            [
                Oid(session.DatabaseOid), Text(shared.FindDatabase(session.DatabaseOid)?.Name), Int(session.ProcessId), Null, Oid(session.AuthenticatedRole), Text(shared.RoleName(session.AuthenticatedRole)),
                Text(session.Settings.Find("application_name")), isVisible ? Text(session.Request.ClientAddress) : Null, Null, isVisible ? Int(session.Request.ClientPort) : Null,
                isVisible ? Int(session.StartedAt) : Null, isVisible && block is { HasEnded: false } ? Int(block.Timestamp) : Null, isVisible ? Int(session.StatementTimestamp) : Null,
                isVisible ? Int(session.StateChangedAt) : Null, isVisible ? Text(waitType) : Null, isVisible ? Text(wait) : Null,
                isVisible ? Text(status) : Null, Null, Null, Null, Text(isVisible ? session.ActivityText : "<insufficient privilege>"), Text("client backend"),
            ];
        }
    }

    static IEnumerable<Datum[]> AllSettings(EvaluationContext context)
    {
        var settings = context.Session.Settings;
        var server = context.Session.Cluster.ServerSettings;
        var file = context.Session.IsSuperuser ? SettingsPath(context) : null;
        foreach (var definition in Settings.All.OrderBy(definition => definition.Name, StringComparer.OrdinalIgnoreCase))
        {
            var value = settings[definition.Name];
            var source = settings.SourceOf(definition.Name);
            var isNumber = definition.Kind is SettingKind.Integer or SettingKind.Real;
            yield return
            [
                Text(definition.Name), Text(value), Text(definition.Unit), Text(definition.Category), Text(definition.Description), Text(definition.ExtraDescription), Text(definition.Context.ToString().ToLowerInvariant()),
                Text(definition.Kind.ToString().ToLowerInvariant()), Text(source.Source),
                isNumber ? Text(Limit(definition.Minimum, int.MinValue)) : Null, isNumber ? Text(Limit(definition.Maximum, int.MaxValue)) : Null,
                definition.Kind == SettingKind.Enum ? Texts(definition.Words) : Null, Text(definition.Default), Text(settings.DefaultOf(definition.Name)), source.Line > 0 ? Text(file) : Null,
                source.Line > 0 && file is not null ? Int(source.Line) : Null, Bool(server.PendingRestart.Contains(definition.Variable)),
            ];
        }
    }

    static string SettingsPath(EvaluationContext context) => Path.Combine(context.Session.Cluster.GetSetting("data_directory"), SettingsFile.Name);

    static IEnumerable<Datum[]> FileSettings(EvaluationContext context)
    {
        if (!context.Session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied for view pg_file_settings");
        var number = 0;
        foreach (var (setting, isApplied, error) in context.Session.Cluster.ServerSettings.FileContents())
            yield return
            [
                Text(SettingsPath(context)), Int(setting.Line), Int(++number), setting.Line > 0 ? Text(setting.Name) : Null, setting.Line > 0 ? Text(setting.Value) : Null, Bool(isApplied), Text(error),
            ];
    }

    static string Limit(double value, double otherwise)
        => (value is double.MinValue or double.MaxValue ? otherwise : value).ToString(System.Globalization.CultureInfo.InvariantCulture);

    static IEnumerable<Datum[]> Builds(EvaluationContext context)
    {
        var cluster = context.Session.Cluster;
        foreach (var build in cluster.Tables.Vectors.Builds.Values)
            yield return
            [
                Int(build.ProcessId), Oid(build.Database), Text(cluster.Catalog.Shared.Databases.FirstOrDefault(database => database.Oid == build.Database)?.Name), Oid(build.Table),
                Oid(build.Index), Text(build.Command), Text(build.PhaseName), Int(0), Int(0), Int(0), Int(build.BlocksTotal), Int(build.BlocksDone), Int(build.TuplesTotal),
                Int(build.TuplesDone), Int(0), Int(0),
            ];
    }

    static Datum[]? TimeZone(string name, EvaluationContext context)
    {
        if (PgTimeZone.Find(name) is not { } zone)
            return null;
        var offset = zone.At(context.TransactionTimestamp);
        return [Text(name), Text(offset.Abbreviation), Offset(offset), Bool(offset.IsDaylight)];
    }

    static Datum Offset(TimeZoneOffset zone) => Datum.Of(new PgInterval(0, 0, zone.Seconds * 1_000_000L));
}
