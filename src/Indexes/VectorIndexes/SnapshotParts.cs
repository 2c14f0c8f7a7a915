using PgVectorCompat.Vectors;

namespace PgVectorCompat.Indexes;

/// <summary>
/// What snapshots of all vector indexes have in common: the options at their start.
/// </summary>
static class SnapshotParts
{
    /// <summary>Changes when the meaning of a snapshot changes; older ones are then damaged, and the index is built anew.</summary>
    const int Version = 1;

    /// <param name="kind">Which kind of index, in four letters.</param>
    public static void WriteOptions(BinaryWriter writer, int kind, VectorIndexOptions options)
    {
        writer.Write(kind);
        writer.Write(Version);
        writer.Write((byte)options.Element);
        writer.Write(options.Dimensions);
        writer.Write((byte)options.Metric);
        writer.Write((byte)options.Quantization);
        writer.Write(options.RabitqBits);
        writer.Write(options.M);
        writer.Write(options.EfConstruction);
        writer.Write(options.Lists);
        writer.Write(options.Seed);
    }

    /// <exception cref="IndexDamagedException">Not a snapshot of this kind and version.</exception>
    public static VectorIndexOptions ReadOptions(BinaryReader reader, int kind)
    {
        if (reader.ReadInt32() != kind || reader.ReadInt32() != Version)
            throw new IndexDamagedException("a snapshot of another kind of index, or by another version of this program");
        return new()
        {
            Element = (VectorElement)reader.ReadByte(),
            Dimensions = reader.ReadInt32(),
            Metric = (Metric)reader.ReadByte(),
            Quantization = (Quantization)reader.ReadByte(),
            RabitqBits = reader.ReadInt32(),
            M = reader.ReadInt32(),
            EfConstruction = reader.ReadInt32(),
            Lists = reader.ReadInt32(),
            Seed = reader.ReadInt32(),
        };
    }
}
