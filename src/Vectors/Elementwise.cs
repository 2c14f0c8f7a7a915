using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors;

/// <summary>How the first element that left its type's range left it.</summary>
public enum RangeFault
{
    None,

    /// <summary>A result is infinite.</summary>
    Overflow,

    /// <summary>A product of two numbers other than zero is zero.</summary>
    Underflow,
}

/// <summary>Element by element arithmetic on vectors of equal length and finite numbers.</summary>
public static class Elementwise
{
    public static RangeFault Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Run<AddOperation>(a, b, result);
    public static RangeFault Subtract(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Run<SubtractOperation>(a, b, result);
    public static RangeFault Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Run<MultiplyOperation>(a, b, result);

    public static RangeFault Add(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, Span<Half> result) => Run<AddOperation>(a, b, result);
    public static RangeFault Subtract(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, Span<Half> result) => Run<SubtractOperation>(a, b, result);
    public static RangeFault Multiply(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, Span<Half> result) => Run<MultiplyOperation>(a, b, result);

    static RangeFault Run<TOperation>(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) where TOperation : struct, IOperation
    {
        Debug.Assert(a.Length == b.Length && a.Length == result.Length, "the caller has compared the dimensions");
        Compute<TOperation>(a, b, result);
        for (var i = 0; i < result.Length; i++)
            if (Fault<TOperation>(a[i], b[i], result[i]) is not RangeFault.None and var fault)
                return fault;
        return RangeFault.None;
    }

    /// <summary>Half precision: the operation in float32, then rounded, which gives what binary16 arithmetic would.</summary>
    static RangeFault Run<TOperation>(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, Span<Half> result) where TOperation : struct, IOperation
    {
        Debug.Assert(a.Length == b.Length && a.Length == result.Length, "the caller has compared the dimensions");
        const int block = 64;
        Span<float> wideA = stackalloc float[block], wideB = stackalloc float[block];
        for (var start = 0; start < a.Length; start += block)
        {
            var count = Math.Min(block, a.Length - start);
            var rounded = result.Slice(start, count);
            HalfConversion.ToSingle(a.Slice(start, count), wideA[..count]);
            HalfConversion.ToSingle(b.Slice(start, count), wideB[..count]);
            Compute<TOperation>(wideA[..count], wideB[..count], wideA[..count]);
            HalfConversion.ToHalf(wideA[..count], rounded);
            for (var i = 0; i < count; i++)
                if (Fault<TOperation>((float)a[start + i], wideB[i], (float)rounded[i]) is not RangeFault.None and var fault)
                    return fault;
        }
        return RangeFault.None;
    }

    static void Compute<TOperation>(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) where TOperation : struct, IOperation
    {
        var whole = MemoryMarshal.Cast<float, Vector<float>>(result);
        var wholeA = MemoryMarshal.Cast<float, Vector<float>>(a);
        var wholeB = MemoryMarshal.Cast<float, Vector<float>>(b);
        for (var i = 0; i < whole.Length; i++)
            whole[i] = TOperation.Of(wholeA[i], wholeB[i]);
        for (var i = whole.Length * Vector<float>.Count; i < result.Length; i++)
            result[i] = TOperation.Of(a[i], b[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static RangeFault Fault<TOperation>(float a, float b, float result) where TOperation : struct, IOperation
    {
        if (float.IsInfinity(result)) return RangeFault.Overflow;
        return TOperation.CanUnderflow && result == 0 && a != 0 && b != 0 ? RangeFault.Underflow : RangeFault.None;
    }

    interface IOperation
    {
        static abstract bool CanUnderflow { get; }
        static abstract float Of(float a, float b);
        static abstract Vector<float> Of(Vector<float> a, Vector<float> b);
    }

    readonly struct AddOperation : IOperation
    {
        public static bool CanUnderflow => false;
        public static float Of(float a, float b) => a + b;
        public static Vector<float> Of(Vector<float> a, Vector<float> b) => a + b;
    }

    readonly struct SubtractOperation : IOperation
    {
        public static bool CanUnderflow => false;
        public static float Of(float a, float b) => a - b;
        public static Vector<float> Of(Vector<float> a, Vector<float> b) => a - b;
    }

    readonly struct MultiplyOperation : IOperation
    {
        public static bool CanUnderflow => true;
        public static float Of(float a, float b) => a * b;
        public static Vector<float> Of(Vector<float> a, Vector<float> b) => a * b;
    }
}
