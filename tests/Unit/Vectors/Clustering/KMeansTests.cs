using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Clustering;
using Xunit;

namespace PgVectorCompat.Unit.Vectors.Clustering;

public sealed class KMeansTests
{
    [Fact]
    public void Panels_find_the_nearest_centre()
    {
        var random = new Random(8);
        foreach (var dimensions in (int[])[1, 2, 3, 17, 100])
            foreach (var count in (int[])[1, 5, 31, 32, 33, 100])
            {
                var centers = Numbers(random, count * dimensions);
                var points = Numbers(random, 77 * dimensions);
                var labels = new int[77];
                var scores = new float[77];
                var all = new float[count];
                var panels = CenterPanels.ForL2(centers, count, dimensions);

                panels.Nearest(points, labels, scores);

                for (var i = 0; i < labels.Length; i++)
                {
                    var point = points.AsSpan(i * dimensions, dimensions);
                    panels.Scores(point, all);
                    var least = float.PositiveInfinity;
                    for (var c = 0; c < count; c++)
                    {
                        var distance = Float32Kernels.SquaredL2(point, centers.AsSpan(c * dimensions, dimensions));
                        Assert.Equal(distance, all[c] + Float32Kernels.Dot(point, point), 1e-3f);
                        least = Math.Min(least, distance);
                    }
                    Assert.Equal(least, Float32Kernels.SquaredL2(point, centers.AsSpan(labels[i] * dimensions, dimensions)), 1e-3f);
                }
            }
    }

    [Theory]
    [InlineData(false, 12)]
    [InlineData(true, 12)]
    [InlineData(false, 100)]
    [InlineData(true, 100)]
    public void Separate_clusters_are_found(bool spherical, int clusters)
    {
        const int dimensions = 24, each = 60;
        var random = new Random(9);
        var truth = Numbers(random, clusters * dimensions);
        for (var c = 0; c < clusters; c++)
            Norms.Normalize(truth.AsSpan(c * dimensions, dimensions).ToArray(), truth.AsSpan(c * dimensions, dimensions));
        var points = new float[clusters * each * dimensions];
        for (var i = 0; i < clusters * each; i++)
        {
            var point = points.AsSpan(i * dimensions, dimensions);
            for (var d = 0; d < dimensions; d++)
                point[d] = truth[i % clusters * dimensions + d] + 0.02f * (random.NextSingle() - 0.5f);
            if (spherical) Norms.Normalize(point.ToArray(), point);
        }

        var settings = new KMeansSettings { Clusters = clusters, Spherical = spherical, Rounds = 20 };
        var centers = HierarchicalKMeans.Train(points, dimensions, settings);

        var labels = new int[clusters * each];
        var scores = new float[clusters * each];
        KMeans.Assign(points, centers, dimensions, settings, labels, scores);
        var split = Enumerable.Range(0, clusters).Count(c => Enumerable.Range(0, each).Select(i => labels[i * clusters + c]).Distinct().Count() > 1);
        Assert.InRange(split, 0, clusters / 5);
        Assert.True(labels.Distinct().Count() > clusters * 4 / 5);
    }

    [Fact]
    public void The_same_seed_gives_the_same_centres_with_any_number_of_workers()
    {
        var points = Numbers(new Random(10), 9000 * 8);
        var settings = new KMeansSettings { Clusters = 64, Seed = 5 };

        var one = HierarchicalKMeans.Train(points, 8, settings);

        Assert.Equal(one, HierarchicalKMeans.Train(points, 8, settings));
        Assert.Equal(one, HierarchicalKMeans.Train(points, 8, settings with { Workers = 2 }));
        Assert.NotEqual(one, HierarchicalKMeans.Train(points, 8, settings with { Seed = 6 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void Few_and_equal_points_are_no_trouble(int count)
    {
        var points = new float[count * 4];
        points.AsSpan().Fill(2);

        var centers = HierarchicalKMeans.Train(points, 4, new() { Clusters = 40 });

        Assert.Equal(160, centers.Length);
        Assert.All(centers, x => Assert.True(float.IsFinite(x)));
        Assert.Equal(2, centers[0], 0.05f);
    }

    [Fact]
    public void Cancelling_ends_it()
        => Assert.ThrowsAny<OperationCanceledException>(()
            => KMeans.Train(new float[1000], 10, new() { Clusters = 5, Cancellation = new CancellationToken(true) }));

    [Fact]
    public void Seats_go_by_size()
    {
        Assert.Equal([5, 3, 2, 0], HierarchicalKMeans.Apportion([500, 300, 200, 0], 10));
        Assert.Equal([8, 1, 1], HierarchicalKMeans.Apportion([1_000_000, 1, 1], 10));
    }

    [Fact]
    public void Binary_clusters_are_found()
    {
        const int bytes = 16, clusters = 8;
        var random = new Random(11);
        var truth = new byte[clusters * bytes];
        random.NextBytes(truth);
        var points = new byte[clusters * 50 * bytes];
        for (var i = 0; i < clusters * 50; i++)
        {
            var point = points.AsSpan(i * bytes, bytes);
            truth.AsSpan(i / 50 * bytes, bytes).CopyTo(point);
            for (var flips = 0; flips < 5; flips++)
                point[random.Next(bytes)] ^= (byte)(1 << random.Next(8));
        }

        var centers = BinaryKMeans.Train(points, bytes, new() { Clusters = clusters });

        for (var c = 0; c < clusters; c++)
            Assert.InRange(
                Enumerable.Range(0, clusters).Min(t => BitKernels.Hamming(centers.AsSpan(c * bytes, bytes), truth.AsSpan(t * bytes, bytes))), 0, 8);
    }

    static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
