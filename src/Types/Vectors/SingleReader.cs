using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PgVectorCompat.Types;

/// <summary>How reading a number ended.</summary>
public enum NumberStatus
{
    Read,

    /// <summary>No number begins here.</summary>
    Missing,

    /// <summary>The number is beyond float32; the value is infinite.</summary>
    Overflow,

    /// <summary>The number is not zero, but the value is.</summary>
    Underflow,
}

/// <summary>
/// Reads a float32 from the start of a text as C's strtof does: sign, decimal or hexadecimal, or the words inf, infinity and
/// nan, and as much of the text as makes sense. The result is the float nearest to the decimal, ties to even.
/// </summary>
/// <remarks>
/// The common case makes an integer of the digits and multiplies it by a power of ten, in double precision. Each of the three
/// roundings is off by at most half a unit of a double, and a float has 29 bits less; so unless the product lies within a few
/// units of the middle between two floats, rounding it to a float gives what rounding the exact decimal would. Whatever comes
/// too close to the middle, to the ends of float32's range, or has more than 19 digits is left to the runtime's exact parser.
/// </remarks>
public static class SingleReader
{
    const int MaxDigits = 19;

    /// <summary>Bits of a double's fraction that a float has not.</summary>
    const long DroppedBits = (1L << 29) - 1;

    const long MiddleOfDropped = 1L << 28;
    const long Doubt = 8;
    const double SmallestNormal = 1.17549435e-38;
    const double Largest = 3.4028234e38;

    /// <summary>Powers of ten from 10⁻⁶⁴ to 10⁶⁴, each the nearest double.</summary>
    static readonly double[] PowersOfTen = [.. Enumerable.Range(-MaxExponent, 2 * MaxExponent + 1)
        .Select(exponent => double.Parse($"1e{exponent}", CultureInfo.InvariantCulture))];

    const int MaxExponent = 64;

