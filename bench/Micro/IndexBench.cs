using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.Hnsw;
using PgVectorCompat.Indexes.IvfFlat;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Micro;

/// <summary>Builds an index over a data set and sweeps the breadth of its searches: recall@10 after exact re-ranking against queries per second of CPU.</summary>
static class IndexBench
{
    public static void Run(string name, string[] settings)
    {
        var given = settings.Select(setting => setting.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        int Number(string key, int usual) => given.TryGetValue(key, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
        T Choice<T>(string key, T usual) where T : struct, Enum => given.TryGetValue(key, out var text) ? Enum.Parse<T>(text, ignoreCase: true) : usual;

        var data = IndexData.Load(name);
        var metric = Choice("metric", Metric.L2);
        var bounds = data.Bounds(metric);
        var isLists = given.GetValueOrDefault("method") == "ivfflat";
        VectorIndexOptions options = new()
        {
            Element = VectorElement.Float32,
            Dimensions = data.Dimensions,
            Metric = metric,
            Quantization = Choice("quantization", Quantization.Auto),
            M = Number("m", 16),
            EfConstruction = Number("ef_construction", 64),
            Lists = Number("lists", (int)Math.Sqrt(data.Count)),
            RabitqBits = Number("bits", 1),
        };
        using VectorIndex index = isLists ? IvfIndex.Create(options) : HnswIndex.Create(options);
        var before = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        index.Build(data, new() { Workers = Number("workers", 1), MemoryBytes = 1L << 30 });
        var cpu = Environment.CpuUsage.TotalTime - before;
        var statistics = index.Statistics;
        Console.WriteLine($"{name} {metric} {statistics.Quantization}: {statistics.Count} vectors, build {clock.Elapsed.TotalSeconds:0.00} s, CPU {cpu.TotalSeconds:0.00} s, "
            + $"degree {statistics.AverageDegree:0.0}, level {statistics.MaxLevel}, codes {statistics.CodeBytes / 1e6:0.0} MB, links {statistics.StructureBytes / 1e6:0.0} MB, rows {statistics.RowBytes / 1e6:0.0} MB");
        Console.WriteLine("breadth  recall@10  q/CPU-s  us/query  distances");
        int[] breadths = given.TryGetValue("breadth", out var only) ? [int.Parse(only, CultureInfo.InvariantCulture)]
            : isLists ? [1, 2, 4, 8, 12, 16, 32, 64]
            : [40, 100, 200, 400, 800];
        foreach (var breadth in breadths)
            Sweep(data, index, metric, bounds, breadth, Number("passes", 3));
    }

    static void Sweep(IndexData data, VectorIndex index, Metric metric, double[] bounds, int breadth, int passes)
    {
        var exact = Enumerable.Range(0, data.QueryCount).Select(query => RowDistances.To(data.Query(query), metric)).ToArray();
        const int most = 1000;
        var rows = new int[most];
        var distances = new double[most];
        var best = double.MaxValue;
        long found = 0, visited = 0;
        for (var pass = 0; pass < passes; pass++)
        {
            found = visited = 0;
            var before = Environment.CpuUsage.TotalTime;
            for (var query = 0; query < data.QueryCount; query++)
            {
                using var search = index.Search(MemoryMarshal.AsBytes(data.Query(query)));
                search.Wanted = search.RerankWidth(IndexData.K);
                search.Next(breadth);
                var candidates = search.Candidates;
                var width = Math.Min(candidates.Length, search.RerankWidth(IndexData.K));
                var bound = bounds[query] + Math.Abs(bounds[query]) * 1e-6;
                for (var i = 0; i < width; i++)
                    rows[i] = (int)candidates[i].Row;
                data.Measure(exact[query], rows.AsSpan(0, width), distances.AsSpan(0, width));
                var near = 0;
                for (var i = 0; i < width; i++)
                    near += distances[i] <= bound ? 1 : 0;
                found += Math.Min(near, IndexData.K);
                visited += search.Visited;
            }
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        }
        Console.WriteLine($"{breadth,7}  {found / (double)(data.QueryCount * IndexData.K),9:0.0000}  {data.QueryCount / best,7:0}  {best / data.QueryCount * 1e6,8:0.0}  {visited / data.QueryCount,9}");
    }
}
