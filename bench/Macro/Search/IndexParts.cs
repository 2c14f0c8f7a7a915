namespace PgVectorCompat.Macro.Search;

/// <summary>Graphs and lists without a filter: build, size, speed at equal recall.</summary>
public static class IndexParts
{
    static readonly int[] Efs = [10, 20, 40, 64, 100, 150, 200, 300, 400, 600, 800, 1000];
    static readonly int[] Probes = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128];
    static readonly double[] Recalls = [0.95, 0.99];

    /// <summary>CREATE INDEX hnsw, its size, and queries in every form.</summary>
    public static void Graph(SearchRun run)
    {
        var isReal = run.Data.Columns.Length > 0;
        run.Add("CREATE INDEX hnsw", "s", false, run.Build("hnsw", "m = 16, ef_construction = 64"), 5, 10);
        run.Add("index bytes, default", "bytes", false, run.Sizes("pg_relation_size", run.Table + "_v"), 4, 5);
        run.Add("table + index on disk", "bytes", false, run.Sizes("pg_total_relation_size", run.Table), 2, 2.2);

        var sql = run.NearestSql();
        var one = run.Sweep("hnsw", "hnsw.ef_search", Efs, sql, () => run.Questions(), run.Unfiltered);
        foreach (var recall in Recalls)
        {
            run.AddAt("hnsw, one client", one, recall, p => p.Rate, "queries/s", true, isReal ? 12 : 7, isReal ? 30 : 12);
            run.AddAt("hnsw, server CPU", one, recall, p => p.Cpu, "us/query", false, 0, 0);
        }
        run.AddAt("hnsw, p99 latency", one, 0.95, p => p.P99, "us", false, 4, 10);
        var two = run.Sweep("hnsw x2", "hnsw.ef_search", Efs, sql, () => run.Questions(), run.Unfiltered, clients: 2);
        foreach (var recall in Recalls)
            run.AddAt("hnsw, two clients", two, recall, p => p.Rate, "queries/s", true, 5, 10);
        Forms(run, one);
        double? Resident(bool isOurs) => run.Targets.FirstOrDefault(target => target.IsOurs == isOurs)?.ResidentMegabytes();
        run.Add("resident memory while serving queries", "MB", false, Resident(true), Resident(false), 3, 5);
    }

    /// <summary>Text parameters and the simple protocol, at the setting of each server that first reaches .95.</summary>
    static void Forms(SearchRun run, Dictionary<string, List<Point>> points)
    {
        foreach (var (name, isSimple) in new[] { ("text parameters", false), ("simple protocol", true) })
        {
            var questions = isSimple
                ? [.. Enumerable.Range(0, run.Queries).Select(q => new Question(Messages.Query(run.NearestSql().Replace("$1", $"'{VectorData.Text(run.Data.Queries[q])}'")), q))]
                : run.Questions(isText: true);
            var askers = new Dictionary<string, Asker>();
            var breadths = new Dictionary<string, Point>();
            foreach (var target in run.Targets)
            {
                if (points[target.Name].Find(p => p.Recall >= 0.95) is not { } point)
                    continue;
                breadths[target.Name] = point;
                askers[target.Name] = run.Ask(target, $"SET hnsw.ef_search = {point.Breadth}", run.NearestSql(), isText: isSimple);
            }
            for (var round = 0; round < run.Rounds; round++)
                foreach (var target in run.Targets)
                    if (askers.TryGetValue(target.Name, out var asker))
                        asker.Round(questions, 1);
            run.Add($"hnsw, {name} @ >= 0.95", "queries/s", true,
                askers.ToDictionary(a => a.Key, a => a.Value.Point(breadths[a.Key].Breadth, (breadths[a.Key].Recall, 0)).Rate), 5, 8);
        }
    }

    /// <summary>Lists: as many as the square root of the rows.</summary>
    public static void Lists(SearchRun run)
    {
        var lists = (int)Math.Sqrt(run.Data.Base.Count);
        run.Add("CREATE INDEX ivfflat", "s", false, run.Build("ivfflat", $"lists = {lists}"), 2, 5);
        run.Add("ivfflat index bytes", "bytes", false, run.Sizes("pg_relation_size", run.Table + "_v"), 0, 0);
        var points = run.Sweep("ivfflat", "ivfflat.probes", Probes, run.NearestSql(), () => run.Questions(), run.Unfiltered);
        foreach (var recall in Recalls)
        {
            run.AddAt("ivfflat", points, recall, p => p.Rate, "queries/s", true, 20, 100);
            run.AddAt("ivfflat, server CPU", points, recall, p => p.Cpu, "us/query", false, 0, 0);
        }
    }

    /// <summary>Our quantizations, against what pgvector's index takes.</summary>
    public static void Quantizations(SearchRun run)
    {
        var reference = run.Targets.FirstOrDefault(t => !t.IsOurs);
        if (reference is not null)
            run.Build("hnsw", "m = 16, ef_construction = 64");
        foreach (var (name, floor, goal) in new[] { ("none", 0.0, 0.0), ("f16", 0, 0), ("sq8", 0, 0), ("sq4", 0, 0), ("pq16", 10, 14), ("binary", 20, 24), ("rabitq", 0, 0) })
        {
            var seconds = run.Build("hnsw", "m = 16, ef_construction = 64", $", quantization = '{name}'", oursOnly: true);
            run.Add($"CREATE INDEX hnsw {name}", "s", false, seconds, 0, 0);
            run.Add($"index bytes, {name}", "bytes", false, run.Sizes("pg_relation_size", run.Table + "_v"), floor, goal);
            run.Sweep($"hnsw {name}", "hnsw.ef_search", [40, 100, 200, 400], run.NearestSql(), () => run.Questions(), run.Unfiltered, oursOnly: true);
        }
    }
}
