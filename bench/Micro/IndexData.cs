using System.Globalization;
using System.Runtime.InteropServices;
using PgVectorCompat.Indexes;
using PgVectorCompat.Macro;
using PgVectorCompat.Macro.Search;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Micro;

/// <summary>Vectors and queries in memory, with the exact nearest neighbours of the queries.</summary>
sealed class IndexData : IVectorRows
{
    /// <summary>Neighbours that recall is counted in.</summary>
    public const int K = 10;

    readonly float[] _rows, _queries;

    IndexData(float[] rows, float[] queries, int dimensions) => (_rows, _queries, Dimensions) = (rows, queries, dimensions);

    public int Dimensions { get; }
    public int Count => _rows.Length / Dimensions;
    public int QueryCount => _queries.Length / Dimensions;
    public long EstimatedCount => Count;

    public ReadOnlySpan<float> Row(long row) => _rows.AsSpan((int)row * Dimensions, Dimensions);
    public ReadOnlySpan<float> Query(int query) => _queries.AsSpan(query * Dimensions, Dimensions);

    /// <summary><c>wordnet:FOLDER</c>, or <c>latent:COUNT:DIMENSIONS</c>, generated, or <c>uniform:COUNT:DIMENSIONS</c>, numbers from 0 to 1,
    /// or <c>gen128:COUNT</c> and the like, as the macro benchmarks have it.</summary>
    public static IndexData Load(string name) => name.Split(':') switch
    {
        ["wordnet", var folder] => new(
            [.. MemoryMarshal.Cast<byte, Half>(File.ReadAllBytes(Path.Combine(folder, "wordnet.base.f16"))).ToArray().Select(x => (float)x)],
            MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "wordnet.query.f32"))).ToArray(), 256),
        ["latent", var count, var dimensions] => Latent(
            int.Parse(count, CultureInfo.InvariantCulture), int.Parse(dimensions, CultureInfo.InvariantCulture)),
        [var set, var count] => Of(SearchData.Generated(set, int.Parse(count, CultureInfo.InvariantCulture))),
        ["uniform", var count, var dimensions] => Uniform(
            int.Parse(count, CultureInfo.InvariantCulture), int.Parse(dimensions, CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"no data set {name}"),
    };

    /// <summary>
    /// Hard generated data: 200 loose clusters in 96 hidden dimensions (centres and offsets of the same spread), turned into the wanted number
    /// of dimensions by a fixed random matrix, with noise of a tenth, scaled to length one. <see cref="Random"/> with seed 1.
    /// </summary>
    static IndexData Latent(int count, int dimensions)
    {
        const int hidden = 96, clusters = 200, queries = 1000;
        var random = new Random(1);
        float Normal() => (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 2;
        var centres = Enumerable.Range(0, clusters * hidden).Select(_ => Normal()).ToArray();
        var matrix = Enumerable.Range(0, dimensions * hidden).Select(_ => Normal()).ToArray();
        var all = new float[(count + queries) * dimensions];
        var latent = new float[hidden];
        for (var row = 0; row < count + queries; row++)
        {
            var cluster = random.Next(clusters);
            for (var i = 0; i < hidden; i++)
                latent[i] = centres[cluster * hidden + i] + Normal();
            var vector = all.AsSpan(row * dimensions, dimensions);
            for (var i = 0; i < dimensions; i++)
                vector[i] = Float32Kernels.Dot(latent, matrix.AsSpan(i * hidden, hidden)) + Normal();
            Norms.Normalize(vector.ToArray(), vector);
        }
        return new(all[..(count * dimensions)], all[(count * dimensions)..], dimensions);
    }

    static IndexData Of(SearchData data)
    {
        static float[] Numbers(VectorData vectors) => [.. Enumerable.Range(0, vectors.Count).SelectMany(row => vectors[row].ToArray())];
        return new(Numbers(data.Base), Numbers(data.Queries), data.Base.Dimensions);
    }

    static IndexData Uniform(int count, int dimensions)
    {
        var random = new Random(1);
        float[] Numbers(int rows) => [.. Enumerable.Range(0, rows * dimensions).Select(_ => random.NextSingle())];
        return new(Numbers(count), Numbers(1000), dimensions);
    }

    public void Visit(int part, int parts, VectorVisitor visitor)
    {
        for (var row = (long)Count * part / parts; row < (long)Count * (part + 1) / parts; row++)
            if (!visitor(row, 0, MemoryMarshal.AsBytes(Row(row))))
                return;
    }

    /// <summary>Exact distances of a query to some rows.</summary>
    public void Measure(RowDistances query, ReadOnlySpan<int> rows, Span<double> distances)
        => query.Gather(MemoryMarshal.AsBytes<float>(_rows), Dimensions * sizeof(float), rows, distances);

    /// <summary>Exact distances of a query to all rows.</summary>
    public void MeasureAll(RowDistances query, Span<double> distances) => query.Contiguous(MemoryMarshal.AsBytes<float>(_rows), Dimensions * sizeof(float), distances);

    /// <summary>Distance of a query to the K-th nearest row: what is nearer or as near counts as found.</summary>
    public double[] Bounds(Metric metric)
    {
        var bounds = new double[QueryCount];
        Parallel.For(0, QueryCount, query =>
        {
            var heap = new NearestHeap(K);
            var distances = new double[Count];
            RowDistances.To(Query(query), metric).Contiguous(MemoryMarshal.AsBytes<float>(_rows), Dimensions * sizeof(float), distances);
            heap.Offer(distances, 0);
            bounds[query] = heap.Bound;
        });
        return bounds;
    }
}
