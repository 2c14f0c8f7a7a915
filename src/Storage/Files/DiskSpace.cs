using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PgVectorCompat.Storage;

/// <summary>Reserving room on the disk, and telling that there is none (or no more is allowed) from other failures.</summary>
public static partial class DiskSpace
{
    const int Interrupted = 4, InvalidArgument = 22, FileTooLarge = 27, NoSpace = 28, NotSupported = 95, QuotaExceeded = 122;

    /// <summary>ERROR_DISK_FULL of Windows.</summary>
    const int WindowsFull = 112;

    /// <summary>SIGXFSZ, the same on Linux, macOS and the BSDs.</summary>
    const PosixSignal FileSizeSignal = (PosixSignal)25;

    /// <summary>
    /// Makes exceeding a limit on the size of files (<c>ulimit -f</c>) an error of the statement that does it rather than the end of the process; until
    /// the result is disposed.
    /// </summary>
    public static IDisposable? SurviveFileSizeLimit()
        => OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileSizeSignal, context => context.Cancel = true);

    /// <summary>Whether the disk, a quota or a limit on the size of files leaves no room. (The runtime reports the last as an argument out of range.)</summary>
    public static bool IsExhausted(Exception error)
        => error is StoreFullException or ArgumentOutOfRangeException || (error is IOException && (error.HResult & 0xFFFF) is NoSpace or QuotaExceeded or FileTooLarge or WindowsFull);

    /// <summary>In the operating system's words.</summary>
    public static string Reason(Exception error)
        => error is ArgumentOutOfRangeException ? Reason(FileTooLarge) : Reason(error.HResult & 0xFFFF);

    static string Reason(int code) => code switch
    {
        QuotaExceeded => "Disk quota exceeded",
        FileTooLarge => "File too large",
        _ => "No space left on device",
    };

    /// <summary>
    /// Gives a new file its length, with the room reserved, so that writing through a map cannot run out of it. <see cref="StoreFullException"/>.
    /// </summary>
    /// <remarks>
    /// Of the runtime's own reservation Linux needs more: it passes over quotas and file systems that cannot reserve, and a map would then end the
    /// process.
    /// </remarks>
    internal static void Reserve(SafeFileHandle file, string name, long length)
    {
        if (length == 0) return;
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.SetLength(file, length);
            return;
        }
        int code;
        do code = Allocate(file, 0, length);
        while (code == Interrupted);
        if (code is NoSpace or QuotaExceeded or FileTooLarge) throw new StoreFullException($"could not extend file \"{name}\": {Reason(code)}");
        if (code is NotSupported or InvalidArgument) WriteZeros(file, length);
        else if (code != 0) throw new IOException($"could not extend file \"{name}\": error {code}");
    }

    static void WriteZeros(SafeFileHandle file, long length)
    {
        var zeros = new byte[Math.Min(length, 1 << 20)];
        for (var offset = 0L; offset < length; offset += zeros.Length)
            RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - offset)), offset);
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int Allocate(SafeFileHandle file, long offset, long length);
}
