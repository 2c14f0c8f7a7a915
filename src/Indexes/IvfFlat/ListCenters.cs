using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// The centres of the lists of an index, immutable. Vectors are compared with them as points: a fixed-size form in which centres can be
/// computed (float32 for dense and sparse vectors, bits for bit strings).
/// </summary>
abstract class ListCenters
{
    public abstract int Count { get; }

    /// <summary>Bytes of a point, and of a centre.</summary>
    public abstract int PointBytes { get; }

    /// <summary>Memory in bytes.</summary>
    public abstract long Bytes { get; }

    /// <summary>Makes a point of a stored vector; false when the metric cannot order it.</summary>
    public abstract bool ToPoint(ReadOnlySpan<byte> value, Span<byte> point);

    /// <summary>The list each of some points belongs to.</summary>
    public abstract void Nearest(ReadOnlySpan<byte> points, Span<int> lists);

    /// <summary>How far each list is from a query: the order in which lists are looked at.</summary>
    public abstract void Rank(ReadOnlySpan<byte> point, Span<float> distances);

    public abstract ReadOnlySpan<byte> Center(int list);

    public abstract void Save(BinaryWriter writer);

    /// <summary>Centres for an index over these rows.</summary>
    public static ListCenters Train(VectorIndexOptions options, IVectorRows rows, BuildSettings settings)
        => options.Element == VectorElement.Bit
            ? BitCenters.Train(options, rows, settings)
            : FloatCenters.Train(options, rows, settings);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="EndOfStreamException"/>
    public static ListCenters Load(VectorIndexOptions options, BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count < 1 || count > MaxLists) throw new IndexDamagedException($"an index of {count} lists");
        var empty = options.Element == VectorElement.Bit
            ? (ListCenters)new BitCenters(options, [])
            : new FloatCenters(options, []);
        var bytes = new byte[checked(count * empty.PointBytes)];
        reader.BaseStream.ReadExactly(bytes);
        return options.Element == VectorElement.Bit
            ? new BitCenters(options, bytes)
            : new FloatCenters(options, MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }

    /// <summary>A limit against damaged files only.</summary>
    const int MaxLists = 1 << 20;
}
