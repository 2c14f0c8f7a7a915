using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>The operators of numeric, with the scales that PostgreSQL gives their results.</summary>
public static class NumericArithmetic
{
    const int MinSignificantDigits = 16;
    const int MaxDisplayScale = 1000;
    const int MaxResultScale = 2000;
    const int DigitsPerGroup = 4;

    public static PgNumeric Add(PgNumeric left, PgNumeric right)
    {
        if (left.TryGetSmall(out var a) && right.TryGetSmall(out var b) && left.Scale == right.Scale && !Overflows(a, b, out var sum))
            return PgNumeric.Small(sum, left.Scale);
        if (!left.IsFinite || !right.IsFinite)
            return left.IsNaN || right.IsNaN || (left.IsInfinite && right.IsInfinite && left.Sign != right.Sign) ? PgNumeric.NaN
                : left.IsInfinite ? left : right;
        var scale = Math.Max(left.Scale, right.Scale);
        return PgNumeric.Of(left.UnscaledAt(scale) + right.UnscaledAt(scale), scale);
    }

    static bool Overflows(long a, long b, out long sum)
    {
        sum = unchecked(a + b);
        return ((a ^ sum) & (b ^ sum)) < 0;
    }

    public static PgNumeric Subtract(PgNumeric left, PgNumeric right) => Add(left, Negate(right));

    public static PgNumeric Negate(PgNumeric value) => value.Kind switch
    {
        NumericKind.NaN => value,
        NumericKind.PositiveInfinity => PgNumeric.NegativeInfinity,
        NumericKind.NegativeInfinity => PgNumeric.PositiveInfinity,
        _ => value.TryGetSmall(out var small) && small != long.MinValue ? PgNumeric.Small(-small, value.Scale) : PgNumeric.Of(-value.Unscaled, value.Scale),
    };

    public static PgNumeric Abs(PgNumeric value) => value.Sign < 0 ? Negate(value) : value;

    public static PgNumeric Sign(PgNumeric value) => value.IsNaN ? value : PgNumeric.Of(value.Sign);

    public static PgNumeric Multiply(PgNumeric left, PgNumeric right)
    {
        if (left.TryGetSmall(out var a) && right.TryGetSmall(out var b) && left.Scale + right.Scale <= PgNumeric.MaxScale)
        {
            var high = Math.BigMul(a, b, out var low);
            if (high == low >> 63)
                return PgNumeric.Small(low, left.Scale + right.Scale);
        }
        if (left.IsFinite && right.IsFinite)
            return PgNumeric.Of(left.Unscaled * right.Unscaled, left.Scale + right.Scale);
        return left.IsNaN || right.IsNaN ? PgNumeric.NaN : Infinite(left.Sign * right.Sign);
    }

    /// <summary>The infinity of this sign; NaN for 0.</summary>
    static PgNumeric Infinite(int sign) => sign > 0 ? PgNumeric.PositiveInfinity : sign < 0 ? PgNumeric.NegativeInfinity : PgNumeric.NaN;

    public static PgError DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

    /// <summary>Raises 22012.</summary>
    public static PgNumeric Divide(PgNumeric left, PgNumeric right)
    {
        if (DivideSpecial(left, right) is { } special)
            return special;
        return DivideTo(left, right, DivisionScale(left, right));
    }

    /// <summary>The quotient with <paramref name="scale"/> digits after the point, halves away from zero.</summary>
    internal static PgNumeric DivideTo(PgNumeric left, PgNumeric right, int scale)
    {
        var shift = scale + right.Scale - left.Scale;
        return shift >= 0
            ? PgNumeric.Of(PowersOfTen.DivideRounded(left.Unscaled * PowersOfTen.Big(shift), right.Unscaled), scale)
            : PgNumeric.Of(PowersOfTen.DivideRounded(left.Unscaled, right.Unscaled * PowersOfTen.Big(-shift)), scale);
    }

    static PgNumeric? DivideSpecial(PgNumeric left, PgNumeric right)
    {
        if (left.IsNaN || right.IsNaN)
            return PgNumeric.NaN;
        if (right.IsFinite && right.Sign == 0)
            throw DivisionByZero();
        if (left.IsInfinite)
            return right.IsInfinite ? PgNumeric.NaN : Infinite(left.Sign * right.Sign);
        return right.IsInfinite ? PgNumeric.Zero : null;
    }

