using System.Runtime.InteropServices;
using PgVectorCompat.Indexes;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

/// <summary>The kernels of codes, for every number of dimensions up to 200, against what they are defined to compute.</summary>
public sealed unsafe class CodeKernelTests
{
    const int Codes = 4;

    /// <summary>What two neighbours of a query may be together on every machine.</summary>
    const int ByteDotPair = 128;

    [Theory]
    [InlineData(ByteDot.Best)]
    [InlineData(512)]
    [InlineData(256)]
    [InlineData(128)]
    public void Products_of_bytes_are_exact_in_every_width(int widest)
    {
        var random = new Random(1);
        foreach (var dimensions in (int[])[.. Enumerable.Range(1, 200), 768, 1536, 16_000])
        {
            var count = (dimensions + ByteDot.Block - 1) / ByteDot.Block * ByteDot.Block;
            var codes = new byte[Codes * count];
            var query = new sbyte[count];
            random.NextBytes(codes);
            // The most that the kernels without AvxVnni take, and codes that are full; what lies behind the query's end must not count.
            for (var i = 0; i < dimensions; i++)
            {
                query[i] = (sbyte)random.Next(-ByteDotPair / 2, (ByteDotPair / 2) + 1);
                if (i % 3 == 0) codes[i] = byte.MaxValue;
            }
            fixed (byte* at = codes)
            fixed (sbyte* atQuery = query)
            {
                var four = ByteDot.Four(at, at + count, at + (2 * count), at + (3 * count), atQuery, count, widest);
                for (var code = 0; code < Codes; code++)
                {
                    var expected = Enumerable.Range(0, dimensions).Sum(i => codes[(code * count) + i] * query[i]);
                    Assert.Equal(expected, ByteDot.One(at + (code * count), atQuery, count, widest));
                    Assert.Equal(expected, four[code]);
                }
            }
        }
    }

    // Not float32 by inner product, whose codes of few dimensions compare by L2.
    public static readonly TheoryData<Quantization, Metric> Kinds = new()
    {
        { Quantization.None, Metric.L2 },
        { Quantization.None, Metric.Cosine },
        { Quantization.None, Metric.L1 },
        { Quantization.F16, Metric.L2 },
        { Quantization.F16, Metric.InnerProduct },
        { Quantization.F16, Metric.L1 },
        { Quantization.Sq8, Metric.L2 },
        { Quantization.Sq8, Metric.InnerProduct },
        { Quantization.Sq8, Metric.Cosine },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Distances_to_codes_are_near_the_exact_ones(Quantization quantization, Metric metric)
    {
        foreach (var dimensions in Enumerable.Range(1, 200))
        {
            var random = new Random(dimensions);
            using var code = quantization switch
            {
                Quantization.None => VectorCodes.Float32(VectorElement.Float32, dimensions, metric),
                Quantization.F16 => VectorCodes.Float16(VectorElement.Float32, dimensions, metric),
                _ => VectorCodes.Sq8(VectorElement.Float32, dimensions, metric, metric == Metric.Cosine ? [] : Numbers(random, dimensions)),
            };
            float[][] vectors = [.. Enumerable.Range(0, Codes + 1).Select(_ => Numbers(random, dimensions))];
            code.Use(new Check(code, [.. vectors.Select(vector => MemoryMarshal.AsBytes<float>(vector).ToArray())], (i, distance) =>
            {
                float[] a = vectors[0], b = vectors[i];
                double Norm(float[] x) => Math.Sqrt(x.Sum(y => (double)y * y));
                var product = a.Zip(b, (x, y) => (double)x * y).Sum();
                var exact = metric switch
                {
                    Metric.L2 => a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Sum(),
                    Metric.InnerProduct => -product,
                    Metric.Cosine => 2 - (2 * product / Norm(a) / Norm(b)),
                    _ => a.Zip(b, (x, y) => Math.Abs((double)x - y)).Sum(),
                };
                var scale = metric switch { Metric.Cosine => 1, Metric.L1 => dimensions, _ => 1 + (Norm(a) * Norm(b)) };
                var allowed = quantization switch { Quantization.None => 1e-5, Quantization.F16 => 1e-3, _ => 0.03 };
                Assert.InRange(distance, exact - (allowed * scale), exact + (allowed * scale));
            }));
        }
    }

    [Theory]
    [InlineData(Metric.Hamming)]
    [InlineData(Metric.Jaccard)]
    public void Distances_of_bit_strings_are_exact(Metric metric)
    {
        var random = new Random(1);
        foreach (var bits in Enumerable.Range(1, 200))
        {
            byte[] Bits()
            {
                var bytes = new byte[(bits + 7) / 8];
                random.NextBytes(bytes);
                if (bits % 8 != 0) bytes[^1] &= (byte)(0xFF << (8 - (bits % 8)));
                return bytes;
            }
            byte[][] values = [.. Enumerable.Range(0, Codes + 1).Select(_ => Bits())];
            using var code = VectorCodes.Bits(bits, metric);
            code.Use(new Check(code, values, (i, distance) => Assert.Equal(
                metric == Metric.Hamming ? BitKernels.Hamming(values[0], values[i]) : (float)BitKernels.Jaccard(values[0], values[i]), distance)));
        }
    }

    /// <summary>Gives the distances of the first vector, as a query and as a code, to the others; those of four at once must be those of one.</summary>
    sealed class Check(VectorCode code, byte[][] values, Action<int, float> check) : ICodeUser<bool>
    {
        public bool With<TQuery>(VectorCode<TQuery> kind) where TQuery : unmanaged, ICodeQuery
        {
            var stride = (code.CodeBytes + 7) / 8 * 8;
            var codes = (byte*)NativeMemory.AlignedAlloc((nuint)((values.Length * stride) + VectorCode.Overread), 64);
            var memory = (byte*)NativeMemory.AlignedAlloc((nuint)(code.QueryBytes + VectorCode.Overread), 64);
            // Whatever lies behind a code must not count.
            new Span<byte>(codes, (values.Length * stride) + VectorCode.Overread).Fill(0xA5);
            try
            {
                for (var i = 0; i < values.Length; i++)
                    Assert.True(code.TryEncode(values[i], codes + (i * stride)));
                All(kind.Prepare(values[0], memory), codes, stride);
                All(kind.Prepare(codes, memory), codes, stride);
                return true;
            }
            finally
            {
                NativeMemory.AlignedFree(codes);
                NativeMemory.AlignedFree(memory);
            }
        }

        void All<TQuery>(TQuery query, byte* codes, int stride) where TQuery : unmanaged, ICodeQuery
        {
            var four = stackalloc float[Codes];
            query.To(codes + stride, codes + (2 * stride), codes + (3 * stride), codes + (4 * stride), four);
            for (var i = 1; i <= Codes; i++)
            {
                var one = query.To(codes + (i * stride));
                Assert.Equal(one, four[i - 1], 1e-4f * Math.Max(1, Math.Abs(one)));
                check(i, one);
            }
        }
    }

    static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
}
