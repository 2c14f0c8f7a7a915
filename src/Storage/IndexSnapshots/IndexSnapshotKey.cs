namespace PgVectorCompat.Storage;

/// <summary>Name of an index's snapshots: the storage id of its table, and a number of the owner's. They go when the table goes.</summary>
public readonly record struct IndexSnapshotKey(uint Table, uint Index);
