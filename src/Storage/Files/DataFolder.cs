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
    readonly Queue<(long Epoch, List<DataFile> Files)> _retired = [];
    List<string> _condemned = [];
    long _condemnedBytes;
    int _changed;
    long _flushes;

    public long Flushes => Volatile.Read(ref _flushes);

    /// <summary>Bytes of the files waiting for a checkpoint to be deleted.</summary>
    public long CondemnedBytes => Volatile.Read(ref _condemnedBytes);

    /// <summary>Says that a file was made.</summary>
    public void Changed() => Volatile.Write(ref _changed, 1);

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
        Retire(files);
    }

    /// <summary>Segments of a living table in which nothing lives.</summary>
    public void CondemnDead(Table table)
    {
        var dead = new List<Segment>();
        table.Segments.TakeDead(dead);
        if (dead.Count == 0) return;
        var files = new List<DataFile>();
        foreach (var segment in dead) files.Add(segment.File);
        lock (_gate)
        {
            foreach (var file in files) _condemned.Add(file.Name);
        }
        Retire(files);
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
        Retire(files);
    }

    public List<string> TakeCondemned()
    {
        lock (_gate)
        {
            var names = _condemned;
            _condemned = [];
            _condemnedBytes = 0;
            return names;
        }
    }

    public void Condemn(List<string> names)
    {
        lock (_gate) _condemned.AddRange(names);
    }

    void Retire(List<DataFile> files)
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
            (long Epoch, List<DataFile> Files) group;
            lock (_gate)
            {
                if (!_retired.TryPeek(out group) || group.Epoch >= oldestEpoch) return;
                _retired.Dequeue();
            }
            CloseAll(group.Files);
        }
    }

    static void CloseAll(List<DataFile> files)
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
