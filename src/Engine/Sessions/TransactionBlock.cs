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
/// SERIALIZABLE is snapshot isolation with validation: a transaction that wrote commits only if no table it read was changed since its
/// snapshot, else 40001. So what it read is still as it was when it commits, and its place in the serial order is its commit; one
/// that only read has its place at its snapshot. Coarser than PostgreSQL's predicate locks, never weaker among SERIALIZABLE ones.
/// </remarks>
public sealed class TransactionBlock : IDisposable
{
    readonly Session _session;
    readonly List<SavepointLevel> _savepoints = [];
    readonly SessionSettings.Mark _settingsAtStart;
    Transaction? _transaction;
    Snapshot? _fixedSnapshot;

    sealed record SavepointLevel(string Name, Savepoint Store, int Catalog, SessionSettings.Mark Settings, int Work, long Portals);

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

    /// <summary>Checks that wait for the commit: deferred constraints, by name.</summary>
    public List<(string Constraint, Action Check)> Deferred { get; } = [];

    readonly Queue<Action> _afterStatement = new();
    readonly Dictionary<string, bool> _deferredByName = [];
    bool? _allDeferred;

    /// <summary>Tables written to, by storage id.</summary>
    public HashSet<uint> ChangedTables { get; } = [];

    readonly List<Action> _onCommit = [];

    /// <summary>Tables read under SERIALIZABLE, by storage id.</summary>
    public HashSet<uint> ReadTables { get; } = [];

    /// <summary>Leaves work for after the commit; forgotten on rollback.</summary>
    public void OnCommit(Action action) => _onCommit.Add(action);

    /// <summary>Leaves work for the end of the running statement; it may leave more.</summary>
    public void AfterStatement(Action action) => _afterStatement.Enqueue(action);

    /// <summary>Leaves a constraint's check for the end of the statement, or of the transaction when the constraint is deferred now.</summary>
    public void Defer(Constraint constraint, Action check)
    {
        if (constraint.IsDeferrable && (_deferredByName.TryGetValue(constraint.Name, out var deferred) ? deferred : _allDeferred ?? constraint.InitiallyDeferred))
            Deferred.Add((constraint.Name, check));
        else
            AfterStatement(check);
    }

    /// <summary>Does the work that the statement's rows have left. Raises what the checks raise.</summary>
    public void EndStatement()
    {
        if (_afterStatement.Count == 0) return;
        try
        {
            while (_afterStatement.TryDequeue(out var action))
                action();
        }
        finally
        {
            _afterStatement.Clear();
        }
    }

    /// <summary>SET CONSTRAINTS; an empty set of names means all. What becomes immediate is checked at once. Raises 42704 and 42809.</summary>
    public void SetConstraints(HashSet<string> names, bool deferred, CatalogSnapshot catalog)
    {
        foreach (var name in names)
        {
            var known = catalog.All<Relation>().SelectMany(relation => relation.Constraints).Where(constraint => constraint.Name == name).ToList();
            if (known.Count == 0)
                throw new PgError(SqlState.UndefinedObject, $"constraint \"{name}\" does not exist");
            if (!known.Exists(constraint => constraint.IsDeferrable))
                throw new PgError(SqlState.WrongObjectType, $"constraint \"{name}\" is not deferrable");
            _deferredByName[name] = deferred;
        }
        if (names.Count == 0)
        {
            _deferredByName.Clear();
            _allDeferred = deferred;
        }
        if (deferred) return;
        var due = Deferred.FindAll(item => names.Count == 0 || names.Contains(item.Constraint));
        Deferred.RemoveAll(due.Contains);
        foreach (var (_, check) in due)
            check();
        EndStatement();
    }

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
        => _savepoints.Add(new(name, Transaction.CreateSavepoint(), Catalog.CreateSavepoint(), _session.Settings.Save(), Deferred.Count, _session.Portals.Made));

    public void Release(string name)
    {
        var at = Find(name);
        Transaction.Release(_savepoints[at].Store);
        _savepoints.RemoveRange(at, _savepoints.Count - at);
    }

    public void RollbackTo(string name)
    {
        var at = Find(name);
        var level = _savepoints[at];
        Transaction.RollbackTo(level.Store);
        Catalog.RollbackTo(level.Catalog);
        _session.Settings.RollbackTo(level.Settings);
        _session.Portals.CloseSince(level.Portals);
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
        for (var i = 0; i < Deferred.Count; i++)
            Deferred[i].Check();
        EndStatement();
        if (_transaction is not null && Isolation == Isolation.Serializable && ChangedTables.Count > 0)
        {
            lock (_session.Cluster.Tables.Serialization)
            {
                RequireUnchanged();
                CommitStore();
            }
        }
        else if (_transaction is not null)
        {
            CommitStore();
        }
        foreach (var action in _onCommit)
            action();
        _session.Settings.End(_settingsAtStart, committed: true);
        Dispose();
    }

    void CommitStore()
    {
        Catalog.Commit(_transaction!, _session.Settings["synchronous_commit"] != "off");
        NoteChanges();
    }

    /// <summary>Raises 40001 when a table read was changed by others since the snapshot.</summary>
    void RequireUnchanged()
    {
        if (_fixedSnapshot is null || !ReadTables.Any(table => _session.Cluster.Tables.LastChange(table) > _fixedSnapshot.ReadCsn)) return;
        throw new PgError(SqlState.SerializationFailure, "could not serialize access due to read/write dependencies among transactions")
        {
            Detail = "Reason code: Canceled on identification as a pivot, during commit attempt.",
            Hint = "The transaction might succeed if retried.",
        };
    }

    // The next snapshot is the first to see this commit, so its number bounds ours from above; one too large only costs a retry.
    void NoteChanges()
    {
        if (ChangedTables.Count == 0) return;
        using var now = _session.Cluster.Store.TakeSnapshot();
        foreach (var table in ChangedTables)
            _session.Cluster.Tables.NoteChange(table, now.ReadCsn);
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
