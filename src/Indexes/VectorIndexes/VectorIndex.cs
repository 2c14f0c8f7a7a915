namespace PgVectorCompat.Indexes;

/// <summary>
/// The core of a vector index: memory only, without SQL, visibility or transactions. An entry is a vector under (row, key); a row may
/// have several (an old and a new version of its vector). Searches give entries nearest first by codes; whoever asks looks up which are
/// visible, measures them exactly, and asks for more until it has enough.
/// </summary>
/// <remarks>
/// Made by <c>HnswIndex.Create</c> or <c>IvfIndex.Create</c>, then built once, with no rows if there are none. After that all members may
/// be called from many threads at once; searches take no locks. Removing and adding the same (row, key) concurrently is the
/// caller's to prevent.
/// </remarks>
public abstract class VectorIndex(VectorIndexOptions options) : IDisposable
{
    public VectorIndexOptions Options { get; } = options;

    /// <summary>Builds the index. Called once, before all else; nothing else may be called while it runs.</summary>
    /// <exception cref="OperationCanceledException">The build was cancelled.</exception>
    public abstract void Build(IVectorRows rows, BuildSettings settings);

    /// <summary>
    /// Adds an entry: it is found by every search that starts later. It joins the tail, which every search scans; when the tail is too
    /// long the call folds some of it. Adding an entry that is there already changes nothing.
    /// </summary>
    /// <returns>False when the metric cannot order the vector (the zero vector under cosine distance): it is not in the index.</returns>
    public abstract bool Insert(long row, int key, ReadOnlySpan<byte> value);

    /// <summary>Removes an entry: no search that starts later finds it. What it leaves is repaired by <see cref="Maintain"/>.</summary>
    /// <returns>False when there is no such entry.</returns>
    public abstract bool Remove(long row, int key);

    /// <summary>Whether the entry is there and not removed.</summary>
    public abstract bool Contains(long row, int key);

    /// <summary>Calls <paramref name="visitor"/> with the row and key of every entry; it must not change the index.</summary>
    public abstract void VisitEntries(Action<long, int> visitor);

    /// <summary>
    /// One bounded step (about a millisecond) of folding the tail or repairing removals. Runs beside everything; from several threads
    /// the steps share the work.
    /// </summary>
    /// <returns>True when there is more to do.</returns>
    public abstract bool Maintain(CancellationToken cancellation);

    /// <summary>Whether the rows have so changed since the build that building it anew costs less than what searches lose.</summary>
    public virtual bool IsOutgrown => false;

    /// <summary>A search for the neighbours of <paramref name="query"/>, in the stored form of the index's vectors; to be disposed.</summary>
    /// <remarks>
    /// Searches are pooled: none is allocated in steady state. Under cosine distance every entry is equally far from a zero query.
    /// </remarks>
    public abstract VectorSearch Search(ReadOnlySpan<byte> query);

    /// <summary>Writes a snapshot: all entries but the tail. Others may go on; folding and repair wait.</summary>
    public abstract void Save(Stream stream);

    public abstract VectorIndexStatistics Statistics { get; }

    /// <summary>Frees the memory as soon as the last search is disposed.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
