using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>A setting's value, as it is kept, and where it comes from.</summary>
/// <param name="Source">As pg_settings.source names it.</param>
/// <param name="Line">Its line in the settings file, from 1; 0 when it comes from elsewhere.</param>
public readonly record struct SettingValue(string Value, string Source, int Line = 0);

/// <summary>
/// The settings of the whole server: what the command line gives, and below it what ALTER SYSTEM has put into the settings file, which is read
/// at start and at every reload. Sessions see a reload at their next statement.
/// </summary>
public sealed class ServerSettings
{
    const string FromFile = "configuration file";

    readonly Lock _gate = new();
    readonly SettingsFile _file;
    readonly ImmutableDictionary<string, SettingValue> _given;
    volatile ImmutableDictionary<string, SettingValue> _values;

    /// <param name="fixedValues">What the server itself decides (<c>data_directory</c>).</param>
    /// <exception cref="PgError">42704, 22023, 55P02 for the command line; FATAL F0000 for the file.</exception>
    public ServerSettings(IReadOnlyDictionary<string, string> commandLine, IReadOnlyDictionary<string, string> fixedValues, SettingsFile file)
    {
        _file = file;
        var given = Empty;
        foreach (var (name, value) in commandLine)
            given = given.SetItem(Settings.VariableOf(name), new(Checked(name, value), "command line"));
        foreach (var (name, value) in fixedValues)
            given = given.SetItem(name, new(value, "override"));
        _given = given;
        var values = Empty;
        foreach (var setting in file.Read())
        {
            if (ErrorOf(setting) is { } error)
                throw new PgError("F0000", $"configuration file \"{SettingsFile.Name}\" contains errors") { Severity = "FATAL", Detail = $"Line {setting.Line}: {error}" };
            values = values.SetItem(Settings.VariableOf(setting.Name), new(Checked(setting.Name, setting.Value), FromFile, setting.Line));
        }
        _values = values.SetItems(given);
    }

    static ImmutableDictionary<string, SettingValue> Empty => ImmutableDictionary.Create<string, SettingValue>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Values that differ from the built-in defaults, by variable. A reload puts another map in its place.</summary>
    public ImmutableDictionary<string, SettingValue> Values => _values;

    /// <summary>Settings that the file gives another value than the running server has, which only a start can change.</summary>
    public ImmutableHashSet<string> PendingRestart { get; private set; } = ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Value of a setting as it is kept. Raises 42704.</summary>
    public string this[string name]
        => _values.TryGetValue(Settings.VariableOf(name), out var value) ? value.Value : Settings.Find(name)?.Default ?? throw SessionSettings.Unknown(name);

    static string Checked(string name, string value)
    {
        if (Settings.Find(name) is not { } definition)
        {
            SessionSettings.RequireCustomName(name);
            return value;
        }
        return definition.Context == SettingContext.Internal
            ? throw new PgError(SqlState.CantChangeRuntimeParam, $"parameter \"{definition.Name}\" cannot be changed")
            : definition.Normalize(value);
    }

    static string? ErrorOf(FileSetting setting)
    {
        try
        {
            Checked(setting.Name, setting.Value);
            return null;
        }
        catch (PgError error)
        {
            return error.Message;
        }
    }

    /// <summary>
    /// Reads the file again. What is wrong in it is passed over, and what only a start can change stays as it is; both show in
    /// <see cref="FileContents"/>.
    /// </summary>
    public void Reload()
    {
        lock (_gate)
        {
            var settings = ReadForReload();
            var values = Empty;
            foreach (var setting in settings)
                if (ErrorOf(setting) is null)
                    values = values.SetItem(Settings.VariableOf(setting.Name), new(Checked(setting.Name, setting.Value), FromFile, setting.Line));
            values = values.SetItems(_given);

            var running = _values;
            PendingRestart = [.. Settings.All.Where(definition => definition.Context == SettingContext.Postmaster).Select(definition => definition.Variable)
                .Where(name => ValueIn(values, name) != ValueIn(running, name))];
            foreach (var name in PendingRestart)
                values = running.TryGetValue(name, out var kept) ? values.SetItem(name, kept) : values.Remove(name);
            _values = values;
        }
    }

    static string ValueIn(ImmutableDictionary<string, SettingValue> values, string name)
        => values.TryGetValue(name, out var value) ? value.Value : Settings.Find(name)!.Default;

    // A file that cannot be read at all changes nothing.
    IReadOnlyList<FileSetting> ReadForReload()
    {
        try
        {
            return _file.Read();
        }
        catch (PgError)
        {
            return [.. _values.Where(pair => pair.Value.Source == FromFile).Select(pair => new FileSetting(pair.Value.Line, pair.Key, pair.Value.Value))];
        }
    }

    /// <summary>ALTER SYSTEM: writes a setting, checked by the caller, or removes it (null). In force from the next reload or start. Raises F0000.</summary>
    public void Alter(string name, string? value)
    {
        lock (_gate)
        {
            var others = _file.Read().Where(setting => !Settings.VariableOf(setting.Name).Equals(Settings.VariableOf(name), StringComparison.OrdinalIgnoreCase));
            _file.Write(value is null ? others : others.Append(new(0, name, value)));
        }
    }

    /// <summary>ALTER SYSTEM RESET ALL.</summary>
    public void AlterAll()
    {
        lock (_gate)
            _file.Write([]);
    }

    /// <summary>The file as it is now, with what stands against each setting (null: nothing), as pg_file_settings shows it.</summary>
    public IEnumerable<(FileSetting Setting, bool IsApplied, string? Error)> FileContents()
    {
        IReadOnlyList<FileSetting> settings;
        PgError? syntax = null;
        try
        {
            settings = _file.Read();
        }
        catch (PgError error)
        {
            (settings, syntax) = ([], error);
        }
        if (syntax is not null)
            yield return (new(0, "", ""), false, syntax.Message);
        foreach (var setting in settings)
        {
            var error = ErrorOf(setting);
            var needsRestart = error is null && Settings.Find(setting.Name) is { Context: SettingContext.Postmaster } && Checked(setting.Name, setting.Value) != this[setting.Name];
            yield return (setting, error is null && !needsRestart, error ?? (needsRestart ? "setting could not be applied" : null));
        }
    }
}
