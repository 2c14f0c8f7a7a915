using System.Globalization;
using System.Text;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Types;

/// <summary>Reading and writing float32 as text.</summary>
public sealed class SingleTextTests
{
    [Fact]
    public void Reading_rounds_as_the_exact_parser_does()
    {
        var random = new Random(1);
        for (var round = 0; round < 300_000; round++)
        {
            var text = random.Next(4) switch
            {
                0 => random.NextSingle().ToString("R", CultureInfo.InvariantCulture),
                1 => (random.NextDouble() - 0.5).ToString("R", CultureInfo.InvariantCulture),
                2 => Digits(random, random.Next(1, 30)) + "." + Digits(random, random.Next(0, 30)),
                _ => "-" + Digits(random, random.Next(1, 12)) + "." + Digits(random, random.Next(1, 22)) + "e" + random.Next(-60, 50),
            };
            CheckRead(text);
        }
    }

    [Fact]
    public void Middles_between_two_floats_round_to_even()
    {
        var random = new Random(2);
        for (var round = 0; round < 20_000; round++)
        {
            var low = BitConverter.Int32BitsToSingle(random.Next(0x3000_0000, 0x4E00_0000));
            var middle = ((decimal)(double)low + (decimal)(double)MathF.BitIncrement(low)) / 2;
            var text = (((double)low + MathF.BitIncrement(low)) / 2).ToString("F60", CultureInfo.InvariantCulture);
            CheckRead(text);
            CheckRead(text + "1");
            CheckRead(middle.ToString(CultureInfo.InvariantCulture));
        }
        foreach (var text in new[] { "16777217", "16777219", "16777217.0000000000000000000001", "3.4028235677973366e38", "3.4028235e38", "1.1754943e-38",
            "1.17549431578e-38", "7.006492321624085e-46", "7.006492321624086e-46", "1e-45", "4.9e-45", "0.00000000000000000000000000000000000000000000100001",
            "340282346638528859811704183484516925440", "340282356779733661637539395458142568447", "100000000000000000000000000000000000000000e-41" })
            CheckRead(text);
    }

    [Theory]
    [InlineData("1e40", NumberStatus.Overflow, float.PositiveInfinity)]
    [InlineData("-4e38", NumberStatus.Overflow, float.NegativeInfinity)]
    [InlineData("1e99999999999", NumberStatus.Overflow, float.PositiveInfinity)]
    [InlineData("1e-46", NumberStatus.Underflow, 0f)]
    [InlineData("-1e-99999999999", NumberStatus.Underflow, -0f)]
    [InlineData("0e-400", NumberStatus.Read, 0f)]
    [InlineData("-0e99999999999", NumberStatus.Read, -0f)]
    [InlineData("0x10", NumberStatus.Read, 16f)]
    [InlineData("-0x.8p1", NumberStatus.Read, -1f)]
    [InlineData("0X1.8P-1", NumberStatus.Read, 0.75f)]
    [InlineData("0x1p3", NumberStatus.Read, 8f)]
    [InlineData("0x1.000001p0", NumberStatus.Read, 1f)]
    [InlineData("0x1.0000010000000000000001p0", NumberStatus.Read, 1.00000012f)]
    [InlineData("0x1.000003p0", NumberStatus.Read, 1.00000024f)]
    [InlineData("0x1p-149", NumberStatus.Read, 1e-45f)]
    [InlineData("0x1p-150", NumberStatus.Underflow, 0f)]
    [InlineData("0x1.8p-150", NumberStatus.Read, 1e-45f)]
    [InlineData("0x1p128", NumberStatus.Overflow, float.PositiveInfinity)]
    [InlineData("0x1.ffffffp127", NumberStatus.Overflow, float.PositiveInfinity)]
    [InlineData("0x1.fffffep127", NumberStatus.Read, float.MaxValue)]
    [InlineData("0x0p99999999999", NumberStatus.Read, 0f)]
    [InlineData("inf", NumberStatus.Read, float.PositiveInfinity)]
    [InlineData("-INFINITY", NumberStatus.Read, float.NegativeInfinity)]
    [InlineData("+NaN", NumberStatus.Read, float.NaN)]
    [InlineData("nan(12_aZ)", NumberStatus.Read, float.NaN)]
    public void Whole_text_is_read(string text, NumberStatus status, float value)
    {
        var at = 0;

        Assert.Equal(status, SingleReader.Read(Encoding.ASCII.GetBytes(text), ref at, out var actual));
        Assert.Equal(BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(actual));
        Assert.Equal(text.Length, at);
    }

