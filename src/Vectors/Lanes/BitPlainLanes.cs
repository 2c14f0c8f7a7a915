using System.Numerics;
using System.Runtime.CompilerServices;

namespace PgVectorCompat.Vectors.Lanes;

/// <summary>Plain code: eight bytes in a general register.</summary>
readonly struct BitPlainLanes : IBitLanes<ulong>
{
    public static int Count => sizeof(ulong);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(ref readonly byte from) => Unsafe.ReadUnaligned<ulong>(in from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong And(ulong a, ulong b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Or(ulong a, ulong b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Xor(ulong a, ulong b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CountOnes(ulong value) => (ulong)BitOperations.PopCount(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ulong a, ulong b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(ulong counts) => (int)counts;
}
