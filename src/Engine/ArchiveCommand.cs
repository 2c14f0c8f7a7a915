using System.ComponentModel;
using System.Diagnostics;

namespace PgVectorCompat.Engine;

/// <summary>
/// <c>archive_command</c>: keeps a complete log file somewhere safe, as in PostgreSQL: run by the shell, <c>%p</c> is the file's path, <c>%f</c>
/// its name, exit code 0 means it is kept.
/// </summary>
static class ArchiveCommand
{
    /// <summary>What storage calls for each complete log file; null when archiving is off.</summary>
    public static Func<string, bool>? From(string mode, string command, string dataDirectory)
        => mode == "off" || command.Length == 0 ? null : name => Run(command, Path.GetFullPath(Path.Combine(dataDirectory, name)));

    static bool Run(string command, string path)
    {
        var line = command.Replace("%p", path).Replace("%f", Path.GetFileName(path));
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd", ["/c", line]) : new ProcessStartInfo("/bin/sh", ["-c", line]);
        try
        {
            using var process = Process.Start(start);
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
