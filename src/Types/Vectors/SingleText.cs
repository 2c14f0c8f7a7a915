using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>
/// Writes a finite float32 as PostgreSQL's float4 output does by default: the shortest decimal that reads back to the same
/// number (the nearest of the shortest), fixed from 1e-4 up to 1e6, otherwise with an exponent of at least two digits.
/// </summary>
/// <remarks>
/// The method is Schubfach (R. Giulietti, "The Schubfach way to render doubles"): scale the number and the middles to its two
/// neighbours by one power of ten, so that the interval between the middles has room for one or two integers of at most nine
/// digits, and take a multiple of ten in it if there is one, otherwise the integer nearest to the number. As in PostgreSQL, and
/// unlike .NET, a decimal exactly in the middle between two floats is never taken.
/// </remarks>
public static class SingleText
{
    /// <summary>No number is longer: <c>-1.2345679e-38</c> is 14.</summary>
    public const int MaxLength = 16;

    const int FractionBits = 23;
    const int ExponentBias = 150;

    const int SmallestPower = -31;
    const int LargestPower = 46;

    /// <summary>10ᵏ · 2^(63 − ⌊log₂ 10ᵏ⌋), rounded up: the 64 leading bits of each power of ten.</summary>
    static readonly ulong[] PowersOfTen = [.. Enumerable.Range(SmallestPower, LargestPower - SmallestPower + 1).Select(LeadingBits)];

    static ReadOnlySpan<byte> DigitPairs =>
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"u8 +
        "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    public static string ToString(float value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..Write(value, text)]);
    }

    /// <summary>Writes the text to <paramref name="output"/>, which has room for <see cref="MaxLength"/> bytes, and returns its length.</summary>
    public static int Write(float value, Span<byte> output)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var length = 0;
        if ((int)bits < 0)
            output[length++] = (byte)'-';
        if (bits << 1 == 0)
        {
            output[length++] = (byte)'0';
            return length;
        }
        var digits = Shortest(bits & int.MaxValue, out var exponent);
        while (digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }
        return length + Layout(digits, exponent, output[length..]);
    }

    /// <summary>The number as digits · 10^exponent; the digits may end in zeros.</summary>
    static uint Shortest(uint bits, out int exponent)
    {
        var fraction = bits & ((1u << FractionBits) - 1);
        var biased = (int)(bits >> FractionBits);
        var significand = biased == 0 ? fraction : fraction | 1u << FractionBits;
        var binaryExponent = Math.Max(biased, 1) - ExponentBias;

        // The neighbour below a power of two is only half as far.
        var lowerIsCloser = fraction == 0 && biased > 1;
        exponent = lowerIsCloser ? FloorLog10OfThreeQuarters(binaryExponent) : FloorLog10(binaryExponent);
        var shift = binaryExponent + FloorLog2(-exponent) + 1;
        var power = PowersOfTen[-exponent - SmallestPower];

        var low = Scale(power, (4 * significand - (lowerIsCloser ? 1u : 2u)) << shift) + 1;
        var middle = Scale(power, (4 * significand) << shift);
        var high = Scale(power, (4 * significand + 2) << shift) - 1;

        var digits = middle / 4;
        if (digits >= 10)
        {
            var tens = digits / 10;
            var downInside = low <= 40 * tens;
            var upInside = 40 * tens + 40 <= high;
            if (downInside != upInside)
            {
                exponent++;
                return upInside ? tens + 1 : tens;
            }
        }
        var belowInside = low <= 4 * digits;
        var aboveInside = 4 * digits + 4 <= high;
        if (belowInside != aboveInside)
            return aboveInside ? digits + 1 : digits;
        var half = 4 * digits + 2;
        return middle > half || (middle == half && (digits & 1) != 0) ? digits + 1 : digits;
    }

    /// <summary>The upper half of a product, with the last bit set when anything was cut off, so that comparisons stay exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Scale(ulong power, uint number)
    {
        var upper = Math.BigMul(power, number, out var lower);
        return (uint)upper | ((uint)(lower >> 32) > 1 ? 1u : 0u);
    }

    static int FloorLog10(int powerOfTwo) => powerOfTwo * 1262611 >> 22;
    static int FloorLog10OfThreeQuarters(int powerOfTwo) => powerOfTwo * 1262611 - 524031 >> 22;
    static int FloorLog2(int powerOfTen) => powerOfTen * 1741647 >> 19;

    static ulong LeadingBits(int power)
    {
        var shift = 63 - FloorLog2(power);
        var numerator = BigInteger.Pow(10, Math.Max(power, 0)) << Math.Max(shift, 0);
        var denominator = BigInteger.Pow(10, Math.Max(-power, 0)) << Math.Max(-shift, 0);
        return (ulong)((numerator + denominator - 1) / denominator);
    }

    /// <summary>Writes digits · 10^exponent, of which the last digit is not zero.</summary>
    static int Layout(uint digits, int exponent, Span<byte> output)
    {
        Span<byte> text = stackalloc byte[10];
        var at = text.Length;
        for (; digits >= 100; digits /= 100)
            DigitPairs.Slice((int)(digits % 100) * 2, 2).CopyTo(text[(at -= 2)..]);
        if (digits >= 10)
            DigitPairs.Slice((int)digits * 2, 2).CopyTo(text[(at -= 2)..]);
        else
            text[--at] = (byte)('0' + digits);
        text = text[at..];

        var scientific = exponent + text.Length - 1;
        if (scientific is < -4 or > 5)
            return Scientific(text, scientific, output);
        if (scientific < 0)
        {
            var zeros = -scientific;
            "0.000"u8[..(zeros + 1)].CopyTo(output);
            text.CopyTo(output[(zeros + 1)..]);
            return zeros + 1 + text.Length;
        }
        if (exponent >= 0)
        {
            text.CopyTo(output);
            output.Slice(text.Length, exponent).Fill((byte)'0');
            return text.Length + exponent;
        }
        text[..(scientific + 1)].CopyTo(output);
        output[scientific + 1] = (byte)'.';
        text[(scientific + 1)..].CopyTo(output[(scientific + 2)..]);
        return text.Length + 1;
    }

    static int Scientific(ReadOnlySpan<byte> digits, int exponent, Span<byte> output)
    {
        output[0] = digits[0];
        var length = 1;
        if (digits.Length > 1)
        {
            output[length++] = (byte)'.';
            digits[1..].CopyTo(output[length..]);
            length += digits.Length - 1;
        }
        output[length++] = (byte)'e';
        output[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
        DigitPairs.Slice(Math.Abs(exponent) * 2, 2).CopyTo(output[length..]);
        return length + 2;
    }
}
