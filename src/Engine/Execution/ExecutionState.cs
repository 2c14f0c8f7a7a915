using System.Globalization;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Everything one running statement carries: its snapshot, parameters, values handed down to subplans, and cancellation.</summary>
public sealed class ExecutionState(Session session, Transaction? transaction, Snapshot snapshot, Datum[] parameters, int slots, CancellationToken cancellation)
    : EvaluationContext, IDisposable
{
    List<RowSource>? _subplans;
    Dictionary<object, object>? _shared;
    TemporarySpace? _temporary;

    /// <summary>Values of $1, $2, …</summary>
    public Datum[] Parameters { get; } = parameters;

    /// <summary>
    /// Slots that plans write and expressions below them read: outer columns of correlated subqueries and LATERAL, CASE inputs,
    /// results of uncorrelated subqueries. The compiler numbers them per statement.
    /// </summary>
    public Datum[] Slots { get; } = slots == 0 ? [] : new Datum[slots];

    public override Session Session { get; } = session;
    /// <summary>The session's; the defaults for expressions of definitions, which run outside any session.</summary>
    public override TypeSettings Settings => Session is null ? TypeSettings.Default : Session.TypeSettings;


    /// <summary>The statement's transaction; null while nothing was written and no lock was taken.</summary>
    public Transaction? Transaction { get; } = transaction;

    /// <summary>What the statement sees.</summary>
    public Snapshot Snapshot { get; } = snapshot;

    /// <summary>What a row must be seen by, besides, to be changed (40001 else): the transaction's snapshot, for a foreign key's action in a newer one.</summary>
    public Snapshot? Crosscheck { get; init; }

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>State that plan nodes share within one execution, by node: materialized WITH queries, working tables, hashed subplans.</summary>
    public Dictionary<object, object> Shared => _shared ??= [];

    /// <summary>Rows changed by the INSERT, UPDATE or DELETE that ended last: the statement's own runs after those of its WITH.</summary>
    public long RowsAffected { get; set; }

    /// <summary>What EXPLAIN ANALYZE gathers; null in ordinary executions.</summary>
    public PlanStatistics? Statistics { get; init; }

    /// <summary>Tells SERIALIZABLE that all rows of a table are read. Raises 40001.</summary>
    public void NoteRead(Catalog.Relation table) => Session.Block?.Serial?.ReadTable(table.Oid);

    public override long TransactionTimestamp => Session.TransactionTimestamp;
    public override long StatementTimestamp => Session.StatementTimestamp;
    public override long ClockTimestamp => Session.ClockTimestamp;

    public override void ThrowIfCancelled()
    {
        if (Cancellation.IsCancellationRequested)
            throw Session.CancellationError();
    }

    /// <summary>Bytes that a sort or a list of rows may take before it goes to disk.</summary>
    internal long WorkMemory => field != 0 ? field : field = Session.Settings.Integer("work_mem") * 1024L;

    /// <summary>Bytes that a hash table may take.</summary>
    internal long HashMemory => field != 0 ? field : field = (long)(WorkMemory * double.Parse(Session.Settings["hash_mem_multiplier"], CultureInfo.InvariantCulture));

    /// <summary>Space on disk for what does not fit.</summary>
    internal TemporarySpace Temporary => _temporary ??= new(Session);

    /// <summary>Keeps a subplan's source until the statement ends.</summary>
    internal void Keep(RowSource subplan) => (_subplans ??= []).Add(subplan);

    /// <summary>Closes the subplans that expressions have started, and gives disk space back.</summary>
    public void Dispose()
    {
        _temporary?.Dispose();
        _temporary = null;
        if (_subplans is null)
            return;
        foreach (var subplan in _subplans)
            subplan.Dispose();
        _subplans = null;
    }
}
