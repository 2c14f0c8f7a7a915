using System.Globalization;
using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>
/// PostgreSQL's numeric: an integer divided by a power of ten, which is also the number of digits shown after the point;
/// or NaN, Infinity, -Infinity. Immutable.
/// </summary>
/// <remarks>
/// At most 131072 digits before the point and 16383 after it, as in PostgreSQL. Numbers whose digits fit a long are kept in one and
/// added and multiplied there, which is nearly always.
/// </remarks>
public sealed class PgNumeric
{
    /// <summary>NUMERIC_DSCALE_MAX.</summary>
    public const int MaxScale = 16383;

    /// <summary>(NUMERIC_WEIGHT_MAX + 1) * DEC_DIGITS.</summary>
    public const int MaxIntegerDigits = 131072;

    public static readonly PgNumeric NaN = new(NumericKind.NaN);
    public static readonly PgNumeric PositiveInfinity = new(NumericKind.PositiveInfinity);
    public static readonly PgNumeric NegativeInfinity = new(NumericKind.NegativeInfinity);
    public static readonly PgNumeric Zero = new(0, 0);
    public static readonly PgNumeric One = new(1, 0);

    readonly long _small;
    readonly BigInteger _big;
    readonly bool _isBig;
    readonly short _scale;

    PgNumeric(NumericKind kind) => Kind = kind;

    PgNumeric(long unscaled, int scale)
    {
        _small = unscaled;
        _scale = (short)scale;
    }

    PgNumeric(BigInteger unscaled, int scale)
    {
        _big = unscaled;
        _isBig = true;
        _scale = (short)scale;
    }

    public NumericKind Kind { get; }
    public bool IsFinite => Kind == NumericKind.Finite;
    public bool IsNaN => Kind == NumericKind.NaN;
    public bool IsInfinite => Kind is NumericKind.PositiveInfinity or NumericKind.NegativeInfinity;

    /// <summary>Digits after the point that are shown (dscale); 0 for NaN and infinities.</summary>
    public int Scale => _scale;

    /// <summary>The value times 10^<see cref="Scale"/>; 0 for NaN and infinities.</summary>
    public BigInteger Unscaled => _isBig ? _big : _small;

    /// <summary>-1, 0 or 1; 0 for NaN.</summary>
    public int Sign => Kind switch
    {
        NumericKind.PositiveInfinity => 1,
        NumericKind.NegativeInfinity => -1,
        _ => _isBig ? _big.Sign : Math.Sign(_small),
    };

    /// <summary>Whether <see cref="Unscaled"/> fits a long, and that long.</summary>
    internal bool TryGetSmall(out long unscaled)
    {
        unscaled = _small;
        return !_isBig && IsFinite;
    }

    public static PgNumeric Of(long value) => new(value, 0);

    internal static PgNumeric Small(long unscaled, int scale) => new(unscaled, scale);

    /// <summary><paramref name="unscaled"/> / 10^<paramref name="scale"/>; a scale above the limit is rounded away. Raises 22003 when the number is too large.</summary>
    public static PgNumeric Of(BigInteger unscaled, int scale)
    {
        if (scale < 0)
            (unscaled, scale) = (unscaled * PowersOfTen.Big(-scale), 0);
        if (scale > MaxScale)
            (unscaled, scale) = (PowersOfTen.DivideRounded(unscaled, scale - MaxScale), MaxScale);
        if (unscaled >= long.MinValue && unscaled <= long.MaxValue)
            return new((long)unscaled, scale);
        if (unscaled.GetBitLength() > 400_000 && PowersOfTen.CountDigits(unscaled) - scale > MaxIntegerDigits)
            throw Overflow();
        return new(unscaled, scale);
    }

    public static PgError Overflow() => PgError.OutOfRange("value overflows numeric format");

    /// <summary>Position of the first non-zero digit: 0 for units, 1 for tens, -1 for tenths; 0 for zero.</summary>
    internal int LeadingExponent => Sign == 0 ? 0 : PowersOfTen.CountDigits(Unscaled) - 1 - Scale;

    /// <summary>The number with <paramref name="scale"/> digits after the point, halves away from zero. Exact when the scale grows.</summary>
    public PgNumeric Rescale(int scale)
        => !IsFinite || scale == Scale ? this
            : scale > Scale ? Of(Unscaled * PowersOfTen.Big(scale - Scale), scale)
            : Of(PowersOfTen.DivideRounded(Unscaled, Scale - scale), scale);

