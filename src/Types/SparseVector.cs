namespace PgVectorCompat.Types;

/// <summary>pgvector's sparsevec: the non-zero elements of a vector of <paramref name="dimensions"/> elements.</summary>
/// <param name="dimensions">1 to 1,000,000,000.</param>
/// <param name="indices">0-based, strictly ascending, each below <paramref name="dimensions"/>.</param>
/// <param name="values">Finite and not zero, one for each index.</param>
public sealed class SparseVector(int dimensions, int[] indices, float[] values)
{
    public int Dimensions { get; } = dimensions;
    public int[] Indices { get; } = indices;
    public float[] Values { get; } = values;
}
