using System.Runtime.CompilerServices;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>A <see cref="KeyList"/> as a heap with the nearest at its root.</summary>
static unsafe class KeyHeap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Push(KeyList heap, ulong key)
    {
        heap.Add(key);
        SiftUp(heap.Items, heap.Count - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Pop(KeyList heap)
    {
        var items = heap.Items;
        var nearest = items[0];
        var count = --heap.Count;
        var key = items[count];
        var at = 0;
        for (int child; (child = 2 * at + 1) < count; at = child)
        {
            if (child + 1 < count && items[child + 1] < items[child]) child++;
            if (key <= items[child]) break;
            items[at] = items[child];
        }
        items[at] = key;
        return nearest;
    }

    /// <summary>Makes the whole list a heap whose first <paramref name="ordered"/> items are one.</summary>
    public static void Extend(KeyList heap, int ordered)
    {
        for (var i = Math.Max(ordered, 1); i < heap.Count; i++)
            SiftUp(heap.Items, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void SiftUp(ulong* items, int at)
    {
        var key = items[at];
        while (at > 0)
        {
            var parent = (at - 1) >> 1;
            if (items[parent] <= key) break;
            items[at] = items[parent];
            at = parent;
        }
        items[at] = key;
    }
}
