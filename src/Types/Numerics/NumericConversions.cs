using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>Casts between numeric and the other numbers.</summary>
public static class NumericConversions
{
    /// <summary>Rounded to an integer, halves away from zero. Raises 22003 <c>integer out of range</c> (or smallint, bigint), 0A000 for NaN and infinities.</summary>
    public static long ToInteger(PgNumeric value, long min, long max, string typeName)
    {
        if (!value.IsFinite)
            throw new PgError(SqlState.FeatureNotSupported, $"cannot convert {(value.IsNaN ? "NaN" : "infinity")} to {typeName}");
        var whole = value.Rescale(0);
        return whole.TryGetSmall(out var small) && small >= min && small <= max ? small : throw PgError.OutOfRange($"{typeName} out of range");
    }

    public static int ToInt32(PgNumeric value) => (int)ToInteger(value, int.MinValue, int.MaxValue, "integer");
    public static long ToInt64(PgNumeric value) => ToInteger(value, long.MinValue, long.MaxValue, "bigint");
    public static short ToInt16(PgNumeric value) => (short)ToInteger(value, short.MinValue, short.MaxValue, "smallint");

    /// <summary>Raises 22003 for numbers beyond float8.</summary>
    public static double ToDouble(PgNumeric value)
    {
        var number = NumericFunctions.ToDouble(value);
        return value.IsFinite && double.IsInfinity(number)
            ? throw PgError.OutOfRange($"\"{value}\" is out of range for type double precision")
            : number;
    }

    /// <summary>Raises 22003 for numbers beyond float4.</summary>
    public static float ToSingle(PgNumeric value)
    {
        var number = value.IsFinite ? float.Parse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture) : (float)NumericFunctions.ToDouble(value);
        return value.IsFinite && (float.IsInfinity(number) || (number == 0 && value.Sign != 0))
            ? throw PgError.OutOfRange($"\"{value}\" is out of range for type real")
            : number;
    }

    /// <summary>The number's first 15 digits, as PostgreSQL casts float8 to numeric.</summary>
    public static PgNumeric FromDouble(double value) => FromDigits(value, "E14");

    /// <summary>The number's first 6 digits, as PostgreSQL casts float4 to numeric.</summary>
    public static PgNumeric FromSingle(float value) => FromDigits(value, "E5");

    static PgNumeric FromDigits(double value, string format)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? PgNumeric.NaN : value > 0 ? PgNumeric.PositiveInfinity : PgNumeric.NegativeInfinity;
        // The scale follows from the digits without trailing zeros, as %g prints them.
        var text = value.ToString(format, CultureInfo.InvariantCulture);
        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = text[..exponentAt].TrimEnd('0').TrimEnd('.');
        return PgNumeric.Parse(mantissa + text[exponentAt..]);
    }
}
