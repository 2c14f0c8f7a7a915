using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Types;

/// <summary>
/// Reads a decimal such as <c>0.0123456</c>, with a point and at most 15 characters, without a branch that depends on its
/// length: one register takes the characters, a shuffle drops the point and aligns the digits to the right, and three
/// multiply-adds make numbers of two, four and eight digits.
/// </summary>
/// <remarks>This and <see cref="SingleReader"/>'s arithmetic read 768 numbers in a third of the time of the digit loop.</remarks>
static class ShortDecimal
{
    public static bool IsSupported => Sse41.IsSupported;

    /// <summary>Reads the digits at <paramref name="at"/> as mantissa · 10^exponent; false when they have another form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> text, int at, out int length, out ulong mantissa, out int exponent)
    {
        Unsafe.SkipInit(out mantissa);
        Unsafe.SkipInit(out exponent);
        Unsafe.SkipInit(out length);
        if (text.Length - at < Vector128<byte>.Count)
            return false;
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(text), at);
        var digits = Vector128.LoadUnsafe(ref first) - Vector128.Create((byte)'0');
        var others = Vector128.GreaterThan(digits, Vector128.Create((byte)9)).ExtractMostSignificantBits();
        var afterPoint = others & (others - 1);
        var point = BitOperations.TrailingZeroCount(others);
        length = BitOperations.TrailingZeroCount(afterPoint);
        if (afterPoint == 0 || length == 1 || Unsafe.Add(ref first, point) != '.' || (Unsafe.Add(ref first, length) | 0x20) == 'e')
            return false;

        // Lane j takes the character j - 16 + count, one further from the point on; negative numbers of lanes give zero.
        var source = Vector128<sbyte>.Indices + Vector128.Create((sbyte)(length - 1 - Vector128<byte>.Count));
        source -= Vector128.GreaterThanOrEqual(source, Vector128.Create((sbyte)point));
        var aligned = Ssse3.Shuffle(digits, source.AsByte());
        var pairs = Ssse3.MultiplyAddAdjacent(aligned, Vector128.Create((short)(1 << 8 | 10)).AsSByte());
        var fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(1 << 16 | 100).AsInt16());
        var packed = Sse41.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Sse2.MultiplyAddAdjacent(packed, Vector128.Create(1 << 16 | 10_000).AsInt16());
        mantissa = (ulong)eights.ToScalar() * 100_000_000 + (uint)eights.GetElement(1);
        exponent = point + 1 - length;
        return true;
    }
}
