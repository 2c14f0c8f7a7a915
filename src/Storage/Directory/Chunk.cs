using System.Runtime.CompilerServices;

namespace PgVectorCompat.Storage;

/// <summary>
/// 4,096 consecutive rows of the directory.
/// </summary>
/// <remarks>
/// Readers take no lock. Writers hold <see cref="Gate"/> and make <see cref="_sequence"/> odd while they change entries; a reader that
/// saw it odd, or changed between its first and last look, looks again. Versions of one row, newest first, have falling stamps: at
/// most the first few belong to one transaction in progress, all others are committed. So the first one that a snapshot sees is the one.
/// <code>
/// Entries[i]  newest ──► Older[i]  older ──► oldest
/// </code>
/// </remarks>
sealed class Chunk
{
    public const int Rows = 4096;
    public const int Shift = 12;
    const int SmallestCapacity = 64;

    int _sequence;
    RowVersion[] _entries = [];
    OldVersion?[]? _older;
    int _olderCount;

    /// <summary>Held by whoever changes the chunk; also guards <see cref="Locks"/> and <see cref="IsDirty"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Explicit row locks; null when there are none.</summary>
    public Dictionary<int, RowLocks>? Locks { get; set; }

    /// <summary>Whether committed state has changed since a checkpoint took it.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Where the newest checkpoint has this chunk.</summary>
    public ChunkLocation Location { get; set; }

    /// <summary>The version that the snapshot sees; false when it sees none or a deletion.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(int index, Snapshot snapshot, out RowVersion version)
    {
        ReadNewest(index, out version, out var older);
        if (!snapshot.Sees(version.Begin, version.Command) && !FindOlder(older, snapshot, out version)) return false;
        return !version.Position.IsDeletion;
    }

    static bool FindOlder(OldVersion? older, Snapshot snapshot, out RowVersion version)
    {
        for (; older is not null; older = older.Older)
        {
            version = older.Version;
            if (snapshot.Sees(version.Begin, version.Command)) return true;
        }
        version = default;
        return false;
    }

    /// <summary>The newest version and those behind it, of one moment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReadNewest(int index, out RowVersion version, out OldVersion? older)
    {
        var spin = new SpinWait();
        while (true)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) == 0)
            {
                var entries = _entries;
                var olderHeads = _older;
                version = (uint)index < (uint)entries.Length ? entries[index] : default;
                older = olderHeads?[index];
                Volatile.ReadBarrier();
                if (_sequence == before) return;
            }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>
    /// Visible rows from <paramref name="index"/> to before <paramref name="end"/>, as many as fit; returns how many and moves
    /// <paramref name="index"/> past the last row looked at.
    /// </summary>
    public int ReadVisible(ref int index, int end, Snapshot snapshot, Span<int> indexes, Span<RowVersion> versions)
    {
        // The whole batch is read between two looks at the sequence; a chunk under steady writing is read with its lock instead.
        var start = index;
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) != 0) continue;
            index = start;
            var count = Collect(ref index, end, snapshot, indexes, versions);
            Volatile.ReadBarrier();
            if (_sequence == before) return count;
        }
        lock (Gate)
        {
            index = start;
            return Collect(ref index, end, snapshot, indexes, versions);
        }
    }

    int Collect(ref int index, int end, Snapshot snapshot, Span<int> indexes, Span<RowVersion> versions)
    {
        var entries = _entries;
        var olderHeads = _older;
        var count = 0;
        end = Math.Min(end, entries.Length);
        for (; index < end && count < versions.Length; index++)
        {
            var version = entries[index];
            if (!snapshot.Sees(version.Begin, version.Command) && (olderHeads is null || !FindOlder(olderHeads[index], snapshot, out version))) continue;
            if (version.Position.IsDeletion) continue;
            indexes[count] = index;
            versions[count++] = version;
        }
        if (index >= entries.Length) index = Math.Max(index, Rows);
        return count;
    }

    /// <summary>The newest version, for a writer holding the gate.</summary>
    public RowVersion Newest(int index) => (uint)index < (uint)_entries.Length ? _entries[index] : default;

    public OldVersion? OlderOf(int index) => _older?[index];

    /// <summary>Entries in use, for a reader holding the gate.</summary>
    public ReadOnlySpan<RowVersion> Entries => _entries;

    /// <summary>Makes <paramref name="version"/> the newest; what was newest goes behind it.</summary>
    public void Push(int index, RowVersion version)
    {
        BeginChange();
        if (index >= _entries.Length) GrowTo(index + 1);
        if (_entries[index].Begin != 0) SetOlder(index, new(_entries[index], _older?[index]));
        _entries[index] = version;
        EndChange();
    }

    /// <summary>Takes the newest version away again; the one behind it, or none, is newest.</summary>
    public void Pop(int index)
    {
        BeginChange();
        if (_older?[index] is { } older)
        {
            _entries[index] = older.Version;
            SetOlder(index, older.Older);
        }
        else
        {
            _entries[index] = default;
        }
        EndChange();
    }

    /// <summary>Replaces the newest version: its writer has committed, recovery knows it, or its record has moved.</summary>
    public void Set(int index, RowVersion version)
    {
        BeginChange();
        if (index >= _entries.Length) GrowTo(index + 1);
        _entries[index] = version;
        EndChange();
        IsDirty = true;
    }

    /// <summary>Takes an old version out; <paramref name="newer"/> is the old version before it, null for the newest.</summary>
    public void Unlink(int index, OldVersion? newer, OldVersion version)
    {
        BeginChange();
        if (newer is null) SetOlder(index, version.Older);
        else newer.Older = version.Older;
        EndChange();
    }

    /// <summary>Loads all entries at once, before anyone reads.</summary>
    public void Load(RowVersion[] entries) => _entries = entries;

    void SetOlder(int index, OldVersion? older)
    {
        _older ??= new OldVersion?[Rows];
        _olderCount += (older is null ? 0 : 1) - (_older[index] is null ? 0 : 1);
        _older[index] = older;
        if (_olderCount == 0) _older = null;
    }

    void GrowTo(int capacity)
    {
        var size = Math.Max(SmallestCapacity, _entries.Length);
        while (size < capacity) size *= 2;
        Array.Resize(ref _entries, size);
    }

    void BeginChange()
    {
        _sequence++;
        Volatile.WriteBarrier();
    }

    void EndChange() => Volatile.Write(ref _sequence, _sequence + 1);
}
