namespace PgVectorCompat.Vectors;

/// <summary>
/// Distances between two sparse vectors of equal dimensions, each given by ascending indices and the values at them. Sums are
/// taken in float32 in index order, without fused operations, as pgvector does.
/// </summary>
public static class SparseKernels
{
    /// <summary>Sum of squared differences.</summary>
    public static float SquaredL2(
        ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        => Merge<SquareTerm>(indicesA, valuesA, indicesB, valuesB);

    /// <summary>Sum of absolute differences.</summary>
    public static float L1(
        ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        => Merge<AbsoluteTerm>(indicesA, valuesA, indicesB, valuesB);

    /// <summary>Inner product, not negated.</summary>
    public static float Dot(
        ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
    {
        float sum = 0;
        for (int i = 0, j = 0; i < indicesA.Length && j < indicesB.Length;)
        {
            var order = indicesA[i] - indicesB[j];
            if (order == 0) sum += valuesA[i] * valuesB[j];
            if (order <= 0) i++;
            if (order >= 0) j++;
        }
        return sum;
    }

    /// <summary>Cosine distance, 0 to 2; NaN when a vector is zero or a squared norm leaves float32's range.</summary>
    public static double CosineDistance(
        ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        => Cosine.Distance(Dot(indicesA, valuesA, indicesB, valuesB), SquaredNorm(valuesA), SquaredNorm(valuesB));

    static float SquaredNorm(ReadOnlySpan<float> values)
    {
        float sum = 0;
        foreach (var value in values)
            sum += value * value;
        return sum;
    }

    /// <summary>Folds the differences at every index that either vector has.</summary>
    static float Merge<TTerm>(
        ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        where TTerm : struct, IDifferenceTerm
    {
        float sum = 0;
        int i = 0, j = 0;
        while (i < indicesA.Length && j < indicesB.Length)
        {
            var order = indicesA[i] - indicesB[j];
            var a = order <= 0 ? valuesA[i++] : 0;
            var b = order >= 0 ? valuesB[j++] : 0;
            sum += TTerm.Of(a - b);
        }
        for (; i < indicesA.Length; i++) sum += TTerm.Of(valuesA[i]);
        for (; j < indicesB.Length; j++) sum += TTerm.Of(valuesB[j]);
        return sum;
    }

    /// <summary>What one difference adds to the sum.</summary>
    interface IDifferenceTerm
    {
        static abstract float Of(float difference);
    }

    readonly struct SquareTerm : IDifferenceTerm
    {
        public static float Of(float difference) => difference * difference;
    }

    readonly struct AbsoluteTerm : IDifferenceTerm
    {
        public static float Of(float difference) => Math.Abs(difference);
    }
}
