using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Serializability;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>PostgreSQL's isolation levels. READ UNCOMMITTED behaves as READ COMMITTED.</summary>
public enum Isolation { ReadUncommitted, ReadCommitted, RepeatableRead, Serializable }

/// <summary>
/// A session's transaction: the store's transaction (begun only when something is written or locked), the catalog as it sees it,
/// savepoints, and what each isolation level makes of snapshots.
/// </summary>
public sealed class TransactionBlock : IDisposable
{
    readonly Session _session;
    readonly List<SavepointLevel> _savepoints = [];
    readonly SessionSettings.Mark _settingsAtStart;
    Transaction? _transaction;
    Snapshot? _fixedSnapshot;
    volatile bool _awaitsSafeSnapshot;

    sealed record SavepointLevel(
        string Name, Savepoint Store, int Catalog, SessionSettings.Mark Settings, DeferredChecks Deferred, long Portals, ImmutableList<Action> OnCommit,
        ImmutableList<(string Channel, string Payload)> Notifications);

    public TransactionBlock(Session session, Isolation isolation, bool isReadOnly, bool isDeferrable, long timestamp)
    {
        _session = session;
        Isolation = isolation;
        IsReadOnly = isReadOnly;
        IsDeferrable = isDeferrable;
        Timestamp = timestamp;
        _settingsAtStart = session.Settings.Save();
        Catalog = new CatalogTransaction(
            session.Cluster.Catalog, session.DatabaseOid, () => Transaction, (before, item) => AfterStatement(() => ReferenceLocks.Take(session, Catalog!, before, item.Oid)));
    }

    public Isolation Isolation { get; private set; }
    public bool IsReadOnly { get; set; }

    /// <summary>Whether a SERIALIZABLE READ ONLY transaction waits for a safe snapshot.</summary>
    public bool IsDeferrable { get; private set; }

    /// <summary>Start of the transaction: what now() gives.</summary>
    public long Timestamp { get; }

    /// <summary>Whether BEGIN started it (or joined it); else it ends with the message.</summary>
    public bool IsExplicit { get; set; }

    /// <summary>Whether an error happened: only ROLLBACK and kin are taken.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Whether its transaction is over: committed, rolled back, or ended by an error, after which the block only waits for ROLLBACK.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether Execute has run a statement in it.</summary>
    public bool HasRunInPipeline { get; set; }

    public CatalogTransaction Catalog { get; }

    /// <summary>Notifications to send at commit.</summary>
    public ImmutableList<(string Channel, string Payload)> Notifications { get; private set; } = [];

    /// <summary>Leaves a notification for the commit.</summary>
    public void Notify(string channel, string payload) => Notifications = Notifications.Add((channel, payload));

    Queue<Action>? _afterStatement;
    DeferredChecks _deferred = DeferredChecks.None;

    /// <summary>Tables written to, by storage id.</summary>
    public HashSet<uint> ChangedTables => field ??= [];

    ImmutableList<Action> _onCommit = [];
    List<Action>? _onEnd;

    /// <summary>What SERIALIZABLE keeps of this transaction from its snapshot on; null at the other levels.</summary>
    internal SerializableTransaction? Serial { get; private set; }

    /// <summary>Leaves work for after the commit; forgotten on rollback, to a savepoint as well.</summary>
    public void OnCommit(Action action) => _onCommit = _onCommit.Add(action);

    /// <summary>Leaves work for after the transaction, however it ends.</summary>
    public void OnEnd(Action action) => (_onEnd ??= []).Add(action);

    /// <summary>Leaves work for the end of the running statement; it may leave more.</summary>
    public void AfterStatement(Action action) => (_afterStatement ??= new()).Enqueue(action);

    /// <summary>Leaves a constraint's check for the end of the statement, or of the transaction when the constraint is deferred now.</summary>
    /// <param name="table">The table whose change is to be checked.</param>
    public void Defer(Constraint constraint, uint table, Action check)
    {
        if (_deferred.IsDeferred(constraint))
            _deferred = _deferred with { Waiting = _deferred.Waiting.Add(new(constraint, table, check)) };
        else
            AfterStatement(check);
    }

