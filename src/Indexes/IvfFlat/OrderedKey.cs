using System.Runtime.CompilerServices;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>A distance and a number in one integer that orders by distance.</summary>
static class OrderedKey
{
    /// <summary>Below this many keys sorting all costs as much as finding the least.</summary>
    const int FewKeys = 24;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(float distance, uint number)
    {
        var bits = BitConverter.SingleToInt32Bits(distance);
        return (ulong)(uint)(bits ^ (bits >> 31 | int.MinValue)) << 32 | number;
    }

    /// <summary>Brings the <paramref name="count"/> least keys to the front, sorted.</summary>
    public static void SortFirst(Span<ulong> keys, int count)
    {
        var first = keys[..Math.Min(count, keys.Length)];
        if (keys.Length > FewKeys && count < keys.Length) Select(keys, count);
        else first = keys;
        first.Sort();
    }

    /// <summary>Brings the least keys to the front in any order: quicksort that follows only the side of the boundary.</summary>
    static void Select(Span<ulong> keys, int count)
    {
        int low = 0, high = keys.Length - 1;
        while (low < high)
        {
            ulong a = keys[low], b = keys[(low + high) >>> 1], c = keys[high];
            var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int left = low, right = high;
            while (left <= right)
            {
                while (keys[left] < pivot) left++;
                while (keys[right] > pivot) right--;
                if (left > right) break;
                (keys[left], keys[right]) = (keys[right], keys[left]);
                left++;
                right--;
            }
            if (count - 1 <= right) high = right;
            else if (count - 1 >= left) low = left;
            else return;
        }
    }
}
