using System.Globalization;
using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>numeric.</summary>
public sealed class NumericCodec : TypeCodec
{
    const int PositiveSign = 0, NegativeSign = 0x4000, NaNSign = 0xC000, PositiveInfinitySign = 0xD000, NegativeInfinitySign = 0xF000;

    // What PostgreSQL happens to send as an infinity's scale.
    const int InfinityScale = 0x20;

    public override Datum Parse(string text, int typmod, TypeSettings settings) => Datum.Of(NumericModifier.Fit(PgNumeric.Parse(text), typmod));
    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => value.As<PgNumeric>().Write(output);
    public override int Compare(Datum left, Datum right) => PgNumeric.Compare(left.As<PgNumeric>(), right.As<PgNumeric>());
    public override int Hash(Datum value) => value.As<PgNumeric>().GetHashCode();

    /// <summary>Number of digits in base 10000, weight of the first, sign, display scale, digits.</summary>
    public override void WriteBinary(Datum value, ByteWriter output)
    {
        var number = value.As<PgNumeric>();
        if (!number.IsFinite || number.Sign == 0)
        {
            output.WriteInt16(0);
            output.WriteInt16(0);
            output.WriteInt16(number.Kind switch
            {
                NumericKind.NaN => NaNSign,
                NumericKind.PositiveInfinity => PositiveInfinitySign,
                NumericKind.NegativeInfinity => NegativeInfinitySign,
                _ => PositiveSign,
            });
            output.WriteInt16(number.IsInfinite ? InfinityScale : number.Scale);
            return;
        }

        var digits = BigInteger.Abs(number.Unscaled).ToString(CultureInfo.InvariantCulture).AsSpan();
        var fractionGroups = (number.Scale + 3) / 4;
        var padded = new string('0', fractionGroups * 4 - number.Scale);
        // From the last group of the fraction to the front: align the digits to groups of four around the point.
        var all = string.Concat(digits, padded);
        if (all.Length % 4 != 0)
            all = all.PadLeft(all.Length + 4 - all.Length % 4, '0');
        var weight = all.Length / 4 - fractionGroups - 1;
        var first = 0;
        while (all.AsSpan(first, 4) is "0000")
            (first, weight) = (first + 4, weight - 1);
        var end = all.Length;
        while (all.AsSpan(end - 4, 4) is "0000")
            end -= 4;

        output.WriteInt16((end - first) / 4);
        output.WriteInt16(weight);
        output.WriteInt16(number.Sign < 0 ? NegativeSign : PositiveSign);
        output.WriteInt16(number.Scale);
        for (var i = first; i < end; i += 4)
            output.WriteInt16((all[i] - '0') * 1000 + (all[i + 1] - '0') * 100 + (all[i + 2] - '0') * 10 + (all[i + 3] - '0'));
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        int groups = input.ReadUInt16(), weight = input.ReadInt16(), sign = input.ReadUInt16(), scale = input.ReadUInt16();
        if (groups * 2 > input.Remaining)
            throw new PgError(SqlState.ProtocolViolation, "insufficient data left in message");
        if (sign is not (PositiveSign or NegativeSign or NaNSign or PositiveInfinitySign or NegativeInfinitySign))
            throw PgError.InvalidBinary("invalid sign in external \"numeric\" value");
        if (scale > PgNumeric.MaxScale)
            throw PgError.InvalidBinary("invalid scale in external \"numeric\" value");
        var digits = new char[groups * 4 + 1];
        digits[0] = '0';
        for (var i = 0; i < groups; i++)
        {
            var group = input.ReadInt16();
            if (group is < 0 or > 9999)
                throw PgError.InvalidBinary("invalid digit in external \"numeric\" value");
            group.TryFormat(digits.AsSpan(1 + i * 4), out _, "0000", CultureInfo.InvariantCulture);
        }
        if (sign is not (PositiveSign or NegativeSign))
            return Datum.Of(sign == NaNSign ? PgNumeric.NaN : sign == PositiveInfinitySign ? PgNumeric.PositiveInfinity : PgNumeric.NegativeInfinity);

        var unscaled = groups <= 4 ? long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) : BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (sign == NegativeSign)
            unscaled = -unscaled;
        // The digits' own scale; what lies beyond the display scale is cut off.
        var ownScale = (groups - 1 - weight) * 4;
        var number = ownScale <= scale
            ? PgNumeric.Of(unscaled * PowersOfTen.Big(scale - ownScale), scale)
            : PgNumeric.Of(BigInteger.Divide(unscaled, PowersOfTen.Big(ownScale - scale)), scale);
        return Datum.Of(NumericModifier.Fit(number, typmod));
    }

    /// <summary>
    /// A class byte, then for finite numbers the position of the first digit and the digits two to a byte, plus one, ended by zero;
    /// all of it inverted for negative numbers.
    /// </summary>
    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        const byte negativeInfinity = 0, negative = 1, zero = 2, positive = 3, positiveInfinity = 4, nan = 5;
        var number = value.As<PgNumeric>();
        if (!number.IsFinite || number.Sign == 0)
        {
            output.WriteByte(number.Kind switch
            {
                NumericKind.NaN => nan,
                NumericKind.PositiveInfinity => positiveInfinity,
                NumericKind.NegativeInfinity => negativeInfinity,
                _ => zero,
            });
            return;
        }
        output.WriteByte(number.Sign > 0 ? positive : negative);
        var start = output.Length;
        var digits = BigInteger.Abs(number.Unscaled).ToString(CultureInfo.InvariantCulture);
        output.WriteInt32(digits.Length - number.Scale);
        output.Flip(start);
        var significant = digits.AsSpan().TrimEnd('0');
        for (var i = 0; i < significant.Length; i += 2)
            output.WriteByte((byte)(1 + (significant[i] - '0') * 10 + (i + 1 < significant.Length ? significant[i + 1] - '0' : 0)));
        output.WriteByte(0);
        if (number.Sign < 0)
            output.Complement(start);
    }

    /// <summary>Kind, scale (little-endian), unscaled value (little-endian two's complement).</summary>
    public override void WriteStored(Datum value, ByteWriter output)
    {
        var number = value.As<PgNumeric>();
        output.WriteByte((byte)number.Kind);
        if (!number.IsFinite)
            return;
        FixedStored.Write(number.Scale, 2, output);
        var unscaled = number.Unscaled;
        var span = output.GetSpan(unscaled.GetByteCount());
        unscaled.TryWriteBytes(span, out var written);
        output.Advance(written);
    }

    public override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of((NumericKind)stored[0] switch
    {
        NumericKind.NaN => PgNumeric.NaN,
        NumericKind.PositiveInfinity => PgNumeric.PositiveInfinity,
        NumericKind.NegativeInfinity => PgNumeric.NegativeInfinity,
        _ => PgNumeric.Of(new BigInteger(stored[3..]), (int)FixedStored.ReadSigned(stored.Slice(1, 2))),
    });
}

