using System.Collections.Immutable;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// The committed catalogs of all databases of a cluster. Readers take the newest snapshot without a lock; a transaction that changed
/// something publishes its changes here as it commits.
/// </summary>
/// <remarks>
/// A commit makes catalog changes durable, releases the transaction's locks, and only then can its snapshot be published. Whoever waited
/// for those locks must not read the catalog in between; so publication happens under a lock, and <see cref="Current"/> waits for it
/// while a commit is under way.
/// </remarks>
public sealed class ClusterCatalog
{
    sealed record State(SharedObjects Shared, ImmutableDictionary<uint, CatalogSnapshot> Databases, long Version);

    readonly Lock _publishing = new();
    volatile State _state;
    volatile int _commitsUnderWay;

    ClusterCatalog(Store store, State state)
    {
        Store = store;
        Oids = new OidAllocator(store);
        Sequences = new SequenceCounters(store);
        _state = state;
    }

    public Store Store { get; }
    public OidAllocator Oids { get; }
    public SequenceCounters Sequences { get; }

    /// <summary>Grows with every published change; equal numbers mean equal catalogs.</summary>
    public long Version => Newest.Version;

    public SharedObjects Shared => Newest.Shared;

    /// <summary>The newest committed catalog of a database. Raises 3D000 when there is none with this OID.</summary>
    public CatalogSnapshot Current(uint database)
        => Find(database) ?? throw new PgError(SqlState.InvalidCatalogName, $"database with OID {database} does not exist");

    /// <summary>The same; null when the database is gone by now.</summary>
    public CatalogSnapshot? Find(uint database) => Newest.Databases.GetValueOrDefault(database);

    /// <summary>The newest committed catalogs of all databases.</summary>
    public IEnumerable<CatalogSnapshot> Databases => Newest.Databases.Values;

    State Newest
    {
        get
        {
            if (_commitsUnderWay > 0)
                lock (_publishing)
                    return _state;
            return _state;
        }
    }

    /// <summary>Reads the catalogs of a store; those of a new one are empty and want <see cref="Bootstrap"/>.</summary>
    public static ClusterCatalog Load(Store store)
    {
        var records = store.Catalog.GroupBy(entry => entry.Key.Database).ToDictionary(group => group.Key, group => group.Select(entry => entry.Value).ToList());
        var shared = SharedObjects.Empty;
        foreach (var record in records.GetValueOrDefault(SharedDatabase, []))
            shared = shared.With(CatalogRecord.Read(record, oid => throw new PgError(SqlState.DataCorrupted, $"shared catalog record names type {oid}")));
        var databases = shared.Databases.ToImmutableDictionary(
            database => database.Oid,
            database => CatalogLoader.Load(database.Oid, shared, records.GetValueOrDefault(database.Oid, [])));
        var catalog = new ClusterCatalog(store, new State(shared, databases, 1));
        foreach (var database in databases.Values)
            catalog.DropTemporaryObjects(database);
        return catalog;
    }

    /// <summary>Removes what sessions of a server that was killed left in their pg_temp schemas.</summary>
    void DropTemporaryObjects(CatalogSnapshot snapshot)
    {
        var schemas = snapshot.All<SchemaDefinition>().Where(schema => schema.IsTemporary).ToList();
        if (schemas.Count == 0)
            return;
        var dropped = snapshot.All<SchemaObject>().Where(item => schemas.Any(schema => schema.Oid == item.Schema)).ToList();
        using var transaction = Store.Begin();
        foreach (var relation in dropped.OfType<Relation>().Where(relation => relation.HasRows))
            transaction.DropTable(relation.StorageId);
        var changes = dropped.Concat<CatalogObject>(schemas).Select(item => new CatalogChange(snapshot.DatabaseOid, item.Oid, null)).ToList();
        foreach (var change in changes)
            transaction.DeleteCatalog(new CatalogKey(change.Database, change.Oid));
        Commit(transaction, waitForFlush: false, changes);
    }

    /// <summary>The database number of records of shared objects.</summary>
    internal const uint SharedDatabase = 0;

    /// <summary>Commits a transaction and publishes its catalog changes, in that order and as one step for readers.</summary>
    internal void Commit(Transaction transaction, bool waitForFlush, IReadOnlyList<CatalogChange> changes)
    {
        Interlocked.Increment(ref _commitsUnderWay);
        try
        {
            lock (_publishing)
            {
                transaction.Commit(waitForFlush);
                Publish(changes);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _commitsUnderWay);
        }
    }

    void Publish(IReadOnlyList<CatalogChange> changes)
    {
        var (shared, databases, version) = _state;
        foreach (var change in changes)
        {
            if (change.Database != SharedDatabase)
            {
                if (databases.TryGetValue(change.Database, out var snapshot) || !change.IsDelete)
                    databases = databases.SetItem(change.Database, (snapshot ?? new CatalogSnapshot(change.Database, shared)).Apply(change));
                continue;
            }
            if (change.Item is null && shared.Find(change.Oid) is DatabaseDefinition)
                databases = databases.Remove(change.Oid);
            if (change.Item is DatabaseDefinition && !databases.ContainsKey(change.Oid))
                databases = databases.Add(change.Oid, new CatalogSnapshot(change.Oid, shared));
            shared = change.Item is null ? shared.Without(change.Oid) : shared.With(change.Item);
        }
        if (!ReferenceEquals(shared, _state.Shared))
            databases = databases.ToImmutableDictionary(entry => entry.Key, entry => entry.Value with { Shared = shared });
        _state = new State(shared, databases, version + 1);
    }
}

/// <summary>An object put into a database's catalog (0: the shared one), or taken out of it when <paramref name="Item"/> is null.</summary>
readonly record struct CatalogChange(uint Database, uint Oid, CatalogObject? Item)
{
    public bool IsDelete => Item is null;
}
