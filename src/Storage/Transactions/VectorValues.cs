namespace PgVectorCompat.Storage;

/// <summary>Where the value of one vector column of a written row comes from.</summary>
public enum VectorSource : byte
{
    /// <summary>The column is NULL.</summary>
    Null,

    /// <summary>The bytes are given.</summary>
    Present,

    /// <summary>UPDATE only: the row keeps its stored vector; nothing is copied.</summary>
    Unchanged,
}

/// <summary>The vector columns of one written row. Only read during the call it is passed to.</summary>
public readonly ref struct VectorValues
{
    readonly ReadOnlySpan<VectorSource> _sources;
    readonly ReadOnlySpan<byte> _bytes;

    /// <summary>The only vector column of a table, present. Its length must be the column's.</summary>
    public VectorValues(ReadOnlySpan<byte> value)
    {
        _sources = OnePresent;
        _bytes = value;
    }

    /// <summary>
    /// <paramref name="sources"/> has one entry per vector column; <paramref name="bytes"/> holds the values of those that are
    /// <see cref="VectorSource.Present"/>, one after the other, each of its column's length.
    /// </summary>
    public VectorValues(ReadOnlySpan<VectorSource> sources, ReadOnlySpan<byte> bytes)
    {
        _sources = sources;
        _bytes = bytes;
    }

    /// <summary>For a table without vector columns.</summary>
    public static VectorValues None => default;

    static ReadOnlySpan<VectorSource> OnePresent => [VectorSource.Present];

    internal ReadOnlySpan<VectorSource> Sources => _sources;
    internal ReadOnlySpan<byte> Bytes => _bytes;
}