/// <summary>Precision and scale of numeric(p, s). The typmod is ((p &lt;&lt; 16) | (s &amp; 0x7FF)) + 4, as in PostgreSQL.</summary>
public sealed class NumericModifier : TypeModifier
{
    const int HeaderSize = 4;
    const int MaxPrecision = 1000;
    const int MaxModifierScale = 1000;

    public override int Parse(PgType type, IReadOnlyList<string> arguments)
    {
        if (arguments.Count is < 1 or > 2)
            throw new PgError(SqlState.InvalidParameterValue, "invalid NUMERIC type modifier");
        var precision = IntegerCodec.Int4.Parse(arguments[0]);
        var scale = arguments.Count == 2 ? IntegerCodec.Int4.Parse(arguments[1]) : 0;
        if (precision is < 1 or > MaxPrecision)
            throw new PgError(SqlState.InvalidParameterValue, $"NUMERIC precision {precision} must be between 1 and {MaxPrecision}");
        if (scale is < -MaxModifierScale or > MaxModifierScale)
            throw new PgError(SqlState.InvalidParameterValue, $"NUMERIC scale {scale} must be between {-MaxModifierScale} and {MaxModifierScale}");
        return ((int)precision << 16 | ((int)scale & 0x7FF)) + HeaderSize;
    }

    /// <summary>Precision (total digits) and scale in a typmod that is not -1.</summary>
    public static (int Precision, int Scale) Split(int typmod)
    {
        var bits = typmod - HeaderSize;
        return (bits >> 16 & 0xFFFF, ((bits & 0x7FF) ^ 1024) - 1024);
    }

    public override string Format(PgType type, int typmod)
    {
        var (precision, scale) = Split(typmod);
        return string.Create(CultureInfo.InvariantCulture, $"numeric({precision},{scale})");
    }

    public override Datum Apply(PgType type, Datum value, int typmod, bool isExplicit)
    {
        var number = value.As<PgNumeric>();
        var fitted = Fit(number, typmod);
        return ReferenceEquals(number, fitted) ? value : Datum.Of(fitted);
    }

    /// <summary>The number rounded to the modifier's scale. Raises 22003 when it has too many digits before the point.</summary>
    public static PgNumeric Fit(PgNumeric value, int typmod)
    {
        if (typmod < HeaderSize || value.IsNaN)
            return value;
        var (precision, scale) = Split(typmod);
        if (value.IsInfinite)
            throw new PgError(SqlState.NumericValueOutOfRange, "numeric field overflow")
            {
                Detail = $"A field with precision {precision}, scale {scale} cannot hold an infinite value.",
            };
        var rounded = NumericArithmetic.Round(value, scale);
        var maxDigits = precision - scale;
        if (rounded.Sign != 0 && rounded.LeadingExponent + 1 > maxDigits)
            throw new PgError(SqlState.NumericValueOutOfRange, "numeric field overflow")
            {
                Detail = $"A field with precision {precision}, scale {scale} must round to an absolute value less than {(maxDigits != 0 ? "10^" : "")}{(maxDigits != 0 ? maxDigits : 1)}.",
            };
        return rounded;
    }
}
