namespace PgVectorCompat.Storage;

/// <summary>
/// A folder of the disk that is only read: whatever is changed stays in memory. So a data directory or a backup can be recovered and
/// looked at without being touched.
/// </summary>
public sealed class OverlayFileSystem : IFileSystem, IDisposable
{
    readonly string _root;
    readonly Lock _gate = new();

    // What was opened or changed; null for a file that is gone.
    readonly Dictionary<string, OverlayFile?> _files = [];

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public OverlayFileSystem(string root)
    {
        _root = Path.GetFullPath(root);
        if (!Directory.Exists(_root)) throw new DirectoryNotFoundException($"there is no folder {_root}");
    }

    /// <summary>Nothing is changed, so nothing is locked; whoever wants no server beside takes the lock of the real folder first.</summary>
    public IDisposable Lock(string name) => new NoLock();

    sealed class NoLock : IDisposable
    {
        public void Dispose() { }
    }

    public IFile Create(string name, long length)
    {
        lock (_gate) return new OverlayHandle(_files[name] = OverlayFile.Make(name, length));
    }

    public IFile Open(string name)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(name, out var file))
            {
                var path = PathOf(name);
                if (!File.Exists(path)) throw new FileNotFoundException(null, name);
                _files.Add(name, file = OverlayFile.Read(name, path));
            }
            return new OverlayHandle(file ?? throw new FileNotFoundException(null, name));
        }
    }

    public bool Exists(string name)
    {
        lock (_gate) return _files.TryGetValue(name, out var file) ? file is not null : File.Exists(PathOf(name));
    }

    public IReadOnlyList<string> List(string folder)
    {
        var names = new HashSet<string>();
        var path = Path.Combine(_root, folder);
        if (Directory.Exists(path))
            foreach (var file in new DirectoryInfo(path).EnumerateFiles()) names.Add(folder.Length == 0 ? file.Name : $"{folder}/{file.Name}");
        lock (_gate)
        {
            foreach (var (name, file) in _files)
            {
                if (file is null) names.Remove(name);
                else if (Path.GetDirectoryName(name) == folder) names.Add(name);
            }
        }
        return [.. names];
    }

    public void Delete(string name)
    {
        lock (_gate) _files[name] = null;
    }

    public void Rename(string name, string newName)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(name, out var file)) file = OverlayFile.Read(name, PathOf(name));
            _files[newName] = file;
            _files[name] = null;
        }
    }

    public void FlushFolder(string folder)
    {
    }

    string PathOf(string name) => Path.Combine(_root, name);

    public void Dispose()
    {
        foreach (var file in _files.Values) file?.Dispose();
        _files.Clear();
    }
}
