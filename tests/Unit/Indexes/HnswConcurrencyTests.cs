using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.Hnsw;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Indexes;

public class HnswConcurrencyTests
{
    /// <summary>Rows that nobody touches are always found, those that come and go are found while they are there, and in the end all is in order.</summary>
    [Theory]
    [InlineData(VectorElement.Float32)]
    [InlineData(VectorElement.Sparse)]
    public async Task Searches_inserts_removals_maintenance_and_snapshots_together(VectorElement element)
    {
        const int stable = 1500, changing = 1500, rounds = 4;
        var set = VectorSet.Hard(stable + changing, 24, seed: 1);
        byte[] Value(int row) => element == VectorElement.Sparse
            ? [.. BitConverter.GetBytes(24), .. Enumerable.Range(0, 24).SelectMany(BitConverter.GetBytes), .. VectorSet.Bytes(set[row])]
            : VectorSet.Bytes(set[row]).ToArray();
        var values = Enumerable.Range(0, set.Count).Select(Value).ToArray();
        using var index = HnswIndex.Create(new() { Element = element, Dimensions = 24, Metric = Metric.L2 });
        index.Build(new Part(values, stable), new());

        using var stop = new CancellationTokenSource();
        Task[] changers = [.. Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            for (var round = 0; round < rounds; round++)
                for (var row = stable + worker; row < set.Count; row += 2)
                {
                    Assert.True(index.Insert(row, round, values[row]));
                    if (round > 0) Assert.True(index.Remove(row, round - 1));
                    if (row % 50 == worker) index.Maintain(default);
                }
        }))];
        Task[] others =
        [
            Task.Run(() =>
            {
                for (var row = 0; !stop.IsCancellationRequested; row = (row + 7) % stable)
                {
                    using var search = index.Search(values[row]);
                    var isFound = false;
                    while (!isFound && search.Next(100))
                        foreach (var candidate in search.Candidates)
                            isFound |= candidate.Row == row;
                    Assert.True(isFound, $"row {row} was not found");
                }
            }),
            Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var stream = new MemoryStream();
                    index.Save(stream);
                    stream.Position = 0;
                    using var loaded = HnswIndex.Load(stream);
                    Assert.True(loaded.Contains(5, 0));
                }
            }),
        ];
        await Task.WhenAll(changers);
        await stop.CancelAsync();
        await Task.WhenAll(others);

        while (index.Maintain(default)) { }
        Assert.Equal(set.Count, index.Statistics.Count);
        Assert.Equal((0, 0), (index.Statistics.Tail, index.Statistics.Deleted));
        var found = new HashSet<(long, int)>();
        using var all = index.Search(values[0]);
        while (all.Next(200))
            foreach (var candidate in all.Candidates)
                Assert.True(found.Add((candidate.Row, candidate.Key)));
        Assert.True(found.SetEquals([.. Enumerable.Range(0, set.Count).Select(row => ((long)row, row < stable ? 0 : rounds - 1))]));
    }

    [Fact]
    public void An_index_that_is_dropped_serves_the_searches_that_are_open()
    {
        var rows = VectorSet.Latent(500, 16, seed: 1);
        var index = HnswIndex.Create(new() { Element = VectorElement.Float32, Dimensions = 16, Metric = Metric.L2 });
        index.Build(rows, new());
        var search = index.Search(VectorSet.Bytes(rows[0]));
        index.Dispose();
        Assert.True(search.Next(40));
        search.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Search(VectorSet.Bytes(rows[0])));
    }

    [Fact]
    public void A_build_stops_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        using var index = HnswIndex.Create(new() { Element = VectorElement.Float32, Dimensions = 32, Metric = Metric.L2 });
        var progress = new CancelAfter(500, cancellation);
        Assert.ThrowsAny<OperationCanceledException>(() => index.Build(
            VectorSet.Latent(3000, 32, seed: 1), new() { Workers = 2, Progress = progress, Cancellation = cancellation.Token }));
        Assert.InRange(progress.Done, 500, 2900);
    }

    sealed class CancelAfter(long vectors, CancellationTokenSource cancellation) : IBuildProgress
    {
        long _done;

        public long Done => Volatile.Read(ref _done);
        public void Begin(BuildPhase phase, long total) { }

        public void Advance(long count)
        {
            if (Interlocked.Add(ref _done, count) >= vectors) cancellation.Cancel();
        }
    }

    sealed class Part(byte[][] values, int count) : IVectorRows
    {
        public long EstimatedCount => count;

        public void Visit(int part, int parts, VectorVisitor visitor)
        {
            for (var row = (long)count * part / parts; row < (long)count * (part + 1) / parts; row++)
                if (!visitor(row, 0, values[row]))
                    return;
        }
    }
}
