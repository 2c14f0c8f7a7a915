using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Vectors.Lanes;

/// <summary>AVX2: thirty-two bytes at once.</summary>
readonly struct BitLanes256 : IBitLanes<Vector256<byte>>
{
    public static int Count => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(ref readonly byte from) => Vector256.LoadUnsafe(in from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> And(Vector256<byte> a, Vector256<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Or(Vector256<byte> a, Vector256<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Xor(Vector256<byte> a, Vector256<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> CountOnes(Vector256<byte> value)
    {
        var table = Vector256.Create(OnesOfNibble.Table);
        var low = value & Vector256.Create((byte)0x0F);
        var high = Vector256.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & Vector256.Create((byte)0x0F);
        return Avx2.Shuffle(table, low) + Avx2.Shuffle(table, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Add(Vector256<byte> a, Vector256<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(Vector256<byte> counts)
    {
        var pairs = counts.AsUInt16();
        return Vector256.Sum((pairs & Vector256.Create((ushort)0xFF)) + Vector256.ShiftRightLogical(pairs, 8));
    }
}
