using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.Hnsw;
using PgVectorCompat.Indexes.IvfFlat;

namespace PgVectorCompat.Engine.Tables;

/// <summary>The cores behind the access methods.</summary>
static class VectorCores
{
    public static VectorIndex Create(string method, VectorIndexOptions options)
        => VectorIndexDefinition.IsGraph(method) ? HnswIndex.Create(options) : IvfIndex.Create(options);

    /// <summary>Raises <see cref="IndexDamagedException"/>.</summary>
    public static VectorIndex Load(string method, Stream stream)
        => VectorIndexDefinition.IsGraph(method) ? HnswIndex.Load(stream) : IvfIndex.Load(stream);
}
