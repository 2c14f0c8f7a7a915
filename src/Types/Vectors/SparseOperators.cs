using PgVectorCompat.Vectors;

namespace PgVectorCompat.Types;

/// <summary>pgvector's functions and operators on sparsevec, and on bit. Those that take two values raise 22000 when their dimensions or lengths differ.</summary>
public static class SparseOperators
{
    public static double L2Distance(SparseVector a, SparseVector b) => Math.Sqrt(L2SquaredDistance(a, b));

    public static double L2SquaredDistance(SparseVector a, SparseVector b)
    {
        CheckSame(a, b);
        return SparseKernels.SquaredL2(a.Indices, a.Values, b.Indices, b.Values);
    }

    public static double InnerProduct(SparseVector a, SparseVector b)
    {
        CheckSame(a, b);
        return SparseKernels.Dot(a.Indices, a.Values, b.Indices, b.Values);
    }

    public static double NegativeInnerProduct(SparseVector a, SparseVector b) => -InnerProduct(a, b);

    public static double CosineDistance(SparseVector a, SparseVector b)
    {
        CheckSame(a, b);
        return SparseKernels.CosineDistance(a.Indices, a.Values, b.Indices, b.Values);
    }

    public static double L1Distance(SparseVector a, SparseVector b)
    {
        CheckSame(a, b);
        return SparseKernels.L1(a.Indices, a.Values, b.Indices, b.Values);
    }

    public static double Norm(SparseVector vector) => Norms.L2(vector.Values);

    /// <summary>Elements that become zero are dropped. Raises 22003 on overflow.</summary>
    public static SparseVector Normalize(SparseVector vector)
    {
        var values = new float[vector.Values.Length];
        return Norms.Normalize(vector.Values, values) == RangeFault.None
            ? VectorCasts.WithoutZeros(vector.Dimensions, vector.Indices, values)
            : throw VectorErrors.Overflow();
    }

    static void CheckSame(SparseVector a, SparseVector b)
    {
        if (a.Dimensions != b.Dimensions)
            throw VectorErrors.Different("sparsevec", a.Dimensions, b.Dimensions);
    }

    public static double HammingDistance(BitString a, BitString b)
    {
        CheckSame(a, b);
        return BitKernels.Hamming(a.Bytes, b.Bytes);
    }

    public static double JaccardDistance(BitString a, BitString b)
    {
        CheckSame(a, b);
        return BitKernels.Jaccard(a.Bytes, b.Bytes);
    }

    static void CheckSame(BitString a, BitString b)
    {
        if (a.Length != b.Length)
            throw VectorErrors.Data($"different bit lengths {a.Length} and {b.Length}");
    }
}