    /// <summary>Reads the text form. Raises 22P02, 22003.</summary>
    public static PgNumeric Parse(ReadOnlySpan<char> text)
    {
        var word = Utf8Text.Trim(text);
        var rest = word;
        var negative = rest.Length > 0 && rest[0] == '-';
        var signed = negative || (rest.Length > 0 && rest[0] == '+');
        if (signed)
            rest = rest[1..];
        if (!rest.IsEmpty && char.IsAsciiLetter(rest[0]))
            return rest.Equals("nan", StringComparison.OrdinalIgnoreCase) && !signed ? NaN
                : rest.Equals("infinity", StringComparison.OrdinalIgnoreCase) || rest.Equals("inf", StringComparison.OrdinalIgnoreCase)
                    ? (negative ? NegativeInfinity : PositiveInfinity)
                    : throw Invalid(text);

        var exponentAt = rest.IndexOfAny('e', 'E');
        var exponent = exponentAt < 0 ? 0 : ParseExponent(rest[(exponentAt + 1)..], text);
        var mantissa = exponentAt < 0 ? rest : rest[..exponentAt];
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? [] : mantissa[(point + 1)..];
        if (whole.Length + fraction.Length == 0 || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
            throw Invalid(text);

        var scale = fraction.Length - exponent;
        whole = whole.TrimStart('0');
        if (whole.Length + exponent > MaxIntegerDigits)
        {
            if (whole.Length > 0 || fraction.ContainsAnyExcept('0'))
                throw Overflow();
            return new(0, 0);
        }
        if (scale > MaxScale)
            throw Overflow();
        if (whole.Length + fraction.Length <= PowersOfTen.MaxLong && scale >= 0)
        {
            var small = 0L;
            foreach (var c in whole)
                small = small * 10 + (c - '0');
            foreach (var c in fraction)
                small = small * 10 + (c - '0');
            return new(negative ? -small : small, scale);
        }
        var unscaled = BigInteger.Parse(string.Concat("0", whole, fraction), NumberStyles.None, CultureInfo.InvariantCulture);
        return Of(negative ? -unscaled : unscaled, scale);
    }

    static int ParseExponent(ReadOnlySpan<char> digits, ReadOnlySpan<char> text)
    {
        var bare = digits.Length > 0 && digits[0] is '+' or '-' ? digits[1..] : digits;
        if (bare.IsEmpty || bare.ContainsAnyExceptInRange('0', '9'))
            throw Invalid(text);
        return int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) && Math.Abs((long)exponent) < int.MaxValue / 2
            ? exponent
            : throw Overflow();
    }

    static PgError Invalid(ReadOnlySpan<char> text) => PgError.InvalidText("numeric", text.ToString());

    /// <summary>Writes the text form: all digits, no exponent.</summary>
    public void Write(ByteWriter output)
    {
        if (!IsFinite)
        {
            output.WriteBytes(IsNaN ? "NaN"u8 : Sign > 0 ? "Infinity"u8 : "-Infinity"u8);
            return;
        }
        if (_scale == 0)
        {
            if (_isBig)
                output.WriteText(_big.ToString(CultureInfo.InvariantCulture));
            else
                output.WriteFormatted(_small);
            return;
        }
        var digits = _isBig ? BigInteger.Abs(_big).ToString(CultureInfo.InvariantCulture) : ((UInt128)Int128.Abs(_small)).ToString(CultureInfo.InvariantCulture);
        if (digits.Length <= _scale)
            digits = digits.PadLeft(_scale + 1, '0');
        if (Sign < 0)
            output.WriteByte((byte)'-');
        output.WriteText(digits.AsSpan(0, digits.Length - _scale));
        output.WriteByte((byte)'.');
        output.WriteText(digits.AsSpan(digits.Length - _scale));
    }

    public override string ToString()
    {
        var output = new ByteWriter();
        Write(output);
        return System.Text.Encoding.ASCII.GetString(output.Written);
    }

    /// <summary>PostgreSQL's order: -Infinity, numbers, Infinity, NaN; 1.0 equals 1.00.</summary>
    public static int Compare(PgNumeric left, PgNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return Rank(left.Kind) - Rank(right.Kind);
        if (!left._isBig && !right._isBig && left._scale == right._scale)
            return left._small.CompareTo(right._small);
        if (left.Sign != right.Sign || left.Sign == 0)
            return left.Sign - right.Sign;
        var scale = Math.Max(left.Scale, right.Scale);
        return left.UnscaledAt(scale).CompareTo(right.UnscaledAt(scale));
    }

    static int Rank(NumericKind kind) => kind switch
    {
        NumericKind.NegativeInfinity => -1,
        NumericKind.Finite => 0,
        NumericKind.PositiveInfinity => 1,
        _ => 2,
    };

    /// <summary>The value times 10^<paramref name="scale"/>, for a scale not below its own.</summary>
    internal BigInteger UnscaledAt(int scale) => scale == Scale ? Unscaled : Unscaled * PowersOfTen.Big(scale - Scale);

    /// <summary>The same value without trailing zeros after the point.</summary>
    public PgNumeric TrimScale()
    {
        if (!IsFinite || Scale == 0)
            return this;
        if (TryGetSmall(out var small))
        {
            var shortened = Scale;
            for (; shortened > 0 && small % 10 == 0; shortened--)
                small /= 10;
            return Small(small, shortened);
        }
        var digits = Unscaled.ToString(CultureInfo.InvariantCulture);
        var zeros = Math.Min(Scale, digits.Length - digits.AsSpan().TrimEnd('0').Length);
        return Of(Unscaled / PowersOfTen.Big(zeros), Scale - zeros);
    }

    public override bool Equals(object? obj) => obj is PgNumeric other && Compare(this, other) == 0;

    public override int GetHashCode()
    {
        var trimmed = TrimScale();
        return HashCode.Combine(trimmed.Kind, trimmed.Unscaled, trimmed.Scale);
    }
}

/// <summary>Whether a numeric is a number, and which special value otherwise.</summary>
public enum NumericKind : byte { Finite, NaN, PositiveInfinity, NegativeInfinity }
