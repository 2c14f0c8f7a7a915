using System.Runtime.InteropServices;
using PgVectorCompat.Indexes;
using PgVectorCompat.Indexes.Hnsw;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Indexes;

public class HnswSnapshotTests
{
    static HnswIndex Build(VectorSet rows, Quantization quantization = Quantization.Auto)
    {
        var index = HnswIndex.Create(new() { Element = VectorElement.Float32, Dimensions = rows.Dimensions, Metric = Metric.L2, Quantization = quantization });
        index.Build(rows, new());
        return index;
    }

    static byte[] Save(VectorIndex index)
    {
        var stream = new MemoryStream();
        index.Save(stream);
        return stream.ToArray();
    }

    static Candidate[] First(VectorIndex index, float[] query)
    {
        using var search = index.Search(VectorSet.Bytes(query));
        Assert.True(search.Next(40));
        return search.Candidates.ToArray();
    }

    [Theory]
    [InlineData(Quantization.Auto)]
    [InlineData(Quantization.None)]
    [InlineData(Quantization.F16)]
    public void A_loaded_index_answers_as_the_saved_one(Quantization quantization)
    {
        var rows = VectorSet.Hard(2000, 40, seed: 1);
        using var index = Build(rows, quantization);
        for (var row = 0; row < 100; row++)
            index.Remove(row * 3, 0);
        using var loaded = HnswIndex.Load(new MemoryStream(Save(index)));
        Assert.Equal(index.Options, loaded.Options);
        Assert.Equal(index.Statistics.Count, loaded.Statistics.Count);
        Assert.Equal(index.Statistics.Deleted, loaded.Statistics.Deleted);
        for (var i = 0; i < 20; i++)
            Assert.Equal(First(index, rows[i * 7]), First(loaded, rows[i * 7]));
        Assert.False(loaded.Contains(3, 0));
        Assert.True(loaded.Contains(4, 0));
        while (loaded.Maintain(default)) { }
        Assert.True(loaded.Insert(3, 0, VectorSet.Bytes(rows[3])));
        while (loaded.Maintain(default)) { }
        Assert.Equal(1901, loaded.Statistics.Count);
    }

