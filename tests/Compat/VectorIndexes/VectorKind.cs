using System.Globalization;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>A vector type to index: how rows are made in SQL, and queries here.</summary>
/// <param name="Type">With its type modifier.</param>
/// <param name="Random">An SQL expression of a random value, volatile.</param>
/// <param name="Query">A random value's text.</param>
public sealed record VectorKind(string Type, string Random, Func<Random, string> Query)
{
    public static VectorKind Dense(string type, int dimensions)
        => new($"{type}({dimensions})", $"ARRAY[{Repeat("random()", dimensions)}]::{type}",
            random => "[" + string.Join(",", Enumerable.Range(0, dimensions).Select(_ => random.NextDouble().ToString("F6", CultureInfo.InvariantCulture))) + "]");

    public static VectorKind Sparse(int dimensions)
        => new($"sparsevec({dimensions})", $"ARRAY[{Repeat("random()", dimensions)}]::vector::sparsevec",
            random => "{" + string.Join(",", Enumerable.Range(1, dimensions).Select(i => $"{i}:{random.NextDouble().ToString("F6", CultureInfo.InvariantCulture)}")) + $"}}/{dimensions}");

    public static VectorKind Bits(int length)
        => new($"bit({length})", $"(random() * {(1L << length) - 1})::bigint::bit({length})",
            random => string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(2))));

    static string Repeat(string text, int count) => string.Join(",", Enumerable.Repeat(text, count));
}
