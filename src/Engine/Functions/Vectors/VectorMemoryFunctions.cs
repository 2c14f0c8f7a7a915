using System.Globalization;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>RuVector's functions on memory: what indexes and columns take by their own count, and what the process takes by the kernel's.</summary>
static class VectorMemoryFunctions
{
    const double Megabyte = 1 << 20;

    public static IEnumerable<Function> All =>
    [
        Define.Function("ruvector_memory_stats", PgTypes.Jsonb, [], (_, _, context) => Statistics(context)) with { Volatility = Volatility.Volatile },
        Define.Function("ruvector_memory_detailed", PgTypes.Jsonb, [], (_, _, context) => Detailed(context)) with { Volatility = Volatility.Volatile },
        Define.Function("ruvector_reset_peak_memory", PgTypes.Void, [], (_, _, _) =>
        {
            ProcessMemory.ResetPeak();
            return Datum.Of("");
        }) with { Volatility = Volatility.Volatile },
    ];

    static Datum Statistics(EvaluationContext context)
    {
        VectorIndexFunctions.AwaitLoading(context);
        long structure = 0, codes = 0, vectors = 0;
        foreach (var tree in context.Session.Cluster.Tables.Vectors.All)
        {
            if (tree.Statistics() is not { } statistics)
                continue;
            structure += statistics.StructureBytes + statistics.RowBytes;
            codes += statistics.CodeBytes;
        }
        var names = context.Session.NewNames();
        foreach (var table in names.Snapshot.All<Relation>().Where(relation => relation.HasRows))
            vectors += context.Session.Cluster.Tables.Access(table, names).Rows.VectorFileBytes;
        return PgTypes.Jsonb.Codec.Parse(string.Create(CultureInfo.InvariantCulture,
            $"{{\"index_memory_mb\": {structure / Megabyte:F3}, \"vector_cache_mb\": {vectors / Megabyte:F3}, \"quantization_tables_mb\": {codes / Megabyte:F3}, \"total_extension_mb\": {(structure + codes + vectors) / Megabyte:F3}}}"),
            -1, TypeSettings.Default);
    }

    /// <summary>
    /// current is the process's own memory, cache what it has of mapped files (vector columns) in memory, total both, peak the highest total since the
    /// start or the last reset; vector_count counts the entries of all vector indexes.
    /// </summary>
    static Datum Detailed(EvaluationContext context)
    {
        VectorIndexFunctions.AwaitLoading(context);
        var memory = ProcessMemory.Read();
        var vectors = context.Session.Cluster.Tables.Vectors.All.Sum(tree => tree.Statistics()?.Count ?? 0);
        return PgTypes.Jsonb.Codec.Parse(string.Create(CultureInfo.InvariantCulture,
            $"{{\"current_mb\": {memory.Own / Megabyte:F3}, \"peak_mb\": {memory.Peak / Megabyte:F3}, \"cache_mb\": {memory.Mapped / Megabyte:F3}, \"total_mb\": {(memory.Own + memory.Mapped) / Megabyte:F3}, \"vector_count\": {vectors}, \"current_bytes\": {memory.Own}, \"peak_bytes\": {memory.Peak}, \"cache_bytes\": {memory.Mapped}}}"),
            -1, TypeSettings.Default);
    }
}
