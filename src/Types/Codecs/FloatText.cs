using System.Buffers.Text;
using System.Globalization;
using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>Text of floating-point numbers: the fewest digits that read back exactly, laid out as PostgreSQL does.</summary>
/// <remarks>
/// .NET finds the shortest digits. PostgreSQL's choice differs in one point: it never uses a decimal that lies exactly half way
/// to a neighbour, even where rounding to even would read it back (1e23 is written 9.999999999999999e+22).
/// </remarks>
public static class FloatText
{
    /// <summary>Writes a float8 with <c>extra_float_digits</c> as given (-15 to 3).</summary>
    public static void Write(double value, ByteWriter output, int extraFloatDigits)
    {
        if (WriteSpecial(value, output))
            return;
        Span<byte> text = stackalloc byte[32];
        if (extraFloatDigits <= 0)
        {
            var digits = Math.Max(1, 15 + extraFloatDigits);
            Utf8Formatter.TryFormat(value, text, out var length, new('E', (byte)(digits - 1)));
            WriteDigits(text[..length], output, exponentFrom: digits);
            return;
        }
        value.TryFormat(text, out var written, "R", CultureInfo.InvariantCulture);
        var size = Math.Abs(value);
        if (size >= 1L << 53)
            written = WithoutTie(text, written, value, size, Math.BitIncrement(size), Math.BitDecrement(size), static text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        WriteDigits(text[..written], output, exponentFrom: 15);
    }

    /// <summary>Writes a float4.</summary>
    public static void Write(float value, ByteWriter output, int extraFloatDigits)
    {
        if (WriteSpecial(value, output))
            return;
        Span<byte> text = stackalloc byte[32];
        if (extraFloatDigits <= 0)
        {
            var digits = Math.Max(1, 6 + extraFloatDigits);
            Utf8Formatter.TryFormat((double)value, text, out var length, new('E', (byte)(digits - 1)));
            WriteDigits(text[..length], output, exponentFrom: digits);
            return;
        }
        value.TryFormat(text, out var written, "R", CultureInfo.InvariantCulture);
        var size = Math.Abs(value);
        if (size >= 1 << 24)
            written = WithoutTie(text, written, value, size, MathF.BitIncrement(size), MathF.BitDecrement(size), static text => float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        WriteDigits(text[..written], output, exponentFrom: 6);
    }

    static bool WriteSpecial(double value, ByteWriter output)
    {
        var text = double.IsNaN(value) ? "NaN"u8 : value is double.PositiveInfinity ? "Infinity"u8 : value is double.NegativeInfinity ? "-Infinity"u8 : default;
        output.WriteBytes(text);
        return !text.IsEmpty;
    }

    /// <summary>Whether the decimal in <paramref name="text"/> is the middle between the value and one of its neighbours.</summary>
    static bool IsHalfWay(ReadOnlySpan<byte> text, double value, double above, double below)
    {
        if (!double.IsFinite(above))
            return false;
        var twice = BigInteger.Parse(System.Text.Encoding.ASCII.GetString(text.TrimStart((byte)'-')), NumberStyles.Float, CultureInfo.InvariantCulture) * 2;
        var exact = new BigInteger(value);
        return twice == exact + new BigInteger(above) || twice == exact + new BigInteger(below);
    }

    delegate double Reader(ReadOnlySpan<byte> text);

    /// <summary>Adds digits to the shortest form in <paramref name="text"/> while it lies half way to a neighbour; returns its new length.</summary>
    static int WithoutTie(Span<byte> text, int written, double value, double size, double above, double below, Reader read)
    {
        for (var decimals = DigitCount(text[..written]); IsHalfWay(text[..written], size, above, below) || read(text[..written]) != value; decimals++)
            value.TryFormat(text, out written, $"E{decimals}", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>Significant digits before any exponent, without trailing zeros.</summary>
    static int DigitCount(ReadOnlySpan<byte> text)
    {
        int digits = 0, significant = 0;
        foreach (var b in text)
        {
            if (b == 'E')
                break;
            if (b is >= (byte)'0' and <= (byte)'9')
                digits++;
            if (b is >= (byte)'1' and <= (byte)'9')
                significant = digits;
        }
        return Math.Max(1, significant);
    }

    /// <summary>Lays out .NET's digits as C's %g does: an exponent of two digits or more below 1e-4 and from 10^<paramref name="exponentFrom"/> up.</summary>
    static void WriteDigits(ReadOnlySpan<byte> text, ByteWriter output, int exponentFrom)
    {
        Span<byte> digits = stackalloc byte[24];
        int count = 0, pointAfter = -1, exponent = 0;
        var negative = text[0] == '-';
        for (var i = negative ? 1 : 0; i < text.Length; i++)
        {
            if (text[i] == '.')
                pointAfter = count;
            else if (text[i] == 'E')
            {
                exponent = int.Parse(text[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }
            else
                digits[count++] = text[i];
        }
        exponent += (pointAfter < 0 ? count : pointAfter) - 1;
        var first = 0;
        while (first < count - 1 && digits[first] == '0')
            (first, exponent) = (first + 1, exponent - 1);
        var significant = digits[first..count].TrimEnd((byte)'0');

        if (negative)
            output.WriteByte((byte)'-');
        if (significant.IsEmpty)
            output.WriteByte((byte)'0');
        else if (exponent < -4 || exponent >= exponentFrom)
            WriteScientific(significant, exponent, output);
        else
            WriteFixed(significant, exponent, output);
    }

    static void WriteScientific(ReadOnlySpan<byte> digits, int exponent, ByteWriter output)
    {
        output.WriteByte(digits[0]);
        if (digits.Length > 1)
        {
            output.WriteByte((byte)'.');
            output.WriteBytes(digits[1..]);
        }
        output.WriteByte((byte)'e');
        output.WriteByte(exponent < 0 ? (byte)'-' : (byte)'+');
        output.WriteFormatted(Math.Abs(exponent), "00");
    }

    static void WriteFixed(ReadOnlySpan<byte> digits, int exponent, ByteWriter output)
    {
        if (exponent < 0)
        {
            output.WriteBytes("0."u8);
            WriteZeros(-exponent - 1, output);
            output.WriteBytes(digits);
            return;
        }
        var whole = Math.Min(exponent + 1, digits.Length);
        output.WriteBytes(digits[..whole]);
        WriteZeros(exponent + 1 - whole, output);
        if (whole < digits.Length)
        {
            output.WriteByte((byte)'.');
            output.WriteBytes(digits[whole..]);
        }
    }

    static void WriteZeros(int count, ByteWriter output)
    {
        output.GetSpan(count)[..count].Fill((byte)'0');
        output.Advance(count);
    }
}
