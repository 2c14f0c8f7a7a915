namespace PgVectorCompat.Storage;

/// <summary>
/// Snapshots of indexes, written by checkpoints and found again after a restart. An index is derived from rows and never logged; its
/// snapshot says up to which commit it has everything, and the owner adds what came later. No snapshot, or a damaged one, means
/// building it from the rows: slower, never wrong.
/// </summary>
public sealed class IndexSnapshots
{
    readonly Store _store;
    readonly Lock _gate = new();
    readonly Dictionary<IndexSnapshotKey, Entry> _entries = [];
    // What was wrong with snapshots that were read, until new ones take their place.
    readonly Dictionary<IndexSnapshotKey, string> _damages = [];
    long _writtenCount;
    long _loadedCount;

    /// <summary>What is known of one index; replaced as a whole when the index is.</summary>
    sealed class Entry
    {
        public IIndexSnapshotSource? Source;
        public IndexSnapshotLocation? InForce;
        public long ChangesInForce;
    }

    /// <summary>A snapshot written by a checkpoint that does not count yet.</summary>
    internal sealed class Written
    {
        internal required object Of { get; init; }
        internal required IndexSnapshotLocation Location { get; init; }
        internal required long Changes { get; init; }
    }

    internal IndexSnapshots(Store store, Manifest manifest, Func<uint, bool> hasTable)
    {
        _store = store;
        foreach (var (key, location) in manifest.Indexes)
            if (hasTable(key.Table)) _entries[key] = new() { InForce = location };
    }

    internal long WrittenCount => Volatile.Read(ref _writtenCount);
    internal long LoadedCount => Volatile.Read(ref _loadedCount);

    /// <summary>Indexes that have a snapshot or are registered.</summary>
    public IReadOnlyCollection<IndexSnapshotKey> Keys
    {
        get
        {
            lock (_gate) return [.. _entries.Keys];
        }
    }

