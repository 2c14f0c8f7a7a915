using System.CommandLine;

namespace PgVectorCompat.Cli.Commands;

/// <summary>The data directory that a command works on, which must exist.</summary>
static class DataDirectory
{
    public static Option<string> Option() => new("--data", "-D") { Description = "Data directory.", DefaultValueFactory = _ => "./pgvc-data" };

    public static bool Is(string path) => File.Exists(Path.Combine(path, "control.0")) || File.Exists(Path.Combine(path, "control.1"));

    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static string Existing(string path)
        => Is(path)
            ? path
            : throw new DirectoryNotFoundException($"{path} is no data directory: it has no control file");
}
