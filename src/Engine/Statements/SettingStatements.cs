using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>SET, RESET, SHOW and DISCARD.</summary>
internal static class SettingStatements
{
    public static string Set(Sql.SetStatement e, UtilityCall call)
    {
        if (e.IsLocal && !call.Block.IsExplicit && !call.Runner.IsPartOfMany)
            call.Context.Warning("SET LOCAL can only be used in transaction blocks", SqlState.NoActiveSqlTransaction);
        switch (e.Kind)
        {
            case Sql.SetKind.ResetAll:
                call.Session.Settings.ResetAll();
                return "RESET";
            case Sql.SetKind.FromCurrent:
                throw PgError.Syntax("SET ... FROM CURRENT is only for ALTER FUNCTION", e.Position);
            case Sql.SetKind.Value:
                Assign(call.Session, e.Name, Value(e), e.IsLocal);
                return "SET";
            default:
                Reset(call.Session, e.Name, e.IsLocal);
                return e.Kind == Sql.SetKind.Reset ? "RESET" : "SET";
        }
    }

    /// <summary>SET and set_config: also those names that are more than a setting.</summary>
    public static void Assign(Session session, string name, string value, bool isLocal)
    {
        switch (name.ToLowerInvariant())
        {
            case "role":
                SetRole(session, value, isLocal);
                break;
            case "session_authorization":
                SetSessionAuthorization(session, value, isLocal);
                break;
            case "transaction_isolation":
                session.Block!.SetIsolation(StatementRunner.ParseIsolation(Settings.Find(name)!.Normalize(value)));
                break;
            case "transaction_read_only":
                session.Block!.IsReadOnly = Settings.Find(name)!.Normalize(value) == "on";
                break;
            case "transaction_deferrable":
                session.Block!.SetDeferrable(Settings.Find(name)!.Normalize(value) == "on");
                break;
            default:
                session.Settings.Set(name, value, isLocal, session.IsSuperuser);
                break;
        }
    }

    static void Reset(Session session, string name, bool isLocal)
    {
        switch (name)
        {
            case "role":
                SetRole(session, "none", isLocal);
                break;
            case "session_authorization":
                SetSessionAuthorization(session, session.Cluster.Catalog.Shared.RoleName(session.AuthenticatedRole), isLocal);
                break;
            case "transaction_isolation":
                session.Block!.SetIsolation(StatementRunner.ParseIsolation(session.Settings["default_transaction_isolation"]));
                break;
            default:
                session.Settings.Reset(name, isLocal, session.IsSuperuser);
                break;
        }
    }

