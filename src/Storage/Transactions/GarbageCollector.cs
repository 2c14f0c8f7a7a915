using System.Collections.Concurrent;

namespace PgVectorCompat.Storage;

/// <summary>
/// Drops row versions that no snapshot may need. A commit leaves behind the rows whose older versions it superseded; a pass looks at the
/// fresh ones, and again at those still held back whenever the oldest snapshot has moved on.
/// </summary>
sealed class GarbageCollector(Store store)
{
    readonly ConcurrentQueue<RowRanges> _fresh = new();
    readonly Lock _pass = new();
    readonly List<DroppedVersion> _dropped = [];
    RowRanges _held = new();
    long _heldSince;
    long _heldRows;

    /// <summary>Rows superseded or deleted by one commit; the list is the collector's from now on.</summary>
    public void Add(RowRanges rows) => _fresh.Enqueue(rows);

    public bool HasFresh => !_fresh.IsEmpty;

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
                var live = store.Snapshots.Gather();
                for (var count = _fresh.Count; count > 0 && _fresh.TryDequeue(out var rows); count--) Process(rows, live);
                if (_held.Count > 0 && live.Oldest > _heldSince)
                {
                    var rows = _held;
                    _held = new();
                    Process(rows, live);
                }
                _heldSince = live.Oldest;
                Volatile.Write(ref _heldRows, _held.Rows);
            }
            finally
            {
                store.Snapshots.Leave(pin);
            }
        }
    }

    /// <summary>Drops what can be dropped of these rows, and holds the others back.</summary>
    void Process(RowRanges rows, LiveCsns live)
    {
        foreach (var range in rows)
        {
            for (var row = range.First; row < range.First + range.Count && !range.Table.IsDropped; row++)
            {
                _dropped.Clear();
                var done = Prune(range.Table, row, live, _dropped, out var isGone);
                foreach (var version in _dropped) store.Drop(range.Table, version);
                if (isGone) range.Table.Directory.Free(row);
                if (!done) _held.Add(range.Table, row);
            }
        }
    }

    /// <summary>Takes out what nobody may need of a row; false when something had to stay.</summary>
    static bool Prune(Table table, long row, LiveCsns live, List<DroppedVersion> dropped, out bool isGone)
    {
        isGone = false;
        var chunk = table.Directory.Find(row)!;
        var index = RowDirectory.IndexOf(row);
        lock (chunk.Gate)
        {
            var newest = chunk.Newest(index);
            var newer = newest;
            var kept = false;
            for (var (number, next) = (chunk.OlderOf(index), 0); number != 0; number = next)
            {
                next = chunk.OlderThan(number);
                var version = chunk.Older(number);
                if (version.Begin < 0 || newer.Begin < 0 || live.MayNeed(version.Begin, newer.Begin))
                {
                    kept |= newer.Begin > 0;
                    newer = version;
                    continue;
                }
                var free = table.ColumnsNotShared(version, newer) & table.ColumnsNotShared(version, next == 0 ? null : chunk.Older(next));
                chunk.Unlink(number);
                dropped.Add(new(row, version, free));
            }
            if (kept) return false;
            if (!newest.Position.IsDeletion || newest.Begin <= 0) return true;
            if (chunk.OlderOf(index) != 0 || newest.Begin > live.Published) return false;
            chunk.Set(index, default);
            isGone = true;
            return true;
        }
    }
}
