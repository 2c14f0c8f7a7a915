using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>
/// One session's settings. A SET is undone when its transaction (or savepoint) is rolled back; a SET LOCAL also when it commits. Values are
/// immutable maps, so a savepoint is two references.
/// </summary>
public sealed class SessionSettings
{
    /// <summary>A point to go back to.</summary>
    public readonly record struct Mark(
        ImmutableDictionary<string, string> Session, ImmutableDictionary<string, string> Current, RolesInUse SessionRoles, RolesInUse CurrentRoles);

    /// <summary>Whose privileges count, by OID: SET SESSION AUTHORIZATION's role and SET ROLE's.</summary>
    public readonly record struct RolesInUse(uint Session, uint Current);

    readonly ServerSettings? _server;
    readonly ImmutableDictionary<string, SettingValue> _own;
    ImmutableDictionary<string, SettingValue>? _ofServer;
    ImmutableDictionary<string, SettingValue> _defaults;

    // What SET has set: for the session, and now.
    ImmutableDictionary<string, string> _session = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);
    ImmutableDictionary<string, string> _current = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);
    RolesInUse _sessionRoles;
    Dictionary<string, string>? _reported;
    int _reportedVersion;
    StatementSettings? _forStatements;
    int _forStatementsVersion;

    /// <param name="server">The server's values; null for the built-in defaults.</param>
    /// <param name="own">Values above them: the database's, the role's, the startup packet's. The last of a name holds.</param>
    public SessionSettings(ServerSettings? server, IEnumerable<(string Name, SettingValue Value)> own)
    {
        _server = server;
        _own = ImmutableDictionary.Create<string, SettingValue>(StringComparer.OrdinalIgnoreCase).SetItems(own.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
        _defaults = _own;
        Refresh();
    }

    /// <summary>Takes up what a reload has changed, where the session has no value of its own.</summary>
    public void Refresh()
    {
        if (_server is null || ReferenceEquals(_ofServer, _server.Values))
            return;
        _ofServer = _server.Values;
        _defaults = _ofServer.SetItems(_own);
        Version++;
    }

    /// <summary>Grows with each change: what was derived from the settings may be stale.</summary>
    public int Version { get; private set; }

    /// <summary>The value now. Raises 42704 for a name nobody has set or knows.</summary>
    public string this[string name]
        => Find(name) ?? throw Unknown(name);

    public string? Find(string name)
        => _current.TryGetValue(Settings.VariableOf(name), out var value) ? value : DefaultOf(name);

    /// <summary>The value RESET would give.</summary>
    public string? DefaultOf(string name) => _defaults.TryGetValue(Settings.VariableOf(name), out var value) ? value.Value : Settings.Find(name)?.Default;

    /// <summary>Where the value of now comes from (pg_settings.source), with its line in the settings file.</summary>
    public SettingValue SourceOf(string name)
        => _current.TryGetValue(Settings.VariableOf(name), out var value) ? new(value, "session")
            : _defaults.TryGetValue(Settings.VariableOf(name), out var given) ? given : new(Settings.Find(name)?.Default ?? "", "default");

    public bool IsOn(string name) => this[name] == "on";
    public int Integer(string name) => int.Parse(this[name]);

    /// <summary>What every statement asks for.</summary>
    internal StatementSettings ForStatements
    {
        get
        {
            if (_forStatements is null || _forStatementsVersion != Version)
                (_forStatements, _forStatementsVersion) = (new(this), Version);
            return _forStatements;
        }
    }

    public static PgError Unknown(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    /// <summary>Settings with a dot that clients made up (<c>app.user_id</c>).</summary>
    public IEnumerable<string> CustomNames => _current.Keys.Concat(_defaults.Keys).Distinct(StringComparer.OrdinalIgnoreCase).Where(name => Settings.Find(name) is null);

    /// <summary>Checks and sets a value. Raises 42704, 22023, 55P02 and 42501.</summary>
    public void Set(string name, string value, bool isLocal, bool isSuperuser)
    {
        var definition = Require(name, isSuperuser);
        Put(definition?.Variable ?? name, definition is null ? value : definition.Normalize(value), isLocal);
    }

    public void Reset(string name, bool isLocal, bool isSuperuser)
    {
        var definition = Require(name, isSuperuser);
        _current = _current.Remove(definition?.Variable ?? name);
        if (!isLocal)
            _session = _current;
        Version++;
    }

    /// <summary>RESET ALL: everything but the transaction's own characteristics and who the session is.</summary>
    public void ResetAll()
    {
        var others = _current.Keys.Where(name => name is not ("transaction_isolation" or "transaction_read_only" or "transaction_deferrable" or "session_authorization" or "role"));
        _session = _current = _current.RemoveRange(others);
        Version++;
    }

    /// <summary>Sets what the server itself decides (is_superuser, transaction_isolation at BEGIN), without rules.</summary>
    public void Put(string name, string value, bool isLocal)
    {
        _current = _current.SetItem(name, value);
        if (!isLocal)
            _session = _session.SetItem(name, value);
        Version++;
    }

    static SettingDefinition? Require(string name, bool isSuperuser)
    {
        if (Settings.Find(name) is not { } definition)
        {
            RequireCustomName(name);
            return null;
        }
        return definition.Context switch
        {
            SettingContext.Internal => throw new PgError(SqlState.CantChangeRuntimeParam, $"parameter \"{definition.Name}\" cannot be changed"),
            SettingContext.Postmaster => throw new PgError(SqlState.CantChangeRuntimeParam, $"parameter \"{definition.Name}\" cannot be changed without restarting the server"),
            SettingContext.Sighup => throw new PgError(SqlState.CantChangeRuntimeParam, $"parameter \"{definition.Name}\" cannot be changed now"),
            SettingContext.Superuser when !isSuperuser => throw new PgError(SqlState.InsufficientPrivilege, $"permission denied to set parameter \"{definition.Name}\""),
            _ => definition,
        };
    }

    /// <summary>Whether clients may make up a setting of this name. Raises 42704, 42602.</summary>
    internal static void RequireCustomName(string name)
    {
        if (!name.Contains('.'))
            throw Unknown(name);
        if (name.Split('.').Any(part => part.Length == 0 || !(char.IsLetter(part[0]) || part[0] == '_')))
            throw new PgError(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"") { Detail = "Custom parameter names must be two or more simple identifiers separated by dots." };
        if (VectorSettings.ReservedPrefix(name) is { } prefix)
            throw new PgError(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"") { Detail = $"\"{prefix}\" is a reserved prefix." };
    }

    /// <summary>The roles that are set now; they come and go with the settings <c>role</c> and <c>session_authorization</c>.</summary>
    public RolesInUse Roles { get; private set; }

    /// <summary>SET ROLE and SET SESSION AUTHORIZATION, beside <see cref="Put"/>.</summary>
    public void SetRoles(RolesInUse roles, bool isLocal)
    {
        Roles = roles;
        if (!isLocal)
            _sessionRoles = roles;
        Version++;
    }

    // ---- Transactions

    public Mark Save() => new(_session, _current, _sessionRoles, Roles);

    /// <summary>End of a transaction: SET LOCAL ends, and after a rollback SET too.</summary>
    public void End(Mark start, bool committed)
    {
        var before = _current;
        if (!committed)
            (_session, _sessionRoles) = (start.Session, start.SessionRoles);
        (_current, Roles) = (_session, _sessionRoles);
        if (!ReferenceEquals(before, _current))
            Version++;
    }

    public void RollbackTo(Mark mark)
    {
        if (ReferenceEquals(_current, mark.Current) && ReferenceEquals(_session, mark.Session)) return;
        (_session, _current, _sessionRoles, Roles) = mark;
        Version++;
    }

    // ---- ParameterStatus

    /// <summary>All reported settings now; later calls of <see cref="Changed"/> give what differs.</summary>
    public IEnumerable<(string Name, string Value)> Report()
    {
        var reported = Settings.All.Where(setting => setting.IsReported).ToDictionary(setting => setting.Name, setting => this[setting.Name]);
        (_reported, _reportedVersion) = (reported, Version);
        return reported.Select(pair => (pair.Key, pair.Value));
    }

    /// <summary>Reported settings whose value is not the one last told.</summary>
    public IReadOnlyList<(string Name, string Value)> Changed()
    {
        if (_reported is null || _reportedVersion == Version) return [];
        _reportedVersion = Version;
        var changed = new List<(string, string)>();
        foreach (var (name, told) in _reported)
            if (this[name] is var value && value != told) changed.Add((name, value));
        foreach (var (name, value) in changed)
            _reported[name] = value;
        return changed;
    }
}
