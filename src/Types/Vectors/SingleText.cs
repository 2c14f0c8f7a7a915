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

    /// <summary>Room that <see cref="Write"/> needs: whole registers are stored where a few bytes are meant, and digits wait behind the text.</summary>
    public const int Room = 1 + 3 * RegisterSize;

    const int RegisterSize = 16;

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

    /// <summary>Writes digits · 10^exponent, fixed or with an exponent.</summary>
    static int Layout(uint digits, int exponent, Span<byte> output)
    {
        // The digits as text go to the end of the second register's worth of output, from where they are copied into place.
        var (first, rest) = Math.DivRem(digits, 100_000_000);
        var packed = Unpack(rest);
        output[2 * RegisterSize - 9] = (byte)('0' + first);
        BinaryPrimitives.WriteUInt64LittleEndian(output[(2 * RegisterSize - 8)..], packed | 0x3030_3030_3030_3030);
        var count = first != 0 ? 9 : 8 - BitOperations.TrailingZeroCount(packed) / 8;
        ReadOnlySpan<byte> text = output[(2 * RegisterSize - count)..];

        var zerosAtEnd = Math.Min(BitOperations.LeadingZeroCount(packed) / 8, count - 1);
        count -= zerosAtEnd;
        exponent += zerosAtEnd;
        var scientific = exponent + count - 1;

        if (scientific is < -4 or > 5)
            return Scientific(text, count, scientific, output);
        if (scientific < 0)
        {
            "0.000000"u8.CopyTo(output);
            Copy(text, output[(1 - scientific)..]);
            return 1 - scientific + count;
        }
        if (exponent >= 0)
        {
            Copy(text, output);
            output.Slice(count, exponent).Fill((byte)'0');
            return count + exponent;
        }
        var whole = scientific + 1;
        Copy(text, output);
        output[whole] = (byte)'.';
        Copy(text[whole..], output[(whole + 1)..]);
        return count + 1;
    }

    static int Scientific(ReadOnlySpan<byte> text, int count, int exponent, Span<byte> output)
    {
        output[0] = text[0];
        output[1] = (byte)'.';
        Copy(text[1..], output[2..]);
        var length = count == 1 ? 1 : count + 1;
        var (tens, ones) = Math.DivRem(Math.Abs(exponent), 10);
        output[length] = (byte)'e';
        output[length + 1] = exponent < 0 ? (byte)'-' : (byte)'+';
        output[length + 2] = (byte)('0' + tens);
        output[length + 3] = (byte)('0' + ones);
        return length + 4;
    }

    /// <summary>Copies a register's worth, of which the caller wants the first bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Copy(ReadOnlySpan<byte> from, Span<byte> to) => Vector128.Create(from).CopyTo(to);

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
