using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.Hnsw;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Indexes;

public class HnswTests
{
    static HnswIndex Build(VectorSet rows, Metric metric = Metric.L2, Quantization quantization = Quantization.Auto, int workers = 1)
    {
        var index = HnswIndex.Create(new() { Element = VectorElement.Float32, Dimensions = rows.Dimensions, Metric = metric, Quantization = quantization });
        index.Build(rows, new() { Workers = workers, MemoryBytes = 64 << 20 });
        return index;
    }

    static List<Candidate> All(VectorIndex index, float[] query, int breadth, RowSet? allowed = null)
    {
        var all = new List<Candidate>();
        using var search = index.Search(VectorSet.Bytes(query));
        while (search.Next(breadth, allowed))
            all.AddRange(search.Candidates);
        return all;
    }

    [Theory]
    [InlineData(Metric.L2, Quantization.Auto, 0.97)]
    [InlineData(Metric.L2, Quantization.None, 0.97)]
    [InlineData(Metric.L2, Quantization.F16, 0.97)]
    [InlineData(Metric.Cosine, Quantization.Auto, 0.97)]
    [InlineData(Metric.InnerProduct, Quantization.Auto, 0.95)]
    [InlineData(Metric.InnerProduct, Quantization.None, 0.95)]
    [InlineData(Metric.L1, Quantization.Auto, 0.97)]
    public void Finds_the_nearest(Metric metric, Quantization quantization, double floor)
    {
        var rows = VectorSet.Latent(4000, 48, seed: 2);
        var queries = VectorSet.Latent(50, 48, seed: 3);
        using var index = Build(rows, metric, quantization, workers: 2);
        Assert.Equal(4000, index.Statistics.Count);
        Assert.InRange(Recall.Of(index, Recall.Rows(rows), queries, metric, 80), floor, 1);
    }

