using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>The table locks that statements take, and waits for locks with their errors.</summary>
internal static class StatementLocks
{
    /// <summary>Takes the locks a query or data statement needs on its tables. Raises 40P01, 55P03, 57014.</summary>
    public static void Take(Session session, (uint Table, LockMode Mode)[] tables)
    {
        foreach (var (table, mode) in tables)
            Acquire(session, CatalogLocks.Relation(session.DatabaseOid, table), mode);
    }

    public static void Acquire(Session session, LockTag tag, LockMode mode)
    {
        var transaction = session.Block!.Transaction;
        if (session.Cluster.Store.Locks.TryAcquire(transaction, tag, mode)) return;
        ThrowUnlessGranted(session, session.Cluster.Store.Locks.Acquire(transaction, tag, mode, Timeout(session), session.Interrupts.Token));
    }

    /// <summary>Waits for another transaction to end. Raises 40P01, 55P03, 57014.</summary>
    public static void WaitForEnd(Session session, Transaction other)
        => ThrowUnlessGranted(session, session.Block!.Transaction.WaitForEnd(other, Timeout(session), session.Interrupts.Token));

    /// <summary>Waits for another transaction to end or to give back a row. Raises 40P01, 55P03, 57014.</summary>
    public static void WaitFor(Session session, RowHolder holder)
        => ThrowUnlessGranted(session, session.Block!.Transaction.WaitFor(holder, Timeout(session), session.Interrupts.Token));

    /// <summary>The same, and the error's CONTEXT says what was being done with the row.</summary>
    /// <param name="session">Who waits.</param>
    /// <param name="holder">Whom for.</param>
    /// <param name="doing">What is done: <c>updating tuple</c>.</param>
    /// <param name="row">The row.</param>
    /// <param name="relation">Name of its table or index.</param>
    public static void WaitFor(Session session, RowHolder holder, string doing, RowId row, string relation)
    {
        try
        {
            WaitFor(session, holder);
        }
        catch (PgError error)
        {
            throw error.Within($"while {doing} {Tables.StoredTable.ToTidText(row)} in relation \"{relation}\"");
        }
    }

    /// <summary>lock_timeout for the wait that begins; deadlock_timeout is set for it, too.</summary>
    public static TimeSpan? Timeout(Session session)
    {
        session.LockOwner.DeadlockTimeout = TimeSpan.FromMilliseconds(session.Settings.Integer("deadlock_timeout"));
        return LockTimeout(session);
    }

    static TimeSpan? LockTimeout(Session session) => session.Settings.Integer("lock_timeout") is > 0 and var ms ? TimeSpan.FromMilliseconds(ms) : null;

    public static void ThrowUnlessGranted(Session session, WaitOutcome outcome)
    {
        switch (outcome)
        {
            case WaitOutcome.Deadlock:
                session.Cluster.ActivityOf(session.DatabaseOid).CountDeadlock();
                throw new PgError(SqlState.DeadlockDetected, "deadlock detected") { Detail = string.Join("\n", session.LockOwner.LastDeadlock.Select(Describe)), Hint = "See server log for query details." };
            case WaitOutcome.Timeout:
                throw new PgError(SqlState.LockNotAvailable, "canceling statement due to lock timeout");
            case WaitOutcome.Cancelled:
                throw session.CancellationError();
        }
    }

    static string Describe(DeadlockEdge edge)
    {
        var target = edge.Tag switch
        {
            null => $"transaction {edge.Transaction!.Id}",
            { Class: WellKnownOids.PgClass } tag => $"relation {tag.Object} of database {tag.Database}",
            { } tag when CatalogLocks.IsRow(tag) => $"tuple {PgTypes.Tid.Codec.ToText(Datum.Of(Tables.StoredTable.ToTid(new((long)tag.Object))), TypeSettings.Default)} of relation {tag.Class} of database {tag.Database}",
            { Class: LockFunctions.OneKey } tag => $"advisory lock [{tag.Database},{tag.Object >> 32},{tag.Object & uint.MaxValue},1]",
            { Class: LockFunctions.TwoKeys } tag => $"advisory lock [{tag.Database},{tag.Object >> 32},{tag.Object & uint.MaxValue},2]",
            { } tag => $"object {tag.Object} of class {tag.Class} of database {tag.Database}",
        };
        return $"Process {ProcessId(edge.Waiter)} waits for {edge.Mode}Lock on {target}; blocked by process {ProcessId(edge.Blocker)}.";
    }

    static int ProcessId(LockOwner owner) => (owner.Tag as Session)?.ProcessId ?? 0;
}
