using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Storage;

/// <summary>
/// 4,096 consecutive rows of the directory.
/// </summary>
/// <remarks>
/// Readers take no lock. Writers hold <see cref="Gate"/> and make <see cref="_sequence"/> odd while they change entries; a reader that
/// saw it odd, or changed between its first and last look, looks again, and takes the gate when that goes on. Versions of one row, newest first,
/// have falling stamps: at most the first few belong to one transaction (in progress, or committed together), all others are committed. So the
/// first one that a snapshot sees is the one.
/// <code>
/// Entries[i]  newest ──► older ──► oldest      the older ones of all rows are in <see cref="OldVersions"/>
/// </code>
/// </remarks>
sealed class Chunk
{
    public const int Rows = 4096;
    public const int Shift = 12;
    const int SmallestCapacity = 64;

    /// <summary>So often a reader looks again before it takes the gate.</summary>
    const int Attempts = 16;

    int _sequence;
    RowVersion[] _entries = [];
    OldVersions? _older;
    int _count;

    /// <summary>Held by whoever changes the chunk; also guards <see cref="Locks"/> and <see cref="IsDirty"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Explicit row locks; null when there are none.</summary>
    public ChunkLocks? Locks { get; set; }

    /// <summary>Whether committed state has changed since a checkpoint took it.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Where the newest checkpoint has this chunk.</summary>
    public ChunkLocation Location { get; set; }

    /// <summary>The version that the snapshot sees; false when it sees none or a deletion.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(int index, Snapshot snapshot, out RowVersion version)
    {
        ReadNewest(index, out version);
        if (!snapshot.Sees(version.Begin, version.Command) && (version.Begin == 0 || !TryFindOlder(index, snapshot, out version))) return false;
        return !version.Position.IsDeletion;
    }

