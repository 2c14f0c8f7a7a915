using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors;

/// <summary>
/// Distances between two float32 vectors of equal length. Sums are kept in float32, so they overflow to infinity where pgvector's do.
/// </summary>
public static class Float32Kernels
{
    /// <summary>Sum of squared differences: the L2 distance before its square root.</summary>
    public static float SquaredL2(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Run<L2Metric>(a, b).First;

    /// <summary>Inner product, not negated; the <c>&lt;#&gt;</c> operator negates it.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Run<InnerProductMetric>(a, b).First;

    /// <summary>Cosine distance, 0 to 2; NaN when a vector is zero or a squared norm leaves float32's range.</summary>
    public static double CosineDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => CosineMetric.Distance(Run<CosineMetric>(a, b));

    /// <summary>Sum of absolute differences.</summary>
    public static float L1(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Run<L1Metric>(a, b).First;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static Sums<float> Run<TMetric>(ReadOnlySpan<float> a, ReadOnlySpan<float> b) where TMetric : struct, IMetric
    {
        Debug.Assert(a.Length == b.Length, "the operator that calls a kernel has compared the dimensions");
        return Fold.Run<TMetric, float, float>(in MemoryMarshal.GetReference(a), in MemoryMarshal.GetReference(b), a.Length);
    }
}