    [Theory]
    [InlineData(Metric.L2)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Holds_recall_on_heavy_tails_and_copies(Metric metric)
    {
        var rows = VectorSet.Hard(6000, 64, seed: 2);
        var queries = VectorSet.Hard(60, 64, seed: 4);
        using var index = Build(rows, metric);
        Assert.InRange(Recall.Of(index, Recall.Rows(rows), queries, metric, 100), 0.95, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(3000)]
    public void A_scan_gives_every_row_once(int breadth)
    {
        var rows = VectorSet.Hard(2000, 16, seed: 5);
        using var index = Build(rows);
        var all = All(index, rows[3], breadth);
        Assert.Equal(2000, all.Count);
        Assert.Equal(2000, all.Select(candidate => candidate.Row).Distinct().Count());
    }

    [Theory]
    [InlineData(40, 1)]
    [InlineData(100, 30)]
    [InlineData(3000, 250)]
    public void Batches_of_as_many_as_are_wanted_give_the_same(int breadth, int wanted)
    {
        var rows = VectorSet.Latent(5000, 32, seed: 5);
        using var index = Build(rows);
        var query = VectorSet.Latent(1, 32, seed: 6)[0];
        using var whole = index.Search(VectorSet.Bytes(query));
        using var parts = index.Search(VectorSet.Bytes(query));
        parts.Wanted = wanted;

        Assert.True(whole.Next(breadth));
        var expected = whole.Candidates.ToArray();
        var given = new List<Candidate>();
        while (given.Count < expected.Length && parts.Next(breadth))
        {
            Assert.InRange(parts.Candidates.Length, 1, wanted);
            given.AddRange(parts.Candidates);
        }

        Assert.Equal(expected, given);
    }

    [Fact]
    public void Batches_are_ordered()
    {
        var rows = VectorSet.Latent(2000, 32, seed: 5);
        using var index = Build(rows);
        using var search = index.Search(VectorSet.Bytes(rows[9]));
        var batches = 0;
        while (search.Next(50))
        {
            batches++;
            var distances = search.Candidates.ToArray().Select(candidate => candidate.Distance).ToArray();
            Assert.Equal(distances.Order(), distances);
        }
        Assert.InRange(batches, 2000 / 100, 2000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(33)]
    public void Small_indexes_and_growing_from_nothing(int count)
    {
        var rows = VectorSet.Latent(300, 20, seed: 6);
        using var index = Build(new([.. Enumerable.Range(0, count).Select(row => rows[row])], 20));
        for (var row = count; row < 300; row++)
        {
            Assert.True(index.Insert(row, 0, VectorSet.Bytes(rows[row])));
            if (row % 3 == 0) index.Maintain(default);
        }
        Assert.Equal(300, All(index, rows[0], 10).Count);
        while (index.Maintain(default)) { }
        Assert.Equal(0, index.Statistics.Tail);
        Assert.InRange(Recall.Of(index, Recall.Rows(rows), VectorSet.Latent(30, 20, seed: 7), Metric.L2, 60), 0.98, 1);
    }

    [Fact]
    public void Rows_that_are_all_equal()
    {
        var rows = new VectorSet([.. Enumerable.Range(0, 5000).Select(_ => new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 })]);
        using var index = Build(rows, workers: 2);
        using (var search = index.Search(VectorSet.Bytes(rows[0])))
        {
            Assert.True(search.Next(40));
            Assert.InRange(search.Candidates.Length, 40, 200);
        }
        Assert.Equal(5000, All(index, rows[0], 100).Select(candidate => candidate.Row).Distinct().Count());
        for (var row = 0; row < 4990; row++)
            Assert.True(index.Remove(row, 0));
        while (index.Maintain(default)) { }
        Assert.Equal(Enumerable.Range(4990, 10).Select(row => (long)row), All(index, rows[0], 4).Select(candidate => candidate.Row).Order());
    }

    [Fact]
    public void Zero_vectors_are_found_unless_by_angle()
    {
        var rows = new VectorSet([.. Enumerable.Range(0, 500).Select(row => row % 5 == 0 ? new float[24] : VectorSet.Latent(1, 24, row)[0])]);
        using var euclidean = Build(rows);
        Assert.Equal(100, All(euclidean, new float[24], 40)[..100].Count(candidate => candidate.Row % 5 == 0));
        using var angular = Build(rows, Metric.Cosine);
        Assert.Equal(400, angular.Statistics.Count);
        Assert.False(angular.Insert(1000, 0, VectorSet.Bytes(new float[24])));
        Assert.Equal(400, All(angular, new float[24], 40).Count);
    }

    [Fact]
    public void An_entry_is_there_from_insert_to_remove()
    {
        var rows = VectorSet.Latent(1000, 32, seed: 8);
        using var index = Build(rows);
        var fresh = VectorSet.Latent(1, 32, seed: 99)[0];
        Assert.True(index.Insert(5, 77, VectorSet.Bytes(fresh)));
        Assert.True(index.Insert(5, 77, VectorSet.Bytes(fresh)));
        Assert.True(index.Contains(5, 77));
        Assert.Equal([0, 77], All(index, fresh, 40).Where(candidate => candidate.Row == 5).Select(candidate => candidate.Key).Order());
        Assert.Equal(77, All(index, fresh, 40)[0].Key);
        Assert.True(index.Remove(5, 77));
        Assert.False(index.Remove(5, 77));
        Assert.False(index.Contains(5, 77));
        Assert.True(index.Contains(5, 0));
        Assert.Equal([0], All(index, fresh, 40).Where(candidate => candidate.Row == 5).Select(candidate => candidate.Key));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(50)]
    [InlineData(700)]
    [InlineData(2900)]
    public void Only_allowed_rows_come_and_all_of_them(int count)
    {
        var rows = VectorSet.Hard(3000, 32, seed: 9);
        using var index = Build(rows);
        for (var row = 3000; row < 3020; row++)
            index.Insert(row, 0, VectorSet.Bytes(rows[row - 3000]));
        var random = new Random(count);
        using var allowed = new RowSet();
        while (allowed.Count < count)
            allowed.Add(random.Next(3020));
        var all = All(index, rows[0], 30, allowed).Select(candidate => candidate.Row).ToList();
        Assert.Equal(count, all.Count);
        Assert.True(new HashSet<long>(all).SetEquals([.. Rows(allowed)]));
        using var search = index.Search(VectorSet.Bytes(rows[0]));
        search.Among(allowed, 20);
        Assert.Equal(Math.Min(count, 20), search.Candidates.Length);
        foreach (var candidate in search.Candidates)
            Assert.True(allowed.Contains(candidate.Row));
    }

    [Fact]
    public void A_far_filter_finds_what_passes()
    {
        // The rows farthest from a query: a walk would go the other way.
        var rows = VectorSet.Latent(6000, 32, seed: 9);
        var queries = VectorSet.Latent(10, 32, seed: 10);
        using var index = Build(rows);
        for (var i = 0; i < queries.Count; i++)
        {
            var exact = RowDistances.To(queries[i], Metric.L2);
            using var allowed = new RowSet();
            foreach (var row in Enumerable.Range(0, 6000).OrderByDescending(row => exact.To(VectorSet.Bytes(rows[row]))).Take(2500))
                allowed.Add(row);
            Assert.InRange(Recall.Of(index, Recall.Rows(rows), new([queries[i]]), Metric.L2, 40, allowed), 0.9, 1);
        }
    }

    [Fact]
    public void Replacing_rows_keeps_recall()
    {
        const int count = 4000, rounds = 10;
        var all = VectorSet.Latent(count * (rounds / 5 + 1), 48, seed: 11);
        var queries = VectorSet.Latent(60, 48, seed: 12);
        using var index = Build(new([.. Enumerable.Range(0, count).Select(row => all[row])]));
        var rows = Recall.Rows(new([.. Enumerable.Range(0, count).Select(row => all[row])]));
        var next = count;
        var random = new Random(1);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var row in rows.Keys.OrderBy(_ => random.Next()).Take(count / 5).ToArray())
            {
                Assert.True(index.Remove(row, 0));
                rows.Remove(row);
                rows[next] = all[next];
                Assert.True(index.Insert(next, 0, VectorSet.Bytes(all[next])));
                next++;
            }
            while (index.Maintain(default)) { }
        }
        Assert.Equal(0, index.Statistics.Deleted);
        var ids = rows.Keys.Order().ToArray();
        using var fresh = Build(new([.. ids.Select(row => rows[row])]));
        var freshRows = ids.Select((row, i) => (i, row)).ToDictionary(pair => (long)pair.i, pair => rows[pair.row]);
        var (kept, best) = (Recall.Of(index, rows, queries, Metric.L2, 40), Recall.Of(fresh, freshRows, queries, Metric.L2, 40));
        Assert.InRange(kept, best - 0.01, 1);
    }

