using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>The collations there are. All compare by code point, as C does; the others are names that clients may write.</summary>
public static class Collations
{
    /// <summary>Name and OID as in pg_collation.</summary>
    public static readonly IReadOnlyList<(uint Oid, string Name)> All = [(100, "default"), (950, "C"), (951, "POSIX"), (962, "ucs_basic"), (12_547, "C.UTF-8"), (12_548, "C.utf8")];

    /// <summary>Whether a database can have this for its locale.</summary>
    public static bool IsLocale(string name) => All.Any(collation => collation.Name == name && name is not ("default" or "ucs_basic"));

    /// <summary>The collation's name; null for the default one. Raises 42704.</summary>
    public static string? Require(QualifiedName name)
    {
        if (name.Schema is null or "pg_catalog" && All.Any(collation => collation.Name == name.Name))
            return name.Name == "default" ? null : name.Name;
        throw new PgError(SqlState.UndefinedObject, $"collation \"{Catalog.CatalogErrors.Written(name)}\" for encoding \"UTF8\" does not exist") { Position = name.Position };
    }

    public static uint Oid(string? name) => All.FirstOrDefault(collation => collation.Name == (name ?? "default")).Oid;
}
