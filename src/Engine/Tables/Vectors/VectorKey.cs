using System.Buffers.Binary;
using System.Numerics;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>The bytes of an indexed vector, as the core of a vector index reads them, and the number that tells a row's vectors apart.</summary>
static class VectorKey
{
    /// <summary>Writes the stored form of a value: little-endian elements, packed bits, or a sparse vector's dimensions, indices and values.</summary>
    public static void Write(PgType type, Datum value, ByteWriter output)
    {
        output.Clear();
        if (type == PgTypes.SparseVec)
            type.Codec.WriteStored(value, output);
        else
            output.WriteBytes(RowFormat.VectorValue(type, value));
    }

    /// <summary>A hash that stays the same from one start of the server to the next, for values without a slot.</summary>
    public static int Hash(ReadOnlySpan<byte> value)
    {
        const ulong factor = 0x9E37_79B9_7F4A_7C15;
        var hash = (ulong)value.Length * factor;
        for (; value.Length >= sizeof(ulong); value = value[sizeof(ulong)..])
            hash = (BitOperations.RotateLeft(hash, 29) ^ BinaryPrimitives.ReadUInt64LittleEndian(value)) * factor;
        foreach (var last in value)
            hash = (BitOperations.RotateLeft(hash, 29) ^ last) * factor;
        return (int)(hash >> 32);
    }
}
