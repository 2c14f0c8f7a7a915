using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
        for (; Vector256.IsHardwareAccelerated && i - 4 >= low; i -= 4)
        {
            var moved = Vector256.Load(items + i - 4);
            Vector256.Store(moved, items + i - 3);
        }
        for (; i > low; i--)
            items[i] = items[i - 1];
        items[low] = key;
        return low;
    }

    /// <summary>Sorts a few keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sort(ulong* keys, int count)
    {
        for (var i = 1; i < count; i++)
        {
            var key = keys[i];
            var place = i;
            for (; place > 0 && keys[place - 1] > key; place--)
                keys[place] = keys[place - 1];
            keys[place] = key;
        }
    }

    /// <summary>Puts sorted keys into a sorted list that has room for them; returns the place of the first.</summary>
    /// <param name="places">Room for as many numbers as keys.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Merge(ulong* items, int count, ulong* keys, int keyCount, int* places)
    {
        // All are looked for before anything moves, so that the processor does it for several at a time.
        for (var i = 0; i < keyCount; i++)
            places[i] = Place(items, count, keys[i]);
        var end = count;
        for (var i = keyCount - 1; i >= 0; i--)
        {
            var place = places[i];
            MoveUp(items + place, end - place, i + 1);
            items[place + i] = keys[i];
            end = place;
        }
        return end;
    }

    /// <summary>How many of the sorted items are less than a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Place(ulong* items, int count, ulong key)
    {
        var low = items;
        while (count > 0)
        {
            // Without a branch: which half it is cannot be foreseen.
            var half = (count + 1) >> 1;
            nint isRight = low[half - 1] < key ? 1 : 0;
            low += half & -isRight;
            count -= half;
        }
        return (int)(low - items);
    }

    /// <summary>Moves items to higher places, the last first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MoveUp(ulong* items, int count, int by)
    {
        // A register that the machine has not is moved in parts, each of which would overwrite what the next is to read.
        if (!Vector512.IsHardwareAccelerated)
        {
            new ReadOnlySpan<ulong>(items, count).CopyTo(new(items + by, count));
        }
        else if (count >= 8)
        {
            // What is left of less than a register is moved with others that are moved already, to the same places.
            var first = Vector512.Load(items);
            for (; count > 8; count -= 8)
                Vector512.Store(Vector512.Load(items + count - 8), items + count - 8 + by);
            first.Store(items + by);
        }
        else if (count >= 4)
        {
            var first = Vector256.Load(items);
            Vector256.Store(Vector256.Load(items + count - 4), items + count - 4 + by);
            first.Store(items + by);
        }
        else
        {
            for (var i = count - 1; i >= 0; i--)
                items[i + by] = items[i];
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_items);
        _items = null;
    }
}
