using System.Collections.Concurrent;

namespace PgVectorCompat.Storage;

/// <summary>
/// Drops row versions that no snapshot may need. A commit leaves behind the ranges of rows whose older versions it superseded; a pass
/// looks at the fresh ones, and again at those still held back whenever the oldest snapshot has moved on.
/// </summary>
sealed class GarbageCollector(Store store)
{
    /// <summary>Rows superseded or deleted by one commit.</summary>
    internal readonly record struct Range(Table Table, long First, int Count, long Csn);

    readonly ConcurrentQueue<Range> _fresh = new();
    readonly ConcurrentQueue<(Table Table, DroppedVersion Version)> _unlinked = new();
    readonly Lock _pass = new();
    List<Range> _held = [];
    long _heldSince;
    long _heldRows;

    public void Add(Range range) => _fresh.Enqueue(range);

    /// <summary>A version its own transaction superseded before it committed: already unlinked.</summary>
    public void AddUnlinked(Table table, DroppedVersion version) => _unlinked.Enqueue((table, version));

    public bool HasFresh => !_fresh.IsEmpty || !_unlinked.IsEmpty;

    /// <summary>Rows with versions held back by some snapshot.</summary>
    public long HeldRows => Volatile.Read(ref _heldRows);

    public void Collect()
    {
        lock (_pass)
        {
            // Pinned like a reader: the memory of what is dropped here stays until the callbacks have seen it.
            var pin = store.Snapshots.EnterWithoutCsn();
            try
            {
                while (_unlinked.TryDequeue(out var entry))
                    if (!entry.Table.IsDropped) store.Drop(entry.Table, entry.Version);

                var live = store.Snapshots.Gather();
                for (var count = _fresh.Count; count > 0 && _fresh.TryDequeue(out var range); count--)
                    if (!Process(range, live)) _held.Add(range);

                if (_held.Count > 0 && live.Oldest > _heldSince) ProcessHeld(live);
                _heldSince = live.Oldest;
                CountHeld();
            }
            finally
            {
                store.Snapshots.Leave(pin);
            }
        }
    }

    void ProcessHeld(LiveCsns live)
    {
        var still = new List<Range>();
        foreach (var range in _held)
            if (!Process(range, live)) still.Add(range);
        _held = still;
    }

    void CountHeld()
    {
        var rows = 0L;
        foreach (var range in _held) rows += range.Count;
        Volatile.Write(ref _heldRows, rows);
    }

    /// <summary>Drops what can be dropped of the range; false when something had to stay.</summary>
    bool Process(Range range, LiveCsns live)
    {
        if (range.Table.IsDropped) return true;
        var done = true;
        var dropped = new List<DroppedVersion>();
        for (var row = range.First; row < range.First + range.Count; row++)
        {
            dropped.Clear();
            done &= Prune(range.Table, row, live, dropped, out var isGone);
            foreach (var version in dropped) store.Drop(range.Table, version);
            if (isGone) range.Table.Directory.Free(row);
        }
        return done;
    }

    static bool Prune(Table table, long row, LiveCsns live, List<DroppedVersion> dropped, out bool isGone)
    {
        isGone = false;
        var chunk = table.Directory.Find(row)!;
        var index = RowDirectory.IndexOf(row);
        lock (chunk.Gate)
        {
            var newest = chunk.Newest(index);
            var newer = newest;
            OldVersion? before = null;
            var kept = false;
            for (var node = chunk.OlderOf(index); node is not null; node = node.Older)
            {
                var version = node.Version;
                if (version.Begin < 0 || newer.Begin < 0 || live.MayNeed(version.Begin, newer.Begin))
                {
                    kept |= newer.Begin > 0;
                    before = node;
                    newer = version;
                    continue;
                }
                var free = table.ColumnsNotShared(version, newer) & table.ColumnsNotShared(version, node.Older?.Version);
                chunk.Unlink(index, before, node);
                dropped.Add(new(row, version, free));
            }
            if (kept) return false;
            if (!newest.Position.IsDeletion || newest.Begin <= 0) return true;
            if (chunk.OlderOf(index) is not null || newest.Begin > live.Published) return false;
            chunk.Set(index, default);
            isGone = true;
            return true;
        }
    }
}
