using System.Runtime.InteropServices;
using PgVectorCompat.Indexes;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Unit.Indexes;

/// <summary>Stored vectors under row ids from 0, with the truth about them.</summary>
sealed class TestRows(byte[][] values, VectorElement element = VectorElement.Float32) : IVectorRows
{
    public byte[][] Values => values;
    public int Count => values.Length;
    public long EstimatedCount => values.Length;
    public byte[] this[int row] => values[row];

    public void Visit(int part, int parts, VectorVisitor visitor)
    {
        for (var row = (long)Count * part / parts; row < (long)Count * (part + 1) / parts; row++)
            if (!visitor(row, 0, values[row]))
                return;
    }

    /// <summary>Vectors around 30 centres that are the same for every seed, as far from them as the centres are from each other.</summary>
    public static TestRows Clustered(VectorElement element, int dimensions, int count, int seed)
    {
        var ofCentres = new Random(99);
        var centres = Enumerable.Range(0, 30).Select(_ => Enumerable.Range(0, dimensions).Select(_ => ofCentres.NextSingle() - 0.5f).ToArray()).ToArray();
        var random = new Random(seed);
        var rows = new byte[count][];
        for (var row = 0; row < count; row++)
        {
            var centre = centres[random.Next(centres.Length)];
            float[] vector = [.. centre.Select(x => x + 0.7f * (random.NextSingle() - 0.5f))];
            rows[row] = element switch
            {
                VectorElement.Float32 => MemoryMarshal.AsBytes<float>(vector).ToArray(),
                VectorElement.Float16 => MemoryMarshal.AsBytes<Half>(vector.Select(x => (Half)x).ToArray()).ToArray(),
                VectorElement.Bit => Bits(vector),
                _ => Sparse(vector, random),
            };
        }
        return new(rows, element);
    }

    public double Distance(byte[] query, long row, Metric metric)
        => element == VectorElement.Sparse ? SparseDistance(query, values[row], metric) : (metric is Metric.Hamming or Metric.Jaccard ? RowDistances.To(query, metric)
            : element == VectorElement.Float16 ? RowDistances.To(MemoryMarshal.Cast<byte, Half>(query), metric)
            : RowDistances.To(MemoryMarshal.Cast<byte, float>(query), metric)).To(values[row]);

    /// <summary>Distances to the nearest rows, in order.</summary>
    public double[] Nearest(byte[] query, Metric metric, int count, Func<int, bool>? passes = null)
        => [.. Enumerable.Range(0, Count).Where(row => passes?.Invoke(row) ?? true).Select(row => Distance(query, row, metric)).Order().Take(count)];

    static double SparseDistance(byte[] a, byte[] b, Metric metric)
    {
        var ((indicesA, valuesA), (indicesB, valuesB)) = (Parts(a), Parts(b));
        return metric switch
        {
            Metric.L2 => Math.Sqrt(SparseKernels.SquaredL2(indicesA, valuesA, indicesB, valuesB)),
            Metric.InnerProduct => -SparseKernels.Dot(indicesA, valuesA, indicesB, valuesB),
            Metric.Cosine => SparseKernels.CosineDistance(indicesA, valuesA, indicesB, valuesB),
            _ => SparseKernels.L1(indicesA, valuesA, indicesB, valuesB),
        };

        static (int[] Indices, float[] Values) Parts(byte[] stored)
        {
            var half = (stored.Length - sizeof(int)) / 2;
            return (MemoryMarshal.Cast<byte, int>(stored.AsSpan(sizeof(int), half)).ToArray(), MemoryMarshal.Cast<byte, float>(stored.AsSpan(sizeof(int) + half)).ToArray());
        }
    }

    static byte[] Bits(float[] vector)
    {
        var bits = new byte[(vector.Length + 7) / 8];
        SignBits.Pack(vector, bits);
        return bits;
    }

    static byte[] Sparse(float[] vector, Random random)
    {
        int[] indices = [.. Enumerable.Range(0, vector.Length).Where(i => Math.Abs(vector[i]) > 0.4f || random.Next(20) == 0)];
        return [.. BitConverter.GetBytes(vector.Length), .. MemoryMarshal.AsBytes<int>(indices), .. MemoryMarshal.AsBytes<float>(indices.Select(i => vector[i]).ToArray())];
    }
}
