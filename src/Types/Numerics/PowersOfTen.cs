using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>Powers of ten and decimal digit counts.</summary>
static class PowersOfTen
{
    /// <summary>The largest power of ten in a long.</summary>
    public const int MaxLong = 18;

    static readonly long[] Longs = MakeLongs();
    static readonly BigInteger[] Bigs = MakeBigs();

    static long[] MakeLongs()
    {
        var powers = new long[MaxLong + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }

    static BigInteger[] MakeBigs()
    {
        var powers = new BigInteger[64];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }

    /// <summary>10^<paramref name="exponent"/>, from 0 to <see cref="MaxLong"/>.</summary>
    public static long Long(int exponent) => Longs[exponent];

    /// <summary>10^<paramref name="exponent"/>, from 0 up.</summary>
    public static BigInteger Big(int exponent) => exponent < Bigs.Length ? Bigs[exponent] : BigInteger.Pow(10, exponent);

    /// <summary>Decimal digits of <paramref name="value"/> without its sign; 0 for zero.</summary>
    public static int CountDigits(BigInteger value)
    {
        if (value.IsZero)
            return 0;
        var size = BigInteger.Abs(value);
        var digits = (int)((size.GetBitLength() - 1) * 0.30102999566398119);
        while (size >= Big(digits))
            digits++;
        return digits;
    }

    /// <summary><paramref name="value"/> / 10^<paramref name="exponent"/>, halves away from zero.</summary>
    public static BigInteger DivideRounded(BigInteger value, int exponent) => DivideRounded(value, Big(exponent));

    /// <summary><paramref name="value"/> / <paramref name="divisor"/>, halves away from zero.</summary>
    public static BigInteger DivideRounded(BigInteger value, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(value, divisor, out var rest);
        return BigInteger.Abs(rest) * 2 < BigInteger.Abs(divisor) ? quotient
            : value.Sign * divisor.Sign < 0 ? quotient - 1 : quotient + 1;
    }
}