    /// <summary>The same, when the newest is not the one.</summary>
    bool TryFindOlder(int index, Snapshot snapshot, out RowVersion version)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) != 0) continue;
            var entries = _entries;
            version = (uint)index < (uint)entries.Length ? entries[index] : default;
            var found = snapshot.Sees(version.Begin, version.Command) || FindOlder(_older, index, snapshot, before, out version);
            Volatile.ReadBarrier();
            if (_sequence == before) return found;
        }
        lock (Gate)
        {
            version = Newest(index);
            return snapshot.Sees(version.Begin, version.Command) || FindOlder(_older, index, snapshot, _sequence, out version);
        }
    }

    bool FindOlder(OldVersions? older, int index, Snapshot snapshot, int sequence, out RowVersion version)
    {
        version = default;
        if (older is null) return false;
        for (var number = older.First(index); number != 0 && _sequence == sequence; number = older.Next(number))
        {
            version = older.At(number).Version;
            if (snapshot.Sees(version.Begin, version.Command)) return true;
        }
        version = default;
        return false;
    }

    /// <summary>Asks the memory for the newest version of a row; it may change before it is read.</summary>
    public unsafe void Prefetch(int index)
    {
        var entries = _entries;
        if (Sse.IsSupported && (uint)index < (uint)entries.Length) Sse.Prefetch0(Unsafe.AsPointer(ref entries[index]));
    }

    /// <summary>The newest version.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReadNewest(int index, out RowVersion version)
    {
        var spin = new SpinWait();
        while (true)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) == 0)
            {
                var entries = _entries;
                version = (uint)index < (uint)entries.Length ? entries[index] : default;
                Volatile.ReadBarrier();
                if (_sequence == before) return;
            }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>The newest version, and whether there are others behind it, of one moment.</summary>
    public void ReadNewest(int index, out RowVersion version, out bool hasOlder)
    {
        var spin = new SpinWait();
        while (true)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) == 0)
            {
                var entries = _entries;
                version = (uint)index < (uint)entries.Length ? entries[index] : default;
                hasOlder = _older is { } older && older.First(index) != 0;
                Volatile.ReadBarrier();
                if (_sequence == before) return;
            }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>All versions, newest first, of one moment; in <paramref name="buffer"/>, which grows as needed.</summary>
    public ReadOnlySpan<RowVersion> ReadVersions(int index, ref RowVersion[] buffer)
    {
        lock (Gate)
        {
            var version = Newest(index);
            if (version.Begin == 0) return [];
            var count = 0;
            Append(ref buffer, ref count, version);
            for (var number = OlderOf(index); number != 0; number = OlderThan(number)) Append(ref buffer, ref count, Older(number));
            return buffer.AsSpan(0, count);
        }
    }

    static void Append(ref RowVersion[] buffer, ref int count, in RowVersion version)
    {
        if (count == buffer.Length) Array.Resize(ref buffer, Math.Max(4, count * 2));
        buffer[count++] = version;
    }

    /// <summary>
    /// Visible rows from <paramref name="index"/> to before <paramref name="end"/>, as many as fit; returns how many and moves
    /// <paramref name="index"/> past the last row looked at.
    /// </summary>
    public int ReadVisible(ref int index, int end, Snapshot snapshot, Span<int> indexes, Span<RowVersion> versions)
    {
        // The whole batch is read between two looks at the sequence; a chunk under steady writing is read with its lock instead.
        var start = index;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) != 0) continue;
            index = start;
            var count = Collect(ref index, end, snapshot, before, indexes, versions);
            Volatile.ReadBarrier();
            if (_sequence == before) return count;
        }
        lock (Gate)
        {
            index = start;
            return Collect(ref index, end, snapshot, _sequence, indexes, versions);
        }
    }

    int Collect(ref int index, int end, Snapshot snapshot, int sequence, Span<int> indexes, Span<RowVersion> versions)
    {
        var entries = _entries;
        var older = _older;
        var count = 0;
        end = Math.Min(end, entries.Length);
        for (; index < end && count < versions.Length; index++)
        {
            var version = entries[index];
            if (!snapshot.Sees(version.Begin, version.Command) && !FindOlder(older, index, snapshot, sequence, out version)) continue;
            if (version.Position.IsDeletion) continue;
            indexes[count] = index;
            versions[count++] = version;
        }
        if (index >= entries.Length) index = Math.Max(index, Rows);
        return count;
    }

    /// <summary>The newest version, for a writer holding the gate.</summary>
    public RowVersion Newest(int index) => (uint)index < (uint)_entries.Length ? _entries[index] : default;

    /// <summary>The newest version that is not in progress, with the gate held; default when there is none.</summary>
    public RowVersion NewestCommitted(int index)
    {
        var version = Newest(index);
        for (var number = version.Begin < 0 ? OlderOf(index) : 0; version.Begin < 0; number = OlderThan(number))
            version = number == 0 ? default : Older(number);
        return version;
    }

    /// <summary>Number of the version behind the newest, with the gate held, until a version of the chunk comes or goes; 0: none.</summary>
    public int OlderOf(int index) => _older?.First(index) ?? 0;

    /// <summary>Number of the version behind that one; 0: none.</summary>
    public int OlderThan(int number) => number == 0 ? 0 : _older!.Next(number);

    public RowVersion Older(int number) => _older!.At(number).Version;

    /// <summary>Entries in use, for a reader holding the gate.</summary>
    public ReadOnlySpan<RowVersion> Entries => _entries;

    /// <summary>Makes <paramref name="version"/> the newest; what was newest goes behind it.</summary>
    public void Push(int index, RowVersion version, VersionSpace space)
    {
        var newest = Newest(index);
        // Made outside the change, since it may have to make a file.
        var older = _older;
        if (newest.Begin != 0 && (older is null || older.IsFull)) older = older?.Grow() ?? new(space);
        BeginChange();
        if (newest.Begin != 0) older!.Add(index, newest);
        var replaced = Exchange(older);
        Put(index, version);
        EndChange();
        replaced?.Release();
    }

    /// <summary>Takes the newest version away again; the one behind it, or none, is newest.</summary>
    public void Pop(int index)
    {
        var number = OlderOf(index);
        BeginChange();
        Put(index, number == 0 ? default : Older(number));
        var emptied = number == 0 ? null : Remove(number);
        EndChange();
        emptied?.Release();
    }

    /// <summary>Replaces the newest version: recovery knows it, its record has moved, or the row is gone.</summary>
    public void Set(int index, RowVersion version)
    {
        BeginChange();
        Put(index, version);
        EndChange();
        IsDirty = true;
    }

    /// <summary>
    /// Makes the versions that a transaction wrote of a row committed ones; false when the newest is not its. All get the same number, so that only
    /// the newest of them is ever seen.
    /// </summary>
    /// <param name="index">The row.</param>
    /// <param name="stamp">The transaction.</param>
    /// <param name="csn">Its commit.</param>
    /// <param name="hadRow">Whether there was a version before.</param>
    /// <param name="newest">The newest version.</param>
    public bool TryCommit(int index, long stamp, long csn, out bool hadRow, out RowVersion newest)
    {
        hadRow = false;
        newest = Newest(index);
        if (newest.Begin != stamp) return false;
        BeginChange();
        _entries[index] = Committed(newest, csn);
        for (var number = OlderOf(index); number != 0 && !hadRow; number = OlderThan(number))
        {
            ref var old = ref _older!.At(number).Version;
            if (old.Begin == stamp) old = Committed(old, csn);
            else hadRow = true;
        }
        EndChange();
        IsDirty = true;
        return true;
    }

    static RowVersion Committed(in RowVersion version, long csn) => version with { Begin = csn, Position = version.Position.WithoutKey, Command = 0 };

    /// <summary>Takes an old version out.</summary>
    public void Unlink(int number)
    {
        BeginChange();
        var emptied = Remove(number);
        EndChange();
        emptied?.Release();
    }

    /// <summary>Loads all entries at once, before anyone reads.</summary>
    public void Load(RowVersion[] entries)
    {
        _entries = entries;
        foreach (var entry in entries)
            if (entry.Begin != 0) _count++;
    }

    OldVersions? Exchange(OldVersions? older)
    {
        var replaced = _older == older ? null : _older;
        _older = older;
        return replaced;
    }

    OldVersions? Remove(int number)
    {
        _older!.Remove(number);
        return _older.Count == 0 ? Exchange(null) : null;
    }

    /// <summary>Sets an entry; a chunk without rows keeps no memory for them.</summary>
    void Put(int index, RowVersion version)
    {
        if (index >= _entries.Length)
        {
            if (version.Begin == 0) return;
            GrowTo(index + 1);
        }
        _count += (version.Begin != 0 ? 1 : 0) - (_entries[index].Begin != 0 ? 1 : 0);
        _entries[index] = version;
        if (_count == 0) _entries = [];
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
