using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>A UUID: 16 bytes in the order they are written.</summary>
public sealed class PgUuid(UInt128 value)
{
    /// <summary>The 16 bytes as one big-endian number, so that numeric order is byte order.</summary>
    public UInt128 Value { get; } = value;

    /// <summary>A random (version 4) UUID.</summary>
    public static PgUuid NewRandom() => Of(Guid.NewGuid());

    public static PgUuid Of(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return Of(bytes);
    }

    /// <summary>The UUID of 16 bytes.</summary>
    public static PgUuid Of(ReadOnlySpan<byte> bytes) => new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes));
}

/// <summary>uuid, read with or without hyphens (after any group of four digits) and braces.</summary>
public sealed class UuidCodec : TypeCodec
{
    public override int StoredLength => 16;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        var rest = text.AsSpan();
        var isBraced = rest.StartsWith("{");
        if (isBraced)
            rest = rest[1..];
        UInt128 value = 0;
        for (var i = 0; i < 16; i++)
        {
            if (rest.Length < 2 || !byte.TryParse(rest[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
                throw PgError.InvalidText("uuid", text);
            value = value << 8 | b;
            rest = rest[2..];
            if ((i & 1) == 1 && i < 15 && rest.StartsWith("-"))
                rest = rest[1..];
        }
        return rest.SequenceEqual(isBraced ? "}" : "") ? Datum.Of(new PgUuid(value)) : throw PgError.InvalidText("uuid", text);
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value.As<PgUuid>().Value);
        output.WriteFormatted(new Guid(bytes, bigEndian: true));
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of(PgUuid.Of(input.Take(16)));

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(output.GetSpan(16), value.As<PgUuid>().Value);
        output.Advance(16);
    }

    public override int Compare(Datum left, Datum right) => left.As<PgUuid>().Value.CompareTo(right.As<PgUuid>().Value);
    public override int Hash(Datum value) => value.As<PgUuid>().Value.GetHashCode();
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteBinary(value, output);
}
