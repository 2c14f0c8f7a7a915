using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Compat.Wordnet;

/// <summary>The files of the data set; its README describes them.</summary>
sealed class WordnetData(string folder)
{
    public const int Count = 116_484;
    public const int Dimensions = 256;
    public const int Queries = 1000;

    /// <summary>lemma, pos, lexname, n_words, gloss_len, gloss of each row.</summary>
    public string[][] Columns { get; } = ReadTable(Path.Combine(folder, "wordnet.columns.tsv.gz"));

    public string[][] QueryColumns { get; } = ReadTable(Path.Combine(folder, "wordnet.query_columns.tsv.gz"));

    public float[] Base { get; } = ReadHalves(Path.Combine(folder, "wordnet.base.f16"));

    public float[] Query { get; } = Read<float>(Path.Combine(folder, "wordnet.query.f32"));

    /// <summary>Ids of the nearest rows, nearest first: 100 a query without a filter, 10 with one.</summary>
    public int[] Truth(string name) => Read<int>(Path.Combine(folder, $"wordnet.truth_{name}.i32"));

    public float[] BaseVector(int row) => Base[(row * Dimensions)..((row + 1) * Dimensions)];

    public float[] QueryVector(int query) => Query[(query * Dimensions)..((query + 1) * Dimensions)];

    public static string Text(ReadOnlySpan<float> vector)
    {
        var numbers = new string[vector.Length];
        for (var i = 0; i < vector.Length; i++) numbers[i] = vector[i].ToString(CultureInfo.InvariantCulture);
        return "[" + string.Join(',', numbers) + "]";
    }

    static string[][] ReadTable(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        reader.ReadLine(); // the header
        var rows = new List<string[]>();
        while (reader.ReadLine() is { } line) rows.Add(line.Split('\t'));
        return [.. rows];
    }

    static float[] ReadHalves(string path) => Array.ConvertAll(Read<Half>(path), half => (float)half);

    static T[] Read<T>(string path) where T : unmanaged => MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(path)).ToArray();
}
