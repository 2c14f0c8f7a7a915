namespace PgVectorCompat.Indexes;

/// <summary>What a build may use and whom it tells.</summary>
public sealed record BuildSettings
{
    /// <summary>Threads, at least 1, the caller's among them.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Memory for what is needed during the build only, in bytes. With less a build takes longer, but never fails.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;

    public IBuildProgress? Progress { get; init; }

    /// <summary>Ends the build with <see cref="OperationCanceledException"/>; the index is then to be disposed.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>What a build is doing; the names are pgvector's.</summary>
public enum BuildPhase
{
    Initializing,

    /// <summary>IVFFlat: finding the centres of lists.</summary>
    PerformingKMeans,

    /// <summary>IVFFlat: finding the list of each vector.</summary>
    AssigningTuples,

    /// <summary>HNSW: linking nodes. IVFFlat: writing lists.</summary>
    LoadingTuples,
}

/// <summary>Hears how far a build is; called from several threads.</summary>
public interface IBuildProgress
{
    /// <summary>A phase begins; <paramref name="total"/> is the number of vectors it will go through, 0 when unknown.</summary>
    void Begin(BuildPhase phase, long total);

    /// <summary>So many more vectors are done in this phase.</summary>
    void Advance(long vectors);
}
