using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>Makes the codes that need no training.</summary>
public static class VectorCodes
{
    /// <summary>Vectors with fewer dimensions save nothing by small codes, and inner products of them need a graph by L2.</summary>
    public const int FewDimensions = 16;

    /// <summary>Float32 vectors as they are (of length one under cosine distance).</summary>
    public static VectorCode Float32(VectorElement element, int dimensions, Metric metric) => Raw<float>(DenseInput.For(element, dimensions, metric), metric);

    /// <summary>Vectors in half precision.</summary>
    public static VectorCode Float16(VectorElement element, int dimensions, Metric metric) => Raw<Half>(DenseInput.For(element, dimensions, metric), metric);

    /// <summary>Bit strings as they are.</summary>
    public static VectorCode Bits(int bits, Metric metric) => metric switch
    {
        Metric.Hamming => new BitCode<HammingDistance>(bits),
        Metric.Jaccard => new BitCode<JaccardDistance>(bits),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "not a distance between bit strings"),
    };

    /// <summary>Sparse vectors as they are.</summary>
    public static VectorCode Sparse(int dimensions, Metric metric) => metric switch
    {
        Metric.L2 => new SparseCode<SparseSquaredL2>(dimensions, normalize: false),
        Metric.InnerProduct => new SparseCode<SparseInnerProduct>(dimensions, normalize: false),
        Metric.Cosine => new SparseCode<SparseCosine>(dimensions, normalize: true),
        Metric.L1 => new SparseCode<SparseL1>(dimensions, normalize: false),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "not a distance between sparse vectors"),
    };

    /// <summary>One byte a dimension, for L2, inner product and cosine; works without a mean, better with one.</summary>
    public static VectorCode Sq8(VectorElement element, int dimensions, Metric metric, float[] mean)
        => new Sq8Code(DenseInput.For(element, dimensions, metric), metric, mean);

    /// <summary>Reads what an Sq8 code wrote by <see cref="VectorCode.Save"/>.</summary>
    public static VectorCode LoadSq8(VectorElement element, int dimensions, Metric metric, BinaryReader reader)
        => Sq8Code.Load(DenseInput.For(element, dimensions, metric), metric, reader);

    /// <summary>One to eight bits a dimension after a rotation, for L2, inner product and cosine; works without a mean, better with one.</summary>
    public static VectorCode Rotated(VectorElement element, int dimensions, Metric metric, int bits, float[] mean, int seed)
    {
        var input = DenseInput.For(element, dimensions, metric);
        return bits switch
        {
            1 => new RotatedCode<Bits1>(input, metric, mean, seed),
            2 => new RotatedCode<Bits2>(input, metric, mean, seed),
            3 => new RotatedCode<Bits3>(input, metric, mean, seed),
            4 => new RotatedCode<Bits4>(input, metric, mean, seed),
            5 => new RotatedCode<Bits5>(input, metric, mean, seed),
            6 => new RotatedCode<Bits6>(input, metric, mean, seed),
            7 => new RotatedCode<Bits7>(input, metric, mean, seed),
            8 => new RotatedCode<Bits8>(input, metric, mean, seed),
            _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "not 1 to 8"),
        };
    }

    /// <summary>Reads what a rotated code of so many bits wrote by <see cref="VectorCode.Save"/>.</summary>
    public static VectorCode LoadRotated(VectorElement element, int dimensions, Metric metric, int bits, BinaryReader reader)
    {
        var seed = reader.ReadInt32();
        return Rotated(element, dimensions, metric, bits, ReadMean(reader), seed);
    }

    static float[] ReadMean(BinaryReader reader)
    {
        var mean = new float[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(mean.AsSpan()));
        return mean;
    }

    static VectorCode Raw<TElement>(DenseInput input, Metric metric) where TElement : unmanaged => metric switch
    {
        Metric.L2 or Metric.Cosine => new RawCode<L2Metric, TElement>(input),
        Metric.InnerProduct => new RawCode<InnerProductMetric, TElement>(input),
        Metric.L1 => new RawCode<L1Metric, TElement>(input),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "not a distance between dense vectors"),
    };
}
