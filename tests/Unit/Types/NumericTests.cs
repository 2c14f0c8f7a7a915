using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Types;

public sealed class NumericTests
{
    static PgNumeric N(string text) => PgNumeric.Parse(text);

    /// <summary>Results and scales as a real PostgreSQL printed them.</summary>
    [Theory]
    [InlineData("1", "/", "3", "0.33333333333333333333")]
    [InlineData("10", "/", "3", "3.3333333333333333")]
    [InlineData("100000", "/", "3", "33333.333333333333")]
    [InlineData("1", "/", "30000", "0.000033333333333333333333")]
    [InlineData("1.5", "*", "2.50", "3.750")]
    [InlineData("1.5", "+", "2.50", "4.00")]
    [InlineData("-7.5", "%", "2", "-1.5")]
    [InlineData("Infinity", "-", "Infinity", "NaN")]
    [InlineData("9223372036854775807", "+", "1", "9223372036854775808")]
    [InlineData("9223372036854775807", "*", "-9223372036854775807", "-85070591730234615847396907784232501249")]
    public void Operators(string left, string op, string right, string expected)
        => Assert.Equal(expected, (op switch
        {
            "+" => NumericArithmetic.Add(N(left), N(right)),
            "-" => NumericArithmetic.Subtract(N(left), N(right)),
            "*" => NumericArithmetic.Multiply(N(left), N(right)),
            "/" => NumericArithmetic.Divide(N(left), N(right)),
            _ => NumericArithmetic.Modulo(N(left), N(right)),
        }).ToString());

    [Fact]
    public void Functions()
    {
        Assert.Equal("1.414213562373095", NumericFunctions.Sqrt(N("2")).ToString());
        Assert.Equal("2.7182818284590452", NumericFunctions.Exp(N("1")).ToString());
        Assert.Equal("0.6931471805599453", NumericFunctions.Ln(N("2")).ToString());
        Assert.Equal("6.0000000000000000", NumericFunctions.Log(N("2"), N("64")).ToString());
        Assert.Equal("1.4142135623730950", NumericFunctions.Power(N("2"), N("0.5")).ToString());
        Assert.Equal("1024.0000000000000", NumericFunctions.Power(N("2"), N("10")).ToString());
    }

    [Theory]
    [InlineData("123.456", 8, 2, "123.46")]
    [InlineData("999.994", 5, 2, "999.99")]
    [InlineData("12345", 3, -2, "12300")]
    [InlineData("0.0456", 2, 3, "0.046")]
    public void Modifier_rounds(string value, int precision, int scale, string expected)
    {
        var typmod = new NumericModifier().Parse(PgTypes.Numeric, [$"{precision}", $"{scale}"]);
        Assert.Equal(expected, NumericModifier.Fit(N(value), typmod).ToString());
        Assert.Equal($"numeric({precision},{scale})", PgTypes.Numeric.Format(typmod));
    }

    [Fact]
    public void Too_many_digits_are_refused()
    {
        var typmod = new NumericModifier().Parse(PgTypes.Numeric, ["5", "2"]);
        var error = Assert.Throws<PgError>(() => NumericModifier.Fit(N("999.995"), typmod));
        Assert.Equal("22003 numeric field overflow A field with precision 5, scale 2 must round to an absolute value less than 10^3.", $"{error.SqlState} {error.Message} {error.Detail}");
    }

    [Fact]
    public void Small_and_large_numbers_follow_the_same_arithmetic()
        => Prop.ForAll<long, long, int>((a, b, scales) =>
        {
            int sa = (scales & 0xFFFF) % 20, sb = (scales >> 16 & 0xFFFF) % 20;
            PgNumeric x = PgNumeric.Of((BigInteger)a, sa), y = PgNumeric.Of((BigInteger)b, sb);
            var scale = Math.Max(sa, sb);
            var sum = (BigInteger)a * BigInteger.Pow(10, scale - sa) + (BigInteger)b * BigInteger.Pow(10, scale - sb);
            return NumericArithmetic.Add(x, y).Unscaled == sum && NumericArithmetic.Multiply(x, y).Unscaled == (BigInteger)a * b
                && NumericArithmetic.Subtract(NumericArithmetic.Add(x, y), y).Equals(x)
                && PgNumeric.Parse(x.ToString()).ToString() == x.ToString();
        }).QuickCheckThrowOnFailure();
}
