using System.Globalization;

namespace PgVectorCompat.Storage;

/// <summary>
/// The files in <c>data/</c>: syncing them, and getting rid of them in two independent steps. A file is deleted only after a checkpoint
/// that no longer refers to it (until then recovery may replay log that does), and unmapped only when nobody who may still read it
/// lives.
/// </summary>
sealed class DataFolder(Store store)
{
    const string Folder = "data";

    readonly Lock _flushing = new();
    readonly Lock _gate = new();
    readonly Queue<(long Epoch, List<IDisposable> Files)> _retired = [];
    List<string> _condemned = [];
    long _condemnedBytes;
    int _changed;
    int _wasFull;
    long _flushes;

    public long Flushes => Volatile.Read(ref _flushes);

    /// <summary>Bytes of the files waiting for a checkpoint to be deleted.</summary>
    public long CondemnedBytes => Volatile.Read(ref _condemnedBytes);

    /// <summary>Whether there was no room for a file since the last checkpoint began: then files that wait for one are worth one at once.</summary>
    public bool WasFull => Volatile.Read(ref _wasFull) != 0;

    /// <summary>Makes a file. <see cref="StoreFullException"/>.</summary>
    public IFile Create(string name, long length)
    {
        try
        {
            var file = store.Files.Create(name, length);
            Volatile.Write(ref _changed, 1);
            return file;
        }
        catch (StoreFullException)
        {
            NoteFull();
            throw;
        }
    }

    public void NoteFull() => Volatile.Write(ref _wasFull, 1);

    /// <summary>Makes what was written to these files durable, and their names.</summary>
    public void Flush(IReadOnlyCollection<DataFile> files)
    {
        if (!store.Options.Sync) return;
        try
        {
            foreach (var file in files) file.BeginFlush();
            foreach (var file in files)
                if (file.FlushWritten()) Interlocked.Increment(ref _flushes);
            lock (_flushing)
            {
                if (Interlocked.Exchange(ref _changed, 0) != 0) store.Files.FlushFolder(Folder);
            }
        }
        catch (Exception cause)
        {
            // What the disk has of these files is unknown now, and asking again could be answered with a lie.
            store.Log.Fail(cause);
            store.Log.ThrowIfFailed();
        }
    }

    /// <summary>A committed drop.</summary>
    public void Condemn(Table table)
    {
        var files = table.DataFiles();
        lock (_gate)
        {
            foreach (var file in files)
            {
                _condemned.Add(file.Name);
                _condemnedBytes += file.Length;
            }
        }
        Retire([.. files]);
    }

    /// <summary>Segments of a living table in which nothing lives.</summary>
    public void CondemnDead(Table table)
    {
        DiscardUnnamed(table);
        var dead = new List<Segment>();
        table.Segments.TakeDead(namedToo: true, dead);
        lock (_gate)
        {
            foreach (var segment in dead) _condemned.Add(segment.File.Name);
        }
        Retire(Leaving(table, dead));
    }

    /// <summary>
    /// Files of a living table in which nothing lives, and nothing ever did but rows of transactions that were rolled back: deleted at once, so
    /// that a statement for which the disk was too small leaves it as it was. Returns whether there were any.
    /// </summary>
    public bool DiscardUnnamed(Table table)
    {
        var dead = new List<Segment>();
        table.Segments.TakeDead(namedToo: false, dead);
        var leaving = Leaving(table, dead);
        foreach (var segment in dead) DeleteUnnamed(segment.File);
        foreach (var column in table.Columns)
        {
            var extents = new List<(int Extent, DataFile File)>();
            column.TakeUnnamed(extents);
            foreach (var (extent, file) in extents)
            {
                DeleteUnnamed(file);
                leaving.Add(new LeavingFile(file, () => column.Forget(extent)));
            }
        }
        Retire(leaving);
        return leaving.Count > 0;
    }

