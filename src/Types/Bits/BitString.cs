using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>A value of bit or varbit: <paramref name="length"/> bits, the first in the top bit of the first byte; unused bits are zero.</summary>
public sealed class BitString(int length, byte[] bytes)
{
    /// <summary>VARBITMAXLEN.</summary>
    public const int MaxLength = int.MaxValue - 32;

    /// <summary>Number of bits.</summary>
    public int Length { get; } = length;

    /// <summary>(<see cref="Length"/> + 7) / 8 bytes.</summary>
    public byte[] Bytes { get; } = bytes;

    public static int ByteCount(int length) => (length + 7) / 8;

    /// <summary>The bit at <paramref name="index"/> from the left, from 0.</summary>
    public bool this[int index] => (Bytes[index >> 3] & (0x80 >> (index & 7))) != 0;

    /// <summary>The first bits, or zeros appended, so that there are <paramref name="length"/>.</summary>
    public BitString WithLength(int length) => length == Length ? this : Slice(0, Length, length);

    /// <summary><paramref name="count"/> bits from <paramref name="start"/> (from 0), followed by zeros up to <paramref name="length"/>.</summary>
    public BitString Slice(int start, int count, int length)
    {
        var bytes = new byte[ByteCount(length)];
        CopyBits(this, start, bytes, 0, Math.Min(count, length));
        return new(length, bytes);
    }

    /// <summary>Both after each other.</summary>
    public static BitString Concat(BitString left, BitString right)
    {
        var length = checked(left.Length + right.Length);
        var bytes = new byte[ByteCount(length)];
        left.Bytes.CopyTo(bytes, 0);
        CopyBits(right, 0, bytes, left.Length, right.Length);
        return new(length, bytes);
    }

    static void CopyBits(BitString source, int start, byte[] target, int at, int count)
    {
        if ((start & 7) == 0 && (at & 7) == 0)
        {
            source.Bytes.AsSpan(start >> 3, ByteCount(count)).CopyTo(target.AsSpan(at >> 3));
            if ((count & 7) != 0)
                target[(at + count) >> 3] &= (byte)(0xFF << (8 - (count & 7)));
            return;
        }
        for (var i = 0; i < count; i++)
            if (source[start + i])
                target[(at + i) >> 3] |= (byte)(0x80 >> ((at + i) & 7));
    }

    /// <summary>Bits combined pairwise. Raises 22026 when the lengths differ; <paramref name="word"/> is AND, OR or XOR.</summary>
    public static BitString Combine(BitString left, BitString right, string word)
    {
        if (left.Length != right.Length)
            throw new PgError(SqlState.StringDataLengthMismatch, $"cannot {word} bit strings of different sizes");
        var bytes = new byte[left.Bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(word switch
            {
                "AND" => left.Bytes[i] & right.Bytes[i],
                "OR" => left.Bytes[i] | right.Bytes[i],
                _ => left.Bytes[i] ^ right.Bytes[i],
            });
        return new(left.Length, bytes);
    }

    /// <summary>All bits inverted.</summary>
    public BitString Not()
    {
        var bytes = new byte[Bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)~Bytes[i];
        ClearPadding(Length, bytes);
        return new(Length, bytes);
    }

    /// <summary>Sets the bits of the last byte beyond <paramref name="length"/> to zero.</summary>
    public static void ClearPadding(int length, Span<byte> bytes)
    {
        if ((length & 7) != 0)
            bytes[^1] &= (byte)(0xFF << (8 - (length & 7)));
    }

    /// <summary>Moved left by <paramref name="count"/> (right when negative); the length stays, zeros come in.</summary>
    public BitString Shift(int count)
    {
        var bytes = new byte[Bytes.Length];
        var size = (int)Math.Min(Math.Abs((long)count), Length);
        if (count >= 0)
            CopyBits(this, size, bytes, 0, Length - size);
        else
            CopyBits(this, 0, bytes, size, Length - size);
        return new(Length, bytes);
    }

    /// <summary>Number of set bits.</summary>
    public long CountOnes()
    {
        var ones = 0L;
        foreach (var b in Bytes)
            ones += BitOperations.PopCount(b);
        return ones;
    }

    /// <summary>Order of the bits; of two that agree as far as both go, the shorter is smaller.</summary>
    public static int Compare(BitString left, BitString right)
    {
        var order = left.Bytes.AsSpan().SequenceCompareTo(right.Bytes);
        return order != 0 ? order : left.Length - right.Length;
    }

    public override string ToString() => string.Create(Length, this, static (chars, bits) =>
    {
        for (var i = 0; i < chars.Length; i++)
            chars[i] = bits[i] ? '1' : '0';
    });
}
