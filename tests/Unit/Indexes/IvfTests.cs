using System.Runtime.InteropServices;
using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.IvfFlat;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Indexes;

public sealed class IvfTests
{
    const int Dimensions = 64, Lists = 20;

    static readonly VectorIndexOptions Options = new()
    {
        Element = VectorElement.Float32, Dimensions = Dimensions, Metric = Metric.L2, Lists = Lists,
    };

    public static readonly TheoryData<VectorElement, Metric, Quantization> Kinds = new()
    {
        { VectorElement.Float32, Metric.L2, Quantization.Auto },
        { VectorElement.Float32, Metric.InnerProduct, Quantization.Auto },
        { VectorElement.Float32, Metric.Cosine, Quantization.Auto },
        { VectorElement.Float32, Metric.L1, Quantization.Auto },
        { VectorElement.Float32, Metric.L2, Quantization.None },
        { VectorElement.Float32, Metric.InnerProduct, Quantization.F16 },
        { VectorElement.Float32, Metric.Cosine, Quantization.Sq8 },
        { VectorElement.Float32, Metric.L2, Quantization.Rabitq },
        { VectorElement.Float32, Metric.L2, Quantization.Sq4 },
        { VectorElement.Float32, Metric.Cosine, Quantization.Pq16 },
        { VectorElement.Float32, Metric.Cosine, Quantization.Binary },
        { VectorElement.Float16, Metric.InnerProduct, Quantization.Sq4 },
        { VectorElement.Float16, Metric.L2, Quantization.Auto },
        { VectorElement.Float16, Metric.Cosine, Quantization.Auto },
        { VectorElement.Sparse, Metric.L2, Quantization.Auto },
        { VectorElement.Sparse, Metric.InnerProduct, Quantization.Auto },
        { VectorElement.Sparse, Metric.Cosine, Quantization.Auto },
        { VectorElement.Sparse, Metric.L1, Quantization.Auto },
        { VectorElement.Bit, Metric.Hamming, Quantization.Auto },
        { VectorElement.Bit, Metric.Jaccard, Quantization.Auto },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void The_nearest_are_found(VectorElement element, Metric metric, Quantization quantization)
    {
        var rows = TestRows.Clustered(element, Dimensions, 3000, seed: 1);
        var queries = TestRows.Clustered(element, Dimensions, 40, seed: 2);
        using var index = Build(Options with { Element = element, Metric = metric, Quantization = quantization }, rows);

        Assert.InRange(Recall(index, rows, queries, 8), 0.8, 1);
        Assert.Equal(3000, index.Statistics.Count);
        Assert.NotEqual(Quantization.Auto, index.Statistics.Quantization);
    }

    public static TheoryData<VectorElement, Metric, Quantization> AllKinds
    {
        get
        {
            var kinds = new TheoryData<VectorElement, Metric, Quantization>();
            foreach (var element in Enum.GetValues<VectorElement>())
                foreach (var metric in Enum.GetValues<Metric>())
                    foreach (var quantization in Enum.GetValues<Quantization>())
                        if (IsKind(element, metric, quantization)) kinds.Add(element, metric, quantization);
            return kinds;
        }
    }

    static bool IsKind(VectorElement element, Metric metric, Quantization quantization)
    {
        var isOfBits = metric is Metric.Hamming or Metric.Jaccard;
        if (isOfBits != (element == VectorElement.Bit)) return false;
        if (isOfBits || element == VectorElement.Sparse) return quantization == Quantization.Auto;
        return metric != Metric.L1 || quantization <= Quantization.F16;
    }

    /// <summary>With all lists looked at, users of pgvector expect the answer of an exact scan; what an index keeps of a vector must not cost it.</summary>
    [Theory, MemberData(nameof(AllKinds))]
    public void All_lists_have_the_nearest(VectorElement element, Metric metric, Quantization quantization)
    {
        var rows = TestRows.Clustered(element, Dimensions, 2000, seed: 1);
        var queries = TestRows.Clustered(element, Dimensions, 100, seed: 2);
        using var index = Build(Options with { Element = element, Metric = metric, Quantization = quantization }, rows);

        Assert.InRange(Recall(index, rows, queries, Lists), 0.998, 1);
    }

    /// <summary>No row within a distance is missed, by codes that prove of most others that they are farther; lengths differ by a factor of a thousand.</summary>
    [Theory]
    [InlineData(VectorElement.Float32, Metric.L2, Quantization.Auto, 1)]
    [InlineData(VectorElement.Float32, Metric.L2, Quantization.Auto, 1000)]
    [InlineData(VectorElement.Float32, Metric.L2, Quantization.Binary, 1)]
    [InlineData(VectorElement.Float32, Metric.Cosine, Quantization.Sq8, 1000)]
    [InlineData(VectorElement.Float16, Metric.L2, Quantization.Auto, 1)]
    [InlineData(VectorElement.Float16, Metric.Cosine, Quantization.F16, 1)]
    public void All_within_a_distance_are_found(VectorElement element, Metric metric, Quantization quantization, int lengths)
    {
        var rows = TestRows.Clustered(element, Dimensions, 3000, seed: 1);
        if (element == VectorElement.Float32)
            for (var row = 0; row < rows.Count; row++)
                foreach (ref var number in MemoryMarshal.Cast<byte, float>(rows[row].AsSpan()))
                    number *= MathF.Pow(lengths, row % 7 / 6f);
        using var index = Build(Options with { Element = element, Metric = metric, Quantization = quantization }, rows);
        long ruledOut = 0;

        for (var query = 0; query < 30; query++)
        {
            var distances = rows.Nearest(rows[query * 97], metric, rows.Count);
            foreach (var rank in (int[])[0, 1, 5, 30, 200, 1500])
            {
                using var search = index.Search(rows[query * 97]);
                Assert.True(search.TryWithin(distances[rank], rows.Count));
                var found = search.Candidates.ToArray().Select(candidate => candidate.Row).ToHashSet();
                Assert.Equal(search.Candidates.Length, found.Count);
                for (var row = 0; row < rows.Count; row++)
                    if (rows.Distance(rows[query * 97], row, metric) <= distances[rank]) Assert.Contains(row, found);
                if (rank < 30) ruledOut += rows.Count - found.Count;
                Assert.Equal(found.Count <= 100, search.TryWithin(distances[rank], 100));
            }
        }

        Assert.InRange(ruledOut / (30 * 3.0 * rows.Count), 0.5, 1);
    }

    [Theory]
    [InlineData(Metric.InnerProduct, Quantization.Auto)]
    [InlineData(Metric.L1, Quantization.Auto)]
    [InlineData(Metric.L2, Quantization.None)]
    public void Codes_without_proof_do_not_answer(Metric metric, Quantization quantization)
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 100, seed: 1);
        using var index = Build(Options with { Metric = metric, Quantization = quantization, Lists = 3 }, rows);
        using var search = index.Search(rows[3]);

