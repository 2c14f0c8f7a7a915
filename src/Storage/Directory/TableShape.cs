using System.Collections.Immutable;

namespace PgVectorCompat.Storage;

/// <summary>
/// What Storage knows of a table: how many bytes a value of each fixed-size vector column has. Everything else is in the row image.
/// </summary>
/// <param name="VectorBytes">Per vector column the exact length of a value in bytes, from 1 to <see cref="MaxVectorBytes"/>. Empty for none.</param>
public sealed record TableShape(ImmutableArray<int> VectorBytes)
{
    /// <summary>16,000 dimensions of eight bytes.</summary>
    public const int MaxVectorBytes = 128_000;

    /// <summary>Further fixed-size vectors of a table belong in the row image.</summary>
    public const int MaxVectorColumns = 64;

    public static TableShape RowsOnly { get; } = new([]);

    public bool Equals(TableShape? other) => other is not null && VectorBytes.AsSpan().SequenceEqual(other.VectorBytes.AsSpan());

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var bytes in VectorBytes) hash.Add(bytes);
        return hash.ToHashCode();
    }
}
