namespace PgVectorCompat.Storage;

/// <summary>A point inside a transaction to which it can go back, as often as wanted. Valid until released or undone past.</summary>
public readonly record struct Savepoint
{
    internal int Writes { get; init; }
    internal int Tables { get; init; }
    internal int CatalogChanges { get; init; }
    internal int Locks { get; init; }
    internal int RowLocks { get; init; }
}