    static void SetRole(Session session, string name, bool isLocal)
    {
        var role = name == "none" ? session.SessionRole : Find(session, name).Oid;
        if (!session.Cluster.Catalog.Shared.IsMember(session.SessionRole, role))
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied to set role \"{name}\"");
        session.Settings.SetRoles(new(session.SessionRole, role), isLocal);
        session.Settings.Put("role", name, isLocal);
        session.Settings.Put("is_superuser", session.IsSuperuser ? "on" : "off", isLocal);
    }

    static void SetSessionAuthorization(Session session, string name, bool isLocal)
    {
        var role = Find(session, name == "default" ? session.Cluster.Catalog.Shared.RoleName(session.AuthenticatedRole) : name);
        if (role.Oid != session.AuthenticatedRole && session.Cluster.Catalog.Shared.FindRole(session.AuthenticatedRole) is not { IsSuperuser: true })
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied to set session authorization");
        session.Settings.SetRoles(new(role.Oid, role.Oid), isLocal);
        session.Settings.Put("session_authorization", role.Name, isLocal);
        session.Settings.Put("role", "none", isLocal);
        session.Settings.Put("is_superuser", role.IsSuperuser ? "on" : "off", isLocal);
    }

    static RoleDefinition Find(Session session, string name)
        => session.Block!.Catalog.Snapshot.Shared.FindRole(name) ?? throw new PgError(SqlState.InvalidParameterValue, $"role \"{name}\" does not exist");

    /// <summary>The written values as one text: lists are joined, and their names quoted where they must be.</summary>
    public static string Value(Sql.SetStatement e)
    {
        var isList = e.Name is "search_path" or "datestyle" or "temp_tablespaces";
        return string.Join(", ", e.Values.Select(value => value switch
        {
            Sql.StringConstant text => isList && e.Name == "search_path" && e.Values.Length > 0 && text.Value.Length > 0 && e.Values.Length > 1 ? Identifier.Quote(text.Value) : text.Value.Length == 0 && isList ? "\"\"" : text.Value,
            Sql.ColumnReference name => isList && e.Name == "search_path" ? Identifier.Quote(name.Name) : name.Name,
            Sql.IntegerConstant number => number.Value.ToString(),
            Sql.BigintConstant number => number.Value.ToString(),
            Sql.NumericConstant number => number.Text,
            Sql.BooleanConstant flag => flag.Value ? "on" : "off",
            Sql.CastExpression { Operand: Sql.StringConstant interval } => IntervalHours(interval),
            _ => throw PgError.Syntax("invalid value in SET", value.Position),
        }));
    }

    // SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE
    static string IntervalHours(Sql.StringConstant text)
    {
        var interval = PgTypes.Interval.Codec.Parse(text.Value, -1, TypeSettings.Default).As<PgInterval>();
        return (interval.Micros / 3_600_000_000.0).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public static string Show(Sql.ShowStatement e, UtilityCall call)
    {
        var columns = UtilityColumns.Of(e, call.Session)!;
        if (e.Name is null)
            call.SendRows(columns, Settings.All.OrderBy(setting => setting.Name, StringComparer.OrdinalIgnoreCase).Select(setting => new[]
            {
                Datum.Of(setting.Name), Datum.Of(Display(call.Session, setting.Name)), Datum.Of(setting.Description),
            }));
        else
            call.SendRows(columns, [[Datum.Of(Display(call.Session, e.Name))]]);
        return "SHOW";
    }

    /// <summary>The name SHOW's column has.</summary>
    public static string ColumnName(string name) => Settings.Find(name)?.Name ?? name;

    /// <summary>A setting's value as SHOW prints it. Raises 42704.</summary>
    public static string Display(Session session, string name) => name.ToLowerInvariant() switch
    {
        "transaction_isolation" => Name(session.Block?.Isolation ?? StatementRunner.ParseIsolation(session.Settings["default_transaction_isolation"])),
        "transaction_read_only" => session.Block?.IsReadOnly ?? session.Settings.IsOn("default_transaction_read_only") ? "on" : "off",
        "transaction_deferrable" => session.Block?.IsDeferrable ?? session.Settings.IsOn("default_transaction_deferrable") ? "on" : "off",
        _ => Settings.Find(name) is { } definition ? definition.Display(session.Settings[definition.Name]) : session.Settings[name],
    };

    public static string Name(Isolation isolation) => isolation switch
    {
        Isolation.Serializable => "serializable",
        Isolation.RepeatableRead => "repeatable read",
        Isolation.ReadUncommitted => "read uncommitted",
        _ => "read committed",
    };

    public static string Discard(Sql.DiscardStatement e, UtilityCall call)
    {
        var session = call.Session;
        switch (e.Target)
        {
            case Sql.DiscardTarget.Plans:
                return "DISCARD PLANS";
            case Sql.DiscardTarget.Sequences:
                session.Sequences.Discard();
                return "DISCARD SEQUENCES";
            case Sql.DiscardTarget.Temporary:
                TemporaryObjects.DropAll(call.Context);
                return "DISCARD TEMP";
            default:
                call.Context.ForbidTransactionBlock("DISCARD ALL");
                session.Portals.CloseAll();
                SetSessionAuthorization(session, "default", false);
                session.Settings.ResetAll();
                session.Statements.Clear();
                session.Notifications.Unlisten(null);
                session.Cluster.Store.Locks.ReleaseAllForSession(session.LockOwner);
                session.Sequences.Discard();
                TemporaryObjects.DropAll(call.Context);
                return "DISCARD ALL";
        }
    }
}
