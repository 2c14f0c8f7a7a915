using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace PgVectorCompat.Cli.Commands;

/// <summary>The sample that comes with the program (samples/wordnet; its README says what it is).</summary>
static class WordNetSample
{
    public const int Dimensions = 256;
    const int VectorBytes = Dimensions * 2;

    /// <summary>Rows in COPY's text format: id, lemma, pos, lexname, gloss, vector. No field has a character that COPY would escape.</summary>
    public static IEnumerable<string> CopyLines()
    {
        var directory = Path.Combine(AppContext.BaseDirectory, "samples", "wordnet");
        using var text = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(directory, "glosses.tsv.gz")), CompressionMode.Decompress));
        using var vectors = File.OpenRead(Path.Combine(directory, "glosses.f16"));
        var vector = new byte[VectorBytes];

        text.ReadLine();
        while (text.ReadLine() is { } columns)
        {
            vectors.ReadExactly(vector);
            yield return $"{columns}\t{VectorText(vector)}";
        }
    }

    static string VectorText(ReadOnlySpan<byte> halves)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < halves.Length; i += 2)
        {
            if (i > 0)
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{(float)BitConverter.ToHalf(halves[i..])}");
        }
        return text.Append(']').ToString();
    }
}