    /// <summary>What pgvector's own vacuum test does (014): three quarters deleted of a graph with few links.</summary>
    [Fact]
    public void Removing_most_rows_keeps_recall()
    {
        var random = new Random(1);
        VectorSet Uniform(int count) => new([.. Enumerable.Range(0, count).Select(_ => new[] { random.NextSingle(), random.NextSingle(), random.NextSingle() })]);
        var (rows, queries) = (Uniform(10_000), Uniform(50));
        using var index = HnswIndex.Create(new() { Element = VectorElement.Float32, Dimensions = 3, Metric = Metric.L2, M = 4, EfConstruction = 8 });
        index.Build(rows, new());
        for (var row = 2500; row < 10_000; row++)
            index.Remove(row, 0);
        var left = Recall.Rows(rows).Where(row => row.Key < 2500).ToDictionary();
        Assert.InRange(Recall.Of(index, left, queries, Metric.L2, 20), 0.97, 1);
        while (index.Maintain(default)) { }
        Assert.InRange(Recall.Of(index, left, queries, Metric.L2, 20), 0.97, 1);
    }

    [Fact]
    public void Room_of_removed_entries_is_used_again()
    {
        var rows = VectorSet.Latent(5000, 20, seed: 1);
        using var index = Build(rows);
        long Bytes() => index.Statistics.CodeBytes + index.Statistics.StructureBytes + index.Statistics.RowBytes;
        var before = Bytes();
        for (var row = 0; row < 5000; row++)
            index.Remove(row, 0);
        while (index.Maintain(default)) { }
        for (var row = 0; row < 5000; row++)
            index.Insert(5000 + row, 0, VectorSet.Bytes(rows[row]));
        while (index.Maintain(default)) { }
        Assert.Equal(5000, index.Statistics.Count);
        Assert.InRange(Bytes(), 0, before + 128 * 1024); // row ids go on rising
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void Inner_products_in_few_dimensions(int dimensions)
    {
        var random = new Random(1);
        VectorSet Uniform(int count) => new([.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimensions).Select(_ => random.NextSingle()).ToArray())]);
        var (rows, queries) = (Uniform(5000), Uniform(50));
        using var index = Build(rows, Metric.InnerProduct);
        Assert.InRange(Recall.Of(index, Recall.Rows(rows), queries, Metric.InnerProduct, 40), 0.98, 1);
    }

    static IEnumerable<long> Rows(RowSet set)
    {
        var rows = new List<long>();
        foreach (var row in set)
            rows.Add(row);
        return rows;
    }
}
