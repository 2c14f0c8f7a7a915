using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>STORAGE and COMPRESSION of columns. They are kept and shown; how values are stored is this server's own business.</summary>
public static class ColumnOptions
{
    /// <summary>pg_attribute.attstorage for the word; null for the type's default. Raises 22023, 0A000.</summary>
    public static char? Storage(PgType type, string word)
    {
        char? storage = word.ToLowerInvariant() switch
        {
            "plain" => 'p',
            "external" => 'e',
            "extended" => 'x',
            "main" => 'm',
            "default" => null,
            _ => throw new PgError(SqlState.InvalidParameterValue, $"invalid storage type \"{word}\""),
        };
        if (storage is not null and not 'p' && type.Length != -1)
            throw new PgError(SqlState.FeatureNotSupported, $"column data type {type} can only have storage PLAIN");
        return storage;
    }

    /// <summary>pg_attribute.attcompression for the word; null for the default. Raises 22023.</summary>
    public static char? Compression(string word) => word.ToLowerInvariant() switch
    {
        "pglz" => 'p',
        "lz4" => 'l',
        "default" => null,
        _ => throw new PgError(SqlState.InvalidParameterValue, $"invalid compression method \"{word}\""),
    };
}
