using System.Buffers;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>Sorts by the first eight bytes of a key, as a number, counting bytes instead of comparing.</summary>
static class PrefixSort
{
    /// <summary>Fewer entries are sorted by comparing their numbers: counting bytes would cost more.</summary>
    public const int LeastForCounting = 1024;

    /// <summary>Sorts <paramref name="prefixes"/> and puts <paramref name="order"/> in the same order. Stable from <see cref="LeastForCounting"/> on.</summary>
    public static void Sort(Span<ulong> prefixes, Span<int> order)
    {
        if (prefixes.Length < LeastForCounting)
        {
            prefixes.Sort(order);
            return;
        }

        // From the lowest byte up, each time stable; bytes that are alike everywhere are left out.
        var counts = new int[sizeof(ulong)][];
        for (var b = 0; b < counts.Length; b++)
            counts[b] = new int[256];
        foreach (var prefix in prefixes)
            for (var b = 0; b < sizeof(ulong); b++)
                counts[b][(byte)(prefix >> 8 * b)]++;
        var otherPrefixes = ArrayPool<ulong>.Shared.Rent(prefixes.Length);
        var otherOrder = ArrayPool<int>.Shared.Rent(order.Length);
        Span<ulong> from = prefixes, to = otherPrefixes.AsSpan(0, prefixes.Length);
        Span<int> fromOrder = order, toOrder = otherOrder.AsSpan(0, order.Length);
        for (var b = 0; b < counts.Length; b++)
        {
            var places = counts[b];
            if (places[(byte)(prefixes[0] >> 8 * b)] == prefixes.Length)
                continue;
            var place = 0;
            for (var i = 0; i < places.Length; i++)
                (places[i], place) = (place, place + places[i]);
            for (var i = 0; i < from.Length; i++)
            {
                var at = places[(byte)(from[i] >> 8 * b)]++;
                (to[at], toOrder[at]) = (from[i], fromOrder[i]);
            }
            var previous = from;
            from = to;
            to = previous;
            var previousOrder = fromOrder;
            fromOrder = toOrder;
            toOrder = previousOrder;
        }
        if (from != prefixes)
        {
            from.CopyTo(prefixes);
            fromOrder.CopyTo(order);
        }
        ArrayPool<ulong>.Shared.Return(otherPrefixes);
        ArrayPool<int>.Shared.Return(otherOrder);
    }
}
