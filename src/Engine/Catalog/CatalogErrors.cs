using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>PostgreSQL's errors about names that are missing or taken.</summary>
public static class CatalogErrors
{
    /// <summary>42P01, or 0A000 for a relation that PostgreSQL brings and this server does not.</summary>
    public static PgError UndefinedRelation(QualifiedName name)
        => UnsupportedNames.IsRelation(name.Schema, name.Name)
            ? PgError.Unsupported($"relation {Written(name)}", name.Position)
            : new(SqlState.UndefinedTable, $"relation \"{Written(name)}\" does not exist") { Position = name.Position };

    /// <summary>42703.</summary>
    public static PgError UndefinedColumn(string column, string relation)
        => new(SqlState.UndefinedColumn, $"column \"{column}\" of relation \"{relation}\" does not exist");

    /// <summary>3F000.</summary>
    public static PgError UndefinedSchema(string name) => new(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist");

    /// <summary>42704.</summary>
    public static PgError UndefinedRole(string name) => new(SqlState.UndefinedObject, $"role \"{name}\" does not exist");

    /// <summary>3D000.</summary>
    public static PgError UndefinedDatabase(string name) => new(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist");

    /// <summary>42704: any other kind of object.</summary>
    public static PgError UndefinedObject(string kind, string name) => new(SqlState.UndefinedObject, $"{kind} \"{name}\" does not exist");

    /// <summary>42P07.</summary>
    public static PgError DuplicateRelation(string name) => new(SqlState.DuplicateTable, $"relation \"{name}\" already exists");

    /// <summary>42701.</summary>
    public static PgError DuplicateColumn(string column, string relation)
        => new(SqlState.DuplicateColumn, $"column \"{column}\" of relation \"{relation}\" already exists");

    /// <summary>42710: any other kind of object.</summary>
    public static PgError DuplicateObject(string kind, string name) => new(SqlState.DuplicateObject, $"{kind} \"{name}\" already exists");

    /// <summary>42710: a constraint of one relation.</summary>
    public static PgError DuplicateConstraint(string name, string relation)
        => new(SqlState.DuplicateObject, $"constraint \"{name}\" for relation \"{relation}\" already exists");

    /// <summary>42704: a constraint of one relation.</summary>
    public static PgError UndefinedConstraint(string name, string relation)
        => new(SqlState.UndefinedObject, $"constraint \"{name}\" of relation \"{relation}\" does not exist");

    /// <summary>42809: the object is of another kind. <paramref name="kind"/> carries its article (<c>a table</c>).</summary>
    public static PgError WrongKind(string name, string kind) => new(SqlState.WrongObjectType, $"\"{name}\" is not {kind}");

    /// <summary>The name as PostgreSQL's messages repeat it: parts joined by dots, nothing quoted.</summary>
    public static string Written(QualifiedName name)
        => (name.Catalog is null ? "" : name.Catalog + ".") + (name.Schema is null ? "" : name.Schema + ".") + name.Name;
}
