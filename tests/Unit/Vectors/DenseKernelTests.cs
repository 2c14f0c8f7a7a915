using System.Runtime.Intrinsics;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

/// <summary>Every dense kernel, in every width this machine runs, against its definition in double precision.</summary>
public sealed class DenseKernelTests
{
    public static readonly TheoryData<int> Widths = [512, 256, 128, 0];

    static readonly int[] Dimensions = [.. Enumerable.Range(1, 200), 768, 1536];

    [Theory, MemberData(nameof(Widths))]
    public void Float32_sums_agree_with_their_definition(int widest)
    {
        var random = new Random(1);
        foreach (var count in Dimensions)
        {
            float[] a = Numbers(random, count), b = Numbers(random, count);

            Check(Run<L2Metric, float>(a, b, widest).First, a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).ToArray());
            Check(Run<InnerProductMetric, float>(a, b, widest).First, a.Zip(b, (x, y) => (double)x * y).ToArray());
            Check(Run<L1Metric, float>(a, b, widest).First, a.Zip(b, (x, y) => Math.Abs((double)x - y)).ToArray());
            var cosine = Run<CosineMetric, float>(a, b, widest);
            Check(cosine.First, a.Zip(b, (x, y) => (double)x * y).ToArray());
            Check(cosine.Second, a.Select(x => (double)x * x).ToArray());
            Check(cosine.Third, b.Select(x => (double)x * x).ToArray());
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void Float16_sums_are_those_of_the_widened_numbers(int widest)
    {
        var random = new Random(2);
        foreach (var count in Dimensions)
        {
            Half[] a = [.. Numbers(random, count).Select(x => (Half)x)], b = [.. Numbers(random, count).Select(x => (Half)x)];
            float[] wideA = [.. a.Select(x => (float)x)], wideB = [.. b.Select(x => (float)x)];

            Assert.Equal(Run<L2Metric, float>(wideA, wideB, widest).First, Run<L2Metric, Half>(a, b, widest).First);
            Assert.Equal(Run<InnerProductMetric, float>(wideA, wideB, widest).First, Run<InnerProductMetric, Half>(a, b, widest).First);
            Assert.Equal(Run<L1Metric, float>(wideA, wideB, widest).First, Run<L1Metric, Half>(a, b, widest).First);
            Assert.Equal(Run<CosineMetric, float>(wideA, wideB, widest), Run<CosineMetric, Half>(a, b, widest));
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void Exact_sums_are_exact_in_every_width(int widest)
    {
        foreach (var count in Dimensions)
        {
            float[] a = [.. Enumerable.Range(0, count).Select(i => i % 7 - 3f)], b = [.. Enumerable.Range(0, count).Select(i => i % 5 - 2f)];

            Assert.Equal(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum(), Run<L2Metric, float>(a, b, widest).First);
            Assert.Equal(a.Zip(b, (x, y) => x * y).Sum(), Run<InnerProductMetric, float>(a, b, widest).First);
            Assert.Equal(a.Zip(b, (x, y) => Math.Abs(x - y)).Sum(), Run<L1Metric, float>(a, b, widest).First);
        }
    }

    [Fact]
    public void Public_kernels_return_what_pgvector_prints()
    {
        Assert.Equal(0.025368153802923787, Float32Kernels.CosineDistance([1, 2, 3], [4, 5, 6]));
        Assert.Equal(float.PositiveInfinity, Float32Kernels.SquaredL2([3e38f], [-3e38f]));
        Assert.Equal(0f, Float32Kernels.SquaredL2([1e-30f], [0]));
        Assert.True(double.IsNaN(Float32Kernels.CosineDistance([0, 0], [1, 2])));
        Assert.True(double.IsNaN(Float32Kernels.CosineDistance([3e38f], [3e38f])));
        Assert.True(double.IsNaN(Float32Kernels.CosineDistance([1e-30f], [1e-30f])));
        Assert.Equal(2, Float32Kernels.CosineDistance([1, 1], [-1, -1]));
        Assert.Equal(0, Float16Kernels.CosineDistance([(Half)1, (Half)2], [(Half)2, (Half)4]));
        Assert.Equal(25f, Float16Kernels.SquaredL2([(Half)0, (Half)0], [(Half)3, (Half)4]));
        Assert.Equal(32f, Float16Kernels.Dot([(Half)1, (Half)2, (Half)3], [(Half)4, (Half)5, (Half)6]));
        Assert.Equal(7f, Float16Kernels.L1([(Half)0, (Half)0], [(Half)3, (Half)4]));
        Assert.Equal(0f, Float32Kernels.Dot([], []));
    }

    [Fact]
    public void Widening_is_exact_for_every_finite_half()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (!Half.IsFinite(half)) continue;
            foreach (var count in new[] { 1, 4, 8, 16 })
                Assert.Equal((float)half, Float16Kernels.Dot([half, .. new Half[count - 1]], [(Half)1, .. new Half[count - 1]]));
        }
    }

    static Sums<float> Run<TMetric, T>(T[] a, T[] b, int widest) where TMetric : struct, IMetric where T : unmanaged
        => Fold.Run<TMetric, T, T>(in a[0], in b[0], a.Length, widest);

    static float[] Numbers(Random random, int count)
        => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1) * MathF.Pow(10, random.Next(-3, 3)))];

    /// <summary>Rounding of n float32 additions stays within n × 2⁻²⁴ of the sum of magnitudes.</summary>
    static void Check(float actual, double[] terms)
        => Assert.InRange(Math.Abs(actual - terms.Sum()), 0, terms.Sum(Math.Abs) * Math.Min(terms.Length + 1, 64) * Math.Pow(2, -24));

    [Fact]
    public void Widths_beyond_the_machine_are_not_chosen()
        => Assert.Equal(Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1,
            InstructionSet.FloatsPerOperation);
}
