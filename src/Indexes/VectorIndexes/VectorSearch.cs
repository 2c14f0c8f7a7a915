namespace PgVectorCompat.Indexes;

/// <summary>
/// One search of an index, by one thread: either ordered, by repeated <see cref="Next"/>, or over a known set of rows, by
/// <see cref="Among"/>. Entries removed or added after it began may or may not be among its candidates.
/// </summary>
public abstract class VectorSearch : IDisposable
{
    /// <summary>
    /// About how many candidates will be looked at: <see cref="RerankWidth"/> of a LIMIT, or with <see cref="HasBounds"/> the LIMIT itself. So many of what
    /// it has looked at (IVFFlat: or all that may be among them) a search gives in a batch, nearest first, and the rest of them in later batches. IVFFlat begins
    /// with 40, HNSW without limit. To be set before the first batch.
    /// </summary>
    public int Wanted { get; set; } = 40;

    /// <summary>
    /// Whether candidates come in the order of their <see cref="Candidate.Bound"/>, so that those behind one whose bound is beyond the distances found
    /// need not be measured.
    /// </summary>
    public virtual bool HasBounds => false;

    /// <summary>IVFFlat: how many lists the search may look at in all; at its end <see cref="Next"/> returns false. Without limit at first.</summary>
    public int MaxProbes { get; set; } = int.MaxValue;

    /// <summary>
    /// The next batch of <see cref="Candidates"/>. The first call searches with this breadth; each further call goes on where the last
    /// ended, so that in the end every entry (of <paramref name="allowed"/>) has been a candidate exactly once. A batch is ordered; a later
    /// one may hold nearer candidates than an earlier one.
    /// </summary>
    /// <param name="breadth">HNSW: ef, how many candidates to hold. IVFFlat: how many lists to look at.</param>
    /// <param name="allowed">Only entries of these rows; null for all. The same set in every call of a search.</param>
    /// <returns>False when there are no more; a batch given with true is not empty.</returns>
    public abstract bool Next(int breadth, RowSet? allowed = null);

    /// <summary>
    /// Makes <see cref="Candidates"/> the nearest <paramref name="count"/> entries of exactly these rows, from the codes of each: what is to be used
    /// when few rows pass. More may come where codes cannot tell them apart.
    /// </summary>
    public abstract void Among(RowSet allowed, int count);

    /// <summary>
    /// Makes <see cref="Candidates"/>, in no order, all entries whose distance by the operator may be <paramref name="radius"/> or less: surely none is missing
    /// of those that are there when it is called. False when the codes cannot tell, or tell of more than <paramref name="most"/> entries: then measuring
    /// all rows is to be preferred.
    /// </summary>
    public virtual bool TryWithin(double radius, int most) => false;

    /// <summary>The last batch, nearest first; lives until the next call.</summary>
    public abstract ReadOnlySpan<Candidate> Candidates { get; }

    /// <summary>How many candidates are to be measured exactly so that the nearest <paramref name="k"/> are among them as a rule; at least k.</summary>
    /// <param name="breadth">Of the search, as for <see cref="Next"/>.</param>
    public abstract int RerankWidth(int k, int breadth);

    /// <summary>Distances computed so far, to codes: the work that <c>max_scan_tuples</c> limits.</summary>
    public abstract long Visited { get; }

    /// <summary>Memory held by this search, in bytes: what <c>scan_mem_multiplier</c> limits.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Gives the search back to its index.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
