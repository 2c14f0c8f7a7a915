using System.IO.Compression;

namespace PgVectorCompat.Macro.Search;

/// <summary>A data set to search: rows, held-out queries, and attributes to filter on.</summary>
/// <param name="Name">Of the table, and in reports.</param>
/// <param name="Permille">Per row, its uncorrelated attribute: uniform in 0..999.</param>
/// <param name="Rank">Per row, its correlated attribute: the permille of its place when rows are ordered along a random direction.</param>
/// <param name="QueryRank">Per query, the place it would have there.</param>
/// <param name="Columns">Per row, further columns as tab-separated text; empty when there are none.</param>
public sealed record SearchData(
    string Name, VectorData Base, VectorData Queries, int[] Permille, int[] Rank, int[] QueryRank, string[] Columns, string[] QueryColumns)
{
    /// <summary>Definition of <see cref="Columns"/>, with a comma before each.</summary>
    public string ColumnDefinitions => Columns.Length == 0 ? "" : ", pos text, lexname text, n_words int";

    /// <summary>The first <paramref name="count"/> queries.</summary>
    public int QueryCount(int count) => Math.Min(count, Queries.Count);

    /// <summary>wordnet (116,484 x 256, real text vectors) from the folder of the data set.</summary>
    public static SearchData WordNet(string folder)
    {
        var values = VectorData.ReadHalves(Path.Combine(folder, "wordnet.base.f16"), 256);
        var bytes = File.ReadAllBytes(Path.Combine(folder, "wordnet.query.f32"));
        var queries = new float[bytes.Length / 4];
        Buffer.BlockCopy(bytes, 0, queries, 0, bytes.Length);
        return WithAttributes("wordnet", values, new VectorData(256, queries),
            Tsv(Path.Combine(folder, "wordnet.columns.tsv.gz")), Tsv(Path.Combine(folder, "wordnet.query_columns.tsv.gz")));
    }

    /// <summary>pos, lexname and n_words of each line.</summary>
    static string[] Tsv(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var lines = new List<string>();
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split('\t');
            lines.Add($"{fields[2]}\t{fields[3]}\t{fields[4]}");
        }
        return [.. lines];
    }

    /// <summary>One of the generated sets, with its usual number of rows where <paramref name="rows"/> is 0.</summary>
    public static SearchData Generated(string name, int rows) => name switch
    {
        "gen768" => Generate(name, rows > 0 ? rows : 100_000, 768, 96, 500, 768),
        "gen128" => Generate(name, rows > 0 ? rows : 1_000_000, 128, 32, 500, 128),
        "gen1536" => Generate(name, rows > 0 ? rows : 300_000, 1536, 128, 500, 1536),
        _ => throw new ArgumentException($"{name}: no such data set"),
    };

    /// <summary>
    /// The generator of hard embeddings: a latent point of <paramref name="latent"/> dimensions is a cluster's centre (each coordinate
    /// N(0, 1), 200 clusters) plus N(0, 1) noise; a fixed random linear map (N(0, 1/latent)) takes it to <paramref name="dimensions"/>,
    /// N(0, 0.1) noise is added to each coordinate, and the row is scaled to length 1. Queries are drawn the same way. With so much noise clusters overlap:
    /// neither lists nor sign bits get an easy game.
    /// </summary>
    static SearchData Generate(string name, int rows, int dimensions, int latent, int queryCount, int seed)
    {
        const int clusters = 200;
        var random = new Random(seed);
        var centres = Normals(random, clusters * latent, 1);
        var map = Normals(random, latent * dimensions, 1 / MathF.Sqrt(latent));
        var all = new float[(rows + queryCount) * (long)dimensions];
        var seeds = Enumerable.Range(0, rows + queryCount).Select(_ => random.Next()).ToArray();
        Parallel.For(0, rows + queryCount, row =>
        {
            var own = new Random(seeds[row]);
            var point = Normals(own, latent, 1);
            var cluster = own.Next(clusters);
            for (var i = 0; i < latent; i++)
                point[i] += centres[cluster * latent + i];
            var vector = all.AsSpan(row * dimensions, dimensions);
            Normals(own, dimensions, 0.1f).CopyTo(vector);
            for (var i = 0; i < latent; i++)
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(map.AsSpan(i * dimensions, dimensions), point[i], vector, vector);
            System.Numerics.Tensors.TensorPrimitives.Divide(vector, System.Numerics.Tensors.TensorPrimitives.Norm(vector), vector);
        });
        var split = rows * dimensions;
        return WithAttributes(name, new VectorData(dimensions, all[..split]), new VectorData(dimensions, all[split..]), [], []);
    }

    static float[] Normals(Random random, int count, float deviation)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = deviation * MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(MathF.Tau * random.NextSingle());
        return values;
    }

    static SearchData WithAttributes(string name, VectorData values, VectorData queries, string[] columns, string[] queryColumns)
    {
        var random = new Random(7);
        var direction = Normals(random, values.Dimensions, 1);
        var places = Enumerable.Range(0, values.Count).Select(i => System.Numerics.Tensors.TensorPrimitives.Dot(values[i], direction)).ToArray();
        var sorted = places.Order().ToArray();
        int RankOf(float place)
        {
            var at = Array.BinarySearch(sorted, place);
            return (int)Math.Min(999, (at < 0 ? ~at : at) * 1000L / sorted.Length);
        }
        return new(name, values, queries,
            [.. Enumerable.Range(0, values.Count).Select(_ => random.Next(1000))],
            [.. places.Select(RankOf)],
            [.. Enumerable.Range(0, queries.Count).Select(i => RankOf(System.Numerics.Tensors.TensorPrimitives.Dot(queries[i], direction)))],
            columns, queryColumns);
    }
}
