using System.Buffers;
using System.Buffers.Binary;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// The sorted order of rows in memory, stable. Rows are first sorted by a number, made of the first eight bytes of the first key's sort
/// key, without looking at a row again; only rows whose numbers are equal are compared.
/// </summary>
static class RowOrder
{
    /// <summary>Numbers of the rows in their order.</summary>
    public static int[] Of(RowBuffer rows, int keys, SortDirection[] directions)
    {
        var order = new int[rows.Count];
        if (order.Length == 0)
            return order;
        var comparer = new ByKeys(rows, keys, directions);
        if (directions.Length == 0)
        {
            for (var i = 0; i < order.Length; i++)
                order[i] = i;
            return order;
        }

        var first = directions[0];
        var prefixes = ArrayPool<ulong>.Shared.Rent(order.Length);
        var (known, nulls) = Prefixes(rows, keys, first, order, prefixes, out var isExact);
        if (first.NullsFirst)
            MoveNullsToFront(order, prefixes, known, nulls);
        var start = first.NullsFirst ? nulls : 0;
        PrefixSort.Sort(prefixes.AsSpan(start, known), order.AsSpan(start, known));
        if (!isExact || directions.Length > 1 || known < PrefixSort.LeastForCounting)
            SortEqual(prefixes.AsSpan(start, known), order.AsSpan(start, known), comparer);
        if (directions.Length > 1 && nulls > 1)
            order.AsSpan(first.NullsFirst ? 0 : known, nulls).Sort(comparer);
        ArrayPool<ulong>.Shared.Return(prefixes);
        return order;
    }

    // Rows whose first key is NULL come behind the others, with no prefix.
    static (int Known, int Nulls) Prefixes(RowBuffer rows, int key, SortDirection direction, int[] order, ulong[] prefixes, out bool isExact)
    {
        var known = 0;
        var nulls = order.Length;
        var writer = new ByteWriter();
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        isExact = true;
        for (var i = 0; i < order.Length; i++)
        {
            var value = rows[i][key];
            if (value.IsNull)
            {
                order[--nulls] = i;
                continue;
            }
            writer.Clear();
            direction.Codec.WriteSortKey(value, writer);
            var bytes = writer.Written;
            ulong prefix;
            if (bytes.Length >= sizeof(ulong))
            {
                prefix = BinaryPrimitives.ReadUInt64BigEndian(bytes);
                isExact &= bytes.Length == sizeof(ulong);
            }
            else
            {
                padded.Clear();
                bytes.CopyTo(padded);
                prefix = BinaryPrimitives.ReadUInt64BigEndian(padded);
            }
            prefixes[known] = direction.Descending ? ~prefix : prefix;
            order[known++] = i;
        }
        order.AsSpan(nulls).Reverse();
        return (known, order.Length - nulls);
    }

    static void MoveNullsToFront(int[] order, ulong[] prefixes, int known, int nulls)
    {
        if (nulls == 0)
            return;
        var withNull = order[known..];
        Array.Copy(order, 0, order, nulls, known);
        withNull.CopyTo(order, 0);
        Array.Copy(prefixes, 0, prefixes, nulls, known);
    }

    static void SortEqual(ReadOnlySpan<ulong> prefixes, Span<int> order, ByKeys comparer)
    {
        for (var start = 0; start < prefixes.Length;)
        {
            var end = start + 1;
            while (end < prefixes.Length && prefixes[end] == prefixes[start])
                end++;
            if (end - start > 1)
                order[start..end].Sort(comparer);
            start = end;
        }
    }

    sealed class ByKeys(RowBuffer rows, int keys, SortDirection[] directions) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            var order = SortDirection.Compare(directions, rows[x][keys..], rows[y][keys..]);
            return order != 0 ? order : x.CompareTo(y);
        }
    }
}
