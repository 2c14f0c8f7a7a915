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
    public readonly record struct Mark(ImmutableDictionary<string, string> Session, ImmutableDictionary<string, string> Current);

    readonly ImmutableDictionary<string, string> _defaults;
    ImmutableDictionary<string, string> _session;
    ImmutableDictionary<string, string> _current;
    Dictionary<string, string>? _reported;

    /// <param name="defaults">Values that differ from the built-in defaults: the server's, the database's, the role's, the startup packet's.</param>
    public SessionSettings(IEnumerable<KeyValuePair<string, string>> defaults)
    {
        _defaults = ImmutableDictionary.CreateRange(StringComparer.OrdinalIgnoreCase, defaults);
        _session = _current = _defaults;
    }

    /// <summary>Grows with each change: what was derived from the settings may be stale.</summary>
    public int Version { get; private set; }

    /// <summary>The value now. Raises 42704 for a name nobody has set or knows.</summary>
    public string this[string name]
        => Find(name) ?? throw Unknown(name);

    public string? Find(string name)
        => _current.TryGetValue(Settings.VariableOf(name), out var value) ? value : Settings.Find(name)?.Default;

    /// <summary>The value RESET would give.</summary>
    public string? DefaultOf(string name) => _defaults.TryGetValue(Settings.VariableOf(name), out var value) ? value : Settings.Find(name)?.Default;

    public bool IsOn(string name) => this[name] == "on";
    public int Integer(string name) => int.Parse(this[name]);

    public static PgError Unknown(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    /// <summary>Settings with a dot that clients made up (<c>app.user_id</c>).</summary>
    public IEnumerable<string> CustomNames => _current.Keys.Where(name => Settings.Find(name) is null);

    /// <summary>Checks and sets a value. Raises 42704, 22023, 55P02 and 42501.</summary>
    public void Set(string name, string value, bool isLocal, bool isSuperuser)
    {
        var definition = Require(name, isSuperuser);
        Put(definition?.Variable ?? name, definition is null ? value : definition.Normalize(value), isLocal);
    }

    public void Reset(string name, bool isLocal, bool isSuperuser)
    {
        var definition = Require(name, isSuperuser);
        var key = definition?.Variable ?? name;
        _current = _defaults.TryGetValue(key, out var value) ? _current.SetItem(key, value) : _current.Remove(key);
        if (!isLocal)
            _session = _current;
        Version++;
    }

    /// <summary>RESET ALL: everything but the transaction's own characteristics and who the session is.</summary>
    public void ResetAll()
    {
        var kept = _current.Where(pair => pair.Key is "transaction_isolation" or "transaction_read_only" or "transaction_deferrable" or "session_authorization" or "role");
        _session = _current = _defaults.SetItems(kept);
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
            if (!name.Contains('.'))
                throw Unknown(name);
            if (name.Split('.').Any(part => part.Length == 0 || !(char.IsLetter(part[0]) || part[0] == '_')))
                throw new PgError(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"") { Detail = "Custom parameter names must be two or more simple identifiers separated by dots." };
            if (VectorSettings.ReservedPrefix(name) is { } prefix)
                throw new PgError(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"") { Detail = $"\"{prefix}\" is a reserved prefix." };
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

    // ---- Transactions

    public Mark Save() => new(_session, _current);

    /// <summary>End of a transaction: SET LOCAL ends, and after a rollback SET too.</summary>
    public void End(Mark start, bool committed)
    {
        var before = _current;
        if (!committed)
            _session = start.Session;
        _current = _session;
        if (!ReferenceEquals(before, _current))
            Version++;
    }

    public void RollbackTo(Mark mark)
    {
        if (ReferenceEquals(_current, mark.Current) && ReferenceEquals(_session, mark.Session)) return;
        (_session, _current) = (mark.Session, mark.Current);
        Version++;
    }

    // ---- ParameterStatus

    /// <summary>All reported settings now; later calls of <see cref="Changed"/> give what differs.</summary>
    public IEnumerable<(string Name, string Value)> Report()
    {
        var reported = Settings.All.Where(setting => setting.IsReported).ToDictionary(setting => setting.Name, setting => this[setting.Name]);
        _reported = reported;
        return reported.Select(pair => (pair.Key, pair.Value));
    }

    /// <summary>Reported settings whose value is not the one last told.</summary>
    public IEnumerable<(string Name, string Value)> Changed()
    {
        if (_reported is null) yield break;
        foreach (var name in _reported.Keys.ToList())
        {
            if (_reported[name] == this[name]) continue;
            _reported[name] = this[name];
            yield return (name, this[name]);
        }
    }
}