    /// <summary>Opens the newest snapshot; null when there is none or its file is missing or damaged.</summary>
    public IndexSnapshotReader? TryOpen(IndexSnapshotKey key)
    {
        // Under the gate, so that no checkpoint puts a newer one in its place and deletes it meanwhile.
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry) || entry.InForce is not { } location) return null;
            try
            {
                return IndexSnapshotFile.Open(_store.Files, _store.Identity, key, location, message => NoteDamage(key, message));
            }
            catch (StoreDamagedException error)
            {
                _damages[key] = error.Message;
                entry.InForce = null;
                return null;
            }
        }
    }

    /// <summary>
    /// From now on checkpoints write snapshots of this index when they are worth it. <paramref name="isLoaded"/>: it came from the
    /// snapshot that <see cref="TryOpen"/> gave, and its <see cref="IIndexSnapshotSource.Changes"/> counts from there.
    /// </summary>
    public void Register(IndexSnapshotKey key, IIndexSnapshotSource source, bool isLoaded)
    {
        if (isLoaded) Interlocked.Increment(ref _loadedCount);
        lock (_gate)
            _entries[key] = new() { Source = source, InForce = isLoaded && _entries.TryGetValue(key, out var known) ? known.InForce : null };
    }

    /// <summary>The index is dropped, or made anew: its snapshots go with the next checkpoint.</summary>
    public void Remove(IndexSnapshotKey key)
    {
        lock (_gate)
        {
            _entries.Remove(key);
            _damages.Remove(key);
        }
    }

    void NoteDamage(IndexSnapshotKey key, string message)
    {
        lock (_gate) _damages[key] = message;
    }

    /// <summary>Reads every snapshot in force to its end.</summary>
    internal void Check(CheckReport report, CancellationToken cancellation)
    {
        lock (_gate)
        {
            foreach (var (key, message) in _damages) report.Add($"index {key.Index} of table {key.Table}", $"was built anew: {message}");
        }
        var block = new byte[IndexSnapshotFile.BlockBytes];
        foreach (var key in Keys)
        {
            IndexSnapshotLocation? location;
            lock (_gate) location = _entries.GetValueOrDefault(key)?.InForce;
            if (location is not { } inForce) continue;
            try
            {
                using var reader = IndexSnapshotFile.Open(_store.Files, _store.Identity, key, inForce);
                while (reader.Read(block) > 0) cancellation.ThrowIfCancellationRequested();
            }
            catch (IOException error)
            {
                lock (_gate)
                    if (_entries.GetValueOrDefault(key)?.InForce == location) report.Add(IndexSnapshotFile.NameOf(key, inForce.Checkpoint), error.Message);
            }
        }
    }

    internal void RemoveTable(uint table)
    {
        lock (_gate)
        {
            foreach (var key in _entries.Keys)
                if (key.Table == table) _entries.Remove(key);
        }
    }

    /// <summary>Whether some index has changed so much that a checkpoint is worth it just for that.</summary>
    internal bool IsAnyDue(bool closing)
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
                if (IsDue(entry, closing)) return true;
            return false;
        }
    }

    static bool IsDue(Entry entry, bool closing)
        => entry.Source is { } source && source.IsWorthWriting(entry.InForce is null ? null : source.Changes - entry.ChangesInForce, closing);

    /// <summary>
    /// Writes the snapshots that are due, for checkpoint <paramref name="checkpoint"/>. The log must be flushed to its present end
    /// before that checkpoint counts: a snapshot has what is published, also commits that did not wait.
    /// </summary>
    internal Dictionary<IndexSnapshotKey, Written> Write(long checkpoint, bool closing)
    {
        var due = new List<(IndexSnapshotKey Key, Entry Entry)>();
        lock (_gate)
        {
            foreach (var (key, entry) in _entries)
                if (IsDue(entry, closing)) due.Add((key, entry));
        }
        var written = new Dictionary<IndexSnapshotKey, Written>();
        foreach (var (key, entry) in due)
        {
            // Changes that come while it is written may be in it or not; they count as not.
            var changes = entry.Source!.Changes;
            var location = new IndexSnapshotLocation(checkpoint, _store.Publisher.StampedCsn);
            if (TryWrite(key, entry.Source, location)) written.Add(key, new() { Of = entry, Location = location, Changes = changes });
        }
        if (written.Count > 0 && _store.Options.Sync) _store.Files.FlushFolder(IndexSnapshotFile.Folder);
        return written;
    }

    /// <summary>
    /// False when the disk is full, or the index cannot be written (it was dropped meanwhile, or an expression of it fails): the older
    /// snapshot stays in force, and the index catches up from more rows. A failed write or sync is the store's affair.
    /// </summary>
    bool TryWrite(IndexSnapshotKey key, IIndexSnapshotSource source, IndexSnapshotLocation location)
    {
        var name = IndexSnapshotFile.NameOf(key, location.Checkpoint);
        try
        {
            using var file = new FileWriter(_store.Files, name);
            using var stream = new IndexSnapshotWriter(file);
            source.Write(stream);
            Span<byte> header = stackalloc byte[FileHeader.Size];
            IndexSnapshotFile.WriteHeader(header, _store.Identity, key, location, stream.Finish());
            file.Finish(header, _store.Options.Sync);
            _writtenCount++;
            return true;
        }
        catch (Exception error) when (error is StoreFullException or not IOException)
        {
            _store.Files.Delete(name);
            return false;
        }
    }

    /// <summary>What a manifest made now must list.</summary>
    internal void List(Manifest manifest, Dictionary<IndexSnapshotKey, Written> written)
    {
        lock (_gate)
        {
            foreach (var (key, entry) in _entries)
            {
                if (written.TryGetValue(key, out var image) && image.Of == entry) manifest.Indexes.Add(new(key, image.Location));
                else if (entry.InForce is { } location) manifest.Indexes.Add(new(key, location));
            }
        }
    }

    /// <summary>The checkpoint counts; files that neither it nor a living index names are deleted.</summary>
    internal void Accept(Manifest manifest, Dictionary<IndexSnapshotKey, Written> written)
    {
        lock (_gate)
        {
            foreach (var (key, image) in written)
            {
                if (!_entries.TryGetValue(key, out var entry) || image.Of != entry) continue;
                entry.InForce = image.Location;
                _damages.Remove(key);
                entry.ChangesInForce = image.Changes;
            }
            var needed = new HashSet<string>();
            foreach (var (key, location) in manifest.Indexes) needed.Add(IndexSnapshotFile.NameOf(key, location.Checkpoint));
            foreach (var name in _store.Files.List(IndexSnapshotFile.Folder))
                if (!needed.Contains(name)) _store.Pinned.Delete(name);
        }
    }
}
