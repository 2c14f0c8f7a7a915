using System.Collections.Concurrent;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// A vector index in memory, over the rows of one storage: its core, and how it goes on while the core is being built.
/// </summary>
/// <remarks>
/// An entry is right as long as some version of the row has its key: whoever adds a version, drops one, or finds a doubtful one brings the
/// core in line with the rows (<see cref="Reconcile"/>), under the row's lock, as often as they like. A build takes its vectors from one
/// snapshot while others write: their keys are gathered in a log that is worked off before the new core takes its place, and a
/// writer who finds another core than he has written to writes again.
/// </remarks>
internal sealed class VectorTree(uint index, Table rows, Func<RowId, Lock> rowLock) : IDisposable
{
    const long FewRemoved = 1_000;

    [ThreadStatic]
    static ByteWriter? _buffer;

    readonly Lock _building = new();
    readonly Lock _maintenance = new();
    readonly Lock _replacing = new();
    readonly CancellationTokenSource _closing = new();
    volatile VectorIndex? _core;
    volatile ConcurrentQueue<(RowId Row, int Key)>? _log;
    VectorIndexStatistics? _counted;
    VectorIndex? _countedCore;
    long _countedAt;
    int _isClaimed;
    volatile bool _isLoading;
    long _changes;
    long _removed;
    volatile bool _cannotBeRebuilt;

    public uint Index { get; } = index;
    public Table Rows { get; } = rows;

    /// <summary>The index as the newest catalog known defines it; set before the tree is used.</summary>
    public VectorAccess Access { get; set; } = null!;

    /// <summary>What searches ask; null while the index is built for the first time or read after a start: then all rows are to be scanned.</summary>
    public VectorIndex? Core => _core;

    /// <summary>Whether the loader has been asked for the index and has not answered yet, be it that it cannot be had.</summary>
    public bool IsLoading { get => _isLoading; set => _isLoading = value; }

    /// <summary>Says that the caller will build or load the index; false when somebody has said so before.</summary>
    public bool Claim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;

    /// <summary>Whether a core that is in place now has the entry of every row that is committed; not while another takes its place.</summary>
    public bool IsSettled => _log is null;

    /// <summary>Entries added and removed since the index came into memory.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>What the core holds, counted no longer ago than its last change; null while there is none.</summary>
    public VectorIndexStatistics? Statistics()
    {
        lock (_maintenance)
        {
            if (_core is not { } core) return null;
            var changes = Changes;
            if (_counted is not { } counted || _countedAt != changes || !ReferenceEquals(_countedCore, core) || counted.Tail > 0 || counted.Deleted > 0)
                (_counted, _countedCore, _countedAt) = (core.Statistics, core, changes);
            return _counted;
        }
    }

    /// <summary>A version of a row was written. Raises what its key raises.</summary>
    public void Added(RowView version)
    {
        var buffer = _buffer ??= new ByteWriter();
        if (!Access.TryKey(version, buffer, out var key, out var bytes)) return;
        VectorIndex? core;
        do
        {
            lock (rowLock(version.Row))
            {
                core = _core;
                core?.Insert(version.Row.Value, key, bytes);
            }
            Log(version.Row, key);
        }
        while (!ReferenceEquals(core, _core));
        Interlocked.Increment(ref _changes);
    }

    /// <summary>A version of a row was dropped.</summary>
    public void Dropped(RowView version)
    {
        var buffer = _buffer ??= new ByteWriter();
        if (!TryKey(Access, version, buffer, out var key, out _)) return;
        VectorIndex? core;
        do
        {
            core = Reconcile(null, version.Row, key);
            Log(version.Row, key);
        }
        while (!ReferenceEquals(core, _core));
        Interlocked.Increment(ref _changes);
    }

    // An old version whose key cannot be computed is not in the index, and not looked for.
    static bool TryKey(VectorAccess access, RowView version, ByteWriter buffer, out int key, out ReadOnlySpan<byte> bytes)
    {
        try
        {
            return access.TryKey(version, buffer, out key, out bytes);
        }
        catch (PgError)
        {
            key = 0;
            bytes = default;
            return false;
        }
    }

    /// <summary>Makes a core (null: the one in place) have the entry if and only if some version of the row has it; returns that core.</summary>
    VectorIndex? Reconcile(VectorIndex? core, RowId row, int key)
    {
        var access = Access;
        var buffer = new ByteWriter();
        lock (rowLock(row))
        {
            // Looked up under the lock, behind which a core that was replaced is disposed.
            if ((core ??= _core) is not { } target) return null;
            var isThere = Rows.AnyVersion(row, version =>
            {
                if (!TryKey(access, version, buffer, out var other, out var bytes) || other != key) return false;
                target.Insert(row.Value, key, bytes);
                return true;
            });
            if (!isThere && target.Remove(row.Value, key)) Interlocked.Increment(ref _removed);
            return target;
        }
    }

