using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    public const int MaxLength = 14;

    /// <summary>Room that <see cref="Write"/> needs: whole registers are stored where a few bytes are meant.</summary>
    public const int Room = 1 + 2 * 16;

    const int FractionBits = 23;
    const int ExponentBias = 150;

    const int SmallestPower = -31;
    const int LargestPower = 46;

    /// <summary>10ᵏ · 2^(63 − ⌊log₂ 10ᵏ⌋), rounded up: the 64 leading bits of each power of ten.</summary>
    static readonly ulong[] PowersOfTen = [.. Enumerable.Range(SmallestPower, LargestPower - SmallestPower + 1).Select(LeadingBits)];

    public static string ToString(float value)
    {
        Span<byte> text = stackalloc byte[Room];
        return Encoding.ASCII.GetString(text[..Write(value, text)]);
    }

    /// <summary>Writes the text to <paramref name="output"/>, which has <see cref="Room"/> bytes, and returns its length.</summary>
    public static int Write(float value, Span<byte> output)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        output[0] = (byte)'-';
        var sign = (int)(bits >> 31);
        output = output.Slice(sign, Room - 1);
        if (bits << 1 == 0)
        {
            output[0] = (byte)'0';
            return sign + 1;
        }
        var digits = Shortest(bits & int.MaxValue, out var exponent);
        return sign + Layout(digits, exponent, output);
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

        // Which of these hold is as good as random, hence arithmetic and no branches: they took a third of the time.
        var digits = middle / 4;
        var tens = digits / 10;
        var tensUpInside = AsOne(40 * tens + 40 <= high);
        var takeTens = (AsOne(low <= 40 * tens) ^ tensUpInside) & AsOne(digits >= 10);

        var upInside = AsOne(4 * digits + 4 <= high);
        var oneInside = AsOne(low <= 4 * digits) ^ upInside;
        var half = 4 * digits + 2;
        var roundUp = AsOne(middle > half) | (AsOne(middle == half) & digits);
        var up = (oneInside & upInside) | (~oneInside & roundUp & 1);

        exponent += (int)takeTens;
        return (tens + tensUpInside) * takeTens + (digits + up) * (1 - takeTens);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint AsOne(bool condition) => condition ? 1u : 0u;

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

    /// <summary>Writes digits · 10^exponent, fixed or with an exponent.</summary>
    static int Layout(uint digits, int exponent, Span<byte> output)
    {
        // The nine digits stay in a register, from which stores take what they need: reading back what was just written would wait.
        var (first, rest) = Math.DivRem(digits, 100_000_000);
        var packed = Unpack(rest);
        var count = first != 0 ? 9 : 8 - BitOperations.TrailingZeroCount(packed) / 8;
        var text = Vector128.Create(first | packed << 8, packed >> 56).AsByte() | Vector128.Create((byte)'0');
        text = From(text, 9 - count);

        var zerosAtEnd = Math.Min(BitOperations.LeadingZeroCount(packed) / 8, count - 1);
        count -= zerosAtEnd;
        exponent += zerosAtEnd;
        var scientific = exponent + count - 1;

        if (scientific is < -4 or > 5)
            return Scientific(text, count, scientific, output);
        if (scientific < 0)
        {
            "0.000000"u8.CopyTo(output);
            text.CopyTo(output[(1 - scientific)..]);
            return 1 - scientific + count;
        }
        if (exponent >= 0)
        {
            text.CopyTo(output);
            output.Slice(count, exponent).Fill((byte)'0');
            return count + exponent;
        }
        var whole = scientific + 1;
        text.CopyTo(output);
        output[whole] = (byte)'.';
        From(text, whole).CopyTo(output[(whole + 1)..]);
        return count + 1;
    }

    static int Scientific(Vector128<byte> text, int count, int exponent, Span<byte> output)
    {
        output[0] = text[0];
        output[1] = (byte)'.';
        From(text, 1).CopyTo(output[2..]);
        var length = count == 1 ? 1 : count + 1;
        var (tens, ones) = Math.DivRem(Math.Abs(exponent), 10);
        output[length] = (byte)'e';
        output[length + 1] = exponent < 0 ? (byte)'-' : (byte)'+';
        output[length + 2] = (byte)('0' + tens);
        output[length + 3] = (byte)('0' + ones);
        return length + 4;
    }

    /// <summary>The bytes of a register from <paramref name="index"/> on; what follows them has no meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> From(Vector128<byte> text, int index)
        => Vector128.ShuffleNative(text, Vector128<byte>.Indices + Vector128.Create((byte)index));

    /// <summary>Eight decimal digits, one in each byte, the first in the lowest: halves are split, then quarters, then pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Unpack(uint number)
    {
        var (high, low) = Math.DivRem(number, 10_000);
        var fours = high | (ulong)low << 32;
        var hundreds = (fours * 10486 >> 20) & 0x0000_007F_0000_007F; // a hundredth of each half
        var pairs = hundreds | (fours - hundreds * 100) << 16;
        var tens = (pairs * 103 >> 10) & 0x000F_000F_000F_000F;
        return tens | (pairs - tens * 10) << 8;
    }
}