        Assert.False(search.TryWithin(0.1, 100));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Going_on_returns_every_entry_once(VectorElement element, Metric metric, Quantization quantization)
    {
        var rows = TestRows.Clustered(element, Dimensions, 1000, seed: 3);
        using var index = Build(Options with { Element = element, Metric = metric, Quantization = quantization }, rows);
        using var search = index.Search(rows[5]);
        search.Wanted = 7;
        var seen = new HashSet<long>();

        while (search.Next(3))
        {
            Assert.False(search.Candidates.IsEmpty);
            for (var i = 1; i < search.Candidates.Length; i++)
                Assert.True(search.HasBounds
                    ? search.Candidates[i - 1].Bound <= search.Candidates[i].Bound
                    : search.Candidates[i - 1].Distance <= search.Candidates[i].Distance);
            foreach (var candidate in search.Candidates)
                Assert.True(seen.Add(candidate.Row));
        }

        Assert.Equal(1000, seen.Count);
    }

    /// <summary>The greatest inner products are with long vectors: lists of those come first. pgvector finds .11 of the twenty nearest in one list of three dimensions.</summary>
    [Theory]
    [InlineData(3, 0.25)]
    [InlineData(10, 0.1)]
    public void One_list_has_the_greatest_products(int dimensions, double floor)
    {
        const int k = 20;
        var random = new Random(21);
        byte[] Uniform()
        {
            var vector = new float[dimensions];
            foreach (ref var number in vector.AsSpan())
                number = random.NextSingle();
            return MemoryMarshal.AsBytes<float>(vector).ToArray();
        }
        var rows = new TestRows([.. Enumerable.Range(0, 10_000).Select(_ => Uniform())]);
        using var index = Build(Options with { Dimensions = dimensions, Metric = Metric.InnerProduct, Lists = 100 }, rows);
        var found = 0;

        for (var i = 0; i < 40; i++)
        {
            var query = Uniform();
            using var search = index.Search(query);
            search.Wanted = search.RerankWidth(k, 1);
            search.Next(1);
            found += Math.Min(k, Found(search.Candidates, rows, query, Metric.InnerProduct, rows.Nearest(query, Metric.InnerProduct, k)));
        }

        Assert.InRange(found / (40.0 * k), floor, 1);
    }