    /// <summary>
    /// Puts a new core in place. <paramref name="make"/> makes it of what a snapshot sees that is taken when it is called; what is written
    /// meanwhile is added here. One build at a time; the old core serves until the new one does.
    /// </summary>
    public void Replace(Func<VectorIndex> make)
    {
        lock (_building)
        {
            var log = _log = new();
            try
            {
                var made = make();
                WorkOff(log, made);
                var old = _core;
                lock (_replacing)
                {
                    WorkOff(log, made);
                    _core = made;
                }
                Volatile.Write(ref _removed, 0);
                _cannotBeRebuilt = false;
                if (old is not null) Retire(old);
            }
            finally
            {
                _log = null;
            }
        }
    }

    // Logged before the new core is in place, the entry is in it by then; after that, the writer finds it and writes again.
    void Log(RowId row, int key)
    {
        if (_log is not { } log) return;
        lock (_replacing) log.Enqueue((row, key));
    }

    void WorkOff(ConcurrentQueue<(RowId Row, int Key)> log, VectorIndex core)
    {
        while (log.TryDequeue(out var entry))
            Reconcile(core, entry.Row, entry.Key);
    }

    /// <summary>
    /// Makes the core have the keys of all versions of the rows that are not as the snapshot of commit <paramref name="csn"/> shows them; of all
    /// rows for -1.
    /// </summary>
    public void CatchUp(VectorIndex core, long csn, CancellationToken cancellation)
    {
        var access = Access;
        var buffer = new ByteWriter();
        for (long row = 0; row < Rows.NextRowId; row++)
        {
            if ((row & 0xFFF) == 0) cancellation.ThrowIfCancellationRequested();
            var id = new RowId(row);
            if (csn >= 0 && Rows.IsUnchangedSince(id, csn)) continue;
            lock (rowLock(id))
                Rows.AnyVersion(id, version =>
                {
                    if (TryKey(access, version, buffer, out var key, out var bytes) && !core.Contains(row, key))
                        core.Insert(row, key, bytes);
                    return false;
                });
        }
    }

    /// <summary>Takes out of a core that was read from a snapshot what has been dropped since.</summary>
    public void RemoveStale(VectorIndex core)
    {
        foreach (var (row, key) in FindStale(core))
            Reconcile(core, row, key);
    }

    List<(RowId Row, int Key)> FindStale(VectorIndex core)
    {
        var buffer = new ByteWriter();
        var stale = new List<(RowId Row, int Key)>();
        core.VisitEntries((row, key) =>
        {
            if (!HasVersion(new(row), key, buffer)) stale.Add((new(row), key));
        });
        return stale;
    }

    bool HasVersion(RowId row, int key, ByteWriter buffer)
    {
        var access = Access;
        return Rows.AnyVersion(row, version => TryKey(access, version, buffer, out var other, out _) && other == key);
    }

    /// <summary>For checks: removes entries that no version of their row has, and returns those rows.</summary>
    /// <param name="settling">How long an entry may stay after the last version that had it.</param>
    public List<RowId> RemoveSurplus(TimeSpan settling)
    {
        var surplus = new List<RowId>();
        // Nobody replaces the core meanwhile.
        lock (_building)
        {
            if (_core is not { } core) return surplus;
            var stale = FindStale(core);
            if (stale.Count == 0) return surplus;
            Thread.Sleep(settling);
            var buffer = new ByteWriter();
            foreach (var (row, key) in stale)
            {
                lock (rowLock(row))
                {
                    if (!core.Contains(row.Value, key) || HasVersion(row, key, buffer)) continue;
                    surplus.Add(row);
                    core.Remove(row.Value, key);
                }
            }
        }
        return surplus;
    }

    /// <summary>
    /// Whether so many entries were removed since the index was built that repairs have worn it out, or its lists no longer suit the rows: then
    /// building it anew costs less than what searches lose.
    /// </summary>
    public bool IsWornOut
        => !_cannotBeRebuilt && ((Volatile.Read(ref _removed) is > FewRemoved and var removed && removed > Rows.RowCountEstimate / 2) || _core is { IsOutgrown: true });

    /// <summary>What is wrong with a worn index's rows or options is not mended by trying again and again.</summary>
    public void RebuildFailed() => _cannotBeRebuilt = true;

    /// <summary>A step of the core's background work; true when there is more.</summary>
    public bool Maintain(CancellationToken cancellation)
    {
        lock (_maintenance)
            return _core is { } core && core.Maintain(cancellation);
    }

    /// <summary>A search of the core in place; null when there is none.</summary>
    public VectorSearch? Search(ReadOnlySpan<byte> query)
    {
        while (_core is { } core)
        {
            try
            {
                return core.Search(query);
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(core, _core))
            {
                // Replaced just now.
            }
        }
        return null;
    }

    // Nobody can be at work in it any more once each of its locks has been free.
    void Retire(VectorIndex core)
    {
        for (var row = 0; row < TableRegistry.Stripes; row++)
            lock (rowLock(new(row))) { }
        lock (_maintenance) core.Dispose();
    }

    /// <summary>Writes a snapshot of the core.</summary>
    public void Save(Stream stream)
    {
        lock (_maintenance)
            (_core ?? throw new InvalidOperationException("there is no core to save")).Save(stream);
    }

    /// <summary>Cancelled when the index ends: background work on it stops.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Ends the index: its memory goes with the last search.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        lock (_building)
        {
            var core = _core;
            _core = null;
            if (core is not null) Retire(core);
        }
    }
}