    /// <summary>Does the work that the statement's rows have left. Raises what the checks raise.</summary>
    public void EndStatement()
    {
        if (_afterStatement is null) return;
        try
        {
            while (_afterStatement?.TryDequeue(out var action) == true)
                action();
        }
        finally
        {
            _afterStatement = null;
        }
    }

    /// <summary>SET CONSTRAINTS; no names mean ALL. What becomes immediate is checked at once. Raises 42704, 42809, 3F000, and what the checks raise.</summary>
    public void SetConstraints(IReadOnlyCollection<Sql.QualifiedName> names, bool deferred, NameResolver resolver)
    {
        _deferred = names.Count == 0 ? _deferred.SetAll(deferred)
            : _deferred.Set(names.SelectMany(name => DeferredChecks.Find(resolver, name, deferred)).ToList(), deferred);
        (var due, _deferred) = _deferred.TakeDue();
        foreach (var check in due)
            check.Run();
        EndStatement();
    }

    /// <summary>Raises 55006 when checks of changes to a table wait, as PostgreSQL's trigger events do.</summary>
    /// <param name="statement">What cannot be done to it then: <c>TRUNCATE</c>, <c>ALTER TABLE</c>, …</param>
    public void RequireNoWaitingChecks(Relation table, string statement)
    {
        if (_deferred.Waiting.Exists(check => check.Table == table.Oid))
            throw new PgError(SqlState.ObjectInUse, $"cannot {statement} \"{table.Name}\" because it has pending trigger events");
    }

    /// <summary>The store's transaction; begun when first asked for.</summary>
    /// <exception cref="InvalidOperationException">The transaction is over.</exception>
    public Transaction Transaction
        => _transaction ??= HasEnded ? throw new InvalidOperationException("the transaction is over") : _session.Cluster.Store.Begin(_session.LockOwner);

    public Transaction? TransactionIfAny => _transaction;

    public bool HasSavepoints => _savepoints.Count > 0;

    /// <summary>How many portals the session had made when the innermost savepoint was defined; 0 without one.</summary>
    public long PortalsAtSavepoint => HasSavepoints ? _savepoints[^1].Portals : 0;

    /// <summary>Whether a statement has taken its snapshot, so that the isolation level can no longer change.</summary>
    public bool HasRead { get; private set; }

    /// <summary>What a statement sees: everything committed (or, from REPEATABLE READ up, at the first statement), and own writes so far.</summary>
    public Snapshot TakeSnapshot()
    {
        HasRead = true;
        var store = _session.Cluster.Store;
        if (Isolation < Isolation.RepeatableRead)
            return _transaction?.TakeSnapshot() ?? store.TakeSnapshot();
        if (Isolation == Isolation.Serializable && IsReadOnly && IsDeferrable)
            _fixedSnapshot ??= TakeSafeSnapshot();
        else if (Isolation == Isolation.Serializable)
            Serial ??= _session.Cluster.Serialization.Begin(IsReadOnly);
        _fixedSnapshot ??= _transaction?.TakeSnapshot() ?? store.TakeSnapshot();
        // Own writes need a transaction to be told from others'; a reader without one has none.
        return Transaction.TakeSnapshot(_fixedSnapshot);
    }

    /// <summary>Whether it waits for a snapshot that needs no watching; others read it.</summary>
    public bool AwaitsSafeSnapshot { get => _awaitsSafeSnapshot; private set => _awaitsSafeSnapshot = value; }

