using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>Turns vectors into bytes: what encoding and preparing a query by bytes consist of.</summary>
static unsafe class ByteScaling
{
    /// <summary>Adding this number rounds a small float to a whole one, to the nearest, and leaves it in the low bits.</summary>
    const float RoundingShift = 12582912f; // 1.5 * 2^23

    /// <summary>The largest |x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float MaxMagnitude(ReadOnlySpan<float> vector)
    {
        ref var start = ref MemoryMarshal.GetReference(vector);
        var largest = Vector256<float>.Zero;
        var i = 0;
        for (; i <= vector.Length - 8; i += 8)
            largest = Vector256.MaxNative(largest, Vector256.Abs(Vector256.LoadUnsafe(ref start, (nuint)i)));
        float result = 0;
        for (var lane = 0; lane < 8; lane++)
            result = Math.Max(result, largest[lane]);
        for (; i < vector.Length; i++)
            result = Math.Max(result, Math.Abs(vector[i]));
        return result;
    }

    /// <summary>The largest |x₂ᵢ| + |x₂ᵢ₊₁|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float MaxPair(ReadOnlySpan<float> vector)
    {
        ref var start = ref MemoryMarshal.GetReference(vector);
        var largest = Vector256<float>.Zero;
        var i = 0;
        for (; i <= vector.Length - 8; i += 8)
        {
            var magnitude = Vector256.Abs(Vector256.LoadUnsafe(ref start, (nuint)i));
            largest = Vector256.MaxNative(largest, magnitude + Vector256.Shuffle(magnitude, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));
        }
        float result = 0;
        for (var lane = 0; lane < 8; lane++)
            result = Math.Max(result, largest[lane]);
        for (; i < vector.Length; i += 2)
            result = Math.Max(result, Math.Abs(vector[i]) + (i + 1 < vector.Length ? Math.Abs(vector[i + 1]) : 0));
        return result;
    }

    /// <summary>round(x · scale) as bytes; the products lie within ±127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Round(ReadOnlySpan<float> vector, float scale, sbyte* bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(vector);
        var i = 0;
        for (; i <= vector.Length - 16; i += 16)
        {
            var low = Vector256.Narrow(Whole(ref start, i, scale), Whole(ref start, i + 8, scale));
            Vector128.Narrow(low.GetLower(), low.GetUpper()).Store(bytes + i);
        }
        for (; i < vector.Length; i++)
            bytes[i] = (sbyte)(BitConverter.SingleToInt32Bits(vector[i] * scale + RoundingShift) - BitConverter.SingleToInt32Bits(RoundingShift));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<int> Whole(ref float start, int at, float scale)
        {
            var shift = Vector256.Create(RoundingShift);
            return (Vector256.LoadUnsafe(ref start, (nuint)at) * scale + shift).AsInt32() - shift.AsInt32();
        }
    }

    /// <summary>⟨x, bytes⟩.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(ReadOnlySpan<float> vector, sbyte* bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(vector);
        Vector256<float> sum0 = default, sum1 = default;
        var i = 0;
        for (; i <= vector.Length - 16; i += 16)
        {
            var wide = Vector256.Create(Vector128.WidenLower(Vector128.Load(bytes + i)), Vector128.WidenUpper(Vector128.Load(bytes + i)));
            sum0 += Vector256.LoadUnsafe(ref start, (nuint)i) * Vector256.ConvertToSingle(Vector256.WidenLower(wide));
            sum1 += Vector256.LoadUnsafe(ref start, (nuint)i + 8) * Vector256.ConvertToSingle(Vector256.WidenUpper(wide));
        }
        var sum = Vector256.Sum(sum0 + sum1);
        for (; i < vector.Length; i++)
            sum += vector[i] * bytes[i];
        return sum;
    }

    /// <summary>Σ bytes over a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Sum(sbyte* bytes, int count)
    {
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < count; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(bytes + i));
            var pair = low + high;
            sum += Vector128.WidenLower(pair) + Vector128.WidenUpper(pair);
        }
        return Vector128.Sum(sum);
    }

    /// <summary>
    /// Makes a query of a code: its numbers c (stored as c + 128) times a factor of at most 1, so that neighbours obey
    /// <paramref name="pairLimit"/>; zeros up to <paramref name="blocks"/>. Returns the factor.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Shrink(byte* code, sbyte* query, int dimensions, int blocks, int pairLimit)
    {
        var flip = Vector128.Create((byte)0x80);
        var largest = Vector128<short>.Zero;
        for (var i = 0; i < blocks; i += 16)
        {
            // What lies behind the code is anything: it is overwritten below, before it is measured.
            (Vector128.Load(code + i) ^ flip).AsSByte().Store(query + i);
            if (i + 16 > dimensions)
                for (var j = Math.Max(i, dimensions); j < i + 16; j++)
                    query[j] = 0;
            var (low, high) = Vector128.Widen(Vector128.Load(query + i));
            var pairs = Vector128.Abs(low) + Vector128.Shuffle(Vector128.Abs(low), Vector128.Create(1, 0, 3, 2, 5, 4, 7, 6));
            var morePairs = Vector128.Abs(high) + Vector128.Shuffle(Vector128.Abs(high), Vector128.Create(1, 0, 3, 2, 5, 4, 7, 6));
            largest = Vector128.Max(largest, Vector128.Max(pairs, morePairs));
        }
        var largestPair = 0;
        for (var lane = 0; lane < 8; lane++)
            largestPair = Math.Max(largestPair, largest[lane]);
        if (largestPair <= pairLimit) return 1;

        // Fixed point with 8 bits after the point: products stay within 16 bits.
        var factor = (pairLimit - 1) * 256 / largestPair;
        Debug.Assert(factor < 256, "the limit was exceeded");
        var half = Vector128.Create((short)128);
        for (var i = 0; i < blocks; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(query + i));
            Vector128.Narrow(
                Vector128.ShiftRightArithmetic(low * (short)factor + half, 8),
                Vector128.ShiftRightArithmetic(high * (short)factor + half, 8)).Store(query + i);
        }
        return factor / 256f;
    }
}
