using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning.Estimates;

/// <summary>Where a value lies between two others of its type.</summary>
static class ScalarPosition
{
    /// <summary>0 at <paramref name="low"/> to 1 at <paramref name="high"/>; one half where the type has no measure.</summary>
    public static double Between(TypeCodec codec, Datum low, Datum high, Datum value)
    {
        if (low.Reference is string first && high.Reference is string last && value.Reference is string text)
            return Position(first, last, text);
        var (a, b, x) = (Number(codec, low), Number(codec, high), Number(codec, value));
        return b > a && double.IsFinite(b - a) && double.IsFinite(x) ? Math.Clamp((x - a) / (b - a), 0, 1) : 0.5;
    }

    static double Number(TypeCodec codec, Datum value)
        => codec is Float4Codec or Float8Codec ? value.AsDouble
            : value.IsInBits ? value.AsInt64
            : value.Reference is PgNumeric number ? NumericConversions.ToDouble(number)
            : double.NaN;

    // Text after the common beginning as a fraction in base 128, a dozen letters deep.
    static double Position(string low, string high, string value)
    {
        var common = 0;
        while (common < low.Length && common < high.Length && common < value.Length && low[common] == high[common] && low[common] == value[common])
            common++;
        var (a, b, x) = (Fraction(low.AsSpan(common)), Fraction(high.AsSpan(common)), Fraction(value.AsSpan(common)));
        return b > a ? Math.Clamp((x - a) / (b - a), 0, 1) : 0.5;
    }

    static double Fraction(ReadOnlySpan<char> text)
    {
        const double Base = 128;
        double sum = 0, unit = 1;
        foreach (var letter in text[..Math.Min(12, text.Length)])
        {
            unit /= Base;
            sum += Math.Min((int)letter, 127) * unit;
        }
        return sum;
    }
}
