using System.Globalization;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>RuVector's functions on vector indexes. Everything they report is counted or measured.</summary>
static class VectorIndexFunctions
{
    const double Megabyte = 1 << 20;
    static readonly TimeSpan LoadingPoll = TimeSpan.FromMilliseconds(5);

    static readonly (string Name, PgType Type)[] StatisticsColumns =
    [
        ("index_name", PgTypes.Text), ("index_size_mb", PgTypes.Numeric), ("vector_count", PgTypes.Int8), ("dimensions", PgTypes.Int4), ("build_time_seconds", PgTypes.Numeric),
        ("fragmentation_pct", PgTypes.Numeric), ("am", PgTypes.Text), ("quantization", PgTypes.Text), ("metric", PgTypes.Text), ("m", PgTypes.Int4), ("ef_construction", PgTypes.Int4),
        ("lists", PgTypes.Int4), ("dead_pct", PgTypes.Numeric),
    ];

    /// <summary>RuVector has a function for each method and occasion; they tell the same here.</summary>
    static readonly string[] InfoNames = ["ruhnsw_stats", "ruhnsw_index_info", "ruivfflat_index_info", "ruvector_hnsw_debug", "ruvector_ivfflat_stats"];

    public static IEnumerable<Function> All =>
    [
        Define.Set("ruvector_index_stats", PgTypes.Record, [PgTypes.Text], (arguments, _, context) => [Statistics(Find(arguments[0].AsString, context))])
            with { Volatility = Volatility.Volatile, ArgumentNames = ["index_name"], OutputColumns = StatisticsColumns },
        Define.Set("ruvector_index_stats", PgTypes.Record, [], (_, _, context) => Visible(context).Select(Statistics))
            with { Volatility = Volatility.Volatile, OutputColumns = StatisticsColumns },
        Define.Function("ruvector_index_maintenance", PgTypes.Text, [PgTypes.Text], (arguments, _, context) => Datum.Of(Maintain(Find(arguments[0].AsString, context), context)))
            with { Volatility = Volatility.Volatile, ArgumentNames = ["index_name"] },
        .. InfoNames.Select(name => Define.Function(name, PgTypes.Jsonb, [PgTypes.Text], (arguments, _, context) => Info(Find(arguments[0].AsString, context)))
            with { Volatility = Volatility.Volatile, ArgumentNames = ["index_name"] }),
        Define.Function("ruhnsw_recommended_ef_search", PgTypes.Int4, [PgTypes.Text, PgTypes.Int4, PgTypes.Float8],
            (arguments, _, context) => Datum.Of((long)RecommendedBreadth.Measure(Find(arguments[0].AsString, context).Access, arguments[1].AsInt32, arguments[2].AsDouble, (ExecutionState)context)))
            with { Volatility = Volatility.Volatile, ArgumentNames = ["index_name", "k", "recall_target"] },
    ];

    /// <summary>A vector index by name, along the search path. Raises 42704.</summary>
    static VectorTree Find(string name, EvaluationContext context)
    {
        var names = context.Session.NewNames();
        var written = RelationNames.Parse(name);
        if (names.FindRelation(written) is IndexDefinition index && VectorIndexDefinition.IsVector(index) && TreeOf(index, context) is { } tree)
            return tree;
        throw new PgError(SqlState.UndefinedObject, $"vector index \"{name}\" does not exist");
    }

    static IEnumerable<VectorTree> Visible(EvaluationContext context)
        => context.Session.NewNames().Snapshot.All<IndexDefinition>().Where(VectorIndexDefinition.IsVector).OrderBy(index => index.Name, StringComparer.Ordinal)
            .Select(index => TreeOf(index, context)).OfType<VectorTree>();

    /// <summary>Returns when the indexes of this database are in memory; right after a start they are being read.</summary>
    public static void AwaitLoading(EvaluationContext context)
    {
        foreach (var index in context.Session.NewNames().Snapshot.All<IndexDefinition>().Where(VectorIndexDefinition.IsVector))
            TreeOf(index, context);
    }