    /// <summary>select_div_scale: at least 16 significant digits, counted in PostgreSQL's groups of four decimal digits.</summary>
    static int DivisionScale(PgNumeric left, PgNumeric right)
    {
        var (leftWeight, leftGroup) = FirstGroup(left);
        var (rightWeight, rightGroup) = FirstGroup(right);
        var weight = leftWeight - rightWeight - (leftGroup <= rightGroup ? 1 : 0);
        return ResultScale(MinSignificantDigits - weight * DigitsPerGroup, left.Scale, right.Scale);
    }

    /// <summary>The weight of the first non-zero group of four decimal digits (0 is the units' group) and that group.</summary>
    internal static (int Weight, int Group) FirstGroup(PgNumeric value)
    {
        if (value.Sign == 0)
            return (0, 0);
        var exponent = value.LeadingExponent;
        var weight = exponent >= 0 ? exponent / DigitsPerGroup : -((-exponent + DigitsPerGroup - 1) / DigitsPerGroup);
        var shift = weight * DigitsPerGroup + value.Scale;
        var size = BigInteger.Abs(value.Unscaled);
        return (weight, (int)(shift >= 0 ? size / PowersOfTen.Big(shift) : size * PowersOfTen.Big(-shift)));
    }

    /// <summary>The scale wished for, raised to the operands' scales and kept within 0 to 1000.</summary>
    internal static int ResultScale(int wished, int scale1, int scale2 = 0)
        => Math.Min(Math.Max(Math.Max(wished, 0), Math.Max(scale1, scale2)), MaxDisplayScale);

    /// <summary>The integer part of the quotient. Raises 22012.</summary>
    public static PgNumeric DivideTruncated(PgNumeric left, PgNumeric right)
    {
        if (DivideSpecial(left, right) is { } special)
            return special;
        var scale = Math.Max(left.Scale, right.Scale);
        return PgNumeric.Of(BigInteger.Divide(left.UnscaledAt(scale), right.UnscaledAt(scale)), 0);
    }

    /// <summary>The rest of the division, with the sign of <paramref name="left"/>. Raises 22012.</summary>
    public static PgNumeric Modulo(PgNumeric left, PgNumeric right)
    {
        if (left.IsNaN || right.IsNaN)
            return PgNumeric.NaN;
        if (right.IsFinite && right.Sign == 0)
            throw DivisionByZero();
        if (left.IsInfinite)
            return PgNumeric.NaN;
        if (right.IsInfinite)
            return left;
        var scale = Math.Max(left.Scale, right.Scale);
        return PgNumeric.Of(BigInteger.Remainder(left.UnscaledAt(scale), right.UnscaledAt(scale)), scale);
    }

    /// <summary>round(numeric, int): halves away from zero; a negative scale rounds before the point.</summary>
    public static PgNumeric Round(PgNumeric value, int scale = 0)
    {
        scale = Math.Clamp(scale, -MaxResultScale, MaxResultScale);
        return !value.IsFinite || scale >= 0
            ? value.Rescale(Math.Max(scale, 0))
            : PgNumeric.Of(PowersOfTen.DivideRounded(value.Unscaled, value.Scale - scale) * PowersOfTen.Big(-scale), 0);
    }

    /// <summary>trunc(numeric, int): towards zero.</summary>
    public static PgNumeric Truncate(PgNumeric value, int scale = 0)
    {
        scale = Math.Clamp(scale, -MaxResultScale, MaxResultScale);
        if (!value.IsFinite || scale >= value.Scale)
            return value.Rescale(Math.Max(scale, 0));
        var kept = BigInteger.Divide(value.Unscaled, PowersOfTen.Big(value.Scale - scale));
        return PgNumeric.Of(kept, scale);
    }

    public static PgNumeric Floor(PgNumeric value)
    {
        var whole = Truncate(value);
        return PgNumeric.Compare(value, whole) < 0 ? Subtract(whole, PgNumeric.One) : whole;
    }

    public static PgNumeric Ceiling(PgNumeric value)
    {
        var whole = Truncate(value);
        return PgNumeric.Compare(value, whole) > 0 ? Add(whole, PgNumeric.One) : whole;
    }
}
