namespace PgVectorCompat.Storage;

/// <summary>
/// What a heavyweight lock is on. Storage gives the numbers no meaning: Engine uses the catalog's OID as class (pg_class for tables)
/// and numbers of its own for advisory locks.
/// </summary>
public readonly record struct LockTag(uint Database, uint Class, ulong Object);
