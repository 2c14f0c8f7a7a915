using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Types;

readonly struct SingleElement : IVectorElement<float>
{
    public static bool TryRound(float number, out float element)
    {
        element = number;
        return true;
    }

    public static float Widen(float element) => element;

    public static void CopyReversed(ReadOnlySpan<float> from, Span<float> to)
        => BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<float, int>(from), MemoryMarshal.Cast<float, int>(to));

    public static void WriteSortKey(Span<byte> bytes, float element)
    {
        // Positive numbers get the top bit, negative ones are inverted; adding zero makes 0 of -0.
        var bits = BitConverter.SingleToInt32Bits(element + 0f);
        BinaryPrimitives.WriteInt32BigEndian(bytes, bits >= 0 ? bits ^ int.MinValue : ~bits);
    }
}

readonly struct HalfElement : IVectorElement<Half>
{
    public static bool TryRound(float number, out Half element)
    {
        element = (Half)number;
        return !Half.IsInfinity(element) || float.IsInfinity(number);
    }

    public static float Widen(Half element) => (float)element;

    public static void CopyReversed(ReadOnlySpan<Half> from, Span<Half> to)
        => BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<Half, short>(from), MemoryMarshal.Cast<Half, short>(to));

    public static void WriteSortKey(Span<byte> bytes, Half element)
    {
        var bits = BitConverter.HalfToInt16Bits(element == Half.Zero ? Half.Zero : element);
        BinaryPrimitives.WriteInt16BigEndian(bytes, bits >= 0 ? (short)(bits ^ short.MinValue) : (short)~bits);
    }
}
