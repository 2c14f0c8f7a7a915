using System.Globalization;
using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>sqrt, exp, ln, log, power and the integer functions of numeric, with PostgreSQL's result scales and errors.</summary>
public static class NumericFunctions
{
    const int MinSignificantDigits = 16;
    const int MaxDisplayScale = 1000;
    const double Log10E = 0.434294481903252;

    /// <summary>exp_var's limit: e to more than this overflows numeric.</summary>
    const double MaxExponent = 6000;

    /// <summary>Raises 2201F for negative numbers.</summary>
    public static PgNumeric Sqrt(PgNumeric value)
    {
        if (value.IsNaN)
            return value;
        if (value.Sign < 0)
            throw new PgError(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
        if (value.IsInfinite)
            return value;
        var weight = (NumericArithmetic.FirstGroup(value).Weight + 1) * 4 / 2 - 1;
        var scale = NumericArithmetic.ResultScale(MinSignificantDigits - weight, value.Scale);
        // One digit more than needed decides the rounding; the square root of a decimal is never exactly half way.
        var root = FixedPoint.SquareRoot(value.Scale <= 2 * scale + 2 ? value.UnscaledAt(2 * scale + 2) : value.Unscaled / PowersOfTen.Big(value.Scale - 2 * scale - 2));
        return PgNumeric.Of(PowersOfTen.DivideRounded(root, exponent: 1), scale);
    }

    /// <summary>Raises 22003 on overflow.</summary>
    public static PgNumeric Exp(PgNumeric value)
    {
        if (!value.IsFinite)
            return value.Kind == NumericKind.NegativeInfinity ? PgNumeric.Zero : value;
        var weight = Math.Clamp(ToDouble(value) * Log10E, -2000, 2000);
        return ExpTo(value, NumericArithmetic.ResultScale(MinSignificantDigits - (int)weight, value.Scale));
    }

    static PgNumeric ExpTo(PgNumeric value, int scale)
    {
        var approximate = ToDouble(value);
        if (approximate >= MaxExponent)
            throw PgNumeric.Overflow();
        if (approximate <= -MaxExponent)
            return PgNumeric.Of(BigInteger.Zero, scale);
        var arithmetic = FixedPoint.ForDigits(scale + Math.Max(0, (int)(approximate * Log10E)) + 16);
        return arithmetic.ToNumeric(arithmetic.Exp(arithmetic.FromNumeric(value)), scale);
    }

    /// <summary>Raises 2201E for zero and below.</summary>
    public static PgNumeric Ln(PgNumeric value)
    {
        CheckLogarithm(value);
        return value.IsFinite ? LnTo(value, NumericArithmetic.ResultScale(MinSignificantDigits - LnWeight(value), value.Scale)) : value;
    }

    static void CheckLogarithm(PgNumeric value)
    {
        if (value.Sign < 0)
            throw new PgError(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
        if (value.IsFinite && value.Sign == 0)
            throw new PgError(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero");
    }

    static PgNumeric LnTo(PgNumeric value, int scale)
    {
        var arithmetic = FixedPoint.ForDigits(scale + 16);
        return arithmetic.ToNumeric(arithmetic.Ln(value.Unscaled, PowersOfTen.Big(value.Scale)), scale);
    }

    /// <summary>estimate_ln_dweight: about the decimal exponent of the logarithm of a positive number.</summary>
    static int LnWeight(PgNumeric value)
    {
        var one = PowersOfTen.Big(value.Scale);
        if (value.Unscaled * 10 >= one * 9 && value.Unscaled * 10 <= one * 11)
            return PgNumeric.Of(value.Unscaled - one, value.Scale).LeadingExponent;
        var digits = PowersOfTen.CountDigits(value.Unscaled);
        var kept = Math.Min(digits, 8);
        var leading = (double)(value.Unscaled / PowersOfTen.Big(digits - kept));
        var logarithm = Math.Log(leading) + (digits - kept - value.Scale) * 2.302585092994046;
        return (int)Math.Log10(Math.Abs(logarithm));
    }

    /// <summary>log(base, value). Raises 2201E, and 22012 for base 1.</summary>
    public static PgNumeric Log(PgNumeric @base, PgNumeric value)
    {
        if (@base.IsNaN || value.IsNaN)
            return PgNumeric.NaN;
        CheckLogarithm(@base);
        CheckLogarithm(value);
        if (@base.IsInfinite)
            return value.IsInfinite ? PgNumeric.NaN : PgNumeric.Zero;
        if (value.IsInfinite)
            return value;
        int baseWeight = LnWeight(@base), valueWeight = LnWeight(value), weight = valueWeight - baseWeight;
        var scale = NumericArithmetic.ResultScale(MinSignificantDigits - weight, @base.Scale, value.Scale);
        var lnBase = LnTo(@base, Math.Max(0, scale + weight - baseWeight + 8));
        if (lnBase.Sign == 0)
            throw NumericArithmetic.DivisionByZero();
        return NumericArithmetic.DivideTo(LnTo(value, Math.Max(0, scale + weight - valueWeight + 8)), lnBase, scale);
    }

    /// <summary>Raises 2201F, 22003.</summary>
    public static PgNumeric Power(PgNumeric @base, PgNumeric exponent)
    {
        if (!@base.IsFinite || !exponent.IsFinite)
            return PowerOfSpecial(@base, exponent);
        if (@base.Sign == 0 && exponent.Sign < 0)
            throw new PgError(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        var whole = NumericArithmetic.Truncate(exponent);
        var isInteger = PgNumeric.Compare(whole, exponent) == 0;
        if (isInteger && whole.Unscaled >= int.MinValue && whole.Unscaled <= int.MaxValue)
            return IntegerPower(@base, (int)whole.Unscaled, exponent.Scale);
        if (@base.Sign == 0)
            return PgNumeric.Of(BigInteger.Zero, MinSignificantDigits);
        if (@base.Sign < 0 && !isInteger)
            throw new PgError(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        var result = RealPower(NumericArithmetic.Abs(@base), exponent);
        return @base.Sign < 0 && !whole.Unscaled.IsEven ? NumericArithmetic.Negate(result) : result;
    }

    static PgNumeric RealPower(PgNumeric @base, PgNumeric exponent)
    {
        var lnWeight = LnWeight(@base);
        var product = ToDouble(LnTo(@base, Math.Max(0, 8 - lnWeight))) * ToDouble(exponent);
        if (product > MaxExponent * 1.00333)
            throw PgNumeric.Overflow();
        if (product < -MaxExponent * 1.00333)
            return PgNumeric.Of(BigInteger.Zero, MaxDisplayScale);
        var weight = (int)(product * Log10E);
        var scale = NumericArithmetic.ResultScale(MinSignificantDigits - weight, @base.Scale, exponent.Scale);
        var lnScale = Math.Max(0, scale + weight + Math.Max(0, exponent.LeadingExponent) + 16);
        return ExpTo(NumericArithmetic.Multiply(LnTo(@base, lnScale), exponent), scale);
    }

    /// <summary>The result scale is PostgreSQL 16's, which keeps 16 significant digits of small results where 15 showed zeros.</summary>
    static PgNumeric IntegerPower(PgNumeric @base, int exponent, int exponentScale)
    {
        var weight = @base.Sign == 0 ? 0 : exponent * (BigInteger.Log10(BigInteger.Abs(@base.Unscaled)) - @base.Scale);
        if (weight > PgNumeric.MaxIntegerDigits)
            throw PgNumeric.Overflow();
        if (weight + 1 < -MaxDisplayScale)
            return PgNumeric.Of(BigInteger.Zero, MaxDisplayScale);
        var scale = NumericArithmetic.ResultScale(MinSignificantDigits - (int)weight, @base.Scale, exponentScale);
        if (exponent == 0)
            return PgNumeric.One.Rescale(scale);
        if (@base.Sign == 0)
            return PgNumeric.Of(BigInteger.Zero, scale);

        // Exact powers while they are small, else the first digits with enough more to round well.
        var digits = (long)PowersOfTen.CountDigits(@base.Unscaled) * Math.Abs((long)exponent);
        if (digits <= 4000)
        {
            var power = BigInteger.Pow(@base.Unscaled, Math.Abs(exponent));
            var powerScale = Math.Abs(exponent) * @base.Scale;
            return exponent > 0
                ? (powerScale >= scale ? PgNumeric.Of(PowersOfTen.DivideRounded(power, powerScale - scale), scale) : PgNumeric.Of(power * PowersOfTen.Big(scale - powerScale), scale))
                : PgNumeric.Of(PowersOfTen.DivideRounded(PowersOfTen.Big(powerScale + scale), power), scale);
        }
        var result = FloatingPower(BigInteger.Abs(@base.Unscaled), @base.Scale, exponent, (int)weight + scale + 32, scale);
        return @base.Sign < 0 && int.IsOddInteger(exponent) ? NumericArithmetic.Negate(result) : result;
    }

    /// <summary>Square and multiply on (digits, decimal exponent) pairs cut to <paramref name="precision"/> digits.</summary>
    static PgNumeric FloatingPower(BigInteger unscaled, int unscaledScale, int exponent, int precision, int scale)
    {
        precision = Math.Max(precision, 32) + 16;
        (BigInteger Digits, long Exponent) Cut(BigInteger digits, long at)
        {
            var extra = PowersOfTen.CountDigits(digits) - precision;
            return extra > 0 ? (PowersOfTen.DivideRounded(digits, extra), at + extra) : (digits, at);
        }
        (BigInteger Digits, long Exponent) result = (BigInteger.One, 0), factor = Cut(unscaled, -unscaledScale);
        for (var left = Math.Abs((long)exponent); left > 0; left >>= 1)
        {
            Interruption.Check();
            if ((left & 1) != 0)
                result = Cut(result.Digits * factor.Digits, result.Exponent + factor.Exponent);
            if (left > 1)
                factor = Cut(factor.Digits * factor.Digits, 2 * factor.Exponent);
        }
        if (exponent < 0)
            result = Cut(PowersOfTen.Big(2 * precision) / result.Digits, -result.Exponent - 2 * precision);
        if (result.Exponent >= 0)
            return PgNumeric.Of(result.Digits * PowersOfTen.Big((int)result.Exponent + scale), scale);
        var drop = -result.Exponent - scale;
        return drop <= 0 ? PgNumeric.Of(result.Digits * PowersOfTen.Big((int)-drop), scale) : PgNumeric.Of(PowersOfTen.DivideRounded(result.Digits, (int)drop), scale);
    }

    /// <summary>POSIX pow()'s rules for NaN and infinities.</summary>
    static PgNumeric PowerOfSpecial(PgNumeric @base, PgNumeric exponent)
    {
        if (exponent.IsFinite && exponent.Sign == 0)
            return PgNumeric.One;
        if (@base.IsFinite && PgNumeric.Compare(@base, PgNumeric.One) == 0)
            return PgNumeric.One;
        if (@base.IsNaN || exponent.IsNaN)
            return PgNumeric.NaN;
        if (@base.Sign == 0)
            return exponent.Sign < 0
                ? throw new PgError(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined")
                : PgNumeric.Zero;
        if (exponent.IsInfinite)
        {
            var size = PgNumeric.Compare(NumericArithmetic.Abs(@base), PgNumeric.One);
            return size == 0 ? PgNumeric.One : size > 0 == exponent.Sign > 0 ? PgNumeric.PositiveInfinity : PgNumeric.Zero;
        }
        if (exponent.Sign < 0)
            return PgNumeric.Zero;
        if (@base.Sign > 0)
            return @base;
        var whole = NumericArithmetic.Truncate(exponent);
        return PgNumeric.Compare(whole, exponent) != 0
            ? throw new PgError(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result")
            : whole.Unscaled.IsEven ? PgNumeric.PositiveInfinity : PgNumeric.NegativeInfinity;
    }

    /// <summary>Raises 22003 for negative numbers and results beyond numeric.</summary>
    public static PgNumeric Factorial(long n)
    {
        if (n < 0)
            throw PgError.OutOfRange("factorial of a negative number is undefined");
        if (n > 32177)
            throw PgNumeric.Overflow();
        var product = BigInteger.One;
        for (var i = 2L; i <= n; i++)
        {
            if ((i & 0xFF) == 0)
                Interruption.Check();
            product *= i;
        }
        return PgNumeric.Of(product, 0);
    }

    /// <summary>The greatest common divisor, at the larger of the two scales.</summary>
    public static PgNumeric Gcd(PgNumeric left, PgNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return PgNumeric.NaN;
        var scale = Math.Max(left.Scale, right.Scale);
        return PgNumeric.Of(BigInteger.GreatestCommonDivisor(left.UnscaledAt(scale), right.UnscaledAt(scale)), scale);
    }

    /// <summary>The least common multiple, at the larger of the two scales.</summary>
    public static PgNumeric Lcm(PgNumeric left, PgNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return PgNumeric.NaN;
        var scale = Math.Max(left.Scale, right.Scale);
        BigInteger a = left.UnscaledAt(scale), b = right.UnscaledAt(scale);
        return PgNumeric.Of(a.IsZero || b.IsZero ? BigInteger.Zero : BigInteger.Abs(a / BigInteger.GreatestCommonDivisor(a, b) * b), scale);
    }

    /// <summary>The nearest float8; infinite when out of its range.</summary>
    public static double ToDouble(PgNumeric value) => value.Kind switch
    {
        NumericKind.NaN => double.NaN,
        NumericKind.PositiveInfinity => double.PositiveInfinity,
        NumericKind.NegativeInfinity => double.NegativeInfinity,
        _ => double.Parse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture),
    };
}
