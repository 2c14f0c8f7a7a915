using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>bit and varbit: <c>101</c>, <c>b101</c> or <c>x5F</c> in, digits out.</summary>
public sealed class BitCodec(bool isVarying) : TypeCodec
{
    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        var isHex = text.StartsWith('x') || text.StartsWith('X');
        var digits = text.AsSpan(isHex || text.StartsWith('b') || text.StartsWith('B') ? 1 : 0);
        var bits = isHex ? ParseHex(digits) : ParseBinary(digits);
        return Datum.Of(BitModifier.Fit(bits, typmod, isVarying, isExplicit: false));
    }

    static BitString ParseBinary(ReadOnlySpan<char> digits)
    {
        var bytes = new byte[BitString.ByteCount(digits.Length)];
        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] == '1')
                bytes[i >> 3] |= (byte)(0x80 >> (i & 7));
            else if (digits[i] != '0')
                throw InvalidDigit(digits, i, "a valid binary digit");
        }
        return new(digits.Length, bytes);
    }

    static BitString ParseHex(ReadOnlySpan<char> digits)
    {
        var bytes = new byte[BitString.ByteCount(digits.Length * 4)];
        for (var i = 0; i < digits.Length; i++)
        {
            if (!char.IsAsciiHexDigit(digits[i]))
                throw InvalidDigit(digits, i, "a valid hexadecimal digit");
            var digit = int.Parse(digits.Slice(i, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            bytes[i >> 1] |= (byte)((i & 1) == 0 ? digit << 4 : digit);
        }
        return new(digits.Length * 4, bytes);
    }

    static PgError InvalidDigit(ReadOnlySpan<char> digits, int at, string what)
        => new(SqlState.InvalidTextRepresentation, $"\"{digits.Slice(at, char.IsHighSurrogate(digits[at]) ? 2 : 1)}\" is not {what}");

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        var bits = value.As<BitString>();
        var span = output.GetSpan(bits.Length)[..bits.Length];
        for (var i = 0; i < span.Length; i++)
            span[i] = bits[i] ? (byte)'1' : (byte)'0';
        output.Advance(bits.Length);
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var length = input.ReadInt32();
        if (length is < 0 or > BitString.MaxLength)
            throw PgError.InvalidBinary("invalid length in external bit string");
        var bytes = input.Take(BitString.ByteCount(length)).ToArray();
        BitString.ClearPadding(length, bytes);
        return Datum.Of(BitModifier.Fit(new(length, bytes), typmod, isVarying, isExplicit: false));
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        var bits = value.As<BitString>();
        output.WriteInt32(bits.Length);
        output.WriteBytes(bits.Bytes);
    }

    public override int Compare(Datum left, Datum right) => BitString.Compare(left.As<BitString>(), right.As<BitString>());

    public override int Hash(Datum value)
    {
        var bits = value.As<BitString>();
        var hash = new HashCode();
        hash.Add(bits.Length);
        hash.AddBytes(bits.Bytes);
        return hash.ToHashCode();
    }

    /// <summary>The bytes as bytea's key, then the length, which decides between strings that differ only in padding.</summary>
    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        var bits = value.As<BitString>();
        ByteaCodec.WriteSortKey(bits.Bytes, output);
        output.WriteInt32(bits.Length);
    }
}

/// <summary>The length of bit(n) and bit varying(n); the typmod is n.</summary>
public sealed class BitModifier(bool isVarying) : TypeModifier
{
    /// <summary>MaxAttrSize * 8.</summary>
    const int MaxDeclaredLength = 83_886_080;

    public override int Parse(PgType type, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1)
            throw new PgError(SqlState.InvalidParameterValue, "invalid type modifier");
        var length = IntegerCodec.Int4.Parse(arguments[0]);
        var name = isVarying ? "varbit" : "bit";
        if (length < 1)
            throw new PgError(SqlState.InvalidParameterValue, $"length for type {name} must be at least 1");
        if (length > MaxDeclaredLength)
            throw new PgError(SqlState.InvalidParameterValue, $"length for type {name} cannot exceed {MaxDeclaredLength}");
        return (int)length;
    }

    public override string Format(PgType type, int typmod) => string.Create(CultureInfo.InvariantCulture, $"{type.DisplayName}({typmod})");

    public override Datum Apply(PgType type, Datum value, int typmod, bool isExplicit)
    {
        var bits = value.As<BitString>();
        var fitted = Fit(bits, typmod, isVarying, isExplicit);
        return ReferenceEquals(bits, fitted) ? value : Datum.Of(fitted);
    }

    /// <summary>The bits at the declared length: cut or padded by an explicit cast, else raising 22026 (bit) or 22001 (varbit).</summary>
    public static BitString Fit(BitString bits, int typmod, bool isVarying, bool isExplicit)
    {
        if (typmod <= 0 || bits.Length == typmod || (isVarying && bits.Length < typmod))
            return bits;
        if (isExplicit)
            return bits.WithLength(typmod);
        throw isVarying
            ? new PgError(SqlState.StringDataRightTruncation, $"bit string too long for type bit varying({typmod})")
            : new PgError(SqlState.StringDataLengthMismatch, $"bit string length {bits.Length} does not match type bit({typmod})");
    }
}
