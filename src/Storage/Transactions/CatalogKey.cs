namespace PgVectorCompat.Storage;

/// <summary>Name of one catalog record or sequence; the bytes under it belong to Engine. Database 0 is for shared objects.</summary>
public readonly record struct CatalogKey(uint Database, uint Object);
