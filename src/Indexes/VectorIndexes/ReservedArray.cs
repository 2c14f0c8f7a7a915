using System.Diagnostics;

namespace PgVectorCompat.Indexes;

/// <summary>
/// An array outside the managed heap that grows without moving, so that readers need no lock: they hold <see cref="Items"/> and look at
/// nothing beyond what was published to them. New items are zero.
/// </summary>
/// <remarks>Growing is the owner's, by one thread at a time. Items are aligned to 4,096 bytes at the start.</remarks>
sealed unsafe class ReservedArray<T> : IDisposable where T : unmanaged
{
    /// <summary>Below this, an array grows by small pages, so that a thousand small indexes do not take a thousand huge pages.</summary>
    const long SmallBytes = OsMemory.HugePage;

    const long SmallStep = 64 << 10;

    /// <summary>An index lives in memory, so no array of it needs more than all memory there is.</summary>
    static readonly long ReservedAtMost = Math.Max(8L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    readonly byte* _start;
    readonly long _reserved;
    long _committed;
    int _isReleased;

    public ReservedArray()
    {
        for (_reserved = ReservedAtMost / OsMemory.HugePage * OsMemory.HugePage; _reserved >= OsMemory.HugePage; _reserved = _reserved / 2 / OsMemory.HugePage * OsMemory.HugePage)
        {
            _start = OsMemory.TryReserve(_reserved + OsMemory.HugePage);
            if (_start == null) continue;
            // Aligned to huge pages, so that all of the array can have them.
            Items = (T*)(((nint)_start + OsMemory.HugePage - 1) / (nint)OsMemory.HugePage * (nint)OsMemory.HugePage);
            return;
        }
        throw new OutOfMemoryException("the system gives no address space for an index");
    }

    public T* Items { get; }

    /// <summary>Memory taken, in bytes; the system gives it page by page as it is written.</summary>
    public long Bytes => _committed;

    /// <summary>How many items there is room for now.</summary>
    public long Capacity => _committed / sizeof(T);

    /// <summary>Makes room for <paramref name="count"/> items.</summary>
    /// <param name="exactly">The final size, if known; else the array grows by a quarter at least.</param>
    /// <exception cref="OutOfMemoryException">The array would exceed all memory.</exception>
    public void EnsureCapacity(long count, bool exactly = false)
    {
        var needed = checked(count * sizeof(T));
        if (needed <= _committed) return;
        if (!exactly) needed = Math.Max(needed, _committed + _committed / 4);
        var step = needed > SmallBytes ? OsMemory.HugePage : SmallStep;
        needed = (needed + step - 1) / step * step;
        if (needed > _reserved) throw new OutOfMemoryException("an index would need more than all memory");
        OsMemory.Commit((byte*)Items + _committed, needed - _committed);
        _committed = needed;
        Debug.Assert(Capacity >= count, "room was made");
    }

    /// <summary>Once: the same addresses may be a data file's by the second time.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0) OsMemory.Release(_start, _reserved + OsMemory.HugePage);
    }
}
