using System.Collections.Frozen;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>An extension that the program brings.</summary>
/// <param name="Versions">Versions that CREATE EXTENSION … VERSION takes; the last is the default.</param>
public sealed record KnownExtension(string Name, IReadOnlyList<string> Versions, string Comment, IReadOnlyList<string> TypeNames, IReadOnlyList<string> AccessMethods)
{
    public string DefaultVersion => Versions[^1];
}

/// <summary>The extensions CREATE EXTENSION knows. Their functions, operators and casts name them (<see cref="Functions.Function.Extension"/>).</summary>
public static class KnownExtensions
{
    public static readonly KnownExtension Vector = new(
        "vector", ["0.5.0", "0.5.1", "0.6.0", "0.6.1", "0.6.2", "0.7.0", "0.7.1", "0.7.2", "0.7.3", "0.7.4", "0.8.0"],
        "vector data type and ivfflat and hnsw access methods", ["vector", "halfvec", "sparsevec"], ["ivfflat", "hnsw"]);

    public static readonly KnownExtension RuVector = new(
        "ruvector", ["0.1.0", "0.1.19"], "vector data type and ruhnsw and ruivfflat access methods under RuVector's names", ["ruvector"], ["ruhnsw", "ruivfflat"]);

    /// <summary>Installed in every database because tools ask for it. It brings nothing: functions are written in SQL here.</summary>
    public static readonly KnownExtension PlPgSql = new("plpgsql", ["1.0"], "PL/pgSQL procedural language", [], []);

    public static readonly IReadOnlyList<KnownExtension> All = [PlPgSql, RuVector, Vector];

    static readonly FrozenDictionary<uint, string> OwnersOfTypes = All
        .SelectMany(extension => extension.TypeNames.SelectMany(name => new[] { name, "_" + name }).Select(PgTypes.Find).OfType<PgType>()
            .Select(type => (type.Oid, extension.Name)))
        .ToFrozenDictionary(pair => pair.Oid, pair => pair.Name);

    public static KnownExtension? Find(string name) => All.FirstOrDefault(extension => extension.Name == name);

    /// <summary>The extension a built-in type belongs to; null for core types.</summary>
    public static string? OwnerOf(PgType type) => OwnersOfTypes.GetValueOrDefault(type.Oid);

    /// <summary>The extension an index access method belongs to; null for core ones.</summary>
    public static string? OwnerOfMethod(string method) => All.FirstOrDefault(extension => extension.AccessMethods.Contains(method))?.Name;
}
