using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>The B-tree order of vectors: element by element, and where one is the beginning of the other, the shorter first.</summary>
public static class VectorOrder
{
    /// <summary>-1, 0 or 1. -0 equals 0.</summary>
    public static int Compare(ReadOnlySpan<float> left, ReadOnlySpan<float> right) => CompareNumbers(left, right);

    /// <inheritdoc cref="Compare(ReadOnlySpan{float}, ReadOnlySpan{float})"/>
    public static int Compare(ReadOnlySpan<Half> left, ReadOnlySpan<Half> right) => CompareNumbers(left, right);

    static int CompareNumbers<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right) where T : INumber<T>
    {
        var common = Math.Min(left.Length, right.Length);
        for (var i = 0; i < common; i++)
        {
            if (left[i] < right[i])
                return -1;
            if (left[i] > right[i])
                return 1;
        }
        return left.Length.CompareTo(right.Length);
    }

    /// <summary>The order of the dense vectors that <paramref name="left"/> and <paramref name="right"/> stand for.</summary>
    public static int Compare(SparseVector left, SparseVector right)
    {
        int[] indicesL = left.Indices, indicesR = right.Indices;
        int i = 0, j = 0;
        for (; i < indicesL.Length && j < indicesR.Length; i++, j++)
        {
            // An entry on one side only stands against a zero.
            if (indicesL[i] < indicesR[j])
                return left.Values[i] < 0 ? -1 : 1;
            if (indicesL[i] > indicesR[j])
                return right.Values[j] < 0 ? 1 : -1;
            if (left.Values[i] != right.Values[j])
                return left.Values[i] < right.Values[j] ? -1 : 1;
        }
        if (i < indicesL.Length && indicesL[i] < right.Dimensions)
            return left.Values[i] < 0 ? -1 : 1;
        if (j < indicesR.Length && indicesR[j] < left.Dimensions)
            return right.Values[j] < 0 ? 1 : -1;
        return left.Dimensions.CompareTo(right.Dimensions);
    }
}
