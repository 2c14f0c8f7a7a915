using System.Runtime.CompilerServices;

namespace PgVectorCompat.Vectors.Lanes;

/// <summary>Plain code, one number at a time: machines without vector registers, and vectors shorter than any register.</summary>
readonly struct PlainLanes : ILanes<float>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ref readonly float from) => from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ref readonly Half from)
    {
        var bits = (int)BitConverter.HalfToInt16Bits(from);
        return BitConverter.Int32BitsToSingle((bits << HalfBits.Shift) & HalfBits.Mask) * HalfBits.Rebias;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float KeepLast(float value, int count) => count == 0 ? 0 : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float a, float b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float a, float b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float sum) => float.MultiplyAddEstimate(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Abs(float value) => float.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float value) => value;
}
