namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>Rows chosen by chance, each as likely as any other, of which the centres of lists are computed.</summary>
static class PointSample
{
    /// <summary>pgvector looks at fifty rows a list, and ten thousand at least.</summary>
    const int RowsPerList = 50;

    const int LeastRows = 10_000;

    /// <summary>More memory than this finds no better centres.</summary>
    const long MostBytes = 1L << 30;

    /// <summary>How many points to take for so many lists.</summary>
    public static int Size(VectorIndexOptions options, int pointBytes)
        => (int)Math.Max(options.Lists, Math.Min(Math.Max((long)RowsPerList * options.Lists, LeastRows), MostBytes / pointBytes));

    /// <summary>Turns up to <paramref name="size"/> rows into points, one after the other; returns how many there are.</summary>
    /// <param name="put">Makes a point of a value at the given number; false when the value is none.</param>
    public static int Take(IVectorRows rows, int size, int seed, Func<int, ReadOnlySpan<byte>, bool> put, CancellationToken cancellation)
    {
        var random = new Random(seed);
        int count = 0;
        long seen = 0;
        rows.Visit(0, 1, (_, _, value) =>
        {
            if ((seen & 1023) == 0) cancellation.ThrowIfCancellationRequested();
            // The first rows fill the sample; each later one takes the place of one of them with the chance that keeps all equally likely.
            var at = count < size ? count : random.NextInt64(seen + 1);
            if (at < size)
            {
                if (!put((int)at, value)) return true;
                if (at == count) count++;
            }
            seen++;
            return true;
        });
        return count;
    }
}
