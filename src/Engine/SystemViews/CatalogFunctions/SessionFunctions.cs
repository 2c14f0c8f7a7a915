using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.CatalogFunctions.CatalogFunction;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>Who, where and what: current_database, version, pg_backend_pid, settings, encodings, and what tells about the server.</summary>
static class SessionFunctions
{
    public static FunctionTable Table => new(
    [
        Lookup("current_database", PgTypes.Name, [], (_, names) => Text(names.Snapshot.Database.Name)),
        Lookup("current_catalog", PgTypes.Name, [], (_, names) => Text(names.Snapshot.Database.Name)),
        Lookup("current_schema", PgTypes.Name, [], (_, names) => Text(names.Path.Listed is [var first, ..] ? names.SchemaName(first) : null)),
        Lookup("current_schemas", PgTypes.Name.Array!, [PgTypes.Bool], (arguments, names) => Names((arguments[0].AsBool ? names.Path.Lookup : names.Path.Listed).Select(names.SchemaName))),
        .. new[] { "current_user", "user", "current_role" }.Select(name => Lookup(name, PgTypes.Name, [], (_, names) => Text(names.Snapshot.Shared.RoleName(names.Role)))),
        Of("session_user", PgTypes.Name, [], (_, context) => Text(context.Session.NewNames().Snapshot.Shared.RoleName(context.Session.SessionRole))),
        Of("version", PgTypes.Text, [], (_, _) => Text($"PostgreSQL {Settings.ServerVersion} (PgVectorCompat {ProgramVersion}) on {Platform}, compiled by .NET {Environment.Version}, 64-bit")),
        Of("pg_backend_pid", PgTypes.Int4, [], (_, context) => Datum.Of((long)context.Session.ProcessId)),
        Of("pg_postmaster_start_time", PgTypes.TimestampTz, [], (_, context) => Datum.Of(context.Session.Cluster.StartedAt)),
        Of("pg_conf_load_time", PgTypes.TimestampTz, [], (_, context) => Datum.Of(context.Session.Cluster.SettingsLoadedAt)),
        Of("pg_is_in_recovery", PgTypes.Bool, [], (_, _) => Datum.False),
        Of("pg_is_wal_replay_paused", PgTypes.Bool, [], (_, _) => Datum.False),
        Of("pg_my_temp_schema", PgTypes.Oid, [], (_, context) => Oid(context.Session.TemporarySchema)),
        Of("pg_is_other_temp_schema", PgTypes.Bool, [PgTypes.Oid], (arguments, context)
            => Datum.Of(arguments[0].AsOid != context.Session.TemporarySchema && context.Session.NewNames().Snapshot.Find<SchemaDefinition>(arguments[0].AsOid) is { IsTemporary: true })),
        Of("current_query", PgTypes.Text, [], (_, context) => Text(context.Session.ActivityText)),
        Of("inet_client_addr", PgTypes.Text, [], (_, context) => Text(context.Session.Request.ClientAddress)) with { IsStrict = false },
        Of("inet_client_port", PgTypes.Int4, [], (_, context) => context.Session.Request.ClientPort < 0 ? Datum.Null : Datum.Of((long)context.Session.Request.ClientPort)),
        Of("inet_server_port", PgTypes.Int4, [], (_, context) => Datum.Of(long.Parse(context.Session.Cluster.GetSetting("port")))),
        Of("pg_cancel_backend", PgTypes.Bool, [PgTypes.Int4], (arguments, context) => Signal(arguments[0].AsInt32, context, session => session.Cancel())) with { Volatility = Volatility.Volatile },
        Of("pg_terminate_backend", PgTypes.Bool, [PgTypes.Int4], (arguments, context) => Signal(arguments[0].AsInt32, context, session => session.Terminate())) with { Volatility = Volatility.Volatile },
        Of("pg_blocking_pids", PgTypes.Int4.Array!, [PgTypes.Int4], BlockingProcesses),
        Of("pg_notification_queue_usage", PgTypes.Float8, [], (_, _) => Datum.Of(0.0)),
        Of("pg_reload_conf", PgTypes.Bool, [], (_, context) => Reload(context)) with { Volatility = Volatility.Volatile },
        Of("pg_export_snapshot", PgTypes.Text, [], (_, _) => throw PgError.Unsupported("pg_export_snapshot()")),
        Of("txid_current", PgTypes.Int8, [], (_, context) => Datum.Of(context.Session.Block!.Transaction.Id)),
        Of("txid_current_if_assigned", PgTypes.Int8, [], (_, context) => context.Session.Block?.TransactionIfAny is { } transaction ? Datum.Of(transaction.Id) : Datum.Null),
        Of("pg_current_xact_id", PgTypes.Xid8, [], (_, context) => Datum.Of(context.Session.Block!.Transaction.Id)),
        Of("pg_current_xact_id_if_assigned", PgTypes.Xid8, [], (_, context) => context.Session.Block?.TransactionIfAny is { } transaction ? Datum.Of(transaction.Id) : Datum.Null),
        Of("pg_current_wal_lsn", PgTypes.PgLsn, [], (_, context) => Datum.Of(context.Session.Cluster.Store.CurrentLsn)),
        Of("pg_encoding_to_char", PgTypes.Name, [PgTypes.Int4], (arguments, _) => Text(Encodings.GetValueOrDefault(arguments[0].AsInt32, ""))),
        Of("pg_char_to_encoding", PgTypes.Int4, [PgTypes.Name], (arguments, _) => Datum.Of((long)EncodingNumber(arguments[0].AsString))),
        Of("pg_encoding_max_length", PgTypes.Int4, [PgTypes.Int4], (arguments, _) => arguments[0].AsInt32 == Utf8 ? Datum.Of(4L) : Encodings.ContainsKey(arguments[0].AsInt32) ? Datum.Of(1L) : Datum.Null),
        Of("getdatabaseencoding", PgTypes.Name, [], (_, _) => Text("UTF8")),
        Of("pg_client_encoding", PgTypes.Name, [], (_, context) => Text(context.Session.Settings["client_encoding"])),
        Lookup("pg_tablespace_location", PgTypes.Text, [PgTypes.Oid], (_, _) => Text("")),
        Lookup("pg_relation_is_publishable", PgTypes.Bool, [PgTypes.RegClass], (arguments, names) => Datum.Of(names.Snapshot.Find(arguments[0].AsOid) is Relation { Kind: RelationKind.Table, Persistence: Persistence.Permanent })),
        Lookup("pg_relation_is_updatable", PgTypes.Int4, [PgTypes.RegClass, PgTypes.Bool], (arguments, names) => Datum.Of(IsUpdatable(arguments[0].AsOid, names) ? 28L : 0L)),
        Lookup("pg_column_is_updatable", PgTypes.Bool, [PgTypes.RegClass, PgTypes.Int2, PgTypes.Bool], (arguments, names) => Datum.Of(IsUpdatable(arguments[0].AsOid, names) && arguments[1].AsInt16 > 0)),
        Lookup("row_security_active", PgTypes.Bool, [PgTypes.Oid], (_, _) => Datum.False),
        Lookup("row_security_active", PgTypes.Bool, [PgTypes.Text], (_, _) => Datum.False),
        Define.Set("pg_get_keywords", PgTypes.Record, [], (_, _, _) => KeywordRows())
            with { OutputColumns = [("word", PgTypes.Text), ("catcode", PgTypes.Char), ("barelabel", PgTypes.Bool), ("catdesc", PgTypes.Text), ("baredesc", PgTypes.Text)], Volatility = Volatility.Stable },
        Define.Set("pg_partition_ancestors", PgTypes.RegClass, [PgTypes.RegClass], (_, _, _) => []),
        Define.Set("pg_options_to_table", PgTypes.Record, [PgTypes.Text.Array!], (arguments, _, _) => OptionRows(arguments[0]))
            with { OutputColumns = [("option_name", PgTypes.Text), ("option_value", PgTypes.Text)] },
    ]);

