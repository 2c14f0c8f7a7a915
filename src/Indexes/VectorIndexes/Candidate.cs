namespace PgVectorCompat.Indexes;

/// <summary>An entry of an index that a search found.</summary>
/// <param name="Row">Row id of the storage.</param>
/// <param name="Key">Which of the row's vectors this is: as given to <see cref="VectorIndex.Insert"/>.</param>
/// <param name="Distance">
/// Approximate, from codes: the square for L2, twice the distance for cosine, otherwise what the operator returns.
/// </param>
/// <param name="Bound">What the operator returns is hardly ever less; −∞ where <see cref="VectorSearch.HasBounds"/> is false.</param>
public readonly record struct Candidate(long Row, int Key, float Distance, float Bound = float.NegativeInfinity);
