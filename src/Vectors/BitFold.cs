using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PgVectorCompat.Vectors.Lanes;

namespace PgVectorCompat.Vectors;

/// <summary>How the bits of two strings are combined before the ones are counted.</summary>
interface IBitTerm
{
    static abstract V Combine<V, TLanes>(V a, V b) where V : struct where TLanes : struct, IBitLanes<V>;
}

readonly struct AndTerm : IBitTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<V, TLanes>(V a, V b) where V : struct where TLanes : struct, IBitLanes<V> => TLanes.And(a, b);
}

readonly struct OrTerm : IBitTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<V, TLanes>(V a, V b) where V : struct where TLanes : struct, IBitLanes<V> => TLanes.Or(a, b);
}

readonly struct XorTerm : IBitTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<V, TLanes>(V a, V b) where V : struct where TLanes : struct, IBitLanes<V> => TLanes.Xor(a, b);
}

/// <summary>The one loop under every distance between bit strings.</summary>
static class BitFold
{
    /// <summary>Counts in a byte lane reach 8 a round; 31 rounds stay below 256.</summary>
    const int RoundsPerSum = 31;

    /// <summary>Ones in the combination of two strings of equal length.</summary>
    /// <param name="widest">Bits; tests ask for narrower code than the machine could run.</param>
    public static int Run<TTerm>(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int widest = 512) where TTerm : struct, IBitTerm
    {
        Debug.Assert(a.Length == b.Length, "the operator that calls a kernel has compared the lengths");

        var total = 0;
        if (Vector512.IsHardwareAccelerated && widest >= 512)
            total += Whole<TTerm, Vector512<byte>, BitLanes512>(ref a, ref b);
        if (Vector256.IsHardwareAccelerated && widest >= 256)
            total += Whole<TTerm, Vector256<byte>, BitLanes256>(ref a, ref b);
        if (Vector128.IsHardwareAccelerated && widest >= 128)
            total += Whole<TTerm, Vector128<byte>, BitLanes128>(ref a, ref b);
        total += Whole<TTerm, ulong, BitPlainLanes>(ref a, ref b);
        return total + Last<TTerm>(a, b);
    }

    /// <summary>Counts as much as fills whole registers and leaves the rest in the spans.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static int Whole<TTerm, V, TLanes>(ref ReadOnlySpan<byte> a, ref ReadOnlySpan<byte> b)
        where TTerm : struct, IBitTerm where V : struct where TLanes : struct, IBitLanes<V>
    {
        ref var atA = ref MemoryMarshal.GetReference(a);
        ref var atB = ref MemoryMarshal.GetReference(b);
        int total = 0, i = 0;
        while (i <= a.Length - TLanes.Count)
        {
            V counts = default;
            var end = Math.Min(a.Length - TLanes.Count, i + (RoundsPerSum - 1) * TLanes.Count);
            for (; i <= end; i += TLanes.Count)
            {
                var combined = TTerm.Combine<V, TLanes>(TLanes.Load(in Unsafe.Add(ref atA, i)), TLanes.Load(in Unsafe.Add(ref atB, i)));
                counts = TLanes.Add(counts, TLanes.CountOnes(combined));
            }
            total += TLanes.Sum(counts);
        }
        a = a[i..];
        b = b[i..];
        return total;
    }

    /// <summary>The last bytes, fewer than eight, padded with zeros that no term counts.</summary>
    static int Last<TTerm>(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) where TTerm : struct, IBitTerm
    {
        ulong lastA = 0, lastB = 0;
        a.CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref lastA)));
        b.CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref lastB)));
        return BitPlainLanes.Sum(BitPlainLanes.CountOnes(TTerm.Combine<ulong, BitPlainLanes>(lastA, lastB)));
    }
}
