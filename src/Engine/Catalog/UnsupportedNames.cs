using System.Collections.Frozen;
using PgVectorCompat.Engine.SystemViews;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// Names of what every PostgreSQL database has and this server has not, so that the error can say so instead of that it does not exist.
/// The lists in <c>Unsupported</c> are what PostgreSQL 17's own catalogs name (functions that SQL can call, system relations as
/// <c>schema.name</c>, types) without what is here. They are asked only after all else: an object of a user has its name to itself.
/// </summary>
public static class UnsupportedNames
{
    static readonly Lazy<FrozenSet<string>> LazyFunctions = new(() => Read("functions"));
    static readonly Lazy<FrozenSet<string>> LazyRelations = new(() => Read("relations"));
    static readonly Lazy<FrozenSet<string>> LazyTypes = new(() => Read("types"));

    /// <summary>Functions, aggregates and window functions of pg_catalog.</summary>
    public static IReadOnlySet<string> Functions => LazyFunctions.Value;

    /// <summary>Tables and views, with their schemas.</summary>
    public static IReadOnlySet<string> Relations => LazyRelations.Value;

    /// <summary>Types of pg_catalog, but for arrays and the row types of relations.</summary>
    public static IReadOnlySet<string> Types => LazyTypes.Value;

    public static bool IsFunction(string? schema, string name) => schema is null or Core && Functions.Contains(name);

    public static bool IsRelation(string? schema, string name) => Relations.Contains($"{schema ?? Core}.{name}");

    /// <summary>Whether it is such a type, or the row type of a system relation, none of which is here.</summary>
    public static bool IsType(string? schema, string name)
        => (schema is null or Core && (Types.Contains(name) || SystemTables.Find(WellKnownOids.PgCatalog, name) is not null)) || IsRelation(schema, name);

    const string Core = "pg_catalog";

    static FrozenSet<string> Read(string list)
    {
        using var stream = typeof(UnsupportedNames).Assembly.GetManifestResourceStream($"unsupported.{list}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();
    }
}
