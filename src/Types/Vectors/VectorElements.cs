using System.Buffers.Binary;
using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Types;

/// <summary>What distinguishes dense vectors of one element type from another: the element's forms, and the kernels for it.</summary>
public interface IVectorElement<T>
{
    /// <summary>Rounds to the element type; false when that makes a finite number infinite.</summary>
    static abstract bool TryRound(float number, out T element);

    static abstract float Widen(T element);

    /// <summary>Copies elements and turns the bytes of each around.</summary>
    static abstract void CopyReversed(ReadOnlySpan<T> from, Span<T> to);

    /// <summary>Bytes whose order is that of the numbers; never all zero.</summary>
    static abstract void WriteSortKey(Span<byte> bytes, T element);

    static abstract float SquaredL2(ReadOnlySpan<T> a, ReadOnlySpan<T> b);
    static abstract float Dot(ReadOnlySpan<T> a, ReadOnlySpan<T> b);
    static abstract double CosineDistance(ReadOnlySpan<T> a, ReadOnlySpan<T> b);
    static abstract float L1(ReadOnlySpan<T> a, ReadOnlySpan<T> b);
    static abstract double Norm(ReadOnlySpan<T> vector);
    static abstract RangeFault Normalize(ReadOnlySpan<T> vector, Span<T> result);
    static abstract RangeFault Add(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> result);
    static abstract RangeFault Subtract(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> result);
    static abstract RangeFault Multiply(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> result);
    static abstract void PackSigns(ReadOnlySpan<T> vector, Span<byte> bits);
}

/// <summary>float32.</summary>
public readonly struct SingleElement : IVectorElement<float>
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

    public static float SquaredL2(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Float32Kernels.SquaredL2(a, b);
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Float32Kernels.Dot(a, b);
    public static double CosineDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Float32Kernels.CosineDistance(a, b);
    public static float L1(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Float32Kernels.L1(a, b);
    public static double Norm(ReadOnlySpan<float> vector) => Norms.L2(vector);
    public static RangeFault Normalize(ReadOnlySpan<float> vector, Span<float> result) => Norms.Normalize(vector, result);
    public static RangeFault Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Elementwise.Add(a, b, result);
    public static RangeFault Subtract(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Elementwise.Subtract(a, b, result);
    public static RangeFault Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Elementwise.Multiply(a, b, result);
    public static void PackSigns(ReadOnlySpan<float> vector, Span<byte> bits) => SignBits.Pack(vector, bits);
}

/// <summary>binary16.</summary>
public readonly struct HalfElement : IVectorElement<Half>
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

    public static float SquaredL2(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b) => Float16Kernels.SquaredL2(a, b);
    public static float Dot(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b) => Float16Kernels.Dot(a, b);
    public static double CosineDistance(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b) => Float16Kernels.CosineDistance(a, b);
    public static float L1(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b) => Float16Kernels.L1(a, b);
    public static double Norm(ReadOnlySpan<Half> vector) => Norms.L2(vector);
    public static RangeFault Normalize(ReadOnlySpan<Half> vector, Span<Half> result) => Norms.Normalize(vector, result);
    public static RangeFault Add(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, Span<Half> result) => Elementwise.Add(a, b, result);
    public static RangeFault Subtract(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, Span<Half> result) => Elementwise.Subtract(a, b, result);
    public static RangeFault Multiply(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, Span<Half> result) => Elementwise.Multiply(a, b, result);
    public static void PackSigns(ReadOnlySpan<Half> vector, Span<byte> bits) => SignBits.Pack(vector, bits);
}
