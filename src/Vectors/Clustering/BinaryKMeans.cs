using System.Numerics;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors.Clustering;

/// <summary>k-means over bit strings by Hamming distance: a bit of a centre is the majority of its points' bits.</summary>
public static class BinaryKMeans
{
    const int PartPoints = 1024;

    /// <summary>Centres, row by row.</summary>
    /// <param name="points">At least one, <paramref name="bytes"/> bytes each, bits after the last dimension zero.</param>
    /// <exception cref="OperationCanceledException"/>
    public static byte[] Train(ReadOnlyMemory<byte> points, int bytes, KMeansSettings settings)
    {
        var count = points.Length / bytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(points));
        var random = new Random(settings.Seed);
        var centers = new byte[checked(settings.Clusters * bytes)];
        for (var c = 0; c < settings.Clusters; c++)
        {
            // Points evenly spread over the sample, with chance inside their stretch.
            var (from, to) = ((long)c * count / settings.Clusters, (long)(c + 1) * count / settings.Clusters);
            var chosen = (int)Math.Min(count - 1, from + random.NextInt64(Math.Max(1, to - from)));
            points.Span.Slice(chosen * bytes, bytes).CopyTo(centers.AsSpan(c * bytes));
        }

        var labels = new int[count];
        labels.AsSpan().Fill(-1);
        for (var round = 0; round < settings.Rounds; round++)
        {
            if (Assign(points, centers, bytes, settings, labels) <= count / 500) break;
            Move(points.Span, centers, bytes, labels, random);
        }
        return centers;
    }

    static long Assign(ReadOnlyMemory<byte> points, byte[] centers, int bytes, KMeansSettings settings, int[] labels)
    {
        long changed = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = settings.Workers, CancellationToken = settings.Cancellation };
        Parallel.For(0, (labels.Length + PartPoints - 1) / PartPoints, parallel, part =>
        {
            settings.Cancellation.ThrowIfCancellationRequested();
            long moved = 0;
            for (var i = part * PartPoints; i < Math.Min(labels.Length, (part + 1) * PartPoints); i++)
            {
                var label = Nearest(points.Span.Slice(i * bytes, bytes), centers);
                if (label != labels[i]) moved++;
                labels[i] = label;
            }
            Interlocked.Add(ref changed, moved);
        });
        return changed;
    }

    static int Nearest(ReadOnlySpan<byte> point, ReadOnlySpan<byte> centers)
    {
        var (nearest, least) = (0, int.MaxValue);
        for (var c = 0; c * point.Length < centers.Length; c++)
        {
            var distance = BitKernels.Hamming(point, centers.Slice(c * point.Length, point.Length));
            if (distance < least) (nearest, least) = (c, distance);
        }
        return nearest;
    }

    /// <summary>Takes the majority of each cluster's bits; a cluster without points starts again at some point.</summary>
    static void Move(ReadOnlySpan<byte> points, Span<byte> centers, int bytes, int[] labels, Random random)
    {
        var clusters = centers.Length / bytes;
        var order = new int[labels.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(labels.ToArray(), order);
        var counts = new int[bytes * 8];
        for (int c = 0, at = 0; c < clusters; c++)
        {
            var center = centers.Slice(c * bytes, bytes);
            var first = at;
            Array.Clear(counts);
            for (; at < order.Length && labels[order[at]] == c; at++)
                Count(points.Slice(order[at] * bytes, bytes), counts);
            if (at == first)
            {
                points.Slice(random.Next(labels.Length) * bytes, bytes).CopyTo(center);
                continue;
            }
            center.Clear();
            for (var bit = 0; bit < counts.Length; bit++)
                if (2 * counts[bit] > at - first) center[bit >> 3] |= (byte)(1 << (bit & 7));
        }
    }

    /// <summary>Adds the bits of a point to the counts, the lowest bit of each byte first.</summary>
    static void Count(ReadOnlySpan<byte> point, int[] counts)
    {
        for (var i = 0; i < point.Length; i++)
            for (uint rest = point[i]; rest != 0; rest &= rest - 1)
                counts[8 * i + BitOperations.TrailingZeroCount(rest)]++;
    }
}
