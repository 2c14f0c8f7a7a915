using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// One transaction's view of its database's catalog, with its own changes. Changes are written to the store at once (and so follow its
/// commit, rollback and savepoints) and kept as a list, which is applied onto whatever others have committed meanwhile: two
/// transactions never change the same object or make the same name, because both lock it first (<see cref="CatalogLocks"/>).
/// </summary>
/// <param name="storage">The store's transaction, begun when first asked for.</param>
/// <param name="hasPut">Told of each object that is put, with what it replaces.</param>
public sealed class CatalogTransaction(ClusterCatalog catalog, uint database, Func<Transaction> storage, Action<CatalogObject?, CatalogObject>? hasPut = null)
{
    readonly List<CatalogChange> _changes = [];
    CatalogSnapshot _snapshot = catalog.Current(database);
    long _version = catalog.Version;

    public ClusterCatalog Catalog { get; } = catalog;

    /// <summary>What this transaction sees.</summary>
    public CatalogSnapshot Snapshot => _snapshot;

    public bool HasChanges => _changes.Count > 0;

    /// <summary>Takes in what others have committed. Called at the start of each statement and after each wait for a lock.</summary>
    public CatalogSnapshot Refresh()
    {
        var version = Catalog.Version;
        if (version == _version)
            return _snapshot;
        var newest = Catalog.Current(database);
        foreach (var change in _changes)
            newest = Apply(newest, change);
        (_snapshot, _version) = (newest, version);
        return newest;
    }

    public uint NewOid() => Catalog.Oids.Next();

    /// <summary>Adds an object, or puts it in the place of the one with its OID.</summary>
    public void Put(CatalogObject item)
    {
        var before = _snapshot.Find(item.Oid);
        Change(new CatalogChange(item is RoleDefinition or DatabaseDefinition ? ClusterCatalog.SharedDatabase : database, item.Oid, item));
        hasPut?.Invoke(before, item);
    }

    public void Delete(CatalogObject item)
        => Change(new CatalogChange(item is RoleDefinition or DatabaseDefinition ? ClusterCatalog.SharedDatabase : database, item.Oid, null));

    /// <summary>Adds an object to the catalog of another database (CREATE DATABASE).</summary>
    public void PutInto(uint otherDatabase, CatalogObject item) => Change(new CatalogChange(otherDatabase, item.Oid, item));

    /// <summary>Deletes an object from the catalog of another database (DROP DATABASE).</summary>
    public void DeleteFrom(uint otherDatabase, CatalogObject item) => Change(new CatalogChange(otherDatabase, item.Oid, null));

    /// <summary>A point to go back to together with the store's savepoint.</summary>
    public int CreateSavepoint() => _changes.Count;

    /// <summary>Forgets the changes since a savepoint. The store's transaction must go back as well.</summary>
    public void RollbackTo(int savepoint)
    {
        if (savepoint == _changes.Count)
            return;
        _changes.RemoveRange(savepoint, _changes.Count - savepoint);
        _version = 0;
        Refresh();
    }

    /// <summary>Commits the store's transaction and makes the changes visible to others with it.</summary>
    public void Commit(Transaction transaction, bool waitForFlush)
    {
        if (HasChanges)
            Catalog.Commit(transaction, waitForFlush, _changes);
        else
            transaction.Commit(waitForFlush);
    }

    void Change(CatalogChange change)
    {
        var key = new CatalogKey(change.Database, change.Oid);
        if (change.Item is null)
            storage().DeleteCatalog(key);
        else
            storage().PutCatalog(key, CatalogRecord.Write(change.Item));
        _changes.Add(change);
        _snapshot = Apply(_snapshot, change);
    }

    CatalogSnapshot Apply(CatalogSnapshot snapshot, CatalogChange change)
        => change.Database == database || change.Database == ClusterCatalog.SharedDatabase ? snapshot.Apply(change) : snapshot;
}
