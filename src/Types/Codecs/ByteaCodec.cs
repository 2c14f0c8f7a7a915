namespace PgVectorCompat.Types;

/// <summary>bytea, in the formats <c>\x6869</c> and <c>hi\000</c>.</summary>
public sealed class ByteaCodec : TypeCodec
{
    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(text.StartsWith("\\x", StringComparison.Ordinal) ? ParseHex(text.AsSpan(2)) : ParseEscaped(text));

    /// <summary>Bytes of pairs of hexadecimal digits; white space between pairs is skipped. Raises 22023.</summary>
    public static byte[] ParseHex(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 2];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is ' ' or '\n' or '\t' or '\r')
                continue;
            var high = HexDigit(text[i]);
            if (++i >= text.Length)
                throw new PgError(SqlState.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
            bytes[count++] = (byte)(high << 4 | HexDigit(text[i]));
        }
        return count == bytes.Length ? bytes : bytes[..count];
    }

    static int HexDigit(char c)
        => char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : throw new PgError(SqlState.InvalidParameterValue, $"invalid hexadecimal digit: \"{c}\"");

    /// <summary>Bytes of text in which a backslash stands before another one or before three octal digits. Raises 22P02.</summary>
    public static byte[] ParseEscaped(string text)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        var count = 0;
        for (var i = 0; i < utf8.Length; count++)
        {
            if (utf8[i] != '\\')
                utf8[count] = utf8[i++];
            else if (i + 3 < utf8.Length && utf8[i + 1] is >= (byte)'0' and <= (byte)'3' && IsOctal(utf8[i + 2]) && IsOctal(utf8[i + 3]))
            {
                utf8[count] = (byte)((utf8[i + 1] - '0') << 6 | (utf8[i + 2] - '0') << 3 | (utf8[i + 3] - '0'));
                i += 4;
            }
            else if (i + 1 < utf8.Length && utf8[i + 1] == '\\')
            {
                utf8[count] = (byte)'\\';
                i += 2;
            }
            else
                throw new PgError(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
        }
        return utf8[..count];
    }

    static bool IsOctal(byte b) => b is >= (byte)'0' and <= (byte)'7';

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        if (settings.ByteaOutputHex)
            WriteHex(value.AsBytes, output);
        else
            WriteEscaped(value.AsBytes, output);
    }

    static void WriteHex(ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        output.WriteBytes("\\x"u8);
        Convert.TryToHexStringLower(bytes, output.GetSpan(bytes.Length * 2), out var written);
        output.Advance(written);
    }

    /// <summary>Writes the escape format: printable ASCII as it is, all else in octal.</summary>
    public static void WriteEscaped(ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        foreach (var b in bytes)
        {
            if (b == '\\')
                output.WriteBytes("\\\\"u8);
            else if (b is >= 0x20 and <= 0x7E)
                output.WriteByte(b);
            else
                output.WriteBytes([(byte)'\\', (byte)('0' + (b >> 6)), (byte)('0' + (b >> 3 & 7)), (byte)('0' + (b & 7))]);
        }
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of(input.TakeRest().ToArray());
    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteBytes(value.AsBytes);
    public override int Compare(Datum left, Datum right) => left.AsBytes.AsSpan().SequenceCompareTo(right.AsBytes);

    public override int Hash(Datum value)
    {
        var hash = new HashCode();
        hash.AddBytes(value.AsBytes);
        return hash.ToHashCode();
    }

    public override void WriteSortKey(Datum value, ByteWriter output) => WriteSortKey(value.AsBytes, output);

    /// <summary>The bytes with zeros written as 00 FF, ended by 00 01.</summary>
    public static void WriteSortKey(ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        while (bytes.IndexOf((byte)0) is >= 0 and var zero)
        {
            output.WriteBytes(bytes[..zero]);
            output.WriteBytes([0, 0xFF]);
            bytes = bytes[(zero + 1)..];
        }
        output.WriteBytes(bytes);
        output.WriteBytes([0, 1]);
    }
}
