using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Clustering;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>Centres of bit strings: bit strings again. Rows are grouped by Hamming distance, lists ranked by the metric.</summary>
sealed class BitCenters(VectorIndexOptions options, byte[] centers) : ListCenters
{
    public override int PointBytes { get; } = (options.Dimensions + 7) / 8;
    public override int Count => centers.Length / PointBytes;
    public override long Bytes => centers.Length;

    public override ReadOnlySpan<byte> Center(int list) => centers.AsSpan(list * PointBytes, PointBytes);

    public override bool ToPoint(ReadOnlySpan<byte> value, Span<byte> point)
    {
        value[..PointBytes].CopyTo(point);
        return true;
    }

    public override void Nearest(ReadOnlySpan<byte> points, Span<int> lists)
    {
        for (var i = 0; i < lists.Length; i++)
        {
            var point = points.Slice(i * PointBytes, PointBytes);
            var least = int.MaxValue;
            for (var list = 0; list < Count; list++)
            {
                var distance = BitKernels.Hamming(point, Center(list));
                if (distance < least) (least, lists[i]) = (distance, list);
            }
        }
    }

    public override void Rank(ReadOnlySpan<byte> point, Span<float> distances)
    {
        point = point[..PointBytes];
        for (var list = 0; list < Count; list++)
            distances[list] = options.Metric == Metric.Jaccard
                ? (float)BitKernels.Jaccard(point, Center(list))
                : BitKernels.Hamming(point, Center(list));
    }

    public override void Save(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(centers);
    }

    public static new ListCenters Train(VectorIndexOptions options, IVectorRows rows, BuildSettings settings)
    {
        var reader = new BitCenters(options, []);
        var bytes = reader.PointBytes;
        var size = PointSample.Size(options, bytes);
        var points = new byte[Math.Min(size, Math.Max(rows.EstimatedCount, 1)) * bytes];
        var count = PointSample.Take(rows, size, options.Seed, (at, value) =>
        {
            if (points.Length < (at + 1) * bytes) Array.Resize(ref points, (int)Math.Min((long)size * bytes, 2L * points.Length));
            return reader.ToPoint(value, points.AsSpan(at * bytes, bytes));
        }, settings.Cancellation);
        settings.Progress?.Begin(BuildPhase.PerformingKMeans, 0);
        var found = count > 0
            ? BinaryKMeans.Train(points.AsMemory(0, count * bytes), bytes, new()
            {
                Clusters = options.Lists, Seed = options.Seed, Workers = settings.Workers, Cancellation = settings.Cancellation,
            })
            : AnyCenters(options, bytes);
        return new BitCenters(options, found);
    }

    /// <summary>Centres for a table without rows: random bits.</summary>
    static byte[] AnyCenters(VectorIndexOptions options, int bytes)
    {
        var found = new byte[options.Lists * bytes];
        new Random(options.Seed).NextBytes(found);
        var unused = bytes * 8 - options.Dimensions;
        for (var list = 0; list < options.Lists; list++)
            found[(list + 1) * bytes - 1] &= (byte)(0xFF << unused);
        return found;
    }
}