    /// <summary>Reads the number at <paramref name="at"/> and moves behind it; where none is, <paramref name="at"/> stays.</summary>
    public static NumberStatus Read(ReadOnlySpan<byte> text, ref int at, out float value)
    {
        var start = at;
        var i = at;
        var negative = false;
        if (i < text.Length && text[i] is (byte)'-' or (byte)'+')
            negative = text[i++] == '-';

        var firstDigit = i;
        var mantissa = 0UL;
        for (; i < text.Length && Digit(text[i]) is < 10 and var digit; i++)
            mantissa = mantissa * 10 + digit;
        var digits = i - firstDigit;
        var exponent = 0;
        if (i < text.Length && text[i] == '.')
        {
            var firstDecimal = ++i;
            for (; i + 8 <= text.Length && EightDigits(text[i..], out var eight); i += 8)
                mantissa = mantissa * 100_000_000 + eight;
            for (; i < text.Length && Digit(text[i]) is < 10 and var digit; i++)
                mantissa = mantissa * 10 + digit;
            exponent = firstDecimal - i;
            digits -= exponent;
        }
        if (digits == 0)
            return ReadWord(text, ref at, out value);
        if (i < text.Length && text[i] is (byte)'e' or (byte)'E')
            exponent += ReadExponent(text, ref i);
        else if (i < text.Length && text[i] is (byte)'x' or (byte)'X' && digits == 1 && mantissa == 0 && HexReader.TryRead(text, firstDigit, ref i, out var hex))
        {
            at = i;
            value = negative ? -(float)hex.Value : (float)hex.Value;
            return Status(value, hex.IsZero);
        }
        at = i;

        if (digits > MaxDigits && !FitsMantissa(text[firstDigit..i]))
            return ReadExactly(text[start..i], negative, out value);
        if (mantissa == 0)
        {
            value = negative ? -0f : 0f;
            return NumberStatus.Read;
        }
        if (Math.Abs(exponent) > MaxExponent)
            return ReadExactly(text[start..i], negative, out value);

        var number = mantissa * PowersOfTen[exponent + MaxExponent];
        var dropped = BitConverter.DoubleToInt64Bits(number) & DroppedBits;
        if (number is < SmallestNormal or > Largest || (ulong)(dropped - MiddleOfDropped + Doubt) <= 2 * Doubt)
            return ReadExactly(text[start..i], negative, out value);
        value = (float)(negative ? -number : number);
        return NumberStatus.Read;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Digit(byte character) => (uint)character - '0';

    /// <summary>The number that eight digits make, found by adding neighbours, then pairs, then fours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool EightDigits(ReadOnlySpan<byte> text, out uint value)
    {
        var chunk = BinaryPrimitives.ReadUInt64LittleEndian(text);
        var digits = chunk - 0x3030_3030_3030_3030;
        Unsafe.SkipInit(out value);
        if ((((chunk + 0x4646_4646_4646_4646) | digits) & 0x8080_8080_8080_8080) != 0)
            return false;
        digits = digits * 10 + (digits >> 8);
        value = (uint)((((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064
            + ((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001) >> 32) & uint.MaxValue);
        return true;
    }

    /// <summary>Reads <c>e</c>, an optional sign and digits; without digits there is no exponent and nothing is consumed.</summary>
    static int ReadExponent(ReadOnlySpan<byte> text, ref int at)
    {
        const int huge = 100_000; // beyond any float however many digits precede it in a literal that can be stored
        var i = at + 1;
        var negative = false;
        if (i < text.Length && text[i] is (byte)'-' or (byte)'+')
            negative = text[i++] == '-';
        var first = i;
        var exponent = 0;
        for (; i < text.Length && Digit(text[i]) is < 10 and var digit; i++)
            exponent = Math.Min(exponent * 10 + (int)digit, huge);
        if (i == first)
            return 0;
        at = i;
        return negative ? -exponent : exponent;
    }

    /// <summary>Whether the digits after leading zeros are few enough not to have overflowed the mantissa.</summary>
    static bool FitsMantissa(ReadOnlySpan<byte> number)
    {
        var digits = 0;
        foreach (var character in number)
        {
            if (Digit(character) < 10)
                digits += digits > 0 || character != '0' ? 1 : 0;
            else if (character != '.')
                break;
        }
        return digits <= MaxDigits;
    }

    /// <summary>The slow way, exact for any number of digits.</summary>
    static NumberStatus ReadExactly(ReadOnlySpan<byte> number, bool negative, out float value)
    {
        value = float.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        var exponent = number.IndexOfAny((byte)'e', (byte)'E');
        var isZero = !(exponent < 0 ? number : number[..exponent]).ContainsAnyInRange((byte)'1', (byte)'9');
        if (isZero)
            value = negative ? -0f : 0f;
        return Status(value, isZero);
    }

    static NumberStatus Status(float value, bool isZero)
        => float.IsInfinity(value) ? NumberStatus.Overflow : value == 0 && !isZero ? NumberStatus.Underflow : NumberStatus.Read;

    /// <summary>inf, infinity, nan and nan(…), in any case, with an optional sign.</summary>
    static NumberStatus ReadWord(ReadOnlySpan<byte> text, ref int at, out float value)
    {
        var negative = at < text.Length && text[at] == '-';
        var word = text[(negative || (at < text.Length && text[at] == '+') ? at + 1 : at)..];
        value = 0;
        if (StartsWith(word, "inf"u8))
        {
            word = word[(StartsWith(word, "infinity"u8) ? 8 : 3)..];
            value = negative ? float.NegativeInfinity : float.PositiveInfinity;
        }
        else if (StartsWith(word, "nan"u8))
        {
            word = word[3..];
            var payload = word.IsEmpty || word[0] != '(' ? -1 : word[1..].IndexOfAnyExcept(PayloadCharacters);
            if (payload >= 0 && word[payload + 1] == ')')
                word = word[(payload + 2)..];
            value = float.NaN;
        }
        else
        {
            return NumberStatus.Missing;
        }
        at = text.Length - word.Length;
        return NumberStatus.Read;
    }

    static readonly System.Buffers.SearchValues<byte> PayloadCharacters
        = System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCaseWord)
        => text.Length >= lowerCaseWord.Length && System.Text.Ascii.EqualsIgnoreCase(text[..lowerCaseWord.Length], lowerCaseWord);

    /// <summary>Hexadecimal numbers: <c>0x</c>, digits with an optional point, and an optional power of two after <c>p</c>.</summary>
    static class HexReader
    {
        /// <summary>Bits kept of the digits: a float's 24 and enough to round by; whatever follows only sets the last of them.</summary>
        const int KeptBits = 48;

        public readonly record struct Number(double Value, bool IsZero);

        /// <summary>Reads the number whose <c>0</c> is at <paramref name="zero"/>; false when no digit follows the <c>x</c>.</summary>
        public static bool TryRead(ReadOnlySpan<byte> text, int zero, ref int at, out Number number)
        {
            var i = zero + 2;
            var mantissa = 0L;
            var exponent = 0;
            var digits = 0;
            var afterPoint = false;
            for (; i < text.Length; i++)
            {
                if (text[i] == '.' && !afterPoint)
                {
                    afterPoint = true;
                    continue;
                }
                if (!char.IsAsciiHexDigit((char)text[i]))
                    break;
                var digit = Convert.ToInt32(((char)text[i]).ToString(), 16);
                digits++;
                if (mantissa >> (KeptBits - 4) == 0)
                {
                    mantissa = mantissa << 4 | (long)digit;
                    exponent -= afterPoint ? 4 : 0;
                }
                else
                {
                    mantissa |= digit != 0 ? 1L : 0;
                    exponent += afterPoint ? 0 : 4;
                }
            }
            number = default;
            if (digits == 0)
                return false;
            if (i < text.Length && text[i] is (byte)'p' or (byte)'P')
                exponent += ReadExponent(text, ref i);
            at = i;

            // The kept bits and float32's whole range are exact in a double, so that the cast to float rounds once.
            number = new(Math.ScaleB((double)mantissa, Math.Clamp(exponent, -1000, 1000)), mantissa == 0);
            return true;
        }
    }
}
