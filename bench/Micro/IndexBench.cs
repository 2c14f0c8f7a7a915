using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.Hnsw;
using PgVectorCompat.Indexes.IvfFlat;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Micro;

/// <summary>Builds an index over a data set and sweeps the breadth of its searches: recall@10 after exact re-ranking against queries per second of CPU.</summary>
static class IndexBench
{
    /// <summary>How many candidates ahead memory is asked for, and how much of each.</summary>
    const int Ahead = 12, PrefetchedBytes = 1024;

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
            Seed = Number("seed", 1),
        };
        var before = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        using var index = LoadOrBuild(data, options, isLists, given.GetValueOrDefault("snapshot"), Number("workers", 1));
        var cpu = Environment.CpuUsage.TotalTime - before;
        var statistics = index.Statistics;
        Console.WriteLine($"{name} {metric} {statistics.Quantization}: {statistics.Count} vectors, build {clock.Elapsed.TotalSeconds:0.00} s, CPU {cpu.TotalSeconds:0.00} s, "
            + $"degree {statistics.AverageDegree:0.0}, level {statistics.MaxLevel}, codes {statistics.CodeBytes / 1e6:0.0} MB, links {statistics.StructureBytes / 1e6:0.0} MB, rows {statistics.RowBytes / 1e6:0.0} MB, disk {statistics.SnapshotBytes / 1e6:0.0} MB");
        Console.WriteLine("breadth  recall@10  q/CPU-s  us/query  distances  measured");
        int[] breadths = given.TryGetValue("breadth", out var only) ? [int.Parse(only, CultureInfo.InvariantCulture)]
            : isLists ? [1, 2, 4, 8, 12, 16, 32, 64, 128, options.Lists]
            : [40, 100, 200, 400, 800];
        if (given.ContainsKey("ranges"))
        {
            Ranges(data, index, metric);
            return;
        }
        foreach (var breadth in breadths)
            Sweep(data, index, metric, bounds, breadth, Number("passes", 3));
    }

    /// <summary>Searches for all rows as near as the n-th nearest: rows that the codes cannot rule out, and CPU time with and without the index.</summary>
    static void Ranges(IndexData data, VectorIndex index, Metric metric)
    {
        const int queries = 100;
        Console.WriteLine("rows within  candidates  us by index  us by scan");
        var exact = Enumerable.Range(0, queries).Select(query => RowDistances.To(data.Query(query), metric)).ToArray();
        var all = new double[data.Count];
        var sorted = exact.Select(query =>
        {
            data.MeasureAll(query, all);
            return all.Order().ToArray();
        }).ToArray();
        foreach (var rank in (int[])[1, 10, 100, 1000, 10_000])
        {
            double byIndex = double.MaxValue, byScan = double.MaxValue;
            long candidates = 0, failed = 0;
            for (var pass = 0; pass < 5; pass++)
            {
                candidates = failed = 0;
                var before = Environment.CpuUsage.TotalTime;
                for (var query = 0; query < queries; query++)
                {
                    using var search = index.Search(MemoryMarshal.AsBytes(data.Query(query)));
                    if (!search.TryWithin(sorted[query][rank - 1], data.Count / 4))
                    {
                        failed++;
                        data.MeasureAll(exact[query], all);
                        continue;
                    }
                    var rows = search.Candidates.ToArray().Select(candidate => (int)candidate.Row).ToArray();
                    data.Measure(exact[query], rows, all.AsSpan(0, rows.Length));
                    candidates += rows.Length;
                }
                byIndex = Math.Min(byIndex, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / queries);
                before = Environment.CpuUsage.TotalTime;
                foreach (var query in exact)
                    data.MeasureAll(query, all);
                byScan = Math.Min(byScan, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / queries);
            }
            Console.WriteLine($"{rank,11}  {candidates / (double)Math.Max(1, queries - failed),10:0}  {byIndex,11:0}  {byScan,10:0}  ({failed} by scan)");
        }
    }

    /// <summary>Reads the index from a file, or builds it and writes the file, if one is named.</summary>
    static VectorIndex LoadOrBuild(IndexData data, VectorIndexOptions options, bool isLists, string? file, int workers)
    {
        if (file is not null && File.Exists(file))
        {
            using var saved = File.OpenRead(file);
            return isLists ? IvfIndex.Load(saved) : HnswIndex.Load(saved);
        }
        VectorIndex index = isLists ? IvfIndex.Create(options) : HnswIndex.Create(options);
        index.Build(data, new() { Workers = workers, MemoryBytes = 1L << 30 });
        if (file is null) return index;
        using var stream = File.Create(file);
        index.Save(stream);
        return index;
    }

    static void Sweep(IndexData data, VectorIndex index, Metric metric, double[] bounds, int breadth, int passes)
    {
        var exact = Enumerable.Range(0, data.QueryCount).Select(query => RowDistances.To(data.Query(query), metric)).ToArray();
        var heap = new NearestHeap(IndexData.K);
        var best = double.MaxValue;
        long found = 0, visited = 0, measured = 0;
        for (var pass = 0; pass < passes; pass++)
        {
            found = visited = measured = 0;
            var before = Environment.CpuUsage.TotalTime;
            for (var query = 0; query < data.QueryCount; query++)
            {
                using var search = index.Search(MemoryMarshal.AsBytes(data.Query(query)));
                search.Wanted = search.HasBounds ? IndexData.K : search.RerankWidth(IndexData.K, breadth);
                search.Next(breadth);
                var bound = bounds[query] + Math.Abs(bounds[query]) * 1e-6;
                heap.Clear();
                measured += Measure(data, exact[query], metric, search, heap);
                heap.TakeSorted(out var best10, out _);
                var near = 0;
                foreach (var distance in best10)
                    near += distance <= bound ? 1 : 0;
                found += near;
                visited += search.Visited;
            }
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        }
        Console.WriteLine($"{breadth,7}  {found / (double)(data.QueryCount * IndexData.K),9:0.0000}  {data.QueryCount / best,7:0}  {best / data.QueryCount * 1e6,8:0.0}  {visited / data.QueryCount,9}  {measured / data.QueryCount,8}");
    }

    /// <summary>Measures candidates exactly, as the engine does: as many as are wanted, or until their bounds or codes are beyond what was found.</summary>
    static int Measure(IndexData data, RowDistances query, Metric metric, VectorSearch search, NearestHeap heap)
    {
        var candidates = search.Candidates;
        if (!search.HasBounds) candidates = candidates[..Math.Min(candidates.Length, search.Wanted)];
        var error = new CodeError(metric);
        Span<double> distance = stackalloc double[1];
        for (var i = 0; i < candidates.Length; i++)
        {
            if (search.HasBounds ? candidates[i].Bound > heap.Bound : error.IsBeyond(candidates[i].Distance, heap.Bound)) return i;
            for (var j = i == 0 ? 0 : i + Ahead; j <= i + Ahead && j < candidates.Length; j++)
                Prefetch.Lines(in MemoryMarshal.AsBytes(data.Row(candidates[j].Row))[0], PrefetchedBytes);
            data.Measure(query, [(int)candidates[i].Row], distance);
            error.Add(candidates[i].Distance, distance[0]);
            heap.Offer(distance[0], candidates[i].Row);
        }
        return candidates.Length;
    }
}
