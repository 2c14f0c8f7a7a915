using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

public sealed unsafe class FastScanTests
{
    [Theory, MemberData(nameof(DenseKernelTests.Widths), MemberType = typeof(DenseKernelTests))]
    public void Sums_are_those_of_the_tables_in_every_width(int widest)
    {
        var random = new Random(5);
        var sums = stackalloc int[FastScan.Codes];
        foreach (var places in (int[])[4, 8, 12, 16, 32, 64, 100, 252, 256, 260, 1024, 1028, 4000])
        {
            var tables = new byte[places * FastScan.TableBytes];
            var block = new byte[places * FastScan.TableBytes];
            var numbers = new int[FastScan.Codes, places];
            random.NextBytes(tables);
            if (places == 4000) tables.AsSpan().Fill(255);
            fixed (byte* atTables = tables, atBlock = block)
            {
                for (var code = 0; code < FastScan.Codes; code++)
                    for (var place = 0; place < places; place++)
                        FastScan.Set(atBlock, place, code, numbers[code, place] = random.Next(16));

                FastScan.Sum(atBlock, atTables, places, sums, widest);

                for (var code = 0; code < FastScan.Codes; code++)
                {
                    var expected = 0;
                    for (var place = 0; place < places; place++)
                    {
                        Assert.Equal(numbers[code, place], FastScan.Get(atBlock, place, code));
                        expected += tables[place * FastScan.TableBytes + numbers[code, place]];
                    }
                    Assert.Equal(expected, sums[code]);
                }
            }
        }
    }

    [Fact]
    public void A_rotation_keeps_lengths_and_angles_and_can_be_undone()
    {
        var random = new Random(6);
        foreach (var dimensions in (int[])[1, 2, 63, 64, 65, 100, 128, 200, 256, 384, 768, 1000, 1536])
        {
            var rotation = new Rotation(dimensions, seed: 3);
            float[] a = Numbers(random, dimensions), b = Numbers(random, dimensions);
            float[] rotatedA = new float[rotation.Padded], rotatedB = new float[rotation.Padded], back = new float[dimensions];
            fixed (float* atA = rotatedA, atB = rotatedB)
            {
                rotation.Apply(a, atA);
                rotation.Apply(b, atB);

                Assert.Equal(Float32Kernels.Dot(a, b), Float32Kernels.Dot(rotatedA, rotatedB), 1e-3 * Math.Sqrt(dimensions));
                Assert.Equal(Float32Kernels.Dot(a, a), Float32Kernels.Dot(rotatedA, rotatedA), 1e-3 * Math.Sqrt(dimensions));
                rotation.Undo(atA, back);
            }
            for (var i = 0; i < dimensions; i++)
                Assert.Equal(a[i], back[i], 1e-5);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Residual_codes_bound_and_estimate_distances(bool isProduct)
    {
        var random = new Random(7);
        var bounds = stackalloc float[32];
        foreach (var dimensions in (int[])[8, 60, 128, 300, 768])
        {
            var codes = new ResidualCodes(dimensions, isProduct, seed: 1);
            float[] origin = Numbers(random, dimensions), center = Numbers(random, dimensions), query = Numbers(random, dimensions);
            var block = (byte*)NativeMemory.AlignedAlloc((nuint)codes.BlockBytes, 64);
            var tables = (byte*)NativeMemory.AlignedAlloc((nuint)codes.TableBytes, 64);
            try
            {
                NativeMemory.Clear(block, (nuint)codes.BlockBytes);
                float[] rotatedCenter = new float[codes.Padded], rotatedQuery = new float[codes.Padded];
                float[][] vectors = [.. Enumerable.Range(0, 32).Select(_ => Numbers(random, dimensions).Zip(center, (x, c) => 0.5f * x + c).ToArray())];
                const float deviations = 1.9f;
                int violated = 0, farOff = 0;
                fixed (float* atCenter = rotatedCenter, atQuery = rotatedQuery)
                {
                    codes.Rotate(center, origin, atCenter);
                    codes.Rotate(query, origin, atQuery);
                    for (var lane = 0; lane < 32; lane++)
                        codes.Encode(vectors[lane], center, atCenter, block, lane);
                    var prepared = codes.Prepare(atQuery, tables);
                    var distance = Float32Kernels.SquaredL2(query, center);
                    var error = deviations * MathF.Sqrt(distance);
                    var baseDistance = isProduct ? -Float32Kernels.Dot(query, center) : distance;

                    var all = prepared.Bounds(block, baseDistance, error, float.PositiveInfinity, bounds);

                    Assert.Equal(uint.MaxValue, all);
                    for (var lane = 0; lane < 32; lane++)
                    {
                        var exact = isProduct ? -Float32Kernels.Dot(query, vectors[lane]) : Float32Kernels.SquaredL2(query, vectors[lane]);
                        var margin = prepared.Margin(block, lane) * error;
                        Assert.Equal(bounds[lane], prepared.Bound(block, lane, baseDistance, error), 1e-3 * dimensions);
                        if (exact < bounds[lane]) violated++;
                        if (exact > bounds[lane] + 2 * margin) farOff++;
                    }
                    var limit = bounds[7];
                    var mask = prepared.Bounds(block, baseDistance, error, limit, bounds);
                    for (var lane = 0; lane < 32; lane++)
                        Assert.Equal(bounds[lane] <= limit, (mask >> lane & 1) != 0);
                }
                Assert.InRange(violated, 0, 4);
                Assert.InRange(farOff, 0, 4);
            }
            finally
            {
                NativeMemory.AlignedFree(block);
                NativeMemory.AlignedFree(tables);
            }
        }
    }

    static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
