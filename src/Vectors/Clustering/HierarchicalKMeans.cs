namespace PgVectorCompat.Vectors.Clustering;

/// <summary>
/// k-means for many centres in two levels: about √k clusters of all points first, then centres within each, as many as its share of the
/// points; at last a few rounds over all of them. Costs √k instead of k distances a point and round.
/// </summary>
public static class HierarchicalKMeans
{
    /// <summary>Below this many centres one level is as fast.</summary>
    const int FlatClusters = 32;

    /// <summary>Rounds over all centres at the end: the borders between the clusters of the first level are mended.</summary>
    const int FinalRounds = 2;

    /// <summary>Centres, row by row; neighbours within a cluster of the first level lie beside each other.</summary>
    /// <inheritdoc cref="KMeans.Train"/>
    public static float[] Train(ReadOnlyMemory<float> points, int dimensions, KMeansSettings settings)
    {
        var count = points.Length / dimensions;
        if (settings.Clusters < FlatClusters || count <= settings.Clusters) return KMeans.Train(points, dimensions, settings);

        var coarse = settings with { Clusters = (int)Math.Sqrt(settings.Clusters) };
        var coarseCenters = KMeans.Train(points, dimensions, coarse);
        var labels = new int[count];
        KMeans.Assign(points, coarseCenters, dimensions, coarse, labels, new float[count]);
        var members = Members(labels, coarse.Clusters);
        var shares = Apportion(Array.ConvertAll(members, list => list.Length), settings.Clusters);

        var centers = new float[checked(settings.Clusters * dimensions)];
        var starts = new int[shares.Length];
        for (var i = 1; i < shares.Length; i++)
            starts[i] = starts[i - 1] + shares[i - 1];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = settings.Workers, CancellationToken = settings.Cancellation };
        Parallel.For(0, shares.Length, parallel, i =>
        {
            if (shares[i] == 0) return;
            var own = new float[members[i].Length * dimensions];
            for (var j = 0; j < members[i].Length; j++)
                points.Span.Slice(members[i][j] * dimensions, dimensions).CopyTo(own.AsSpan(j * dimensions));
            var leaves = KMeans.Train(own, dimensions, settings with { Clusters = shares[i], Seed = settings.Seed + 2 + i, Workers = 1 });
            leaves.CopyTo(centers, starts[i] * dimensions);
        });
        KMeans.Improve(points, centers, dimensions, settings with { Rounds = FinalRounds });
        return centers;
    }

    static int[][] Members(int[] labels, int clusters)
    {
        var sizes = new int[clusters];
        foreach (var label in labels)
            sizes[label]++;
        var members = Array.ConvertAll(sizes, size => new int[size]);
        Array.Clear(sizes);
        for (var i = 0; i < labels.Length; i++)
            members[labels[i]][sizes[labels[i]]++] = i;
        return members;
    }

    /// <summary>
    /// Divides <paramref name="seats"/> in proportion to the sizes (Webster's method: the next seat goes to the largest size ÷ (2·seats + 1));
    /// every size above zero gets one at least.
    /// </summary>
    internal static int[] Apportion(int[] sizes, int seats)
    {
        var shares = Array.ConvertAll(sizes, size => Math.Sign(size));
        var queue = new PriorityQueue<int, (double, int)>();
        for (var i = 0; i < sizes.Length; i++)
            if (sizes[i] > 0) queue.Enqueue(i, (-sizes[i] / 3.0, i));
        for (var left = seats - shares.Sum(); left > 0; left--)
        {
            var next = queue.Dequeue();
            shares[next]++;
            queue.Enqueue(next, (-sizes[next] / (2.0 * shares[next] + 1), next));
        }
        return shares;
    }
}