    [Theory]
    [InlineData("1e", 1, 1f)]
    [InlineData("1e+", 1, 1f)]
    [InlineData("1_000", 1, 1f)]
    [InlineData("5.,", 2, 5f)]
    [InlineData(".5.5", 2, 0.5f)]
    [InlineData("0x", 1, 0f)]
    [InlineData("0xg", 1, 0f)]
    [InlineData("0x.", 1, 0f)]
    [InlineData("0x1p", 3, 1f)]
    [InlineData("0x1p+", 3, 1f)]
    [InlineData("infinit", 3, float.PositiveInfinity)]
    [InlineData("nan(1-)", 3, float.NaN)]
    [InlineData("nan(", 3, float.NaN)]
    [InlineData("10x1", 2, 10f)]
    [InlineData("00x1", 2, 0f)]
    public void Longest_number_is_read(string text, int length, float value)
    {
        var at = 0;

        Assert.Equal(NumberStatus.Read, SingleReader.Read(Encoding.ASCII.GetBytes(text), ref at, out var actual));
        Assert.Equal(value, actual);
        Assert.Equal(length, at);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("+ 1")]
    [InlineData("--1")]
    [InlineData("e1")]
    [InlineData("in")]
    [InlineData(".e1")]
    [InlineData(" 1")]
    public void Nothing_is_read_where_no_number_begins(string text)
    {
        var at = 0;

        Assert.Equal(NumberStatus.Missing, SingleReader.Read(Encoding.ASCII.GetBytes(text), ref at, out _));
        Assert.Equal(0, at);
    }

    [Theory]
    [InlineData(1e5f, "100000")]
    [InlineData(999999f, "999999")]
    [InlineData(1e6f, "1e+06")]
    [InlineData(1234567f, "1.234567e+06")]
    [InlineData(123456789f, "1.2345679e+08")]
    [InlineData(1e-4f, "0.0001")]
    [InlineData(1e-5f, "1e-05")]
    [InlineData(0.1f, "0.1")]
    [InlineData(1f / 3, "0.33333334")]
    [InlineData(16777217f, "1.6777216e+07")]
    [InlineData(1.5e38f, "1.5e+38")]
    [InlineData(-0f, "-0")]
    [InlineData(0f, "0")]
    [InlineData(1e-45f, "1e-45")]
    [InlineData(float.MaxValue, "3.4028235e+38")]
    [InlineData(-1.2345679e-38f, "-1.2345679e-38")]
    [InlineData(65504f, "65504")]
    [InlineData(5.9604645e-08f, "5.9604645e-08")]
    [InlineData(0.099975586f, "0.099975586")]
    [InlineData(-12.5f, "-12.5")]
    public void Numbers_are_written_as_PostgreSQL_writes_them(float value, string text) => Assert.Equal(text, SingleText.ToString(value));

    [Fact]
    public void Shortest_digits_agree_with_the_other_float4_writer()
    {
        var random = new Random(3);
        for (var round = 0; round < 200_000; round++)
        {
            var value = BitConverter.Int32BitsToSingle(round < 2000 ? round << 20 : random.Next(int.MinValue, int.MaxValue));
            if (!float.IsFinite(value))
                continue;
            var expected = new ByteWriter();
            FloatText.Write(value, expected, 1);

            Assert.Equal(Encoding.ASCII.GetString(expected.Written), SingleText.ToString(value));
        }
    }

    static void CheckRead(string text)
    {
        var expected = float.Parse(text, CultureInfo.InvariantCulture);
        var at = 0;

        SingleReader.Read(Encoding.ASCII.GetBytes(text), ref at, out var actual);

        Assert.True(expected.Equals(actual) && at == text.Length, $"{text}: {actual:R} instead of {expected:R}, {at} characters read");
    }

    static string Digits(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => random.Next(10)));
}
