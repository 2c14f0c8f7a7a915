namespace PgVectorCompat.Vectors.Lanes;

/// <summary>One width of counting bits; <typeparamref name="V"/> is a register of <see cref="Count"/> bytes.</summary>
interface IBitLanes<V> where V : struct
{
    /// <summary>Bytes in a register: 64, 32, 16 or 8.</summary>
    static abstract int Count { get; }

    static abstract V Load(ref readonly byte from);
    static abstract V And(V a, V b);
    static abstract V Or(V a, V b);
    static abstract V Xor(V a, V b);

    /// <summary>Counts of one bits, at most 8 in each byte lane, so that 31 of them can be added before <see cref="Sum"/>.</summary>
    static abstract V CountOnes(V value);

    static abstract V Add(V a, V b);
    static abstract int Sum(V counts);
}
