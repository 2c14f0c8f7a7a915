using System.Globalization;

namespace PgVectorCompat.Golden.Values;

/// <summary>Shortest digits that read back to the same value, laid out as PostgreSQL does.</summary>
static class FloatText
{
    // PostgreSQL switches to an exponent beyond the digits a type always holds.
    const int SingleFixedDigits = 6;
    const int DoubleFixedDigits = 15;

    public static string Of(float value)
        => float.IsFinite(value) ? Lay(value.ToString("R", CultureInfo.InvariantCulture), SingleFixedDigits) : NotFinite(value);

    public static string Of(double value)
        => double.IsFinite(value) ? Lay(value.ToString("R", CultureInfo.InvariantCulture), DoubleFixedDigits) : NotFinite(value);

    static string NotFinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";

    /// <param name="shortest">The value in .NET's round-trip form, which keeps the sign of -0.</param>
    /// <param name="fixedDigits">Decimal exponents from -4 to this, exclusive, are written without an exponent.</param>
    static string Lay(string shortest, int fixedDigits)
    {
        var sign = shortest.StartsWith('-') ? "-" : "";
        var (digits, exponent) = Decompose(shortest.TrimStart('-'));
        if (digits == "0") return sign + "0";
        if (exponent < -4 || exponent >= fixedDigits)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0) return sign + "0." + new string('0', -exponent - 1) + digits;
        var whole = digits.Length > exponent + 1 ? digits[..(exponent + 1)] : digits.PadRight(exponent + 1, '0');
        return sign + whole + (digits.Length > exponent + 1 ? "." + digits[(exponent + 1)..] : "");
    }

    /// <summary>Significant digits, and the power of ten of the first.</summary>
    static (string Digits, int Exponent) Decompose(string text)
    {
        var exponent = 0;
        if (text.IndexOf('E') is >= 0 and var e)
        {
            exponent = int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }
        var point = text.IndexOf('.');
        var whole = point < 0 ? text.Length : point;
        var all = text.Replace(".", "");
        var leading = all.Length - all.TrimStart('0').Length;
        var digits = all.Trim('0');
        return digits == "" ? ("0", 0) : (digits, exponent + whole - 1 - leading);
    }
}
