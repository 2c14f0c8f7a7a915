using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PgVectorCompat.Vectors.Lanes;

namespace PgVectorCompat.Vectors;

/// <summary>Conversions of whole vectors between half and single precision, for finite numbers.</summary>
public static class HalfConversion
{
    /// <summary>65520, halfway between the largest half (65504) and the next power of two: from here on numbers round to infinity.</summary>
    public const float Overflow = 65520f;

    /// <summary>Widens exactly.</summary>
    public static void ToSingle(ReadOnlySpan<Half> source, Span<float> destination)
    {
        Debug.Assert(source.Length == destination.Length, "one result for each number");
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        var i = 0;
        for (; i <= source.Length - Lanes256.Count; i += Lanes256.Count)
            Lanes256.Load(in Unsafe.Add(ref from, i)).StoreUnsafe(ref to, (nuint)i);
        for (; i < source.Length; i++)
            Unsafe.Add(ref to, i) = PlainLanes.Load(in Unsafe.Add(ref from, i));
    }

    /// <summary>
    /// Rounds to the nearest half, ties to even; what is at most 2⁻²⁵ becomes zero of its sign. False when a number was at
    /// least <see cref="Overflow"/> in magnitude; its half is then infinite.
    /// </summary>
    public static bool ToHalf(ReadOnlySpan<float> source, Span<Half> destination)
    {
        Debug.Assert(source.Length == destination.Length, "one result for each number");
        ref var from = ref Unsafe.As<float, int>(ref MemoryMarshal.GetReference(source));
        ref var to = ref Unsafe.As<Half, short>(ref MemoryMarshal.GetReference(destination));
        var overflow = Vector256<int>.Zero;
        var i = 0;
        for (; i <= source.Length - 8; i += 8)
            Vector256.Narrow(Round(Vector256.LoadUnsafe(ref from, (nuint)i), ref overflow), default).GetLower().StoreUnsafe(ref to, (nuint)i);
        for (; i < source.Length; i++)
            Unsafe.Add(ref to, i) = (short)Round(Vector256.Create(Unsafe.Add(ref from, i)), ref overflow).ToScalar();
        return overflow == Vector256<int>.Zero;
    }

    /// <summary>The bits of halves for the bits of floats; lanes of <paramref name="overflow"/> are set where a result is infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Round(Vector256<int> bits, ref Vector256<int> overflow)
    {
        var magnitude = bits & Vector256.Create(int.MaxValue);
        var sign = Vector256.ShiftRightLogical(bits ^ magnitude, 16);

        // Normal halves: half a unit in the last place is added (less one when the last kept bit is even), then 13 bits are cut.
        var odd = Vector256.ShiftRightLogical(magnitude, 13) & Vector256<int>.One;
        var normal = Vector256.ShiftRightLogical(magnitude + Vector256.Create(0xFFF - (112 << 23)) + odd, 13);

        // Subnormal halves are multiples of 2^-24, the unit in the last place of 0.5: adding 0.5 makes the machine round to one.
        var half = Vector256.Create(0.5f);
        var subnormal = (magnitude.AsSingle() + half).AsInt32() - half.AsInt32();

        var infinite = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(0x477F_F000)); // 65520
        overflow |= infinite;
        var rounded = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(0x3880_0000)), subnormal, normal);
        return sign | Vector256.ConditionalSelect(infinite, Vector256.Create(0x7C00), rounded);
    }
}
