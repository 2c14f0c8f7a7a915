using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>Logarithm and exponential on integers that stand for value * 2^bits. Results are good to about bits - 8 binary digits.</summary>
readonly struct FixedPoint(int bits)
{
    readonly BigInteger _one = BigInteger.One << bits;

    /// <summary>Enough bits for <paramref name="digits"/> decimal digits after the point and some to lose.</summary>
    public static FixedPoint ForDigits(int digits) => new((int)(Math.Max(digits, 0) * 3.33) + 64);

    public BigInteger FromNumeric(PgNumeric value) => (value.Unscaled << bits) / PowersOfTen.Big(value.Scale);

    /// <summary>Rounded to <paramref name="scale"/> decimal digits, halves away from zero.</summary>
    public PgNumeric ToNumeric(BigInteger value, int scale)
        => PgNumeric.Of(PowersOfTen.DivideRounded(value * PowersOfTen.Big(scale), _one), scale);

    public BigInteger Multiply(BigInteger a, BigInteger b) => (a * b) >> bits;

    /// <summary>ln(2), by Machin's kind of formula: 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749).</summary>
    BigInteger Ln2() => 18 * ArtanhOfInverse(26) - 2 * ArtanhOfInverse(4801) + 8 * ArtanhOfInverse(8749);

    BigInteger ArtanhOfInverse(int n)
    {
        BigInteger term = _one / n, sum = term, square = (BigInteger)n * n;
        for (var k = 3; !term.IsZero; k += 2)
        {
            term /= square;
            sum += term / k;
        }
        return sum;
    }

    /// <summary>ln(numerator / denominator) for positive integers.</summary>
    public BigInteger Ln(BigInteger numerator, BigInteger denominator)
    {
        // value = m * 2^k with m between 0.5 and 2, so that the series below starts small.
        var k = (int)(numerator.GetBitLength() - denominator.GetBitLength());
        var m = (k >= 0 ? (numerator << bits) / (denominator << k) : (numerator << (bits - k)) / denominator);
        const int roots = 8;
        // Each square root halves the logarithm; the guard bits make up for what the doubling afterwards magnifies.
        var inner = new FixedPoint(bits + 2 * roots + 8);
        var root = m << (2 * roots + 8);
        for (var i = 0; i < roots; i++)
            root = SquareRoot(root << (bits + 2 * roots + 8));
        var y = ((root - inner._one) << (bits + 2 * roots + 8)) / (root + inner._one);
        BigInteger square = inner.Multiply(y, y), term = y, sum = y;
        for (var n = 3; !term.IsZero && term != -1; n += 2)
        {
            term = inner.Multiply(term, square);
            sum += term / n;
        }
        return (sum << (roots + 1) >> (2 * roots + 8)) + k * Ln2();
    }

    /// <summary>e^value; the result has as many bits after the point, so a large result needs many in front.</summary>
    public BigInteger Exp(BigInteger value)
    {
        var ln2 = Ln2();
        var k = (int)BigInteger.Divide(value, ln2);
        var rest = value - k * ln2;
        const int halvings = 16;
        // e^rest = (e^(rest / 2^16))^(2^16), with guard bits for what the squarings lose.
        const int guard = halvings + 16;
        var inner = new FixedPoint(bits + guard);
        var x = rest << (guard - halvings);
        BigInteger term = inner._one, sum = inner._one;
        for (var n = 1; ; n++)
        {
            term = inner.Multiply(term, x) / n;
            if (term.IsZero || term == -1)
                break;
            sum += term;
        }
        for (var i = 0; i < halvings; i++)
            sum = inner.Multiply(sum, sum);
        return k >= guard ? sum << (k - guard) : sum >> (guard - k);
    }

    /// <summary>The largest integer whose square is at most <paramref name="value"/>.</summary>
    public static BigInteger SquareRoot(BigInteger value)
    {
        if (value.IsZero)
            return value;
        var x = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (x + value / x) >> 1;
            if (next >= x)
                return x;
            x = next;
        }
    }
}
