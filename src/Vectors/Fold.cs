using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PgVectorCompat.Vectors.Lanes;

namespace PgVectorCompat.Vectors;

/// <summary>
/// The one loop under every dense distance: it pairs the elements of two vectors and folds them into sums, for any
/// <see cref="IMetric"/>, element types float and Half, and width of registers.
/// </summary>
static class Fold
{
    /// <summary>Four of the widest registers: every width folds so many elements alike, whatever follows them.</summary>
    const int Step = 4 * 16;

    /// <summary>
    /// How many of <paramref name="dimensions"/> elements make a beginning worth measuring first, 0 for none. It is whole steps, so that its sums are
    /// those that a run over all elements has had at that place: rounded alike, they cannot be above the final ones where each pair adds.
    /// </summary>
    public static int BeginningOf(int dimensions) => dimensions < 2 * Step ? 0 : Math.Max(Step, dimensions / 4 / Step * Step);

    /// <summary>Sums over <paramref name="count"/> pairs with the widest registers that the machine has and the vectors fill.</summary>
    /// <param name="widest">Bits; tests ask for narrower code than the machine could run.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Sums<float> Run<TMetric, TA, TB>(ref readonly TA a, ref readonly TB b, int count, int widest = 512)
        where TMetric : struct, IMetric where TA : unmanaged where TB : unmanaged
    {
        if (Vector512.IsHardwareAccelerated && widest >= 512 && count >= Lanes512.Count)
            return Run<TMetric, TA, TB, Vector512<float>, Lanes512>(in a, in b, count);
        if (Vector256.IsHardwareAccelerated && widest >= 256 && count >= Lanes256.Count)
            return Run<TMetric, TA, TB, Vector256<float>, Lanes256>(in a, in b, count);
        if (Vector128.IsHardwareAccelerated && widest >= 128 && count >= Lanes128.Count)
            return Run<TMetric, TA, TB, Vector128<float>, Lanes128>(in a, in b, count);
        return Run<TMetric, TA, TB, float, PlainLanes>(in a, in b, count);
    }

    /// <summary>The loop itself; <paramref name="count"/> fills at least one register.</summary>
    /// <remarks>
    /// Four sets of sums, so that one addition need not wait for the last: 2 to 3 times faster at 768 dimensions. What does not
    /// fill the last register is read again from the end, with the lanes already counted set to zero. Inlined, it leaves out the sums that
    /// a metric does not use; its callers ask for full optimisation from their first call.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Sums<float> Run<TMetric, TA, TB, V, TLanes>(ref readonly TA a, ref readonly TB b, int count)
        where TMetric : struct, IMetric where TA : unmanaged where TB : unmanaged
        where V : struct where TLanes : struct, ILanes<V>
    {
        Debug.Assert(count >= TLanes.Count || count == 0, "short vectors go to narrower registers");

        Sums<V> sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        nint lanes = TLanes.Count, i = 0;
        for (; i <= count - 4 * lanes; i += 4 * lanes)
        {
            TMetric.Add<V, TLanes>(ref sums0, Load<TA, V, TLanes>(in a, i), Load<TB, V, TLanes>(in b, i));
            TMetric.Add<V, TLanes>(ref sums1, Load<TA, V, TLanes>(in a, i + lanes), Load<TB, V, TLanes>(in b, i + lanes));
            TMetric.Add<V, TLanes>(ref sums2, Load<TA, V, TLanes>(in a, i + 2 * lanes), Load<TB, V, TLanes>(in b, i + 2 * lanes));
            TMetric.Add<V, TLanes>(ref sums3, Load<TA, V, TLanes>(in a, i + 3 * lanes), Load<TB, V, TLanes>(in b, i + 3 * lanes));
        }
        for (; i <= count - lanes; i += lanes)
            TMetric.Add<V, TLanes>(ref sums0, Load<TA, V, TLanes>(in a, i), Load<TB, V, TLanes>(in b, i));
        if (i < count)
        {
            var rest = (int)(count - i);
            TMetric.Add<V, TLanes>(
                ref sums1,
                TLanes.KeepLast(Load<TA, V, TLanes>(in a, count - lanes), rest),
                TLanes.KeepLast(Load<TB, V, TLanes>(in b, count - lanes), rest));
        }

        return new()
        {
            First = TLanes.Sum(TLanes.Add(TLanes.Add(sums0.First, sums1.First), TLanes.Add(sums2.First, sums3.First))),
            Second = TLanes.Sum(TLanes.Add(TLanes.Add(sums0.Second, sums1.Second), TLanes.Add(sums2.Second, sums3.Second))),
            Third = TLanes.Sum(TLanes.Add(TLanes.Add(sums0.Third, sums1.Third), TLanes.Add(sums2.Third, sums3.Third))),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Load<T, V, TLanes>(ref readonly T vector, nint index) where T : unmanaged where V : struct where TLanes : struct, ILanes<V>
    {
        ref var at = ref Unsafe.Add(ref Unsafe.AsRef(in vector), index);
        if (typeof(T) == typeof(float)) return TLanes.Load(in Unsafe.As<T, float>(ref at));
        if (typeof(T) == typeof(Half)) return TLanes.Load(in Unsafe.As<T, Half>(ref at));
        throw new UnreachableException($"no kernel for elements of type {typeof(T)}");
    }
}
