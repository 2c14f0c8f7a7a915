using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Lanes;

/// <summary>NEON and SSE: sixteen bytes at once.</summary>
readonly struct BitLanes128 : IBitLanes<Vector128<byte>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref readonly byte from) => Vector128.LoadUnsafe(in from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> And(Vector128<byte> a, Vector128<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Or(Vector128<byte> a, Vector128<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Xor(Vector128<byte> a, Vector128<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> CountOnes(Vector128<byte> value)
    {
        var table = OnesOfNibble.Table;
        var low = value & Vector128.Create((byte)0x0F);
        var high = Vector128.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & Vector128.Create((byte)0x0F);
        return Vector128.ShuffleNative(table, low) + Vector128.ShuffleNative(table, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Add(Vector128<byte> a, Vector128<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(Vector128<byte> counts)
    {
        var pairs = counts.AsUInt16();
        return Vector128.Sum((pairs & Vector128.Create((ushort)0xFF)) + Vector128.ShiftRightLogical(pairs, 8));
    }
}