    [Fact]
    public void Equal_rows_are_all_returned()
    {
        var rows = new TestRows([.. Enumerable.Repeat(TestRows.Clustered(VectorElement.Float32, Dimensions, 1, seed: 4)[0], 500)]);
        using var index = Build(Options, rows);
        using var search = index.Search(rows[0]);
        var count = 0;

        while (search.Next(1))
            count += search.Candidates.Length;

        Assert.Equal(500, count);
    }

    [Fact]
    public void No_more_lists_are_probed_than_may_be()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 2000, seed: 5);
        using var index = Build(Options, rows);
        using var search = index.Search(rows[0]);
        search.MaxProbes = 3;
        var count = 0;

        while (search.Next(2))
            count += search.Candidates.Length;

        Assert.InRange(count, 1, 1500);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Only_allowed_rows_are_returned(VectorElement element, Metric metric, Quantization quantization)
    {
        var rows = TestRows.Clustered(element, Dimensions, 2000, seed: 6);
        using var index = Build(Options with { Element = element, Metric = metric, Quantization = quantization }, rows);
        foreach (var each in (int[])[2, 10, 100])
        {
            using var allowed = new RowSet();
            for (var row = 0; row < rows.Count; row += each)
                allowed.Add(row);
            var expected = rows.Nearest(rows[7], metric, 10, row => row % each == 0);

            using (var search = index.Search(rows[7]))
            {
                var seen = new HashSet<long>();
                while (search.Next(4, allowed))
                    foreach (var candidate in search.Candidates)
                        Assert.True(allowed.Contains(candidate.Row) && seen.Add(candidate.Row));
                Assert.Equal(allowed.Count, seen.Count);
            }
            using (var search = index.Search(rows[7]))
            {
                search.Among(allowed, search.RerankWidth(10, 1));
                Assert.InRange(Found(search.Candidates, rows, rows[7], metric, expected), 9, int.MaxValue);
                foreach (var candidate in search.Candidates)
                    Assert.True(allowed.Contains(candidate.Row));
            }
        }
    }

    [Fact]
    public void Entries_come_and_go()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 1000, seed: 7);
        var more = TestRows.Clustered(VectorElement.Float32, Dimensions, 1000, seed: 8);
        using var index = Build(Options, rows);

        for (var row = 0; row < 1000; row += 2)
            Assert.True(index.Remove(row, 0));
        Assert.False(index.Remove(0, 0));
        for (var row = 0; row < 1000; row++)
            Assert.True(index.Insert(1000 + row, 3, more[row]));
        Assert.True(index.Insert(1000, 3, more[0]));

        Assert.Equal(1500, index.Statistics.Count);
        Assert.True(index.Contains(1, 0) && index.Contains(1001, 3));
        Assert.False(index.Contains(0, 0) || index.Contains(1001, 0) || index.Contains(5000, 0));
        Assert.Equal([.. Enumerable.Range(0, 500).Select(i => 2L * i + 1), .. Enumerable.Range(1000, 1000).Select(i => (long)i)], All(index, rows[0]).Order());
        for (var row = 0; row < 1000; row += 50)
        {
            using var search = index.Search(more[row]);
            search.Next(4);
            Assert.Equal(1000 + row, search.Candidates[0].Row);
            Assert.Equal(3, search.Candidates[0].Key);
        }
    }

    [Fact]
    public void Places_of_removed_entries_are_used_again()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 1000, seed: 9);
        using var index = Build(Options, rows);
        var bytes = index.Statistics.CodeBytes;

        for (var round = 1; round < 20; round++)
            for (var row = 0; row < 1000; row++)
            {
                index.Remove((round - 1) * 1000 + row, 0);
                index.Insert(round * 1000 + row, 0, rows[row]);
            }

        Assert.Equal(1000, index.Statistics.Count);
        Assert.InRange(index.Statistics.CodeBytes, bytes, 2 * bytes);
        Assert.Equal(Enumerable.Range(19_000, 1000).Select(i => (long)i), All(index, rows[0]).Order());
    }

    [Fact]
    public void A_row_may_have_two_versions()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 100, seed: 10);
        using var index = Build(Options with { Lists = 3 }, rows);
        index.Insert(5, 77, rows[50]);
        using var allowed = new RowSet();
        allowed.Add(5);
        using var search = index.Search(rows[50]);

        search.Among(allowed, 10);

        Assert.Equal([77, 0], search.Candidates.ToArray().Select(candidate => candidate.Key));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_snapshot_gives_the_same_index(VectorElement element, Metric metric, Quantization quantization)
    {
        var rows = TestRows.Clustered(element, Dimensions, 1000, seed: 11);
        using var index = Build(Options with { Element = element, Metric = metric, Quantization = quantization }, rows);
        for (var row = 0; row < 1000; row += 3)
            index.Remove(row, 0);
        using var stream = new MemoryStream();
        index.Save(stream);

        stream.Position = 0;
        using var loaded = IvfIndex.Load(stream);

        Assert.Equal(index.Options, loaded.Options);
        Assert.Equal(index.Statistics.Count, loaded.Statistics.Count);
        for (var query = 0; query < 20; query++)
            Assert.Equal(Candidates(index, rows[query]), Candidates(loaded, rows[query]));
        Assert.True(loaded.Insert(0, 0, rows[0]));
        Assert.Equal(0, Candidates(loaded, rows[0])[0].Row);
        Assert.Throws<IndexDamagedException>(() => IvfIndex.Load(new MemoryStream(stream.ToArray()[..^100])));
        Assert.Throws<IndexDamagedException>(() => IvfIndex.Load(new MemoryStream([1, 2, 3])));
    }

    [Fact]
    public void The_same_seed_gives_the_same_index_whatever_the_workers()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 2000, seed: 12);
        using var one = Build(Options, rows);
        using var two = Build(Options, rows, new() { Workers = 3 });
        using MemoryStream first = new(), second = new();

        one.Save(first);
        two.Save(second);

        // Header, options, then the build time, which differs, and with it the checksum of the first block.
        const int start = 80;
        Assert.Equal(first.ToArray()[start..], second.ToArray()[start..]);
    }

    [Fact]
    public void An_index_over_no_rows_takes_rows_later()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 300, seed: 13);
        foreach (var metric in (Metric[])[Metric.L2, Metric.InnerProduct, Metric.Cosine, Metric.L1])
        {
            using var index = Build(Options with { Metric = metric }, new([]));
            using (var search = index.Search(rows[0]))
                Assert.False(search.Next(Lists));

            for (var row = 0; row < rows.Count; row++)
                Assert.True(index.Insert(row, 0, rows[row]));

            Assert.InRange(Recall(index, rows, rows, Lists), 0.99, 1);
        }
    }

    [Theory]
    [InlineData(Metric.L2, Quantization.Auto)]
    [InlineData(Metric.InnerProduct, Quantization.Auto)]
    [InlineData(Metric.Cosine, Quantization.Sq8)]
    [InlineData(Metric.L2, Quantization.None)]
    [InlineData(Metric.L1, Quantization.F16)]
    public async Task Searches_go_on_while_lists_grow(Metric metric, Quantization quantization)
    {
        const int few = 100, count = 6000;
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, count, seed: 18);
        using var index = Build(Options with { Metric = metric, Quantization = quantization, Lists = 5 }, new TestRows(rows.Values[..few]));
        using var stop = new CancellationTokenSource();
        var searcher = Task.Run(() =>
        {
            for (var query = 0; !stop.IsCancellationRequested; query = (query + 1) % few)
            {
                using var search = index.Search(rows[query]);
                var found = false;
                while (!found && search.Next(1000))
                    found = search.Candidates.ToArray().Any(candidate => candidate.Row == query);
                Assert.True(found, $"row {query} was not found");
            }
        });

        for (var row = few; row < count; row++)
        {
            Assert.True(index.Insert(row, 0, rows[row % 3 == 0 ? row : row / 30 * 30]));
            if (row % 5 == 0) Assert.True(index.Remove(row, 0));
        }
        await stop.CancelAsync();
        await searcher;

        var expected = count - Enumerable.Range(few, count - few).Count(row => row % 5 == 0);
        Assert.Equal(expected, index.Statistics.Count);
        var all = All(index, rows[0]);
        Assert.Equal(expected, all.Count);
        Assert.Equal(expected, all.Distinct().Count());
        for (var row = few + 1; row < count; row += 97)
            Assert.Equal(row % 5 != 0, index.Contains(row, 0));
    }

    [Fact]
    public void An_index_over_few_rows_is_outgrown_by_many()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 4000, seed: 20);
        using var index = Build(Options with { Lists = 100 }, new([]));
        Assert.False(index.IsOutgrown);
        for (var row = 0; row < rows.Count; row++)
            index.Insert(row, 0, rows[row]);

        Assert.True(index.IsOutgrown);
        using var loaded = SaveAndLoad(index);
        Assert.True(loaded.IsOutgrown);
        Assert.InRange(Recall(index, rows, rows, 100), 0.99, 1);
    }

    /// <summary>Lists of real data are of very different lengths from the start: that alone is no reason to change them.</summary>
    [Fact]
    public void Lists_that_differ_are_outgrown_only_by_growth()
    {
        const int far = 2000;
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 6000, seed: 21);
        foreach (var row in Enumerable.Range(far, rows.Count - far))
            rows[0].CopyTo(rows[row], 0);
        using var index = Build(Options with { Lists = 20 }, new TestRows(rows.Values[..3000]));
        Assert.False(index.IsOutgrown);
        Assert.False(index.Maintain(default));
        Assert.Equal(20, index.Statistics.Lists);

        for (var row = 3000; row < rows.Count; row++)
            index.Insert(row, 0, rows[row]);

        Assert.True(index.IsOutgrown);
    }

    static IvfIndex SaveAndLoad(IvfIndex index)
    {
        using var stream = new MemoryStream();
        index.Save(stream);
        stream.Position = 0;
        return IvfIndex.Load(stream);
    }

    [Fact]
    public void Zero_vectors_have_no_direction()
    {
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, 100, seed: 14);
        rows.Values[3] = new byte[Dimensions * sizeof(float)];
        using var index = Build(Options with { Metric = Metric.Cosine, Lists = 4 }, rows);

        Assert.Equal(99, index.Statistics.Count);
        Assert.False(index.Contains(3, 0));
        Assert.False(index.Insert(200, 0, rows.Values[3]));
        Assert.Equal(99, All(index, rows.Values[3]).Count);
    }

    [Fact]
    public void A_cancelled_build_ends()
        => Assert.ThrowsAny<OperationCanceledException>(() => Build(
            Options, TestRows.Clustered(VectorElement.Float32, Dimensions, 100, seed: 15), new() { Cancellation = new CancellationToken(true) }));

    [Fact]
    public void A_build_says_how_far_it_is()
    {
        var progress = new Progress();
        using var index = Build(Options, TestRows.Clustered(VectorElement.Float32, Dimensions, 1000, seed: 16), new() { Workers = 2, Progress = progress });

        Assert.Equal([BuildPhase.Initializing, BuildPhase.PerformingKMeans, BuildPhase.AssigningTuples, BuildPhase.LoadingTuples], progress.Phases);
        Assert.Equal([0, 0, 1000, 1000], progress.Counts);
    }

    [Fact]
    public async Task Searches_and_changes_run_beside_each_other()
    {
        const int count = 4000, stable = 1000;
        var rows = TestRows.Clustered(VectorElement.Float32, Dimensions, count, seed: 17);
        using var index = Build(Options, new TestRows(rows.Values[..stable]));
        using var stop = new CancellationTokenSource();
        Task[] changers = [.. Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            for (var round = 0; round < 3; round++)
                for (var row = stable + worker; row < count; row += 2)
                    if (!index.Insert(row, round, rows[row]) || (round > 0 && !index.Remove(row, round - 1))) throw new InvalidOperationException("an entry got lost");
        }))];
        var searcher = Task.Run(() =>
        {
            for (var query = 0; !stop.IsCancellationRequested; query = (query + 7) % stable)
            {
                using var search = index.Search(rows[query]);
                search.Next(Lists);
                Assert.True(search.Candidates.ToArray().Any(candidate => candidate.Row == query), $"row {query} was not found");
            }
        });
        var saver = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var stream = new MemoryStream();
                index.Save(stream);
                stream.Position = 0;
                using var loaded = IvfIndex.Load(stream);
                Assert.True(loaded.Contains(5, 0));
            }
        });

        await Task.WhenAll(changers);
        await stop.CancelAsync();
        await Task.WhenAll(searcher, saver);

        Assert.Equal(count, index.Statistics.Count);
        Assert.Equal(count, All(index, rows[0]).Distinct().Count());
    }

    static IvfIndex Build(VectorIndexOptions options, TestRows rows, BuildSettings? settings = null)
    {
        var index = IvfIndex.Create(options);
        index.Build(rows, settings ?? new());
        return index;
    }

    static double Recall(IvfIndex index, TestRows rows, TestRows queries, int probes)
    {
        const int k = 10;
        var found = 0;
        for (var query = 0; query < queries.Count; query++)
        {
            var expected = rows.Nearest(queries[query], index.Options.Metric, k);
            using var search = index.Search(queries[query]);
            search.Wanted = search.HasBounds ? k : search.RerankWidth(k, 1);
            search.Next(probes);
            var first = search.HasBounds ? search.Candidates : search.Candidates[..Math.Min(search.Candidates.Length, search.Wanted)];
            found += Math.Min(k, Found(first, rows, queries[query], index.Options.Metric, expected));
        }
        return found / (double)(k * queries.Count);
    }

    /// <summary>How many of the candidates are as near as the last of the nearest.</summary>
    static int Found(ReadOnlySpan<Candidate> candidates, TestRows rows, byte[] query, Metric metric, double[] nearest)
    {
        var found = 0;
        foreach (var candidate in candidates)
            if (rows.Distance(query, candidate.Row, metric) <= nearest[^1] + 1e-6) found++;
        return found;
    }

    static List<long> All(IvfIndex index, byte[] query)
    {
        using var search = index.Search(query);
        var all = new List<long>();
        while (search.Next(2))
            foreach (var candidate in search.Candidates)
                all.Add(candidate.Row);
        return all;
    }

    static Candidate[] Candidates(IvfIndex index, byte[] query)
    {
        using var search = index.Search(query);
        search.Wanted = 10;
        search.Next(3);
        return search.Candidates.ToArray();
    }

    sealed class Progress : IBuildProgress
    {
        public List<BuildPhase> Phases { get; } = [];
        public List<long> Counts { get; } = [];

        public void Begin(BuildPhase phase, long total)
        {
            lock (Counts)
            {
                Phases.Add(phase);
                Counts.Add(0);
            }
        }

        public void Advance(long vectors)
        {
            lock (Counts) Counts[^1] += vectors;
        }
    }
}
