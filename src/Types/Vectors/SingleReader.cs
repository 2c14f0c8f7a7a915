using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
/// <see cref="OneDecimal"/> and <see cref="FourDecimals"/> find the digits faster in lists of numbers.
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
        var i = at;
        var negative = SkipSign(text, ref i);
        var firstDigit = i;
        var mantissa = 0UL;
        for (; i < text.Length && Digit(text[i]) is < 10 and var digit; i++)
            mantissa = mantissa * 10 + digit;
        var digits = i - firstDigit;
        var exponent = 0;
        if (i < text.Length && text[i] == '.')
        {
            var firstDecimal = ++i;
            for (var count = 8; count == 8 && i + 8 <= text.Length; i += count)
                mantissa = mantissa * TensOfCount[count = UpToEightDigits(text[i..], out var eight)] + eight;
            for (; i < text.Length && Digit(text[i]) is < 10 and var digit; i++)
                mantissa = mantissa * 10 + digit;
            exponent = firstDecimal - i;
            digits -= exponent;
        }

        var next = i < text.Length ? text[i] | 0x20 : 0;
        if ((uint)(digits - 1) >= MaxDigits || next == 'e' || next == 'x' || !TryScale(mantissa, exponent, SignBit(negative), out value))
            return ReadAny(text, ref at, out value);
        at = i;
        return NumberStatus.Read;
    }

    /// <summary>Skips a sign without a branch: signs are as good as random, and a wrong guess costs more than all the arithmetic.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool SkipSign(ReadOnlySpan<byte> text, ref int at)
    {
        var sign = at < text.Length ? text[at] : (byte)0;
        var negative = sign == '-';
        at += negative | sign == '+' ? 1 : 0;
        return negative;
    }

    /// <summary>A float's sign bit: 0 or int.MinValue, without a branch.</summary>
    static int SignBit(bool negative) => Unsafe.BitCast<bool, byte>(negative) << 31;

    /// <summary>mantissa · 10^exponent, rounded; false when that may not be what rounding the exact number gives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryScale(ulong mantissa, int exponent, int signBit, out float value)
    {
        value = 0;
        if ((uint)(exponent + MaxExponent) > 2 * MaxExponent)
            return false;
        var product = mantissa * PowersOfTen[exponent + MaxExponent];
        var dropped = BitConverter.DoubleToInt64Bits(product) & DroppedBits;
        value = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits((float)product) | signBit);
        return product is >= SmallestNormal and <= Largest && (ulong)(dropped - MiddleOfDropped + Doubt) > 2 * Doubt || mantissa == 0;
    }

    /// <summary>Whether rounding these products of a mantissa and a power of ten to floats gives what rounding the exact numbers would; all are 0 or normal floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool AreRounded(Vector512<double> products)
    {
        var dropped = products.AsInt64() & Vector512.Create(DroppedBits);
        return Vector512.GreaterThanAll((dropped - Vector512.Create(MiddleOfDropped - Doubt)).AsUInt64(), Vector512.Create((ulong)(2 * Doubt)));
    }

    /// <summary>All forms of numbers, also those that <see cref="Read"/> is not made for.</summary>
    static NumberStatus ReadAny(ReadOnlySpan<byte> text, ref int at, out float value)
    {
        var start = at;
        var first = at;
        var negative = SkipSign(text, ref first);
        var i = first;

        // Zeros before the first other digit count as no digits, and no more digits than fit are gathered.
        var mantissa = 0UL;
        int digits = 0, significant = 0, exponent = 0;
        for (var afterPoint = false; i < text.Length; i++)
        {
            if (text[i] == '.' && !afterPoint)
            {
                afterPoint = true;
                continue;
            }
            if (Digit(text[i]) is not (< 10 and var digit))
                break;
            digits++;
            significant += significant > 0 || digit > 0 ? 1 : 0;
            mantissa = significant <= MaxDigits ? mantissa * 10 + digit : mantissa;
            exponent -= afterPoint ? 1 : 0;
        }
        if (digits == 0)
            return ReadWord(text, first, negative, ref at, out value);
        if (digits == 1 && mantissa == 0 && text[i - 1] == '0' && HexReader.TryRead(text, i, ref at, out var hex))
        {
            value = (float)(negative ? -hex.Value : hex.Value);
            return Status(value, hex.IsZero);
        }

        exponent += ReadExponent(text, ref i);
        at = i;
        if (significant <= MaxDigits && TryScale(mantissa, exponent, SignBit(negative), out value))
            return NumberStatus.Read;
        value = significant == 0 ? (negative ? -0f : 0f) : float.Parse(text[start..i], NumberStyles.Float, CultureInfo.InvariantCulture);
        return Status(value, isZero: significant == 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Digit(byte character) => (uint)character - '0';

    /// <summary>
    /// How many of the next eight characters are digits before another comes, and the number they make: behind as many zeros as
    /// are missing to eight, neighbours are added up, then pairs, then fours.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int UpToEightDigits(ReadOnlySpan<byte> text, out uint value)
    {
        var characters = BinaryPrimitives.ReadUInt64LittleEndian(text);
        var digits = characters - 0x3030_3030_3030_3030;
        var others = ((characters + 0x4646_4646_4646_4646) | digits) & 0x8080_8080_8080_8080;
        var count = BitOperations.TrailingZeroCount(others) / 8;

        digits = count == 0 ? 0 : digits << 8 * (8 - count);
        digits = digits * 10 + (digits >> 8);
        value = (uint)((((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064
            + ((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001) >> 32) & uint.MaxValue);
        return count;
    }

    static ReadOnlySpan<ulong> TensOfCount => [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <summary>Reads <c>e</c>, an optional sign and digits; without digits there is no exponent and nothing is consumed.</summary>
    static int ReadExponent(ReadOnlySpan<byte> text, ref int at, char letter = 'e')
    {
        const int huge = 100_000; // beyond any float, however many digits a literal has before it
        var i = at;
        if (i == text.Length || (text[i++] | 0x20) != letter)
            return 0;
        var negative = SkipSign(text, ref i);
        var first = i;
        var exponent = 0;
        for (; i < text.Length && Digit(text[i]) is < 10 and var digit; i++)
            exponent = Math.Min(exponent * 10 + (int)digit, huge);
        if (i == first)
            return 0;
        at = i;
        return negative ? -exponent : exponent;
    }

    static NumberStatus Status(float value, bool isZero)
        => float.IsInfinity(value) ? NumberStatus.Overflow : value == 0 && !isZero ? NumberStatus.Underflow : NumberStatus.Read;

    /// <summary>inf, infinity, nan and nan(…), in any case; the sign before <paramref name="first"/> has been read.</summary>
    static NumberStatus ReadWord(ReadOnlySpan<byte> text, int first, bool negative, ref int at, out float value)
    {
        var word = text[first..];
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

        /// <summary>Reads the number whose <c>x</c> is at <paramref name="x"/>; false when none or no digit is there.</summary>
        public static bool TryRead(ReadOnlySpan<byte> text, int x, ref int at, out Number number)
        {
            number = default;
            if (x == text.Length || (text[x] | 0x20) != 'x')
                return false;
            var i = x + 1;
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
            if (digits == 0)
                return false;
            exponent += ReadExponent(text, ref i, 'p');
            at = i;

            // The kept bits and float32's whole range are exact in a double, so that the cast to float rounds once.
            number = new(Math.ScaleB((double)mantissa, Math.Clamp(exponent, -1000, 1000)), mantissa == 0);
            return true;
        }
    }
}
