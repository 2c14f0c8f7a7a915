using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

public sealed unsafe class RotatedCodeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Products_with_planes_are_those_of_the_numbers(int width)
    {
        var random = new Random(20);
        foreach (var count in (int[])[.. Enumerable.Range(1, 200), 255, 256, 257, 320, 384, 512, 768, 1000, 1536, 16_000])
        {
            var bytes = PlaneDot.Bytes(count, width);
            var planes = new byte[4 * (bytes + VectorCode.Overread)];
            var query = new sbyte[count + PlaneDot.QueryPadding];
            var numbers = new int[4, count];
            for (var i = 0; i < count; i++)
                query[i] = (sbyte)random.Next(-127, 128);
            fixed (byte* start = planes)
            fixed (sbyte* atQuery = query)
            {
                byte* At(int plane, byte* first) => first + plane * (bytes + VectorCode.Overread);
                for (var plane = 0; plane < 4; plane++)
                    for (var i = 0; i < count; i++)
                        PlaneDot.Set(At(plane, start), count, width, i, numbers[plane, i] = count == 16_000 ? (1 << width) - 1 : random.Next(1 << width));
                var four = PlaneDot.Four(At(0, start), At(1, start), At(2, start), At(3, start), atQuery, count, width);
                for (var plane = 0; plane < 4; plane++)
                {
                    var expected = 0;
                    for (var i = 0; i < count; i++)
                    {
                        Assert.Equal(numbers[plane, i], PlaneDot.Get(At(plane, start), count, width, i));
                        expected += numbers[plane, i] * query[i];
                    }
                    Assert.Equal(expected, PlaneDot.One(At(plane, start), atQuery, count, width));
                    Assert.Equal(expected, PlaneDot.One(At(plane, start), atQuery, count, width, widest: 128));
                    Assert.Equal(expected, four[plane]);
                }
            }
        }
    }

    [Fact]
    public void Planes_give_back_the_numbers()
    {
        var random = new Random(22);
        for (var bits = 1; bits <= 8; bits++)
            foreach (var count in (int[])[64, 128, 192, 256, 320, 448, 768, 1536])
            {
                byte[] numbers = new byte[count + PlaneDot.QueryPadding], back = new byte[count + PlaneDot.QueryPadding];
                for (var i = 0; i < count; i++)
                    numbers[i] = (byte)random.Next(1 << bits);
                var planes = new byte[Planes.Bytes(bits, count)];
                fixed (byte* atNumbers = numbers, atPlanes = planes, atBack = back)
                {
                    Planes.Pack(atNumbers, count, bits, atPlanes);
                    Planes.Unpack(atPlanes, count, bits, atBack);
                    Assert.Equal(numbers[..count], back[..count]);
                    var plane = atPlanes;
                    for (int width, shift = 0; shift < bits; shift += width, plane += PlaneDot.Bytes(count, width))
                    {
                        width = Planes.Width(bits - shift);
                        for (var i = 0; i < count; i++)
                            Assert.Equal(numbers[i] >> shift & ((1 << width) - 1), PlaneDot.Get(plane, count, width, i));
                    }
                }
            }
    }

    public static readonly TheoryData<int, Metric> Kinds = [];

    static RotatedCodeTests()
    {
        for (var bits = 1; bits <= 8; bits++)
            foreach (var metric in (Metric[])[Metric.L2, Metric.InnerProduct, Metric.Cosine])
                Kinds.Add(bits, metric);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Distances_err_little_and_less_with_each_bit(int bits, Metric metric)
    {
        foreach (var dimensions in (int[])[40, 100, 256, 768])
        {
            var random = new Random(21);
            float[] mean = Numbers(random, dimensions);
            float[][] vectors = [.. Enumerable.Range(0, 100).Select(_ => Numbers(random, dimensions).Zip(mean, (x, y) => x + y).ToArray())];
            using var code = VectorCodes.Rotated(VectorElement.Float32, dimensions, metric, bits, metric == Metric.Cosine ? [] : mean, seed: 1);
            var (spread, error, between) = code.Use(new Measure(code, vectors, metric));

            // Half of all vectors lie within a spread of the mean distance; a bit more halves the error.
            var allowed = 1.5 / Math.Pow(1.8, bits - 1) * Math.Sqrt(256.0 / Math.Max(dimensions, 64)) * 0.35 + 0.02;
            Assert.True(error < allowed * spread * 8, $"{dimensions} dimensions: error {error}, spread {spread}");
            if (bits > 1) Assert.True(between < 3 * allowed * spread * 8, $"{dimensions} dimensions: error between codes {between}, spread {spread}");
        }
    }

    /// <summary>Spread of the exact distances, and the mean error of approximate ones: from queries, and between codes.</summary>
    sealed class Measure(VectorCode code, float[][] vectors, Metric metric) : ICodeUser<(double Spread, double Error, double Between)>
    {
        public (double Spread, double Error, double Between) With<TQuery>(VectorCode<TQuery> kind) where TQuery : unmanaged, ICodeQuery
        {
            var stride = (code.CodeBytes + 63) / 64 * 64;
            var codes = (byte*)NativeMemory.AlignedAlloc((nuint)(vectors.Length * stride + VectorCode.Overread), 64);
            var memory = (byte*)NativeMemory.AlignedAlloc((nuint)(code.QueryBytes + VectorCode.Overread), 64);
            var distances = stackalloc float[4];
            try
            {
                for (var i = 0; i < vectors.Length; i++)
                    Assert.True(code.TryEncode(MemoryMarshal.AsBytes<float>(vectors[i]), codes + i * stride));
                double spread = 0, error = 0, between = 0;
                var query = kind.Prepare(MemoryMarshal.AsBytes<float>(vectors[0]), memory);
                double[] exact = [.. vectors.Select(vector => Exact(vectors[0], vector))];
                var average = exact.Skip(4).Average();
                for (var i = 4; i < vectors.Length; i += 4)
                {
                    query.To(codes + i * stride, codes + (i + 1) * stride, codes + (i + 2) * stride, codes + (i + 3) * stride, distances);
                    for (var j = 0; j < 4; j++)
                    {
                        Assert.Equal(query.To(codes + (i + j) * stride), distances[j], 1e-3f * Math.Max(1, Math.Abs(distances[j])));
                        spread += Math.Abs(exact[i + j] - average);
                        error += Math.Abs(exact[i + j] - distances[j]);
                    }
                }
                query = kind.Prepare(codes, memory);
                for (var i = 4; i < vectors.Length; i++)
                    between += Math.Abs(exact[i] - query.To(codes + i * stride));
                var count = vectors.Length - 4;
                return (spread / count, error / count, between / count);
            }
            finally
            {
                NativeMemory.AlignedFree(codes);
                NativeMemory.AlignedFree(memory);
            }
        }

        double Exact(float[] a, float[] b) => metric switch
        {
            Metric.L2 => Float32Kernels.SquaredL2(a, b),
            Metric.InnerProduct => -Float32Kernels.Dot(a, b),
            _ => 2 * Float32Kernels.CosineDistance(a, b),
        };
    }

    static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
