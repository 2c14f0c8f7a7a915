using System.Buffers.Binary;
using System.Buffers.Text;

namespace PgVectorCompat.Types;

/// <summary>int2, int4 and int8: a signed number of 2, 4 or 8 bytes.</summary>
public sealed class IntegerCodec(int size, string displayName) : TypeCodec
{
    public static readonly IntegerCodec Int2 = new(2, "smallint");
    public static readonly IntegerCodec Int4 = new(4, "integer");
    public static readonly IntegerCodec Int8 = new(8, "bigint");

    readonly long _min = long.MinValue >> (64 - size * 8);
    readonly long _max = long.MaxValue >> (64 - size * 8);

    public override int StoredLength => size;

    public override Datum Parse(string text, int typmod, TypeSettings settings) => Datum.Of(Parse(text));

    /// <summary>The number that <paramref name="text"/> spells. Raises 22P02, 22003.</summary>
    public long Parse(string text)
    {
        var digits = Utf8Text.Trim(text);
        var negative = digits.Length > 0 && digits[0] == '-';
        if (negative || (digits.Length > 0 && digits[0] == '+'))
            digits = digits[1..];
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            throw PgError.InvalidText(displayName, text);

        // Gathered as a negative number, whose range is one larger.
        var value = 0L;
        foreach (var c in digits)
        {
            if (value < (long.MinValue + (c - '0')) / 10)
                throw TooLarge(text);
            value = value * 10 - (c - '0');
        }
        if (!negative && value == long.MinValue)
            throw TooLarge(text);
        value = negative ? value : -value;
        return value < _min || value > _max ? throw TooLarge(text) : value;
    }

    PgError TooLarge(string text) => PgError.OutOfRange($"value \"{text}\" is out of range for type {displayName}");

    public override Datum Parse(ReadOnlySpan<byte> utf8, int typmod, TypeSettings settings)
        => Utf8Parser.TryParse(utf8, out long value, out var used) && used == utf8.Length && value >= _min && value <= _max
            ? Datum.Of(value)
            : Datum.Of(Parse(Utf8Text.Decode(utf8)));

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        Utf8Formatter.TryFormat(value.AsInt64, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
        => Datum.Of(size switch { 2 => input.ReadInt16(), 4 => input.ReadInt32(), _ => input.ReadInt64() });

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        switch (size)
        {
            case 2: output.WriteInt16(value.AsInt16); break;
            case 4: output.WriteInt32(value.AsInt32); break;
            default: output.WriteInt64(value.AsInt64); break;
        }
    }

    public override int Compare(Datum left, Datum right) => left.AsInt64.CompareTo(right.AsInt64);
    public override bool Equal(Datum left, Datum right) => left.AsInt64 == right.AsInt64;
    public override int Hash(Datum value) => value.AsInt64.GetHashCode();

    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        var at = output.Length;
        WriteBinary(value, output);
        output.Flip(at);
    }

    public override void WriteStored(Datum value, ByteWriter output) => FixedStored.Write(value.AsInt64, size, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of(FixedStored.ReadSigned(stored));
}

/// <summary>Little-endian numbers of 1, 2, 4 or 8 bytes: the stored form of everything that lives in a datum's bits.</summary>
static class FixedStored
{
    public static void Write(long value, int size, ByteWriter output)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        output.WriteBytes(bytes[..size]);
    }

    public static long ReadSigned(ReadOnlySpan<byte> stored) => stored.Length switch
    {
        2 => BinaryPrimitives.ReadInt16LittleEndian(stored),
        4 => BinaryPrimitives.ReadInt32LittleEndian(stored),
        _ => BinaryPrimitives.ReadInt64LittleEndian(stored),
    };

    public static uint ReadUnsigned32(ReadOnlySpan<byte> stored) => BinaryPrimitives.ReadUInt32LittleEndian(stored);
}
