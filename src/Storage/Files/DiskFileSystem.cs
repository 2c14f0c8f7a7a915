using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PgVectorCompat.Storage;

/// <summary>The files of one folder of the real disk. The folder is made when it is missing.</summary>
public sealed partial class DiskFileSystem : IFileSystem
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    readonly HashSet<string> _folders = [];

    public DiskFileSystem(string root)
    {
        Root = Path.GetFullPath(root);
        MakeFolder(Root);
    }

    public string Root { get; }

    public IDisposable Lock(string name)
    {
        var path = PathOf(name);
        // Nobody else can read a locked file, so the process id is in one beside it.
        var idPath = path + ".pid";
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new StoreLockedException(ReadProcessId(idPath));
        }
        File.WriteAllText(idPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return file;
    }

    static int ReadProcessId(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public IFile Create(string name, long length)
    {
        var path = PathOf(name);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete,
                preallocationSize: OperatingSystem.IsLinux() ? 0 : length);
            DiskSpace.Reserve(handle, name, length);
            return new DiskFile(name, handle, length);
        }
        catch (Exception cause) when (cause is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException or UnauthorizedAccessException))
        {
            handle?.Dispose();
            File.Delete(path);
            if (cause is not StoreFullException && (DiskSpace.IsExhausted(cause) || FreeBytes() < length))
                throw new StoreFullException($"could not extend file \"{name}\": {DiskSpace.Reason(cause)}", cause);
            throw;
        }
    }

    public IFile Open(string name)
    {
        var handle = File.OpenHandle(PathOf(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        return new DiskFile(name, handle, RandomAccess.GetLength(handle));
    }

    public bool Exists(string name) => File.Exists(PathOf(name));

    public IReadOnlyList<string> List(string folder)
    {
        var path = Path.Combine(Root, folder);
        if (!Directory.Exists(path)) return [];
        var names = new List<string>();
        foreach (var file in new DirectoryInfo(path).EnumerateFiles()) names.Add(folder.Length == 0 ? file.Name : $"{folder}/{file.Name}");
        return names;
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public void Rename(string name, string newName) => File.Move(PathOf(name), PathOf(newName), overwrite: true);

    /// <summary>Only Unix has to be asked; elsewhere the file system keeps its own journal of names.</summary>
    public void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenFolder(Path.Combine(Root, folder), 0);
        if (descriptor < 0) throw new IOException($"could not open folder \"{folder}\": error {Marshal.GetLastPInvokeError()}");
        try
        {
            if (SyncFolder(descriptor) != 0) throw new IOException($"could not fsync folder \"{folder}\": error {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            _ = CloseFolder(descriptor);
        }
    }

    internal string PathOf(string name)
    {
        var slash = name.LastIndexOf('/');
        if (slash > 0) MakeFolder(Path.Combine(Root, name[..slash]));
        return Path.Combine(Root, name);
    }

    void MakeFolder(string path)
    {
        lock (_folders)
        {
            if (!_folders.Add(path)) return;
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
            else if (!Directory.Exists(path)) Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    /// <summary>Gives an existing file a second name; false where that is not possible (another disk, or no such thing).</summary>
    internal static bool TryLink(string path, string newPath) => !OperatingSystem.IsWindows() && LinkFile(path, newPath) == 0;

    long FreeBytes()
    {
        try
        {
            return new DriveInfo(Root).AvailableFreeSpace;
        }
        catch (IOException)
        {
            return long.MaxValue;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFolder(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseFolder(int descriptor);
}
