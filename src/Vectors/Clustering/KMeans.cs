using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Clustering;

/// <summary>
/// Lloyd's k-means over float32 points given row by row: centres start far from each other (k-means++), then each round gives every
/// point to its nearest centre and moves centres to the mean of their points.
/// </summary>
public static class KMeans
{
    /// <summary>Points that one worker takes at a time; sums are added in the order of these parts, so results do not depend on workers.</summary>
    const int PartPoints = 4096;

    /// <summary>Centres start from at most so many points for each: more change nothing but the time.</summary>
    const int SeedPointsPerCluster = 16;

    /// <summary>Centres, row by row. With fewer points than centres some are copies of others.</summary>
    /// <param name="points">At least one, <paramref name="dimensions"/> numbers each.</param>
    /// <exception cref="OperationCanceledException"/>
    public static float[] Train(ReadOnlyMemory<float> points, int dimensions, KMeansSettings settings)
    {
        var count = points.Length / dimensions;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(points));
        var random = new Random(settings.Seed);
        var centers = Seed(points.Span, count, dimensions, settings, random);
        Improve(points, centers, dimensions, settings);
        return centers;
    }

    /// <summary>Rounds of Lloyd's algorithm on centres that are there already.</summary>
    public static void Improve(ReadOnlyMemory<float> points, float[] centers, int dimensions, KMeansSettings settings)
    {
        var count = points.Length / dimensions;
        var labels = new int[count];
        var scores = new float[count];
        var random = new Random(settings.Seed + 1);
        labels.AsSpan().Fill(-1);
        for (var round = 0; round < settings.Rounds; round++)
        {
            var changed = Assign(points, centers, dimensions, settings, labels, scores);
            if (changed <= count / 500) break;
            Move(points.Span, centers, dimensions, settings, labels, random);
        }
    }

    /// <summary>Gives every point its nearest centre; returns how many points changed theirs.</summary>
    public static long Assign(
        ReadOnlyMemory<float> points, float[] centers, int dimensions, KMeansSettings settings, int[] labels, float[] scores)
    {
        var count = points.Length / dimensions;
        var panels = settings.Spherical
            ? CenterPanels.ForProduct(centers, centers.Length / dimensions, dimensions)
            : CenterPanels.ForL2(centers, centers.Length / dimensions, dimensions);
        long changed = 0;
        Parallel.For(0, (count + PartPoints - 1) / PartPoints, Options(settings), part =>
        {
            settings.Cancellation.ThrowIfCancellationRequested();
            var first = part * PartPoints;
            var length = Math.Min(PartPoints, count - first);
            Span<int> before = labels.AsSpan(first, length).ToArray();
            panels.Nearest(points.Span.Slice(first * dimensions, length * dimensions), labels.AsSpan(first, length), scores.AsSpan(first, length));
            long moved = 0;
            for (var i = 0; i < length; i++)
                if (before[i] != labels[first + i]) moved++;
            Interlocked.Add(ref changed, moved);
        });
        return changed;
    }

    static ParallelOptions Options(KMeansSettings settings)
        => new() { MaxDegreeOfParallelism = settings.Workers, CancellationToken = settings.Cancellation };

    /// <summary>k-means++: each next centre is a point chosen with probability proportional to its squared distance from those chosen.</summary>
    static float[] Seed(ReadOnlySpan<float> points, int count, int dimensions, KMeansSettings settings, Random random)
    {
        var clusters = settings.Clusters;
        var candidates = Sample(count, (int)Math.Min(count, (long)SeedPointsPerCluster * clusters), random);
        var distances = new float[candidates.Length];
        distances.AsSpan().Fill(float.PositiveInfinity);
        var centers = new float[checked(clusters * dimensions)];
        var chosen = candidates[random.Next(candidates.Length)];
        for (var c = 0; ; c++)
        {
            settings.Cancellation.ThrowIfCancellationRequested();
            var center = centers.AsSpan(c * dimensions, dimensions);
            points.Slice(chosen * dimensions, dimensions).CopyTo(center);
            if (c == clusters - 1) return centers;

            double total = 0;
            for (var i = 0; i < candidates.Length; i++)
            {
                var distance = Float32Kernels.SquaredL2(points.Slice(candidates[i] * dimensions, dimensions), center);
                if (distance < distances[i]) distances[i] = distance;
                if (float.IsFinite(distances[i])) total += distances[i];
            }
            var aim = random.NextDouble() * total;
            var at = random.Next(candidates.Length);
            if (total > 0)
                for (var i = 0; i < candidates.Length; i++)
                {
                    if (!float.IsFinite(distances[i])) continue;
                    if (distances[i] > 0) at = i;
                    if ((aim -= distances[i]) < 0) break;
                }
            chosen = candidates[at];
        }
    }

    /// <summary><paramref name="wanted"/> different numbers below <paramref name="count"/>, ascending.</summary>
    static int[] Sample(int count, int wanted, Random random)
    {
        var sample = new int[wanted];
        for (int i = 0, taken = 0; taken < wanted; i++)
            if (random.NextDouble() * (count - i) < wanted - taken) sample[taken++] = i;
        return sample;
    }

    /// <summary>Moves centres to the mean of their points; a centre without points starts again at any point.</summary>
    static void Move(ReadOnlySpan<float> points, float[] centers, int dimensions, KMeansSettings settings, int[] labels, Random random)
    {
        var clusters = centers.Length / dimensions;
        var sizes = new int[clusters];
        Array.Clear(centers);
        for (var i = 0; i < labels.Length; i++)
        {
            sizes[labels[i]]++;
            Add(points.Slice(i * dimensions, dimensions), centers.AsSpan(labels[i] * dimensions, dimensions));
        }
        for (var c = 0; c < clusters; c++)
        {
            var center = centers.AsSpan(c * dimensions, dimensions);
            if (sizes[c] > 0) Scale(center, 1f / sizes[c], settings.Spherical);
            else points.Slice(random.Next(labels.Length) * dimensions, dimensions).CopyTo(center);
        }
    }

    static void Add(ReadOnlySpan<float> vector, Span<float> sum)
    {
        ref var from = ref MemoryMarshal.GetReference(vector);
        ref var to = ref MemoryMarshal.GetReference(sum);
        nuint i = 0;
        for (; i + 16 <= (nuint)sum.Length; i += 16)
            (Vector512.LoadUnsafe(ref to, i) + Vector512.LoadUnsafe(ref from, i)).StoreUnsafe(ref to, i);
        for (; i < (nuint)sum.Length; i++)
            sum[(int)i] += vector[(int)i];
    }

    static void Scale(Span<float> center, float factor, bool toLengthOne)
    {
        if (toLengthOne)
        {
            var norm = Norms.L2(center);
            factor = norm > 0 ? (float)(1 / norm) : 0;
        }
        for (var d = 0; d < center.Length; d++)
            center[d] *= factor;
    }
}
