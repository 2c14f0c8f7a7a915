namespace PgVectorCompat.Vectors;

/// <summary>Binary quantization: one bit for each element, set where the element is greater than zero.</summary>
public static class SignBits
{
    /// <summary>Packs the bits of <paramref name="vector"/> into ⌈length ÷ 8⌉ bytes, element 1 in the highest bit; the rest is zero.</summary>
    public static void Pack(ReadOnlySpan<float> vector, Span<byte> bits)
    {
        bits.Clear();
        for (var i = 0; i < vector.Length; i++)
            if (vector[i] > 0)
                bits[i >> 3] |= (byte)(0x80 >> (i & 7));
    }

    /// <inheritdoc cref="Pack(ReadOnlySpan{float}, Span{byte})"/>
    public static void Pack(ReadOnlySpan<Half> vector, Span<byte> bits)
    {
        bits.Clear();
        for (var i = 0; i < vector.Length; i++)
            if (BitConverter.HalfToInt16Bits(vector[i]) > 0) // a set sign bit makes it negative, and zero is all zeros
                bits[i >> 3] |= (byte)(0x80 >> (i & 7));
    }
}
