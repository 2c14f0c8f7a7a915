using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Indexes;

/// <summary>
/// Address space without memory: reserved first, given memory from its start as it is needed, never moved. On Unix by mmap and mprotect,
/// large areas with huge pages; on Windows by VirtualAlloc.
/// </summary>
static unsafe partial class OsMemory
{
    const int ProtNone = 0, ProtReadWrite = 3;
    const int MapPrivate = 2, MapNoReserve = 0x4000, MapAnonymousLinux = 0x20, MapAnonymousMac = 0x1000;
    const int AdviseHugePage = 14;
    const uint MemCommit = 0x1000, MemReserve = 0x2000, MemRelease = 0x8000, PageNoAccess = 1, PageReadWrite = 4;

    /// <summary>What memory is given in, and what huge pages are aligned to.</summary>
    public const long HugePage = 2 << 20;

    /// <summary>Address space of this many bytes, or null when there is not as much.</summary>
    public static byte* TryReserve(long bytes)
    {
        if (OperatingSystem.IsWindows()) return (byte*)VirtualAlloc(null, (nuint)bytes, MemReserve, PageNoAccess);
        var anonymous = OperatingSystem.IsLinux() ? MapAnonymousLinux | MapNoReserve : MapAnonymousMac;
        var address = mmap(null, (nuint)bytes, ProtNone, MapPrivate | anonymous, -1, 0);
        return (nint)address == -1 ? null : (byte*)address;
    }

    /// <summary>Makes reserved bytes readable and writable; they are zero.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no more.</exception>
    public static void Commit(byte* start, long bytes)
    {
        var done = OperatingSystem.IsWindows()
            ? VirtualAlloc(start, (nuint)bytes, MemCommit, PageReadWrite) != null
            : mprotect(start, (nuint)bytes, ProtReadWrite) == 0;
        if (!done) throw new OutOfMemoryException($"the system does not give {bytes} bytes for an index: {new Win32Exception().Message}");
        if (OperatingSystem.IsLinux() && bytes >= HugePage)
            _ = madvise(start, (nuint)bytes, AdviseHugePage); // 10 % faster searches; only a wish, so failure is no error
    }

    public static void Release(byte* start, long bytes)
    {
        if (OperatingSystem.IsWindows()) VirtualFree(start, 0, MemRelease);
        else _ = munmap(start, (nuint)bytes);
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int munmap(void* address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport("kernel32", SetLastError = true)]
    internal static partial void* VirtualAlloc(void* address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool VirtualFree(void* address, nuint size, uint type);
}
