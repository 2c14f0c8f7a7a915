using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>oid, xid, cid: an unsigned number of 4 bytes.</summary>
/// <param name="isOrdered">xid has equality but no order.</param>
public sealed class OidCodec(string displayName, bool isOrdered = true) : TypeCodec
{
    public override bool IsOrdered => isOrdered;
    public override int StoredLength => 4;

    public override Datum Parse(string text, int typmod, TypeSettings settings) => Datum.Of((long)Parse(text, displayName));

    /// <summary>The OID that <paramref name="text"/> spells; negative numbers wrap around, as strtoul does. Raises 22P02, 22003.</summary>
    public static uint Parse(string text, string displayName)
    {
        var digits = Utf8Text.Trim(text);
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            throw digits.TrimStart("+-").ContainsAnyExceptInRange('0', '9') || digits.TrimStart("+-").IsEmpty
                ? PgError.InvalidText(displayName, text)
                : PgError.OutOfRange($"value \"{text}\" is out of range for type {displayName}");
        return value is < int.MinValue or > uint.MaxValue
            ? throw PgError.OutOfRange($"value \"{text}\" is out of range for type {displayName}")
            : unchecked((uint)value);
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => output.WriteFormatted(value.AsOid);
    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of((long)(uint)input.ReadInt32());
    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteInt32(value.AsInt32);
    public override int Compare(Datum left, Datum right) => left.AsOid.CompareTo(right.AsOid);
    public override int Hash(Datum value) => value.AsInt64.GetHashCode();
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteBinary(value, output);
    public override void WriteStored(Datum value, ByteWriter output) => FixedStored.Write(value.AsInt64, 4, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of((long)FixedStored.ReadUnsigned32(stored));
}

/// <summary>xid8 and pg_lsn: an unsigned number of 8 bytes; a pg_lsn is written as two hexadecimal halves (<c>16/B374D848</c>).</summary>
public sealed class Unsigned64Codec(string displayName, bool isLsn) : TypeCodec
{
    public override int StoredLength => 8;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(unchecked((long)(isLsn ? ParseLsn(text) : ParseNumber(text))));

    ulong ParseNumber(string text)
        => ulong.TryParse(Utf8Text.Trim(text), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value : throw PgError.InvalidText(displayName, text);

    ulong ParseLsn(string text)
    {
        var slash = text.IndexOf('/');
        if (slash is < 1 or > 8 || text.Length - slash - 1 is < 1 or > 8
            || !uint.TryParse(text.AsSpan(0, slash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !uint.TryParse(text.AsSpan(slash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
            throw PgError.InvalidText(displayName, text);
        return (ulong)high << 32 | low;
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        var number = unchecked((ulong)value.AsInt64);
        if (!isLsn)
        {
            output.WriteFormatted(number);
            return;
        }
        output.WriteFormatted((uint)(number >> 32), "X");
        output.WriteByte((byte)'/');
        output.WriteFormatted((uint)number, "X");
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of(input.ReadInt64());
    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteInt64(value.AsInt64);
    public override int Compare(Datum left, Datum right) => unchecked((ulong)left.AsInt64).CompareTo(unchecked((ulong)right.AsInt64));
    public override int Hash(Datum value) => value.AsInt64.GetHashCode();
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteBinary(value, output);
    public override void WriteStored(Datum value, ByteWriter output) => FixedStored.Write(value.AsInt64, 8, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of(FixedStored.ReadSigned(stored));
}

/// <summary>"char": one byte. Bytes from 128 up have the text form <c>\ooo</c>, zero the empty text.</summary>
public sealed class CharCodec : TypeCodec
{
    public override int StoredLength => 1;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        if (text.Length == 4 && text[0] == '\\' && IsOctal(text[1]) && IsOctal(text[2]) && IsOctal(text[3]))
            return Datum.Of((long)(byte)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0')));
        if (text.Length == 0)
            return Datum.Of(0L);
        Span<byte> first = stackalloc byte[4];
        System.Text.Rune.TryGetRuneAt(text, 0, out var rune);
        rune.EncodeToUtf8(first);
        return Datum.Of((long)first[0]);
    }

    static bool IsOctal(char c) => c is >= '0' and <= '7';

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        var b = (byte)value.AsInt64;
        if (b >= 128)
            output.WriteText($"\\{(char)('0' + (b >> 6))}{(char)('0' + (b >> 3 & 7))}{(char)('0' + (b & 7))}");
        else if (b != 0)
            output.WriteByte(b);
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of((long)input.ReadByte());
    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteByte((byte)value.AsInt64);
    public override int Compare(Datum left, Datum right) => left.AsInt64.CompareTo(right.AsInt64);
    public override int Hash(Datum value) => (int)value.AsInt64;
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteBinary(value, output);
}
