using System.Diagnostics;
using System.Globalization;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine;

/// <summary>What the kernel says of this process's memory, in bytes.</summary>
/// <param name="Own">In memory and not of a file. Where the kernel does not tell these apart (anywhere but on Linux): all that is in memory.</param>
/// <param name="Mapped">Pages of mapped files that are in memory.</param>
/// <param name="Peak">The most that was in memory at once.</param>
readonly record struct ProcessMemory(long Own, long Mapped, long Peak)
{
    const string Status = "/proc/self/status";
    const string ClearReferences = "/proc/self/clear_refs";

    /// <summary>What clear_refs takes to begin a new peak (proc(5)).</summary>
    const string ResetPeakCommand = "5";

    public static ProcessMemory Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return new(process.WorkingSet64, 0, process.PeakWorkingSet64);
        }
        var kilobytes = File.ReadLines(Status).Select(line => line.Split([':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [_, _, "kB"]).ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        long Bytes(string name) => kilobytes.GetValueOrDefault(name) * 1024;
        return new(Bytes("RssAnon"), Bytes("RssFile") + Bytes("RssShmem"), Bytes("VmHWM"));
    }

    /// <summary>Begins a new peak at what is in memory now. Raises 0A000 where the kernel offers no such thing.</summary>
    public static void ResetPeak()
    {
        try
        {
            File.WriteAllText(ClearReferences, ResetPeakCommand);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw PgError.Unsupported("resetting the peak of memory on this system");
        }
    }
}
