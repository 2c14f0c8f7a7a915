using System.CommandLine;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Cli.Commands;

/// <summary>The data directory that a command works on, which must exist.</summary>
static class DataDirectory
{
    public static Option<string> Option() => new("--data", "-D") { Description = "Data directory.", DefaultValueFactory = _ => "./pgvc-data" };

    public static bool Is(string path) => Store.Exists(path);

    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static string Existing(string path)
        => Is(path)
            ? path
            : throw new DirectoryNotFoundException($"{path} is no data directory: it has no control file");
}
