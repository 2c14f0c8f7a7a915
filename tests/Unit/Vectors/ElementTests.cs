using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

/// <summary>Conversions, arithmetic, norms and sign bits.</summary>
public sealed class ElementTests
{
    [Fact]
    public void Rounding_to_half_is_to_nearest_even()
    {
        // Every half, the float halfway to the next one, and the floats beside that.
        var cases = new List<float>();
        for (var bits = 0; bits < 0x7C00; bits++)
        {
            float half = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            float next = bits == 0x7BFF ? 65536 : (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            float middle = (float)(((double)half + next) / 2);
            foreach (var number in new[] { half, middle, MathF.BitDecrement(middle), MathF.BitIncrement(middle) })
            {
                cases.Add(number);
                cases.Add(-number);
            }
        }
        cases.AddRange([1e-45f, 1e-40f, 3.4e38f, -3.4e38f, 0f, -0f, 65536, 131072]);
        var source = cases.ToArray();
        var rounded = new Half[source.Length];

        Assert.False(HalfConversion.ToHalf(source, rounded));
        for (var i = 0; i < source.Length; i++)
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)source[i]), BitConverter.HalfToUInt16Bits(rounded[i]));
    }

    [Theory]
    [InlineData(65519f, true)]
    [InlineData(-65519.996f, true)]
    [InlineData(65520f, false)]
    [InlineData(-65520f, false)]
    [InlineData(3e38f, false)]
    public void Overflow_to_half_is_reported(float number, bool fits)
    {
        foreach (var count in new[] { 1, 8, 9, 17 })
            for (var at = 0; at < count; at++)
            {
                var source = new float[count];
                source[at] = number;

                Assert.Equal(fits, HalfConversion.ToHalf(source, new Half[count]));
            }
    }

    [Fact]
    public void Widening_to_single_is_exact()
    {
        Half[] halves = [.. Enumerable.Range(0, 65536).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(Half.IsFinite)];
        var widened = new float[halves.Length];

        HalfConversion.ToSingle(halves, widened);

        for (var i = 0; i < halves.Length; i++)
            Assert.Equal(BitConverter.SingleToInt32Bits((float)halves[i]), BitConverter.SingleToInt32Bits(widened[i]));
    }

    [Fact]
    public void Half_arithmetic_is_that_of_binary16()
    {
        var random = new Random(5);
        for (var count = 1; count <= 200; count++)
        {
            Half[] a = [.. Enumerable.Range(0, count).Select(_ => (Half)(random.NextDouble() * 100 + 1))];
            Half[] b = [.. Enumerable.Range(0, count).Select(_ => (Half)(random.NextDouble() * 100 + 1))];
            var result = new Half[count];

            Assert.Equal(RangeFault.None, Elementwise.Add(a, b, result));
            Assert.Equal(a.Zip(b, (x, y) => x + y), result);
            Assert.Equal(RangeFault.None, Elementwise.Subtract(a, b, result));
            Assert.Equal(a.Zip(b, (x, y) => x - y), result);
            Assert.Equal(RangeFault.None, Elementwise.Multiply(a, b, result));
            Assert.Equal(a.Zip(b, (x, y) => x * y), result);
        }
    }

    [Fact]
    public void The_first_fault_is_reported()
    {
        var result = new float[2];
        Assert.Equal(RangeFault.Overflow, Elementwise.Add([3e38f, 0], [3e38f, 0], result));
        Assert.Equal(RangeFault.Overflow, Elementwise.Subtract([-3e38f, 0], [3e38f, 0], result));
        Assert.Equal(RangeFault.Underflow, Elementwise.Multiply([1e-37f, 1e37f], [1e-37f, 1e37f], result));
        Assert.Equal(RangeFault.Overflow, Elementwise.Multiply([1e37f, 1e-37f], [1e37f, 1e-37f], result));
        Assert.Equal(RangeFault.None, Elementwise.Multiply([0, 1e-20f], [1e-37f, 1e-20f], result));

        var half = new Half[1];
        Assert.Equal(RangeFault.None, Elementwise.Add([(Half)65504], [(Half)15], half));
        Assert.Equal((Half)65504, half[0]);
        Assert.Equal(RangeFault.Overflow, Elementwise.Add([(Half)65504], [(Half)16], half));
        Assert.Equal(RangeFault.Underflow, Elementwise.Multiply([Half.Epsilon], [Half.Epsilon], half));
    }

    [Fact]
    public void Norms_are_taken_in_double_precision()
    {
        Assert.Equal(4.2426406948942856e+38, Norms.L2([3e38f, 3e38f]));
        Assert.Equal(5, Norms.L2([(Half)3, (Half)4]));
        for (var count = 1; count <= 64; count++)
            Assert.Equal(Math.Sqrt(count * 4.0), Norms.L2(Enumerable.Repeat(-2f, count).ToArray()));
    }

    [Fact]
    public void Normalizing_keeps_zero_and_rounds_to_the_element_type()
    {
        var result = new float[2];
        Norms.Normalize([3, 4], result);
        Assert.Equal([0.6f, 0.8f], result);
        Norms.Normalize([0, 0], result);
        Assert.Equal([0f, 0f], result);
        Norms.Normalize([1e-45f], result.AsSpan(0, 1));
        Assert.Equal(1f, result[0]);

        var half = new Half[2];
        Norms.Normalize([(Half)3, (Half)4], half);
        Assert.Equal([(Half)0.6f, (Half)0.8f], half);
    }

    [Fact]
    public void Sign_bits_start_at_the_highest()
    {
        float[] vector = [1, -2, 3, 0, -0f, 1e-45f, -1, 1, 1, -1, 1];
        var bits = new byte[2];

        SignBits.Pack(vector, bits);
        Assert.Equal([0b1010_0101, 0b1010_0000], bits);
        SignBits.Pack([(Half)1, (Half)(-2), Half.Epsilon, Half.NegativeZero, (Half)0, (Half)3, (Half)(-1), (Half)1, (Half)1], bits);
        Assert.Equal([0b1010_0101, 0b1000_0000], bits);
    }
}
