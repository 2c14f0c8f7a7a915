namespace PgVectorCompat.Macro.Search;

/// <summary>Queries with conditions.</summary>
public static class FilterParts
{
    const double Wanted = 0.95;
    static readonly double[] Shares = [50, 20, 10, 5, 2, 1, 0.5, 0.1];

    /// <summary>
    /// What the reference is given a chance with: its planner's choice by its default, its graph in its iterative modes at several breadths, and the plans
    /// without it. Its fastest setting with recall from .95 counts. Its plans for parameters it does not know take a B-tree where the graph is faster, so the
    /// iterative modes plan each query anew. One core against one core: no parallel scans.
    /// </summary>
    static readonly string[] ReferenceSettings =
    [
        "SET hnsw.iterative_scan = off; SET hnsw.ef_search = 200",
        "SET hnsw.iterative_scan = off; SET hnsw.ef_search = 400",
        "SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = 40; SET plan_cache_mode = force_custom_plan",
        "SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = 100; SET plan_cache_mode = force_custom_plan",
        "SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = 200; SET plan_cache_mode = force_custom_plan",
        "SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = 400; SET hnsw.max_scan_tuples = 200000; SET hnsw.scan_mem_multiplier = 8; SET plan_cache_mode = force_custom_plan",
        "SET enable_indexscan = off",
    ];

    const string OneCore = "; SET max_parallel_workers_per_gather = 0";

    /// <summary>Ours has no choice to make but its breadth.</summary>
    static readonly string[] OurSettings = ["SET hnsw.ef_search = 40", "SET hnsw.ef_search = 100", "SET hnsw.ef_search = 200", "SET hnsw.ef_search = 400"];

    /// <summary>Shares of rows x how the filter relates to the query x with and without a B-tree on the column.</summary>
    public static void Grid(SearchRun run)
    {
        run.EnsureGraph();
        foreach (var hasTree in new[] { false, true })
        {
            SetTrees(run, ["u", "r"], hasTree);
            foreach (var share in Shares)
            {
                var width = (int)(share * 10);
                foreach (var relation in new[] { "uncorrelated", "correlated", "anti-correlated" })
                {
                    var column = relation == "uncorrelated" ? "u" : "r";
                    (int Low, int High) Window(int q)
                    {
                        var rank = run.Data.QueryRank[q];
                        var low = relation switch
                        {
                            "uncorrelated" => q * 37 % (1001 - width),
                            "correlated" => Math.Clamp(rank - width / 2, 0, 1000 - width),
                            _ => rank >= 500 ? 0 : 1000 - width,
                        };
                        return (low, low + width - 1);
                    }
                    var values = column == "u" ? run.Data.Permille : run.Data.Rank;
                    var truth = new Truth(run.Data, run.Distance, run.Queries, SearchRun.K, (q, row) => Window(q) is var w && values[row] >= w.Low && values[row] <= w.High);
                    var floor = share <= 0.1 && hasTree ? 1 : 3;
                    Compare(run, $"{share:0.#}% {relation}{(hasTree ? ", B-tree" : "")}", run.NearestSql($"WHERE {column} BETWEEN $2 AND $3 "),
                        run.Questions(more: q => [Messages.Int32(Window(q).Low), Messages.Int32(Window(q).High)]), truth, floor);
                }
            }
        }
        SetTrees(run, ["u", "r"], false);
    }

    /// <summary>wordnet's five filters, with B-trees on the columns as its users would have.</summary>
    public static void WordNet(SearchRun run)
    {
        run.EnsureGraph();
        SetTrees(run, ["pos", "lexname", "n_words"], true);
        string Column(int row, int i) => run.Data.Columns[row].Split('\t')[i];
        var lexnames = run.Data.Columns.Select(c => c.Split('\t')[1]).ToArray();
        var words = run.Data.Columns.Select(c => int.Parse(c.Split('\t')[2])).ToArray();
        string Own(int q) => run.Data.QueryColumns[q].Split('\t')[1];
        (string Name, string Where, Func<int, int, bool> Passes, Func<int, byte[][]>? More)[] filters =
        [
            ("id % 100 = 7", "WHERE id % 100 = 7 ", (_, row) => row % 100 == 7, null),
            ("id % 1000 = 7", "WHERE id % 1000 = 7 ", (_, row) => row % 1000 == 7, null),
            ("n_words 5 to 7", "WHERE n_words BETWEEN 5 AND 7 ", (_, row) => words[row] is >= 5 and <= 7, null),
            ("pos = 'v'", "WHERE pos = 'v' ", (_, row) => Column(row, 0) == "v", null),
            ("own lexname", "WHERE lexname = $2 ", (q, row) => lexnames[row] == Own(q), q => [System.Text.Encoding.UTF8.GetBytes(Own(q))]),
        ];
        foreach (var (name, where, passes, more) in filters)
            Compare(run, name, run.NearestSql(where), run.Questions(more: more), new Truth(run.Data, run.Distance, run.Queries, SearchRun.K, passes), 3);
        SetTrees(run, ["pos", "lexname", "n_words"], false);
    }

