using System.CommandLine;
using PgVectorCompat.Server;
using PgVectorCompat.Types;

namespace PgVectorCompat.Cli.Commands;

/// <summary>What the commands that open a data directory have in common: where it is, its settings, and how a new one is made.</summary>
sealed class DataOptions
{
    readonly Option<string> _data = new("--data", "-D")
    {
        Description = "Data directory; made when missing.",
        DefaultValueFactory = _ => "./pgvc-data",
    };

    readonly Option<string[]> _settings = new("-c")
    {
        Description = "A setting, name=value. May be given many times.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_settings);
    }

    /// <summary>
    /// Server options with these set. A new data directory is made as the official PostgreSQL image makes it, from POSTGRES_USER,
    /// POSTGRES_PASSWORD, POSTGRES_DB or the files that the same names with _FILE name. Raises 42601, 22023.
    /// </summary>
    public ServerOptions Read(ParseResult arguments)
    {
        var user = FromEnvironment("POSTGRES_USER") ?? "postgres";
        return new ServerOptions
        {
            DataDirectory = arguments.GetValue(_data)!,
            Settings = ParseSettings(arguments.GetValue(_settings)!),
            SuperuserName = user,
            SuperuserPassword = FromEnvironment("POSTGRES_PASSWORD"),
            DatabaseName = FromEnvironment("POSTGRES_DB") ?? user,
            Log = line => Console.Error.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff} UTC  {line}"),
        };
    }

    static Dictionary<string, string> ParseSettings(string[] assignments)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var assignment in assignments)
        {
            if (assignment.IndexOf('=') is not (> 0 and var equals))
                throw PgError.Syntax($"-c {assignment} requires a value");
            settings[assignment[..equals].Trim()] = assignment[(equals + 1)..].Trim();
        }
        return settings;
    }

    static string? FromEnvironment(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        var file = Environment.GetEnvironmentVariable(name + "_FILE");
        if (!string.IsNullOrEmpty(value) && !string.IsNullOrEmpty(file))
            throw new PgError(SqlState.InvalidParameterValue, $"both {name} and {name}_FILE are set, but they exclude each other");
        if (!string.IsNullOrEmpty(file))
            value = File.ReadAllText(file).TrimEnd('\r', '\n');
        return string.IsNullOrEmpty(value) ? null : value;
    }
}