    /// <summary>Waits for a snapshot that needs no watching. Raises 57014.</summary>
    Snapshot TakeSafeSnapshot()
    {
        var cluster = _session.Cluster;
        while (true)
        {
            var waiting = cluster.Serialization.BeginDeferrable(() => _transaction?.TakeSnapshot() ?? cluster.Store.TakeSnapshot());
            var isSafe = false;
            try
            {
                AwaitsSafeSnapshot = true;
                waiting.Wait(_session.Interrupts.Token);
                isSafe = !waiting.IsUnsafe;
            }
            catch (OperationCanceledException)
            {
                throw _session.CancellationError();
            }
            finally
            {
                AwaitsSafeSnapshot = false;
                cluster.Serialization.EndDeferrable(waiting);
                if (!isSafe) waiting.Snapshot.Dispose();
            }
            if (isSafe) return waiting.Snapshot;
        }
    }

    /// <summary>Raises 25001 when the transaction has read.</summary>
    public void SetDeferrable(bool isDeferrable)
    {
        if (isDeferrable == IsDeferrable) return;
        if (HasRead)
            throw new PgError(SqlState.ActiveSqlTransaction, "SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
        if (HasSavepoints)
            throw new PgError(SqlState.ActiveSqlTransaction, "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction");
        IsDeferrable = isDeferrable;
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
        => _savepoints.Add(new(
            name, Transaction.CreateSavepoint(), Catalog.CreateSavepoint(), _session.Settings.Save(), _deferred, _session.Portals.Made, _onCommit, Notifications));

    public void Release(string name)
    {
        var at = Find(name);
        Transaction.Release(_savepoints[at].Store);
        _savepoints.RemoveRange(at, _savepoints.Count - at);
    }

    public void RollbackTo(string name)
    {
        var at = Find(name);
        Undo(_savepoints[at]);
        _session.Portals.CloseSince(_savepoints[at].Portals);
        _savepoints.RemoveRange(at + 1, _savepoints.Count - at - 1);
        HasFailed = false;
    }

    void Undo(SavepointLevel level)
    {
        Transaction.RollbackTo(level.Store);
        Catalog.RollbackTo(level.Catalog);
        _session.Settings.RollbackTo(level.Settings);
        (_deferred, _onCommit, Notifications) = (level.Deferred, level.OnCommit, level.Notifications);
    }

    int Find(string name)
    {
        var at = _savepoints.FindLastIndex(level => level.Name == name);
        return at >= 0 ? at : throw new PgError(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
    }

    // ---- End

    public void Commit()
    {
        if (!ReferenceEquals(_deferred, DeferredChecks.None) || _afterStatement is not null)
            SetConstraints([], deferred: false, _session.NewNames());
        Serial?.Prepare();
        if (_transaction is not null)
            Catalog.Commit(_transaction, _session.Settings.ForStatements.WaitsForFlush);
        Serial?.Committed();
        Serial = null;
        if (_session.Sequences.TakeUsed() && _session.Settings.ForStatements.WaitsForFlush)
            _session.Cluster.Store.FlushSequences();
        foreach (var action in _onCommit)
            action();
        _session.Settings.End(_settingsAtStart, committed: true);
        _session.Cluster.ActivityOf(_session.DatabaseOid).CountEnd(committed: true);
        Dispose();
    }

    /// <summary>
    /// An error in a block that BEGIN holds open. What was done since the innermost savepoint, or at all, is undone and its locks are free at
    /// once; the block stays until ROLLBACK.
    /// </summary>
    public void Fail()
    {
        if (HasFailed) return;
        HasFailed = true;
        // What the statement had left to check is no longer there.
        _afterStatement = null;
        if (HasSavepoints)
            Undo(_savepoints[^1]);
        else
            Rollback();
    }

    public void Rollback()
    {
        if (HasEnded) return;
        _transaction?.Rollback();
        Catalog.RollbackTo(0);
        _session.Settings.End(_settingsAtStart, committed: false);
        _session.Cluster.ActivityOf(_session.DatabaseOid).CountEnd(committed: false);
        Dispose();
    }

    public void Dispose()
    {
        HasEnded = true;
        Serial?.RolledBack();
        Serial = null;
        _fixedSnapshot?.Dispose();
        _fixedSnapshot = null;
        _transaction?.Dispose();
        _transaction = null;
        foreach (var action in _onEnd ?? [])
            action();
        _onEnd = null;
    }
}
