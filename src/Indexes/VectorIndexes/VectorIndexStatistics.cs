namespace PgVectorCompat.Indexes;

/// <summary>What an index holds at the moment, counted, not estimated.</summary>
public sealed record VectorIndexStatistics
{
    /// <summary>Vectors that a search can return: those of the structure and of the tail, without removed ones.</summary>
    public required long Count { get; init; }

    /// <summary>Of these, not yet folded into the structure.</summary>
    public required long Tail { get; init; }

    /// <summary>Removed but not yet repaired.</summary>
    public required long Deleted { get; init; }

    /// <summary>The quantization in force; never <see cref="Quantization.Auto"/>.</summary>
    public required Quantization Quantization { get; init; }

    /// <summary>HNSW: highest level, 0 when all nodes are on the lowest. IVFFlat: 0.</summary>
    public int MaxLevel { get; init; }

    /// <summary>HNSW: links of the lowest level per linked node on average. IVFFlat: vectors per list.</summary>
    public double AverageDegree { get; init; }

    /// <summary>IVFFlat: number of lists.</summary>
    public int Lists { get; init; }

    /// <summary>Memory of the codes, in bytes.</summary>
    public required long CodeBytes { get; init; }

    /// <summary>Memory of links (HNSW) or centres (IVFFlat), in bytes.</summary>
    public required long StructureBytes { get; init; }

    /// <summary>Memory of row ids, flags and maps, in bytes.</summary>
    public required long RowBytes { get; init; }

    /// <summary>Memory of all of these, in bytes.</summary>
    public long Bytes => CodeBytes + StructureBytes + RowBytes;

    /// <summary>
    /// Bytes of the index on disk: what a snapshot of it takes, computed from what each node of a graph needs, to about one in a hundred. Lists keep on disk what
    /// they have in memory.
    /// </summary>
    public long SnapshotBytes
    {
        get => field > 0 ? field : Bytes;
        init;
    }

    /// <summary>How long the last build took; zero for a loaded index whose snapshot did not come from a build.</summary>
    public TimeSpan BuildTime { get; init; }
}
