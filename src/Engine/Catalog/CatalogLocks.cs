using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>What DDL locks, as tags for the lock manager. Object locks carry the catalog's OID as class, as pg_locks shows them.</summary>
public static class CatalogLocks
{
    // Classes of our own for names that are about to be made; above every OID that pg_locks could show as a catalog.
    const uint RelationName = 0xFFFF_FF00;
    const uint TypeName = 0xFFFF_FF01;
    const uint SharedName = 0xFFFF_FF02;

    /// <summary>A table, view, index or sequence, in PostgreSQL's table lock modes.</summary>
    public static LockTag Relation(uint database, uint oid) => new(database, WellKnownOids.PgClass, oid);

    /// <summary>Any object; the database does not matter for roles and databases.</summary>
    public static LockTag Of(uint database, CatalogObject item) => item switch
    {
        RoleDefinition => new(0, WellKnownOids.PgAuthid, item.Oid),
        DatabaseDefinition => new(0, WellKnownOids.PgDatabase, item.Oid),
        SchemaDefinition => new(database, WellKnownOids.PgNamespace, item.Oid),
        TypeDefinition => new(database, WellKnownOids.PgType, item.Oid),
        ExtensionDefinition => new(database, WellKnownOids.PgExtension, item.Oid),
        _ => Relation(database, item.Oid),
    };

    /// <summary>A row that is waited for: its class is the table's OID, which is none of a catalog's.</summary>
    public static LockTag Row(uint database, uint table, RowId row) => new(database, table, (ulong)row.Value);

    /// <summary>Whether a tag is a row's.</summary>
    public static bool IsRow(LockTag tag) => tag.Class is >= WellKnownOids.FirstUserObject and < RelationName - 0x100;

    // Hashes: two names that share one only make two transactions wait for each other that need not.

    /// <summary>The name of a relation in a schema, before it is made or given.</summary>
    public static LockTag NameOfRelation(uint database, uint schema, string name) => new(database, RelationName, Hash(schema, name));

    /// <summary>The name of a type in a schema; of a schema or extension in schema 0.</summary>
    public static LockTag NameOfType(uint database, uint schema, string name) => new(database, TypeName, Hash(schema, name));

    /// <summary>The name of a role or database.</summary>
    public static LockTag NameOfShared(string name) => new(0, SharedName, Hash(0, name));

    static ulong Hash(uint schema, string name) => ((ulong)schema << 32) | (uint)string.GetHashCode(name, StringComparison.Ordinal);
}
