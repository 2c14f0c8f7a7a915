using System.Diagnostics.CodeAnalysis;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Values of one type by the type's equality; none may be NULL.</summary>
sealed class DatumComparer(TypeCodec codec) : IEqualityComparer<Datum>
{
    public bool Equals(Datum x, Datum y) => codec.Equal(x, y);
    public int GetHashCode(Datum value) => codec.Hash(value);
}

/// <summary>
/// Keys of several values as GROUP BY, DISTINCT and set operations compare them: NULL equals NULL. Looks up spans without making an
/// array of them.
/// </summary>
sealed class RowComparer(TypeCodec[] codecs) : IEqualityComparer<Datum[]>, IAlternateEqualityComparer<ReadOnlySpan<Datum>, Datum[]>
{
    public bool Equals(Datum[]? x, Datum[]? y) => Equals((ReadOnlySpan<Datum>)x, y!);

    public bool Equals(ReadOnlySpan<Datum> alternate, Datum[] other)
    {
        for (var i = 0; i < codecs.Length; i++)
        {
            var (a, b) = (alternate[i], other[i]);
            if (a.IsNull || b.IsNull ? a.IsNull != b.IsNull : !codecs[i].Equal(a, b))
                return false;
        }
        return true;
    }

    public int GetHashCode([DisallowNull] Datum[] row) => GetHashCode((ReadOnlySpan<Datum>)row);

    public int GetHashCode(ReadOnlySpan<Datum> alternate)
    {
        if (codecs.Length == 1)
            return alternate[0].IsNull ? 0 : codecs[0].Hash(alternate[0]);
        var hash = 17;
        for (var i = 0; i < codecs.Length; i++)
            hash = unchecked(hash * -1521134295 + (alternate[i].IsNull ? 0 : codecs[i].Hash(alternate[i])));
        return hash;
    }

    public Datum[] Create(ReadOnlySpan<Datum> alternate) => alternate[..codecs.Length].ToArray();
}

/// <summary>One key of an order: the type's order, its direction, and where NULLs go.</summary>
readonly record struct SortDirection(TypeCodec Codec, bool Descending, bool NullsFirst)
{
    public int Compare(in Datum left, in Datum right)
    {
        if (left.IsNull || right.IsNull)
            return left.IsNull == right.IsNull ? 0 : left.IsNull == NullsFirst ? -1 : 1;
        var order = Codec.Compare(left, right);
        return Descending ? -order : order;
    }

    public static int Compare(ReadOnlySpan<SortDirection> directions, ReadOnlySpan<Datum> left, ReadOnlySpan<Datum> right)
    {
        for (var i = 0; i < directions.Length; i++)
        {
            var order = directions[i].Compare(in left[i], in right[i]);
            if (order != 0)
                return order;
        }
        return 0;
    }
}
