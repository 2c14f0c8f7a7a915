namespace PgVectorCompat.Vectors.Lanes;

/// <summary>
/// One width of arithmetic on float32: <typeparamref name="V"/> is a register of <see cref="Count"/> numbers. Every kernel is
/// written once over this interface, and the JIT compiles it for each width as if written by hand.
/// </summary>
interface ILanes<V> where V : struct
{
    /// <summary>Numbers in a register: 16, 8, 4 or 1.</summary>
    static abstract int Count { get; }

    static abstract V Load(ref readonly float from);

    /// <summary>Loads half-precision numbers, widened exactly. Infinities and NaN, which no vector holds, are read as numbers.</summary>
    static abstract V Load(ref readonly Half from);

    /// <summary><paramref name="value"/> with zeros in all lanes but the last <paramref name="count"/>.</summary>
    static abstract V KeepLast(V value, int count);

    static abstract V Add(V a, V b);
    static abstract V Subtract(V a, V b);

    /// <summary>a · b + sum, fused where the machine can.</summary>
    static abstract V MultiplyAdd(V a, V b, V sum);

    static abstract V Abs(V value);
    static abstract float Sum(V value);
}
