using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>An HNSW graph over codes, all in memory. <see cref="Create"/>, then <see cref="VectorIndex.Build"/>.</summary>
public sealed class HnswIndex : VectorIndex
{
    const ulong Magic = 0x57534E48_43564750; // "PGVCHNSW"
    const int Version = 3;
    const int Kind = 0x57534E48; // "HNSW"

    readonly Quantization _quantization;
    HnswGraph? _graph;

    HnswIndex(VectorIndexOptions options) : base(options) => _quantization = CodeChoice.Resolve(options);

    /// <summary>An index without rows that is to be built next.</summary>
    public static HnswIndex Create(VectorIndexOptions options) => new(options);

    internal HnswGraph Graph => _graph ?? throw new InvalidOperationException("the index has not been built");

    public override void Build(IVectorRows rows, BuildSettings settings)
    {
        settings.Progress?.Begin(BuildPhase.Initializing, 0);
        var graph = CodeChoice.Train(Options, rows, settings).Use(new GraphMaker(Options));
        try
        {
            graph.Build(rows, settings);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
        _graph = graph;
    }

    public override bool Insert(long row, int key, ReadOnlySpan<byte> value) => Graph.Insert(row, key, value);
    public override bool Remove(long row, int key) => Graph.Remove(row, key);
    public override bool Contains(long row, int key) => Graph.Contains(row, key);
    public override void VisitEntries(Action<long, int> visitor) => Graph.VisitEntries(visitor);
    public override bool Maintain(CancellationToken cancellation) => Graph.Maintain(cancellation);
    public override VectorSearch Search(ReadOnlySpan<byte> query) => Graph.Search(query);
    public override VectorIndexStatistics Statistics => Graph.Statistics(_quantization);

    public override void Save(Stream stream)
    {
        using var writer = new SnapshotWriter(stream, Magic, Version);
        writer.WritePart(part => SnapshotParts.WriteOptions(part, Kind, Options));
        Graph.Save(writer);
        writer.Complete();
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="IndexDamagedException">The snapshot is damaged, or of another version: the index is to be built anew.</exception>
    public static HnswIndex Load(Stream stream)
    {
        var reader = new SnapshotReader(stream, Magic, Version);
        var options = reader.ReadPart(part => SnapshotParts.ReadOptions(part, Kind));
        var index = new HnswIndex(options);
        try
        {
            index._graph = reader.ReadPart(part => CodeChoice.Load(options, part)).Use(new GraphMaker(options));
            index._graph.Load(reader);
            reader.Complete();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _graph?.Dispose();
    }

    sealed class GraphMaker(VectorIndexOptions options) : ICodeUser<HnswGraph>
    {
        public HnswGraph With<TQuery>(VectorCode<TQuery> code) where TQuery : unmanaged, ICodeQuery => new HnswGraph<TQuery>(options, code);
    }
}
