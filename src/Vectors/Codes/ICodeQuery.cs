namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// A query made ready for one kind of code: a small struct of pointers and constants. Loops over codes are generic over it, so that the
/// JIT compiles them once for each kind with the kernel inlined; every method should be <c>AggressiveInlining</c>.
/// </summary>
/// <remarks>
/// Distances approximate: the square for L2, twice the distance for cosine (the squared L2 distance of vectors of length one), otherwise what
/// the operator returns. Never NaN.
/// </remarks>
public unsafe interface ICodeQuery
{
    /// <summary>Distance to one code.</summary>
    float To(byte* code);

    /// <summary>Distances to four codes at once, the query's bytes being loaded once for all.</summary>
    void To(byte* code0, byte* code1, byte* code2, byte* code3, float* distances);
}
