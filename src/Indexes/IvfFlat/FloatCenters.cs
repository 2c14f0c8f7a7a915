using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Clustering;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// Centres of dense vectors, or of sparse ones folded into few dimensions. Vectors under the inner product are grouped by their direction;
/// a centre is the mean of its vectors, so that lists of long vectors come first. Others are grouped by L2.
/// </summary>
sealed class FloatCenters : ListCenters
{
    readonly float[] _centers;
    readonly VectorIndexOptions _options;
    readonly DenseInput _input;
    readonly CenterPanels _assigning, _ranking;

    /// <param name="centers">Row by row.</param>
    public FloatCenters(VectorIndexOptions options, float[] centers)
    {
        (_options, _centers) = (options, centers);
        Dimensions = options.Element == VectorElement.Sparse ? SparseSketch.Dimensions : options.Dimensions;
        if (options.Element != VectorElement.Sparse) _input = DenseInput.For(options.Element, options.Dimensions, options.Metric);
        Count = centers.Length / Dimensions;
        var isProduct = options.Metric == Metric.InnerProduct;
        _assigning = isProduct ? CenterPanels.ForAngle(centers, Count, Dimensions) : CenterPanels.ForL2(centers, Count, Dimensions);
        _ranking = isProduct ? CenterPanels.ForProduct(centers, Count, Dimensions) : _assigning;
    }

    /// <summary>Numbers of a point.</summary>
    public int Dimensions { get; }

    public override int Count { get; }
    public override int PointBytes => Dimensions * sizeof(float);
    public override long Bytes => (long)_centers.Length * sizeof(float) + _assigning.Bytes + (_ranking == _assigning ? 0 : _ranking.Bytes);

    public ReadOnlySpan<float> this[int list] => _centers.AsSpan(list * Dimensions, Dimensions);

    public override ReadOnlySpan<byte> Center(int list) => MemoryMarshal.AsBytes(this[list]);

    /// <summary>The mean of all centres: what distances to them are taken relative to.</summary>
    public float[] Mean()
    {
        var mean = new float[Dimensions];
        for (var list = 0; list < Count; list++)
            for (var i = 0; i < Dimensions; i++)
                mean[i] += this[list][i] / Count;
        return mean;
    }

    public override bool ToPoint(ReadOnlySpan<byte> value, Span<byte> point)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(point)[..Dimensions];
        return _options.Element == VectorElement.Sparse
            ? SparseSketch.Read(value, _options.Metric == Metric.Cosine, numbers)
            : _input.Read(value, numbers);
    }

    public override void Nearest(ReadOnlySpan<byte> points, Span<int> lists)
        => _assigning.Nearest(MemoryMarshal.Cast<byte, float>(points), lists, stackalloc float[lists.Length]);

    public override void Rank(ReadOnlySpan<byte> point, Span<float> distances)
        => _ranking.Scores(MemoryMarshal.Cast<byte, float>(point)[..Dimensions], distances);

    public override void Save(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(MemoryMarshal.AsBytes<float>(_centers));
    }

    public static new ListCenters Train(VectorIndexOptions options, IVectorRows rows, BuildSettings settings)
    {
        var reader = new FloatCenters(options, []);
        var dimensions = reader.Dimensions;
        var isProduct = options.Metric == Metric.InnerProduct;
        var size = PointSample.Size(options, reader.PointBytes);
        var points = new float[(long)Math.Min(size, Math.Max(rows.EstimatedCount, 1)) * dimensions];
        var count = PointSample.Take(rows, size, options.Seed, (at, value) =>
        {
            if (points.Length < (at + 1) * dimensions) Array.Resize(ref points, (int)Math.Min((long)size * dimensions, 2L * points.Length));
            return reader.ToPoint(value, MemoryMarshal.AsBytes(points.AsSpan(at * dimensions, dimensions)));
        }, settings.Cancellation);
        var sample = points.AsMemory(0, count * dimensions);
        settings.Progress?.Begin(BuildPhase.PerformingKMeans, 0);
        var kMeans = new KMeansSettings
        {
            Clusters = options.Lists, Spherical = isProduct, Seed = options.Seed, Workers = settings.Workers, Cancellation = settings.Cancellation,
        };
        if (count == 0) return new FloatCenters(options, AnyCenters(options, dimensions));
        if (!isProduct) return new FloatCenters(options, HierarchicalKMeans.Train(sample, dimensions, kMeans));

        var directions = sample.ToArray();
        for (var i = 0; i < count; i++)
            Norms.Normalize(sample.Span.Slice(i * dimensions, dimensions), directions.AsSpan(i * dimensions, dimensions));
        var centers = HierarchicalKMeans.Train(directions, dimensions, kMeans);
        var labels = new int[count];
        KMeans.Assign(directions, centers, dimensions, kMeans, labels, new float[count]);
        return new FloatCenters(options, Means(sample.Span, labels, centers, dimensions));
    }

    /// <summary>The mean of the points with each label; a centre without points stays.</summary>
    static float[] Means(ReadOnlySpan<float> points, int[] labels, float[] centers, int dimensions)
    {
        var sums = new double[centers.Length];
        var sizes = new int[centers.Length / dimensions];
        for (var i = 0; i < labels.Length; i++)
        {
            sizes[labels[i]]++;
            for (var d = 0; d < dimensions; d++)
                sums[labels[i] * dimensions + d] += points[i * dimensions + d];
        }
        var means = new float[centers.Length];
        for (var i = 0; i < means.Length; i++)
            means[i] = sizes[i / dimensions] > 0 ? (float)(sums[i] / sizes[i / dimensions]) : centers[i];
        return means;
    }

    /// <summary>Centres for a table without rows: random numbers from 0 to 1, as in pgvector, of length one where lengths do not count.</summary>
    static float[] AnyCenters(VectorIndexOptions options, int dimensions)
    {
        var random = new Random(options.Seed);
        var centers = new float[options.Lists * dimensions];
        foreach (ref var number in centers.AsSpan())
            number = random.NextSingle();
        if (options.Metric is Metric.InnerProduct or Metric.Cosine)
            for (var list = 0; list < options.Lists; list++)
            {
                var center = centers.AsSpan(list * dimensions, dimensions);
                Norms.Normalize(center.ToArray(), center);
            }
        return centers;
    }
}