    static void SetTrees(SearchRun run, string[] columns, bool exist)
    {
        foreach (var target in run.Targets)
        {
            using var client = target.Target.Connect();
            foreach (var column in columns)
                client.Execute($"DROP INDEX IF EXISTS {run.Table}_{column}; {(exist ? $"CREATE INDEX {run.Table}_{column} ON {run.Table} ({column})" : "")}");
            client.Execute($"ANALYZE {run.Table}");
        }
    }

    /// <summary>The fastest setting of each with recall from .95, from a round of each; then those two in turn.</summary>
    static void Compare(SearchRun run, string name, string sql, List<Question> questions, Truth truth, double floor)
    {
        var best = run.Targets.ToDictionary(target => target.Name, target => Best(run, target, sql, questions, truth));
        for (var round = 0; round < run.Rounds; round++)
            foreach (var target in round % 2 == 0 ? run.Targets : run.Targets.Reverse())
                best[target.Name].Asker.Round(questions, 1);
        var points = best.ToDictionary(b => b.Key, b => b.Value.Asker.Point(0, b.Value.Quality));
        foreach (var (server, point) in points)
            run.Figures.AddCurve($"{run.Label} filter {name} [{best[server].Settings}]", server, point);
        var ours = points.GetValueOrDefault("ours");
        var reference = points.GetValueOrDefault("reference");
        // A recall that was not reached is no result of ours; of the reference it is its best.
        run.Add($"filter {name}", "queries/s", true, ours is { Recall: >= Wanted } ? ours.Rate : null, reference?.Rate, floor, 10);
        run.Add($"filter {name}, server CPU", "us/query", false, ours is { Recall: >= Wanted } ? ours.Cpu : null, reference?.Cpu, 0, 0);
    }

    static (Asker Asker, string Settings, (double Recall, double Rows) Quality) Best(SearchRun run, SearchTarget target, string sql, List<Question> questions, Truth truth)
    {
        (string Settings, (double Recall, double Rows) Quality, double Cpu)? best = null;
        foreach (var settings in target.IsOurs ? OurSettings : ReferenceSettings)
        {
            var asker = run.Ask(target, settings + OneCore, sql);
            var quality = asker.Quality(questions, truth);
            if (best is { } known && quality.Recall < Wanted && known.Quality.Recall >= quality.Recall)
                continue;
            asker.Round(questions, 1);
            var point = asker.Point(0, quality);
            if (best is null || Better(point, best.Value.Quality.Recall, best.Value.Cpu))
                best = (settings, quality, point.Cpu);
            if (target.IsOurs && quality.Recall >= Wanted)
                break;
        }
        var (chosen, reached, _) = best!.Value;
        return (run.Ask(target, chosen + OneCore, sql), chosen, reached);
    }

    // By processor time, which other programs disturb less.
    static bool Better(Point point, double recall, double cpu) => (point.Recall >= Wanted, recall >= Wanted) switch
    {
        (true, false) => true,
        (false, true) => false,
        (true, true) => point.Cpu < cpu,
        _ => point.Recall > recall,
    };

    /// <summary>All rows within the distance of the tenth neighbour, by index; the reference scans.</summary>
    public static void Range(SearchRun run)
    {
        var sql = $"SELECT id FROM {run.Table} WHERE embedding {run.Distance.Operator} $1 <= $2";
        byte[] Bound(int q)
        {
            var bytes = new byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteDoubleBigEndian(bytes, run.Unfiltered.Farthest(q) * 1.00001);
            return bytes;
        }
        var questions = run.Questions(more: q => [Bound(q)])[..Math.Min(run.Queries, 50)];
        var rates = new Dictionary<string, double>();
        foreach (var target in run.Targets)
        {
            var asker = run.Ask(target, "SET max_parallel_workers_per_gather = 0", sql);
            var quality = asker.Quality(questions, run.Unfiltered);
            asker.Round(questions, 1);
            var point = asker.Point(0, quality);
            run.Figures.AddCurve($"{run.Label} range", target.Name, point);
            rates[target.Name] = point.Rate;
        }
        run.Add("range of ten rows", "queries/s", true, rates, 10, 50);
    }
}
