using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

public sealed class RowDistancesTests
{
    const int Rows = 23;

    [Theory]
    [InlineData(Metric.L2)]
    [InlineData(Metric.InnerProduct)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.L1)]
    public void Rows_get_the_distances_of_the_operators(Metric metric)
    {
        var random = new Random(6);
        foreach (var dimensions in new[] { 1, 3, 7, 16, 100, 256, 769 })
        {
            float[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Numbers(random, dimensions))];
            var query = Numbers(random, dimensions);
            CheckRows(RowDistances.To(query, metric), [.. rows.Select(row => MemoryMarshal.AsBytes<float>(row).ToArray())],
                [.. rows.Select(row => Distance(metric, query, row))]);

            Half[] halfQuery = [.. query.Select(x => (Half)x)];
            Half[][] halfRows = [.. rows.Select(row => row.Select(x => (Half)x).ToArray())];
            CheckRows(RowDistances.To(halfQuery, metric), [.. halfRows.Select(row => MemoryMarshal.AsBytes<Half>(row).ToArray())],
                [.. halfRows.Select(row => Distance(metric, halfQuery, row))]);
        }
    }

    [Fact]
    public void Bit_rows_get_the_distances_of_the_operators()
    {
        var random = new Random(7);
        byte[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => { var row = new byte[77]; random.NextBytes(row); return row; })];
        var query = rows[5];

        CheckRows(RowDistances.To(query, Metric.Hamming), rows, [.. rows.Select(row => (double)BitKernels.Hamming(query, row))]);
        CheckRows(RowDistances.To(query, Metric.Jaccard), rows, [.. rows.Select(row => BitKernels.Jaccard(query, row))]);
    }

    [Fact]
    public void Memory_outside_the_column_is_never_read()
    {
        var distances = RowDistances.To([1f, 2f], Metric.L2);

        Assert.Throws<ArgumentOutOfRangeException>(() => distances.Contiguous(new byte[23], 8, new double[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => distances.Contiguous(new byte[64], 7, new double[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => distances.Gather(new byte[23], 8, [2], new double[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => distances.Gather(new byte[23], 8, [-1], new double[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => distances.To([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowDistances.To([1f], Metric.Hamming));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowDistances.To([(byte)1], Metric.L2));
    }

    [Theory]
    [InlineData(Metric.L2, 64)]
    [InlineData(Metric.L2, 128)]
    [InlineData(Metric.L2, 300)]
    [InlineData(Metric.L2, 1536)]
    [InlineData(Metric.L1, 256)]
    [InlineData(Metric.Cosine, 256)]
    public void Rows_within_a_limit_keep_their_distances_to_the_bit(Metric metric, int dimensions)
    {
        const int Count = 1000;
        var random = new Random(dimensions);
        var column = new float[Count * dimensions];
        // Rows of every size from nearly zero up, so that every place of a row is where it passes a limit.
        for (var i = 0; i < column.Length; i++)
            column[i] = (random.NextSingle() - 0.5f) * (i / dimensions + 1) / Count;
        var bytes = MemoryMarshal.AsBytes<float>(column);
        var query = RowDistances.To(column.AsSpan(0, dimensions), metric);
        var all = new double[Count];
        query.Contiguous(bytes, dimensions * sizeof(float), all);

        // Exactly the distance of some row, so that rounding would show.
        foreach (var limit in new[] { double.NaN, double.PositiveInfinity, 0, all[10], all[400], all[999] })
        {
            var limited = new double[Count];
            query.Contiguous(bytes, dimensions * sizeof(float), limited, limit);
            for (var i = 0; i < Count; i++)
                Assert.True(limited[i] == all[i] || (all[i] > limit && double.IsPositiveInfinity(limited[i])), $"row {i}: {limited[i]} for {all[i]}, limit {limit}");
        }
    }

    static void CheckRows(RowDistances distances, byte[][] rows, double[] expected)
    {
        var stride = rows[0].Length + 5;
        var column = new byte[stride * (Rows - 1) + rows[0].Length];
        for (var i = 0; i < Rows; i++)
            rows[i].CopyTo(column, i * stride);

        var actual = new double[Rows];
        distances.Contiguous(column, stride, actual);
        Assert.Equal(expected, actual);

        int[] slots = [.. Enumerable.Range(0, Rows).Reverse()];
        distances.Gather(column, stride, slots, actual);
        Assert.Equal(expected.Reverse(), actual);
        Assert.Equal(expected[3], distances.To(rows[3]));
    }

    static double Distance(Metric metric, float[] a, float[] b) => metric switch
    {
        Metric.L2 => Math.Sqrt(Float32Kernels.SquaredL2(a, b)),
        Metric.InnerProduct => -Float32Kernels.Dot(a, b),
        Metric.Cosine => Float32Kernels.CosineDistance(a, b),
        _ => Float32Kernels.L1(a, b),
    };

    static double Distance(Metric metric, Half[] a, Half[] b) => metric switch
    {
        Metric.L2 => Math.Sqrt(Float16Kernels.SquaredL2(a, b)),
        Metric.InnerProduct => -Float16Kernels.Dot(a, b),
        Metric.Cosine => Float16Kernels.CosineDistance(a, b),
        _ => Float16Kernels.L1(a, b),
    };

    static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
