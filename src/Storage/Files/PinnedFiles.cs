namespace PgVectorCompat.Storage;

/// <summary>Files that backups under way still have to copy: deleting one of them waits until they are done.</summary>
sealed class PinnedFiles(IFileSystem files)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, int> _pins = [];
    readonly HashSet<string> _doomed = [];

    public void Delete(string name)
    {
        lock (_gate)
        {
            if (_pins.ContainsKey(name))
            {
                _doomed.Add(name);
                return;
            }
        }
        files.Delete(name);
    }

    /// <summary>Keeps the files until the result is disposed.</summary>
    public IDisposable Pin(IReadOnlyCollection<string> names)
    {
        lock (_gate)
        {
            foreach (var name in names) _pins[name] = _pins.GetValueOrDefault(name) + 1;
        }
        return new Pins(this, names);
    }

    void Unpin(IReadOnlyCollection<string> names)
    {
        var free = new List<string>();
        lock (_gate)
        {
            foreach (var name in names)
            {
                if (--_pins[name] > 0) continue;
                _pins.Remove(name);
                if (_doomed.Remove(name)) free.Add(name);
            }
        }
        foreach (var name in free) files.Delete(name);
    }

    sealed class Pins(PinnedFiles owner, IReadOnlyCollection<string> names) : IDisposable
    {
        int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0) owner.Unpin(names);
        }
    }
}