    static VectorTree? TreeOf(IndexDefinition index, EvaluationContext context)
    {
        var names = context.Session.NewNames();
        var table = names.Snapshot.Get<Relation>(index.Table);
        var tree = context.Session.Cluster.Tables.Access(table, names).Vectors.FirstOrDefault(access => access.Definition.Oid == index.Oid)?.Tree;
        // Right after a start the numbers are not there yet, but soon.
        while (tree is { Core: null, IsLoading: true })
        {
            context.ThrowIfCancelled();
            Thread.Sleep(LoadingPoll);
        }
        return tree;
    }

    static Datum[] Statistics(VectorTree tree)
    {
        var (access, statistics) = (tree.Access, tree.Statistics());
        var options = VectorIndexDefinition.Options(access.Definition, access.Key.Type, access.Dimensions, access.OperatorClass);
        var isGraph = VectorIndexDefinition.IsGraph(access.Definition.Method);
        var all = statistics is null ? 0 : statistics.Count + statistics.Deleted;
        Datum Share(long entries) => statistics is null ? Datum.Null : Number(all == 0 ? 0 : 100.0 * entries / all, 2);
        return
        [
            Datum.Of(access.Definition.Name), statistics is null ? Datum.Null : Number(statistics.Bytes / Megabyte, 4), statistics is null ? Datum.Null : Datum.Of(statistics.Count), Datum.Of((long)access.Dimensions),
            statistics is null ? Datum.Null : Number(statistics.BuildTime.TotalSeconds, 3), Share(statistics?.Deleted + statistics?.Tail ?? 0),
            Datum.Of(access.Definition.Method), statistics is null ? Datum.Null : Datum.Of(statistics.Quantization.ToString().ToLowerInvariant()), Datum.Of(MetricName(access.OperatorClass.Distance!)),
            isGraph ? Datum.Of((long)options.M) : Datum.Null, isGraph ? Datum.Of((long)options.EfConstruction) : Datum.Null, isGraph ? Datum.Null : Datum.Of((long)options.Lists),
            Share(statistics?.Deleted ?? 0),
        ];
    }

    /// <summary>What ruvector_index_stats says, as one object.</summary>
    static Datum Info(VectorTree tree)
        => Datum.Of(JsonbValue.OfObject([.. StatisticsColumns.Zip(Statistics(tree), (column, value) => KeyValuePair.Create(column.Name, Json(column.Type, value)))]));

    static JsonbValue Json(PgType type, Datum value)
        => value.IsNull ? JsonbValue.Null : type == PgTypes.Text ? JsonbValue.Of(value.AsString) : JsonbValue.Of(PgNumeric.Parse(type.Codec.ToText(value, TypeSettings.Default)));

    static string MetricName(string op) => op switch { "<->" => "l2", "<#>" => "ip", "<=>" => "cosine", "<+>" => "l1", "<~>" => "hamming", _ => "jaccard" };

    static string Maintain(VectorTree tree, EvaluationContext context)
    {
        if (tree.Statistics() is not { } before)
            return $"{tree.Access.Definition.Name}: being built";
        context.Session.Cluster.Store.CollectGarbage();
        var removed = tree.Statistics()!.Deleted;
        while (tree.Maintain(CancellationToken.None))
            context.ThrowIfCancelled();
        var after = tree.Statistics()!;
        return string.Create(CultureInfo.InvariantCulture,
            $"{tree.Access.Definition.Name}: {after.Count} vectors, {before.Tail - after.Tail} linked, {removed - after.Deleted} removed ones repaired, {after.Bytes / Megabyte:F2} MB{(tree.IsWornOut ? ", being built anew" : "")}");
    }

    static Datum Number(double value, int digits) => PgTypes.Numeric.Codec.Parse(value.ToString("F" + digits, CultureInfo.InvariantCulture), -1, TypeSettings.Default);
}
