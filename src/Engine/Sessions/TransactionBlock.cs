using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>PostgreSQL's isolation levels. READ UNCOMMITTED behaves as READ COMMITTED.</summary>
public enum Isolation { ReadUncommitted, ReadCommitted, RepeatableRead, Serializable }

/// <summary>
/// A session's transaction: the store's transaction (begun only when something is written or locked), the catalog as it sees it,
/// savepoints, and what each isolation level makes of snapshots.
/// </summary>
/// <remarks>
/// SERIALIZABLE is snapshot isolation plus table locks: what it reads it locks in SHARE mode until it ends, and a table changed since its
/// snapshot was taken raises 40001. So at commit everything it read is still as it was, and its place in the serial order is its
/// commit. Coarser than PostgreSQL's predicate locks, never weaker.
/// </remarks>
public sealed class TransactionBlock : IDisposable
{
    readonly Session _session;
    readonly List<SavepointLevel> _savepoints = [];
    readonly SessionSettings.Mark _settingsAtStart;
    Transaction? _transaction;
    Snapshot? _fixedSnapshot;

    sealed record SavepointLevel(string Name, Savepoint? Store, int Catalog, SessionSettings.Mark Settings, int Work);

    public TransactionBlock(Session session, Isolation isolation, bool isReadOnly, long timestamp)
    {
        _session = session;
        Isolation = isolation;
        IsReadOnly = isReadOnly;
        Timestamp = timestamp;
        _settingsAtStart = session.Settings.Save();
        Catalog = new CatalogTransaction(session.Cluster.Catalog, session.DatabaseOid, () => Transaction);
    }

    public Isolation Isolation { get; private set; }
    public bool IsReadOnly { get; set; }

    /// <summary>Start of the transaction: what now() gives.</summary>
    public long Timestamp { get; }

    /// <summary>Whether BEGIN started it (or joined it); else it ends with the message.</summary>
    public bool IsExplicit { get; set; }

    /// <summary>Whether an error happened: only ROLLBACK and kin are taken.</summary>
    public bool HasFailed { get; set; }

    public CatalogTransaction Catalog { get; }

    /// <summary>Notifications to send at commit.</summary>
    public List<(string Channel, string Payload)> Notifications { get; } = [];

    /// <summary>Checks that wait for the commit: deferred constraints.</summary>
    public List<Action> Deferred { get; } = [];

    /// <summary>The store's transaction; begun when first asked for.</summary>
    public Transaction Transaction => _transaction ??= _session.Cluster.Store.Begin(_session.LockOwner);

    public Transaction? TransactionIfAny => _transaction;

    public bool HasSavepoints => _savepoints.Count > 0;

    /// <summary>Whether a statement has taken its snapshot, so that the isolation level can no longer change.</summary>
    public bool HasRead { get; private set; }

    /// <summary>What a statement sees: everything committed (or, from REPEATABLE READ up, at the first statement), and own writes so far.</summary>
    public Snapshot TakeSnapshot()
    {
        HasRead = true;
        var store = _session.Cluster.Store;
        if (Isolation < Isolation.RepeatableRead)
            return _transaction?.TakeSnapshot() ?? store.TakeSnapshot();
        _fixedSnapshot ??= _transaction?.TakeSnapshot() ?? store.TakeSnapshot();
        // Own writes need a transaction to be told from others'; a reader without one has none.
        return Transaction.TakeSnapshot(_fixedSnapshot);
    }

    public void SetIsolation(Isolation isolation)
    {
        if (isolation == Isolation) return;
        if (HasRead)
            throw new PgError(SqlState.ActiveSqlTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query");
        if (HasSavepoints)
            throw new PgError(SqlState.ActiveSqlTransaction, "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
        Isolation = isolation;
    }

    // ---- Savepoints

    public void Define(string name)
        => _savepoints.Add(new(name, Transaction.CreateSavepoint(), Catalog.CreateSavepoint(), _session.Settings.Save(), Deferred.Count));

    public void Release(string name)
    {
        var at = Find(name);
        Transaction.Release(_savepoints[at].Store!);
        _savepoints.RemoveRange(at, _savepoints.Count - at);
    }

    public void RollbackTo(string name)
    {
        var at = Find(name);
        var level = _savepoints[at];
        Transaction.RollbackTo(level.Store!);
        Catalog.RollbackTo(level.Catalog);
        _session.Settings.RollbackTo(level.Settings);
        Deferred.RemoveRange(level.Work, Deferred.Count - level.Work);
        _savepoints.RemoveRange(at + 1, _savepoints.Count - at - 1);
        HasFailed = false;
    }

    int Find(string name)
    {
        var at = _savepoints.FindLastIndex(level => level.Name == name);
        return at >= 0 ? at : throw new PgError(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
    }

    // ---- End

    public void Commit()
    {
        foreach (var check in Deferred.ToList())
            check();
        if (_transaction is not null)
            Catalog.Commit(_transaction, _session.Settings["synchronous_commit"] != "off");
        _session.Settings.End(_settingsAtStart, committed: true);
        Dispose();
    }

    public void Rollback()
    {
        _transaction?.Rollback();
        _session.Settings.End(_settingsAtStart, committed: false);
        Dispose();
    }

    public void Dispose()
    {
        _fixedSnapshot?.Dispose();
        _fixedSnapshot = null;
        _transaction?.Dispose();
        _transaction = null;
    }
}