    /// <summary>pg_wchar.h's number of UTF8.</summary>
    public const int Utf8 = 6;

    static readonly Dictionary<int, string> Encodings = new() { [0] = "SQL_ASCII", [Utf8] = "UTF8", [8] = "LATIN1", [16] = "LATIN9", [24] = "WIN1252" };

    /// <summary>pg_wchar.h's number of an encoding by any spelling of its name; -1 for none.</summary>
    public static int EncodingNumber(string name)
    {
        var plain = name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
        if (plain is "UNICODE")
            return Utf8;
        foreach (var (number, encoding) in Encodings)
            if (encoding.Replace("_", "", StringComparison.Ordinal) == plain)
                return number;
        return -1;
    }

    static readonly string ProgramVersion = typeof(SessionFunctions).Assembly.GetName().Version?.ToString(3) ?? "0";

    static readonly string Platform
        = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64-unknown-linux-gnu" : "x86_64-pc-linux-gnu";

    static Datum Names(IEnumerable<string> names) => Datum.Of(new PgArray(PgTypes.Name, [.. names.Select(name => Text(name))]));

    static Datum Reload(EvaluationContext context)
    {
        if (!context.Session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied for function pg_reload_conf");
        context.Session.Cluster.ReloadSettings(new StatementClock(context.Session.Cluster.Time).Now);
        return Datum.True;
    }

    static Datum Signal(int processId, EvaluationContext context, Action<Session> signal)
    {
        var target = context.Session.Cluster.Sessions.FirstOrDefault(session => session.ProcessId == processId);
        if (target is null)
        {
            context.Session.Client.Notice(new PgNotice("WARNING", SqlState.Warning, $"PID {processId} is not a PostgreSQL backend process"));
            return Datum.False;
        }
        var names = context.Session.NewNames();
        if (!names.Snapshot.Shared.IsMember(names.Role, target.AuthenticatedRole))
            throw new PgError(SqlState.InsufficientPrivilege, "must be a member of the role whose process is being signaled or member of pg_signal_backend");
        signal(target);
        return Datum.True;
    }

    static Datum BlockingProcesses(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var processId = arguments[0].AsInt32;
        var cluster = context.Session.Cluster;
        var waiting = cluster.Sessions.FirstOrDefault(session => session.ProcessId == processId);
        var blockers = waiting is null ? [] : cluster.Store.Locks.Blockers(waiting.LockOwner).Select(owner => (owner.Tag as Session)?.ProcessId ?? 0);
        return Datum.Of(new PgArray(PgTypes.Int4, [.. blockers.Select(blocker => Datum.Of((long)blocker))]));
    }

    static bool IsUpdatable(uint oid, NameResolver names) => names.Snapshot.Find(oid) switch
    {
        Relation { Kind: RelationKind.Table } => true,
        Relation { Kind: RelationKind.View } view => Binding.UpdatableView.Obstacle(view, names, TypeSettings.Default) is null,
        _ => false,
    };

    static IEnumerable<Datum[]> KeywordRows()
    {
        foreach (var keyword in Sql.Keywords.All)
        {
            var (code, description) = Sql.Keywords.Category(keyword) switch
            {
                Sql.KeywordCategory.Unreserved => ('U', "unreserved"),
                Sql.KeywordCategory.ColumnName => ('C', "unreserved (cannot be function or type name)"),
                Sql.KeywordCategory.TypeOrFunctionName => ('T', "reserved (can be function or type name)"),
                _ => ('R', "reserved"),
            };
            var isBare = Sql.Keywords.IsBareLabel(keyword);
            yield return [Text(Sql.Keywords.Word(keyword)), Datum.Of((long)code), Datum.Of(isBare), Text(description), Text(isBare ? "can be bare label" : "requires AS")];
        }
    }

    static IEnumerable<Datum[]> OptionRows(Datum options)
        => options.As<PgArray>().Items.Select(item => item.AsString.Split('=', 2)).Select(pair => new[] { Text(pair[0]), Text(pair.Length > 1 ? pair[1] : null) });
}