    /// <summary>No backup needs what nothing names, and another file may soon have the name: so this does not wait for one.</summary>
    void DeleteUnnamed(DataFile file) => store.Files.Delete(file.Name);

    static List<IDisposable> Leaving(Table table, List<Segment> segments)
    {
        var leaving = new List<IDisposable>();
        foreach (var segment in segments) leaving.Add(new LeavingFile(segment.File, () => table.Segments.Forget(segment)));
        return leaving;
    }

    /// <summary>A file whose table forgets it when it is closed: whoever read a version before it was undone may still look there.</summary>
    sealed class LeavingFile(DataFile file, Action forget) : IDisposable
    {
        public void Dispose()
        {
            forget();
            file.Dispose();
        }
    }

    /// <summary>A table whose creation was undone: the log never heard of it.</summary>
    public void Discard(Table table)
    {
        Discard(table.DataFiles());
    }

    /// <summary>Files that nothing names, on disk or in memory.</summary>
    public void Discard(List<DataFile> files)
    {
        foreach (var file in files) store.Pinned.Delete(file.Name);
        Retire([.. files]);
    }

    public List<string> TakeCondemned()
    {
        lock (_gate)
        {
            var names = _condemned;
            _condemned = [];
            _condemnedBytes = 0;
            Volatile.Write(ref _wasFull, 0);
            return names;
        }
    }

    public void Condemn(List<string> names)
    {
        lock (_gate) _condemned.AddRange(names);
    }

    void Retire(List<IDisposable> files)
    {
        if (files.Count == 0) return;
        var epoch = store.Snapshots.EndEpoch();
        lock (_gate) _retired.Enqueue((epoch, files));
    }

    /// <summary>Unmaps files nobody can be reading any more.</summary>
    public void CloseRetired()
    {
        var oldestEpoch = store.Snapshots.OldestEpoch();
        while (true)
        {
            (long Epoch, List<IDisposable> Files) group;
            lock (_gate)
            {
                if (!_retired.TryPeek(out group) || group.Epoch >= oldestEpoch) return;
                _retired.Dequeue();
            }
            CloseAll(group.Files);
        }
    }

    static void CloseAll(IEnumerable<IDisposable> files)
    {
        foreach (var file in files) file.Dispose();
    }

    /// <summary>Closes everything, at the end.</summary>
    public void Close(ICollection<Table> tables)
    {
        while (_retired.TryDequeue(out var group)) CloseAll(group.Files);
        foreach (var table in tables) CloseAll(table.DataFiles());
    }

    /// <summary>
    /// After recovery: files that no log record can name are deleted at once; files that one may name, in a crash before the next
    /// checkpoint, are condemned.
    /// </summary>
    public void CondemnLeftovers(Dictionary<uint, Table> tables, List<Table> dropped)
    {
        var droppedIds = new HashSet<uint>();
        foreach (var table in dropped)
        {
            droppedIds.Add(table.Id);
            CloseAll(table.DataFiles());
        }
        var open = new HashSet<string>();
        foreach (var table in tables.Values)
            foreach (var file in table.DataFiles()) open.Add(file.Name);

        foreach (var name in store.Files.List(Folder))
        {
            if (open.Contains(name) || !TryParse(name, out var id, out var segment)) continue;
            var mayBeNamed = droppedIds.Contains(id) || (tables.TryGetValue(id, out var table) && segment >= 0 && segment < table.Segments.Count);
            if (mayBeNamed) _condemned.Add(name);
            else store.Files.Delete(name);
        }
    }

    /// <summary>Table, and segment number (-1 for a vector column), from a file name.</summary>
    static bool TryParse(string name, out uint table, out int segment)
    {
        segment = -1;
        table = 0;
        var parts = Path.GetFileNameWithoutExtension(name).Split('-');
        if (parts.Length < 2 || !uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out table)) return false;
        return Path.GetExtension(name) switch
        {
            ".rows" => int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out segment),
            ".vecs" => parts.Length == 3,
            _ => false,
        };
    }
}
