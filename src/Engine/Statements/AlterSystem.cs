using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>ALTER SYSTEM SET and RESET: settings of the whole server, kept in its settings file.</summary>
static class AlterSystem
{
    /// <summary>Settings of one session or transaction, and where the server's files are.</summary>
    static readonly HashSet<string> NotInFile =
        ["data_directory", "config_file", "session_authorization", "role", "is_superuser", "transaction_isolation", "transaction_read_only", "transaction_deferrable"];

    /// <summary>Raises 25001, 42501, 42704, 22023, 55P02.</summary>
    public static string Run(Sql.AlterSystemStatement e, UtilityCall call)
    {
        call.Context.ForbidTransactionBlock("ALTER SYSTEM");
        var setting = e.Setting;
        var settings = call.Session.Cluster.ServerSettings;
        if (setting.Kind == Sql.SetKind.ResetAll)
        {
            if (!call.Session.IsSuperuser)
                throw new PgError(SqlState.InsufficientPrivilege, "permission denied to perform ALTER SYSTEM RESET ALL");
            settings.AlterAll();
            return "ALTER SYSTEM";
        }

        if (!call.Session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied to set parameter \"{setting.Name}\"");
        var definition = Settings.Find(setting.Name);
        if (definition is null)
            SessionSettings.RequireCustomName(setting.Name);
        else if (definition.Context == SettingContext.Internal || NotInFile.Contains(definition.Name))
            throw new PgError(SqlState.CantChangeRuntimeParam, $"parameter \"{setting.Name}\" cannot be changed");

        string? value = null;
        if (setting.Kind == Sql.SetKind.Value)
        {
            value = SettingStatements.Value(setting);
            definition?.Normalize(value);
            if (value.Contains('\n'))
                throw new PgError(SqlState.InvalidParameterValue, "parameter value for ALTER SYSTEM must not contain a newline");
        }
        settings.Alter(setting.Name, value);
        return "ALTER SYSTEM";
    }
}