    /// <summary>So many rows that their tail is too long: an insert that waited for the end of the snapshot would hold up a commit.</summary>
    [Fact]
    public async Task Inserts_go_on_while_the_graph_is_saved()
    {
        var rows = VectorSet.Latent(800, 2000, seed: 3);
        using var index = HnswIndex.Create(new() { Element = VectorElement.Float32, Dimensions = rows.Dimensions, Metric = Metric.L2, Quantization = Quantization.None });
        index.Build(VectorSet.Latent(200, 2000, seed: 4), new());
        using var inserted = new ManualResetEventSlim();
        using var stream = new HeldStream(inserted);
        var saving = Task.Run(() => index.Save(stream));
        Assert.True(stream.HasBegun.Wait(Patience));
        for (var row = 200; row < 800; row++)
            Assert.True(index.Insert(row, 0, VectorSet.Bytes(rows[row])));
        inserted.Set();
        await saving.WaitAsync(Patience);
        Assert.True(stream.WasReleased, "the inserts waited for the snapshot");
        while (index.Maintain(default)) { }
        Assert.Equal(800, index.Statistics.Count);
    }

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Takes a snapshot, but for its first part waits for an event.</summary>
    sealed class HeldStream(ManualResetEventSlim release) : MemoryStream
    {
        public ManualResetEventSlim HasBegun { get; } = new();
        public bool WasReleased { get; private set; } = true;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            // (The first bytes are written before the graph is held.)
            if (buffer.Length > 64 && !HasBegun.IsSet)
            {
                HasBegun.Set();
                WasReleased = release.Wait(TimeSpan.FromMinutes(1));
            }
            base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) HasBegun.Dispose();
            base.Dispose(disposing);
        }
    }

    [Fact]
    public void The_tail_is_not_saved()
    {
        var rows = VectorSet.Latent(500, 24, seed: 1);
        using var index = Build(rows);
        index.Insert(1000, 0, VectorSet.Bytes(rows[1]));
        using var loaded = HnswIndex.Load(new MemoryStream(Save(index)));
        Assert.False(loaded.Contains(1000, 0));
        Assert.Equal(500, loaded.Statistics.Count);
        Assert.True(loaded.Insert(1000, 0, VectorSet.Bytes(rows[1])));
        Assert.Equal(501, loaded.Statistics.Count);
    }

    [Fact]
    public void An_empty_index_is_saved_too()
    {
        using var index = Build(new([], 8));
        using var loaded = HnswIndex.Load(new MemoryStream(Save(index)));
        Assert.True(loaded.Insert(1, 2, VectorSet.Bytes(new float[8])));
        Assert.Equal(1, loaded.Statistics.Count);
    }

    [Fact]
    public void One_seed_and_one_worker_give_one_index()
    {
        var rows = VectorSet.Hard(1500, 32, seed: 1);
        using var a = Build(rows);
        using var b = Build(rows);
        // All but the time the build took: equal answers are what counts.
        for (var i = 0; i < 30; i++)
            Assert.Equal(First(a, rows[i]), First(b, rows[i]));
    }

    [Fact]
    public void Damage_anywhere_is_noticed()
    {
        using var index = Build(VectorSet.Latent(300, 24, seed: 1));
        var good = Save(index);
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var bad = good.ToArray();
            bad[i < 40 ? i : random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<IndexDamagedException>(() => HnswIndex.Load(new MemoryStream(bad)));
        }
        for (var i = 0; i < 50; i++)
            Assert.Throws<IndexDamagedException>(() => HnswIndex.Load(new MemoryStream(good, 0, random.Next(good.Length))));
    }

    [Theory]
    [InlineData(Metric.Hamming)]
    [InlineData(Metric.Jaccard)]
    public void Bit_strings(Metric metric)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 1500).Select(_ => new byte[20]).ToArray();
        foreach (var row in rows) random.NextBytes(row);
        using var built = HnswIndex.Create(new() { Element = VectorElement.Bit, Dimensions = 160, Metric = metric });
        built.Build(new Values(rows), new());
        using var index = HnswIndex.Load(new MemoryStream(Save(built)));
        for (var i = 0; i < 20; i++)
        {
            var exact = RowDistances.To(rows[i], metric);
            var truth = rows.Select(row => (float)exact.To(row)).Order().Take(10).ToArray();
            using var search = index.Search(rows[i]);
            Assert.True(search.Next(200));
            Assert.Equal(0, search.Candidates[0].Distance);
            Assert.InRange(search.Candidates.ToArray().Count(candidate => candidate.Distance <= truth[^1]), 8, 200);
        }
    }

    [Theory]
    [InlineData(Metric.L2)]
    [InlineData(Metric.InnerProduct)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.L1)]
    public void Sparse_vectors(Metric metric)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 800).Select(_ => Sparse(random)).ToArray();
        using var built = HnswIndex.Create(new() { Element = VectorElement.Sparse, Dimensions = 1000, Metric = metric });
        built.Build(new Values(rows), new() { Workers = 2 });
        for (var row = 0; row < 200; row++)
        {
            built.Remove(row, 0);
            built.Insert(row, 1, rows[row]);
        }
        while (built.Maintain(default)) { }
        using var index = HnswIndex.Load(new MemoryStream(Save(built)));
        var all = new HashSet<long>();
        using var search = index.Search(rows[5]);
        for (var batch = 0; search.Next(100); batch++)
        {
            if (batch == 0 && metric is not Metric.InnerProduct) Assert.Equal(5, search.Candidates[0].Row);
            foreach (var candidate in search.Candidates)
                Assert.True(all.Add(candidate.Row));
        }
        Assert.Equal(800, all.Count);
    }

    /// <summary>The stored form: dimensions, indices, values.</summary>
    static byte[] Sparse(Random random)
    {
        var indices = Enumerable.Range(0, 12).Select(_ => random.Next(60) * 3).Distinct().Order().ToArray();
        var values = indices.Select(_ => VectorSet.Normal(random)).ToArray();
        return [.. BitConverter.GetBytes(1000), .. MemoryMarshal.AsBytes<int>(indices), .. MemoryMarshal.AsBytes<float>(values)];
    }

    sealed class Values(byte[][] rows) : IVectorRows
    {
        public long EstimatedCount => rows.Length / 2; // an estimate may be wrong

        public void Visit(int part, int parts, VectorVisitor visitor)
        {
            for (var row = (long)rows.Length * part / parts; row < (long)rows.Length * (part + 1) / parts; row++)
                if (!visitor(row, 0, rows[row]))
                    return;
        }
    }
}
