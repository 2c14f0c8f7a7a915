using System.Numerics;

namespace PgVectorCompat.Storage;

/// <summary>
/// Which extent file holds a slot, and where. Extents double from about 16 kB to about 64 MB and stay there, so a small table is
/// small and a large one has few files. All counts of slots are powers of two; the layout follows from the value's length alone.
/// <code>
/// extent   0        1        2          3            …   e0 = m - b        e0 + 1       e0 + 2
/// slots    [0, B)   [B, 2B)  [2B, 4B)   [4B, 8B)     …   [M/2, M)          [M, 2M)      [2M, 3M)      B = 2^b, M = 2^m
/// </code>
/// </summary>
readonly struct ExtentLayout
{
    const int SmallestBytes = 16 << 10;
    const int LargestBytes = 64 << 20;

    readonly int _smallestLog;
    readonly int _largestLog;

    public ExtentLayout(int valueBytes)
    {
        Stride = valueBytes >= 64 ? (valueBytes + 63) & ~63 : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(valueBytes, 4));
        _smallestLog = BitOperations.Log2((uint)Math.Max(1, SmallestBytes / Stride));
        _largestLog = BitOperations.Log2((uint)(LargestBytes / Stride));
    }

    /// <summary>Bytes from one slot to the next: whole cache lines, or a power of two below one.</summary>
    public int Stride { get; }

    public int ExtentOf(int slot)
        => slot >> _largestLog is > 0 and var whole ? _largestLog - _smallestLog + whole
            : slot >> _smallestLog == 0 ? 0
            : BitOperations.Log2((uint)slot) - _smallestLog + 1;

    public int FirstSlot(int extent)
        => extent == 0 ? 0
            : extent <= _largestLog - _smallestLog ? 1 << (_smallestLog + extent - 1)
            : (extent - (_largestLog - _smallestLog)) << _largestLog;

    public int SlotCount(int extent)
        => extent == 0 ? 1 << _smallestLog
            : extent <= _largestLog - _smallestLog ? 1 << (_smallestLog + extent - 1)
            : 1 << _largestLog;

    /// <summary>Where the slot begins in its extent's file.</summary>
    public long OffsetOf(int slot) => FileHeader.Size + (long)(slot - FirstSlot(ExtentOf(slot))) * Stride;

    public long FileLength(int extent) => FileHeader.Size + (long)SlotCount(extent) * Stride;
}
