using System.Buffers.Binary;
using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>What float4 and float8 share: a <see cref="double"/> in the datum, NaN above everything and equal to itself, -0 equal to 0.</summary>
public abstract class FloatCodec(string displayName) : TypeCodec
{
    static readonly System.Buffers.SearchValues<byte> NumberCharacters = System.Buffers.SearchValues.Create("0123456789+-.eE"u8);

    /// <summary>Reads a number of the type's range, widened; false when it is out of range.</summary>
    protected abstract bool TryRead(ReadOnlySpan<byte> utf8, out double value);

    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => ParseAsUtf8(text, typmod, settings);

    public override Datum Parse(ReadOnlySpan<byte> utf8, int typmod, TypeSettings settings) => Datum.Of(ParseNumber(utf8));

    /// <summary>The number that the text spells. Raises 22P02, 22003.</summary>
    public double ParseNumber(ReadOnlySpan<byte> utf8)
    {
        var number = utf8.Trim(" \t\n\v\f\r"u8);
        if (number.IsEmpty || number.ContainsAnyExcept(NumberCharacters))
            return ParseWord(number, utf8);
        if (!TryRead(number, out var value))
            throw PgError.InvalidText(displayName, Utf8Text.Decode(utf8));
        return double.IsInfinity(value) || (value == 0 && HasNonZeroDigit(number))
            ? throw PgError.OutOfRange($"\"{Utf8Text.Decode(number)}\" is out of range for type {displayName}")
            : value;
    }

    static bool HasNonZeroDigit(ReadOnlySpan<byte> number)
    {
        var exponent = number.IndexOfAny((byte)'e', (byte)'E');
        return (exponent < 0 ? number : number[..exponent]).ContainsAnyInRange((byte)'1', (byte)'9');
    }

    double ParseWord(ReadOnlySpan<byte> word, ReadOnlySpan<byte> utf8)
    {
        var text = Utf8Text.Decode(word).ToLowerInvariant();
        var negative = text.StartsWith('-');
        return (negative || text.StartsWith('+') ? text[1..] : text) switch
        {
            // The sign bit is clear, as in C's NAN; .NET's constant has it set.
            "nan" => BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000),
            "inf" or "infinity" => negative ? double.NegativeInfinity : double.PositiveInfinity,
            _ => throw PgError.InvalidText(displayName, Utf8Text.Decode(utf8)),
        };
    }

    public override int Compare(Datum left, Datum right) => Compare(left.AsDouble, right.AsDouble);

    /// <summary>PostgreSQL's order of floats: NaN is equal to itself and above everything.</summary>
    public static int Compare(double left, double right)
        => left < right ? -1 : left > right ? 1 : left == right ? 0 : double.IsNaN(left) ? (double.IsNaN(right) ? 0 : 1) : -1;

    /// <summary>Equality in that order.</summary>
    public static bool Equal(double left, double right) => left == right || (double.IsNaN(left) && double.IsNaN(right));

    public override bool Equal(Datum left, Datum right) => Equal(left.AsDouble, right.AsDouble);

    public override int Hash(Datum value)
    {
        var number = value.AsDouble;
        return number == 0 ? 0 : double.IsNaN(number) ? -1 : number.GetHashCode();
    }

    public override void WriteSortKey(Datum value, ByteWriter output) => WriteSortKey(value.AsDouble, output);

    /// <summary>Eight bytes in the order of <see cref="Compare(double, double)"/>.</summary>
    public static void WriteSortKey(double number, ByteWriter output)
    {
        var bits = BitConverter.DoubleToInt64Bits(double.IsNaN(number) ? double.NaN : number == 0 ? 0 : number);
        // Positive numbers get the top bit, negative ones are inverted; .NET's NaN constant is negative, PostgreSQL's greatest.
        output.WriteInt64(double.IsNaN(number) ? -1 : bits >= 0 ? bits ^ long.MinValue : ~bits);
    }
}

/// <summary>float8.</summary>
public sealed class Float8Codec() : FloatCodec("double precision")
{
    public override int StoredLength => 8;

    protected override bool TryRead(ReadOnlySpan<byte> utf8, out double value)
        => double.TryParse(utf8, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => FloatText.Write(value.AsDouble, output, settings.ExtraFloatDigits);
    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of(input.ReadDouble());
    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteInt64(value.AsInt64);
    public override void WriteStored(Datum value, ByteWriter output) => FixedStored.Write(value.AsInt64, 8, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of(BinaryPrimitives.ReadDoubleLittleEndian(stored));
}

/// <summary>float4.</summary>
public sealed class Float4Codec() : FloatCodec("real")
{
    public override int StoredLength => 4;

    protected override bool TryRead(ReadOnlySpan<byte> utf8, out double value)
    {
        var read = float.TryParse(utf8, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var single);
        value = single;
        return read;
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => FloatText.Write(value.AsSingle, output, settings.ExtraFloatDigits);
    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of((double)input.ReadSingle());
    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteInt32(BitConverter.SingleToInt32Bits(value.AsSingle));
    public override void WriteStored(Datum value, ByteWriter output) => FixedStored.Write(BitConverter.SingleToInt32Bits(value.AsSingle), 4, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of((double)BinaryPrimitives.ReadSingleLittleEndian(stored));
}
