using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>A growing list of <see cref="NodeKey"/>s outside the managed heap, so that loops hold its address.</summary>
sealed unsafe class KeyList : IDisposable
{
    const int Alignment = 64;

    ulong* _items;

    public KeyList(int capacity) => EnsureCapacity(capacity);

    public int Count { get; set; }
    public int Capacity { get; private set; }
    public ulong* Items => _items;
    public Span<ulong> Span => new(_items, Count);
    public long Bytes => (long)Capacity * sizeof(ulong);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong key)
    {
        if (Count == Capacity) EnsureCapacity(Count + 1);
        _items[Count++] = key;
    }

    /// <summary>Room for so many in all.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void EnsureCapacity(int capacity)
    {
        if (capacity <= Capacity) return;
        Capacity = Math.Max(capacity, 2 * Capacity);
        var grown = (ulong*)NativeMemory.AlignedAlloc((nuint)Bytes, Alignment);
        if (_items != null)
        {
            Span.CopyTo(new(grown, Count));
            NativeMemory.AlignedFree(_items);
        }
        _items = grown;
    }

    /// <summary>
    /// Puts a key into the list, which is sorted and holds at most <paramref name="limit"/>; returns its place. The last falls off a full list:
    /// the caller has compared the key with it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Insert(ulong* items, ref int count, int limit, ulong key)
    {
        Debug.Assert(count < limit || key < items[count - 1], "the key is among the nearest");
        int low = 0, length = count;
        while (length > 0)
        {
            var half = length >> 1;
            var right = items[low + half] < key;
            low = right ? low + half + 1 : low;
            length = right ? length - half - 1 : half;
        }
        if (count < limit) count++;
        var i = count - 1;
        for (; i - 4 >= low; i -= 4)
        {
            var moved = System.Runtime.Intrinsics.Vector256.Load(items + i - 4);
            System.Runtime.Intrinsics.Vector256.Store(moved, items + i - 3);
        }
        for (; i > low; i--)
            items[i] = items[i - 1];
        items[low] = key;
        return low;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_items);
        _items = null;
    }
}
