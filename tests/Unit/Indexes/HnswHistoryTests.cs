using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.Hnsw;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Indexes;

/// <summary>Graphs after long histories of changes: nothing is lost, and the graph is whole.</summary>
public class HnswHistoryTests
{
    static HnswIndex Build(VectorSet rows, int count, int m = 16, Quantization quantization = Quantization.Auto)
    {
        var index = HnswIndex.Create(new() { Element = VectorElement.Float32, Dimensions = rows.Dimensions, Metric = Metric.L2, Quantization = quantization, M = m });
        index.Build(new VectorSet([.. Enumerable.Range(0, count).Select(row => rows[row])], rows.Dimensions), new());
        return index;
    }

    static void Settle(HnswIndex index)
    {
        while (index.Maintain(default)) { }
        GraphInvariants.Hold(index);
        Assert.Equal(0, index.Statistics.Tail);
    }

    /// <summary>All rows of one batch, in whatever state.</summary>
    static HashSet<(long, int)> Wide(HnswIndex index, float[] query, int breadth)
    {
        var found = new HashSet<(long, int)>();
        using var search = index.Search(VectorSet.Bytes(query));
        if (search.Next(breadth))
            foreach (var candidate in search.Candidates)
                Assert.True(found.Add((candidate.Row, candidate.Key)), $"row {candidate.Row} came twice");
        return found;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_rows_may_be_replaced_before_anything_is_repaired(bool isHard)
    {
        const int count = 2000;
        var rows = isHard ? VectorSet.Hard(2 * count, 24, seed: 3) : VectorSet.Latent(2 * count, 24, seed: 3);
        using var index = Build(rows, count);
        for (var row = 0; row < count; row++)
        {
            Assert.True(index.Remove(row, 0));
            Assert.True(index.Insert(count + row, 0, VectorSet.Bytes(rows[count + row])));
        }
        Settle(index);
        Assert.Equal(count, Wide(index, rows[0], 2 * count).Count);
        Assert.InRange(
            Recall.Of(index, Enumerable.Range(count, count).ToDictionary(row => (long)row, row => rows[row]), VectorSet.Latent(50, 24, seed: 4), Metric.L2, 50), 0.95, 1);
    }

    [Fact]
    public void A_far_group_keeps_its_way_in()
    {
        // More than a list has links, nearer to each other than to anything else.
        var rows = VectorSet.Latent(3000, 24, seed: 3);
        using var index = Build(rows, 3000);
        for (var group = 0; group < 10; group++)
        {
            var offset = VectorSet.Latent(1, 24, seed: 50 + group)[0];
            for (var i = 0; i < 100; i++)
                index.Insert(3000 + 100 * group + i, 0, VectorSet.Bytes([.. rows[i].Zip(offset, (x, y) => (0.01f * x) + (40 * y))]));
        }
        Settle(index);
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(2, 4)]
    [InlineData(3, 2)]
    [InlineData(4, 16)]
    public void A_random_history_leaves_a_whole_graph(int seed, int m)
    {
        var random = new Random(seed);
        var rows = VectorSet.Hard(4000, 20, seed);
        using var index = Build(rows, 500, m);
        var alive = Enumerable.Range(0, 500).ToHashSet();
        for (var step = 0; step < 200; step++)
        {
            var many = random.Next(5) == 0 ? 200 : 10;
            switch (random.Next(3))
            {
                case 0:
                    foreach (var row in alive.OrderBy(_ => random.Next()).Take(many).ToArray())
                    {
                        Assert.True(index.Remove(row, 0));
                        alive.Remove(row);
                    }
                    break;
                case 1:
                    for (var i = 0; i < many; i++)
                    {
                        var row = random.Next(rows.Count);
                        Assert.True(index.Insert(row, 0, VectorSet.Bytes(rows[row])));
                        alive.Add(row);
                    }
                    break;
                default:
                    for (var i = random.Next(20); i > 0; i--)
                        index.Maintain(default);
                    break;
            }
            if (step % 20 != 19) continue;
            Assert.True(Wide(index, rows[random.Next(rows.Count)], rows.Count).SetEquals([.. alive.Select(row => ((long)row, 0))]));
            Settle(index);
        }
        foreach (var row in alive)
            Assert.True(index.Remove(row, 0));
        Settle(index);
        Assert.Empty(Wide(index, rows[0], rows.Count));
    }

    /// <summary>
    /// Whatever runs at once, a search as broad as the index finds every row that was there when it began and is there when it ends, once. A narrow one finds the row
    /// whose vector it seeks, if it has just been inserted.
    /// </summary>
    [Theory]
    [InlineData(60, 40, 4000)]
    [InlineData(400, 200, 1500)]
    [InlineData(3000, 300, 500)]
    public async Task No_row_is_lost_while_others_come_and_go(int kept, int changing, int changes)
    {
        var rows = VectorSet.Hard(kept + (2 * changing), 16, seed: 1);
        using var index = Build(rows, kept);
        // The last change of a row: even when it was removed, odd when it was inserted; -1 while it is being changed.
        var versions = new int[rows.Count];
        Array.Fill(versions, 1, 0, kept);

        using var stop = new CancellationTokenSource();
        var changers = Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (var change = 0; change < changes; change++)
            {
                var row = kept + (changing * worker) + random.Next(changing);
                var version = versions[row];
                Volatile.Write(ref versions[row], -1);
                if (version % 2 == 0) Assert.True(index.Insert(row, 0, VectorSet.Bytes(rows[row])));
                else Assert.True(index.Remove(row, 0));
                Volatile.Write(ref versions[row], version + 1);
                if (version % 2 == 0) Assert.Contains((row, 0), Wide(index, rows[row], 400 + rows.Count));
                if (change % 20 == worker) index.Maintain(default);
            }
        })).ToArray();
        Task[] others =
        [
            Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                    index.Maintain(default);
            }),
            Task.Run(() =>
            {
                var before = new int[rows.Count];
                for (var at = 0; !stop.IsCancellationRequested; at = (at + 7) % rows.Count)
                {
                    for (var row = 0; row < before.Length; row++)
                        before[row] = Volatile.Read(ref versions[row]);
                    var found = Wide(index, rows[at], rows.Count + 100);
                    for (var row = 0; row < before.Length; row++)
                        Assert.True(before[row] % 2 != 1 || Volatile.Read(ref versions[row]) != before[row] || found.Contains((row, 0)), $"row {row} was not found");
                }
            }),
        ];
        await Task.WhenAll(changers);
        await stop.CancelAsync();
        await Task.WhenAll(others);
        Settle(index);
    }
}
