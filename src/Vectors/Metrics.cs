using System.Runtime.CompilerServices;
using PgVectorCompat.Vectors.Lanes;

namespace PgVectorCompat.Vectors;

/// <summary>
/// A distance between dense vectors: what a pair of elements adds to the sums, and what the sums come to. Two zeros add
/// nothing, so a tail may be padded with them.
/// </summary>
interface IMetric
{
    static abstract void Add<V, TLanes>(ref Sums<V> sums, V a, V b) where V : struct where TLanes : struct, ILanes<V>;

    /// <summary>The distance that pgvector's operator returns.</summary>
    static abstract double Distance(in Sums<float> sums);

    /// <summary>Whether no pair makes the distance smaller, so that of the beginnings of two vectors is at most theirs.</summary>
    static abstract bool BeginsBelow { get; }
}

/// <summary><c>&lt;-&gt;</c>; the first sum is the squared distance.</summary>
readonly struct L2Metric : IMetric
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<V, TLanes>(ref Sums<V> sums, V a, V b) where V : struct where TLanes : struct, ILanes<V>
    {
        var difference = TLanes.Subtract(a, b);
        sums.First = TLanes.MultiplyAdd(difference, difference, sums.First);
    }

    public static double Distance(in Sums<float> sums) => Math.Sqrt(sums.First);
    public static bool BeginsBelow => true;
}

/// <summary><c>&lt;#&gt;</c>; the first sum is the inner product.</summary>
readonly struct InnerProductMetric : IMetric
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<V, TLanes>(ref Sums<V> sums, V a, V b) where V : struct where TLanes : struct, ILanes<V>
        => sums.First = TLanes.MultiplyAdd(a, b, sums.First);

    public static double Distance(in Sums<float> sums) => -sums.First;
    public static bool BeginsBelow => false;
}

/// <summary><c>&lt;=&gt;</c>; the sums are the inner product and the two squared norms.</summary>
readonly struct CosineMetric : IMetric
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<V, TLanes>(ref Sums<V> sums, V a, V b) where V : struct where TLanes : struct, ILanes<V>
    {
        sums.First = TLanes.MultiplyAdd(a, b, sums.First);
        sums.Second = TLanes.MultiplyAdd(a, a, sums.Second);
        sums.Third = TLanes.MultiplyAdd(b, b, sums.Third);
    }

    public static double Distance(in Sums<float> sums) => Cosine.Distance(sums.First, sums.Second, sums.Third);
    public static bool BeginsBelow => false;
}

/// <summary><c>&lt;+&gt;</c>; the first sum is the distance.</summary>
readonly struct L1Metric : IMetric
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<V, TLanes>(ref Sums<V> sums, V a, V b) where V : struct where TLanes : struct, ILanes<V>
        => sums.First = TLanes.Add(sums.First, TLanes.Abs(TLanes.Subtract(a, b)));

    public static double Distance(in Sums<float> sums) => sums.First;
    public static bool BeginsBelow => true;
}
