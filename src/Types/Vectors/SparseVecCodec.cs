using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Types;

/// <summary>
/// sparsevec. Binary form: dimensions, count and an unused 0 as int32, the indices from 0, then the values, big-endian. Stored
/// form: dimensions, indices, values, little-endian; the length gives the count.
/// </summary>
public sealed class SparseVecCodec : TypeCodec
{
    const string TypeName = "sparsevec";

    static SparseVector Vector(Datum value) => value.As<SparseVector>();

    public override Datum Parse(string text, int typmod, TypeSettings settings) => ParseAsUtf8(text, typmod, settings);
    public override Datum Parse(ReadOnlySpan<byte> utf8, int typmod, TypeSettings settings) => Datum.Of(SparseVectorText.Parse(utf8, typmod));
    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => SparseVectorText.Write(Vector(value), output);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        int dimensions = input.ReadInt32(), count = input.ReadInt32(), unused = input.ReadInt32();
        VectorErrors.CheckDimensions(TypeName, dimensions, VectorLimits.MaxSparseDimensions);
        if (count < 0)
            throw VectorErrors.Data("sparsevec cannot have negative number of elements");
        if (count > VectorLimits.MaxNonZeros)
            throw VectorErrors.TooManyNonZeros();
        if (count > dimensions)
            throw VectorErrors.Limit("sparsevec cannot have more elements than dimensions");
        VectorErrors.CheckTypmod(typmod, dimensions);
        if (unused != 0)
            throw VectorErrors.Data($"expected unused to be 0, not {unused}");

        var indices = new int[count];
        for (var i = 0; i < count; i++)
        {
            indices[i] = input.ReadInt32();
            CheckIndex(indices, i, dimensions);
        }
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = input.ReadSingle();
            VectorErrors.CheckElement(TypeName, values[i]);
            if (values[i] == 0)
                throw VectorErrors.Data("binary representation of sparsevec cannot contain zero values");
        }
        return Datum.Of(new SparseVector(dimensions, indices, values));
    }

    /// <summary>Raises unless the index at <paramref name="at"/> is within the dimensions and above the one before it.</summary>
    internal static void CheckIndex(int[] indices, int at, int dimensions)
    {
        if (indices[at] < 0 || indices[at] >= dimensions)
            throw VectorErrors.Data("sparsevec index out of bounds");
        if (at == 0)
            return;
        if (indices[at] < indices[at - 1])
            throw VectorErrors.Data("sparsevec indices must be in ascending order");
        if (indices[at] == indices[at - 1])
            throw VectorErrors.Data("sparsevec indices must not contain duplicates");
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        var vector = Vector(value);
        output.WriteInt32(vector.Dimensions);
        output.WriteInt32(vector.Indices.Length);
        output.WriteInt32(0);
        foreach (var index in vector.Indices)
            output.WriteInt32(index);
        foreach (var element in vector.Values)
            output.WriteInt32(BitConverter.SingleToInt32Bits(element));
    }

    public override int Compare(Datum left, Datum right) => VectorOrder.Compare(Vector(left), Vector(right));

    public override int Hash(Datum value)
    {
        var vector = Vector(value);
        var hash = new HashCode();
        hash.Add(vector.Dimensions);
        hash.AddBytes(MemoryMarshal.AsBytes<int>(vector.Indices));
        hash.AddBytes(MemoryMarshal.AsBytes<float>(vector.Values));
        return hash.ToHashCode();
    }

    /// <summary>
    /// The vector as a walk over its entries and its end. At each step, what comes next on the two sides decides: a negative
    /// entry comes before zeros, so before every later entry and an end behind it, and the earlier the lower; a positive entry
    /// comes after zeros, and the earlier the higher; an end comes before entries at or behind it.
    /// </summary>
    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        const byte endOrNegative = 1, positive = 2, end = 0, negative = 1;
        var vector = Vector(value);
        for (var i = 0; i < vector.Indices.Length; i++)
        {
            var isNegative = vector.Values[i] < 0;
            output.WriteByte(isNegative ? endOrNegative : positive);
            output.WriteInt32(isNegative ? vector.Indices[i] : ~vector.Indices[i]);
            if (isNegative)
                output.WriteByte(negative);
            SingleElement.WriteSortKey(output.GetSpan(sizeof(float)), vector.Values[i]);
            output.Advance(sizeof(float));
        }
        output.WriteByte(endOrNegative);
        output.WriteInt32(vector.Dimensions);
        output.WriteByte(end);
    }

    public override void WriteStored(Datum value, ByteWriter output)
    {
        var vector = Vector(value);
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), vector.Dimensions);
        output.Advance(sizeof(int));
        output.WriteBytes(MemoryMarshal.AsBytes<int>(vector.Indices));
        output.WriteBytes(MemoryMarshal.AsBytes<float>(vector.Values));
    }

    public override Datum ReadStored(ReadOnlySpan<byte> stored)
    {
        var entries = stored[sizeof(int)..];
        var half = entries.Length / 2;
        return Datum.Of(new SparseVector(
            BinaryPrimitives.ReadInt32LittleEndian(stored),
            MemoryMarshal.Cast<byte, int>(entries[..half]).ToArray(),
            MemoryMarshal.Cast<byte, float>(entries[half..]).ToArray()));
    }
}
