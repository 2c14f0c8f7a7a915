using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Vectors.Lanes;

/// <summary>AVX-512: sixty-four bytes at once.</summary>
readonly struct BitLanes512 : IBitLanes<Vector512<byte>>
{
    public static int Count => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(ref readonly byte from) => Vector512.LoadUnsafe(in from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> And(Vector512<byte> a, Vector512<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Or(Vector512<byte> a, Vector512<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Xor(Vector512<byte> a, Vector512<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> CountOnes(Vector512<byte> value)
    {
        var table = Vector512.Create(OnesOfNibble.Table);
        var low = value & Vector512.Create((byte)0x0F);
        var high = Vector512.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & Vector512.Create((byte)0x0F);
        return Avx512BW.Shuffle(table, low) + Avx512BW.Shuffle(table, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Add(Vector512<byte> a, Vector512<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(Vector512<byte> counts)
    {
        var pairs = counts.AsUInt16();
        return Vector512.Sum((pairs & Vector512.Create((ushort)0xFF)) + Vector512.ShiftRightLogical(pairs, 8));
    }
}
