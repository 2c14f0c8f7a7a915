using System.Text;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden.Values;

/// <summary>numeric: digits of base 10,000, the weight of the first, a sign and the count of decimals to show.</summary>
static class NumericText
{
    const int Negative = 0x4000;
    const int NotANumber = 0xC000;
    const int PositiveInfinity = 0xD000;
    const int NegativeInfinity = 0xF000;

    public static string Read(BodyReader value)
    {
        var count = value.Int16();
        var weight = value.Int16();
        var sign = (ushort)value.Int16();
        var scale = value.Int16();
        var digits = new int[count];
        for (var i = 0; i < count; i++) digits[i] = value.Int16();

        switch (sign)
        {
            case NotANumber: return "NaN";
            case PositiveInfinity: return "Infinity";
            case NegativeInfinity: return "-Infinity";
        }
        var text = new StringBuilder();
        for (var i = 0; i <= weight; i++) text.Append(Digit(digits, i).ToString("0000"));
        var whole = text.ToString().TrimStart('0');
        text.Clear();
        for (var i = weight + 1; text.Length < scale; i++) text.Append(Digit(digits, i).ToString("0000"));
        return (sign == Negative ? "-" : "") + (whole == "" ? "0" : whole) + (scale > 0 ? "." + text.ToString()[..scale] : "");
    }

    static int Digit(int[] digits, int index) => index >= 0 && index < digits.Length ? digits[index] : 0;
}
