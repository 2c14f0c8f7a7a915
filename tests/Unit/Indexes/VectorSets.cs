using System.Runtime.InteropServices;
using PgVectorCompat.Indexes;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Unit.Indexes;

/// <summary>Rows of float32 vectors in memory, row ids counting from 0, all with key 0.</summary>
/// <param name="vectors">One for each row.</param>
/// <param name="dimensions">To be given when there are no rows.</param>
sealed class VectorSet(float[][] vectors, int dimensions = 0) : IVectorRows
{
    public int Count => vectors.Length;
    public int Dimensions => dimensions > 0 ? dimensions : vectors[0].Length;
    public long EstimatedCount => vectors.Length;
    public float[] this[int row] => vectors[row];

    public static ReadOnlySpan<byte> Bytes(float[] vector) => MemoryMarshal.AsBytes<float>(vector);

    public void Visit(int part, int parts, VectorVisitor visitor)
    {
        for (var row = (long)Count * part / parts; row < (long)Count * (part + 1) / parts; row++)
            if (!visitor(row, 0, Bytes(vectors[row])))
                return;
    }

    /// <summary>Clusters of normal numbers: centres and offsets of the same spread in a few hidden dimensions, turned into <paramref name="dimensions"/>.</summary>
    public static VectorSet Latent(int count, int dimensions, int seed, int hidden = 24, int clusters = 50)
    {
        var shape = new Random(1); // centres and matrix are the same for rows and queries
        var centres = Vectors(shape, clusters, hidden);
        var matrix = Vectors(shape, dimensions, hidden);
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, count).Select(_ =>
        {
            var latent = Vectors(random, 1, hidden)[0];
            var centre = centres[random.Next(clusters)];
            for (var i = 0; i < hidden; i++)
                latent[i] += centre[i];
            return Array.ConvertAll(matrix, line => Float32Kernels.Dot(latent, line) + 0.5f * Normal(random));
        })]);
    }

    /// <summary>As <see cref="Latent"/>, with lengths spread over two orders of magnitude and every eighth vector a copy of an earlier one.</summary>
    public static VectorSet Hard(int count, int dimensions, int seed)
    {
        var random = new Random(seed);
        var vectors = Latent(count, dimensions, seed);
        var result = new float[count][];
        for (var row = 0; row < count; row++)
        {
            var length = MathF.Exp(1.2f * Normal(random));
            result[row] = row % 8 == 7 ? result[random.Next(row)] : Array.ConvertAll(vectors[row], x => x * length);
        }
        return new(result);
    }

    static float[][] Vectors(Random random, int count, int dimensions)
        => [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimensions).Select(_ => Normal(random)).ToArray())];

    public static float Normal(Random random)
        => (random.NextSingle() + random.NextSingle() + random.NextSingle() + random.NextSingle() - 2) * 1.732f;
}

/// <summary>Recall of an index against exact search, as an engine would use it: candidates measured exactly, ties counted as found.</summary>
static class Recall
{
    public const int K = 10;

    public static double Of(VectorIndex index, IReadOnlyDictionary<long, float[]> rows, VectorSet queries, Metric metric, int breadth, RowSet? allowed = null)
    {
        long found = 0, wanted = 0;
        for (var i = 0; i < queries.Count; i++)
        {
            var exact = RowDistances.To(queries[i], metric);
            var truth = rows.Where(row => allowed is null || allowed.Contains(row.Key)).Select(row => exact.To(VectorSet.Bytes(row.Value))).Order().Take(K).ToArray();
            if (truth.Length == 0) continue;
            using var search = index.Search(VectorSet.Bytes(queries[i]));
            var got = new List<double>();
            while (got.Count < truth.Length && search.Next(breadth, allowed))
                foreach (var candidate in search.Candidates[..Math.Min(search.Candidates.Length, search.RerankWidth(K, breadth))])
                    got.Add(exact.To(VectorSet.Bytes(rows[candidate.Row])));
            var bound = truth[^1] + Math.Abs(truth[^1]) * 1e-6;
            found += Math.Min(got.Count(distance => distance <= bound), truth.Length);
            wanted += truth.Length;
        }
        return found / (double)wanted;
    }

    public static Dictionary<long, float[]> Rows(VectorSet set) => Enumerable.Range(0, set.Count).ToDictionary(row => (long)row, row => set[row]);
}
