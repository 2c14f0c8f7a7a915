using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Types;

/// <summary>
/// What vector, ruvector and halfvec share. Binary form: dimensions and an unused 0 as uint16, then the elements, big-endian.
/// Stored form: the elements, little-endian.
/// </summary>
public abstract class DenseCodec<T> : TypeCodec where T : unmanaged
{
    readonly string _type;

    internal DenseCodec(string type) => _type = type;

    /// <summary>The type's name in messages.</summary>
    protected string TypeName => _type;

    protected static T[] Elements(Datum value) => value.As<T[]>();

    public sealed override Datum Parse(string text, int typmod, TypeSettings settings) => ParseAsUtf8(text, typmod, settings);

    private protected static Datum ReadBinary<TElement>(string type, ref BinaryReader input, int typmod) where TElement : struct, IVectorElement<T>
    {
        int dimensions = input.ReadUInt16(), unused = input.ReadUInt16();
        VectorErrors.CheckDimensions(type, dimensions, VectorLimits.MaxDimensions);
        VectorErrors.CheckTypmod(typmod, dimensions);
        if (unused != 0)
            throw VectorErrors.Data($"expected unused to be 0, not {(short)unused}");

        // What is missing is noticed after what is there, as when elements are read one by one.
        var size = Unsafe.SizeOf<T>();
        var elements = GC.AllocateUninitializedArray<T>(dimensions);
        var present = elements.AsSpan(0, Math.Min(dimensions, input.Remaining / size));
        TElement.CopyReversed(MemoryMarshal.Cast<byte, T>(input.Take(present.Length * size)), present);
        foreach (var element in present)
            if (!float.IsFinite(TElement.Widen(element)))
                VectorErrors.CheckElement(type, TElement.Widen(element));
        input.Take((dimensions - present.Length) * size);
        return Datum.Of(elements);
    }

    private protected static void WriteBinary<TElement>(T[] elements, ByteWriter output) where TElement : struct, IVectorElement<T>
    {
        output.WriteInt16(elements.Length);
        output.WriteInt16(0);
        var length = elements.Length * Unsafe.SizeOf<T>();
        TElement.CopyReversed(elements, MemoryMarshal.Cast<byte, T>(output.GetSpan(length)[..length]));
        output.Advance(length);
    }

    /// <summary>The elements' keys and a zero, which no key equals, so that a vector comes before those it begins.</summary>
    private protected static void WriteSortKey<TElement>(T[] elements, ByteWriter output) where TElement : struct, IVectorElement<T>
    {
        var size = Unsafe.SizeOf<T>();
        var length = (elements.Length + 1) * size;
        var bytes = output.GetSpan(length)[..length];
        for (var i = 0; i < elements.Length; i++)
            TElement.WriteSortKey(bytes[(i * size)..], elements[i]);
        bytes[^size..].Clear();
        output.Advance(length);
    }

    private protected static int Hash<TElement>(T[] elements) where TElement : struct, IVectorElement<T>
    {
        var hash = new HashCode();
        foreach (var element in elements)
            hash.Add(TElement.Widen(element) + 0f); // 0 and -0 are equal
        return hash.ToHashCode();
    }

    public sealed override void WriteStored(Datum value, ByteWriter output) => output.WriteBytes(MemoryMarshal.AsBytes<T>(Elements(value)));
    public sealed override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of(MemoryMarshal.Cast<byte, T>(stored).ToArray());
}

/// <summary>vector and ruvector: float32 elements.</summary>
public sealed class VectorCodec(string type) : DenseCodec<float>(type)
{
    public override Datum Parse(ReadOnlySpan<byte> utf8, int typmod, TypeSettings settings)
        => Datum.Of(VectorText.Parse<float, SingleElement>(TypeName, utf8, typmod));

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
        => VectorText.Write<float, SingleElement>(Elements(value), output);

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => ReadBinary<SingleElement>(TypeName, ref input, typmod);
    public override void WriteBinary(Datum value, ByteWriter output) => WriteBinary<SingleElement>(Elements(value), output);
    public override int Compare(Datum left, Datum right) => VectorOrder.Compare(Elements(left), Elements(right));
    public override int Hash(Datum value) => Hash<SingleElement>(Elements(value));
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteSortKey<SingleElement>(Elements(value), output);
}

/// <summary>halfvec: binary16 elements.</summary>
public sealed class HalfVecCodec() : DenseCodec<Half>("halfvec")
{
    public override Datum Parse(ReadOnlySpan<byte> utf8, int typmod, TypeSettings settings)
        => Datum.Of(VectorText.Parse<Half, HalfElement>(TypeName, utf8, typmod));

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
        => VectorText.Write<Half, HalfElement>(Elements(value), output);

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => ReadBinary<HalfElement>(TypeName, ref input, typmod);
    public override void WriteBinary(Datum value, ByteWriter output) => WriteBinary<HalfElement>(Elements(value), output);
    public override int Compare(Datum left, Datum right) => VectorOrder.Compare(Elements(left), Elements(right));
    public override int Hash(Datum value) => Hash<HalfElement>(Elements(value));
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteSortKey<HalfElement>(Elements(value), output);
}
