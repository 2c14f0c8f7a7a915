using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// A statement's place in the line for one row. A row is free when its transaction ends, and then all who wait for that would run for it;
/// so they first take a lock that stands for the row, as in PostgreSQL, and only the one who has it waits for the transaction.
/// </summary>
/// <param name="session">Who waits.</param>
/// <param name="table">The row's table.</param>
/// <param name="row">The row.</param>
/// <param name="mode">The lock that is wanted.</param>
/// <param name="doing">What is done, for the CONTEXT of errors: <c>updating tuple</c>.</param>
internal struct RowLine(Session session, Relation table, RowId row, RowLockMode mode, string doing) : IDisposable
{
    bool _isFirst;

    /// <summary>Waits for the transaction that has the row to end, after those who came before. Raises 40P01, 55P03, 57014.</summary>
    public void WaitFor(WriteResult busy)
    {
        // Who has a lock on the row already would wait in line for one that waits for it.
        if (!_isFirst && !busy.HasLock)
        {
            StatementLocks.ThrowUnlessGranted(session, session.Cluster.Store.Locks.AcquireForSession(
                session.LockOwner, Tag, Mode, StatementLocks.Timeout(session), session.Interrupts.Token));
            _isFirst = true;
        }
        StatementLocks.WaitFor(session, busy.Blocker, doing, row, table.Name);
    }

    /// <summary>Lets the next one in.</summary>
    public readonly void Dispose()
    {
        if (_isFirst) session.Cluster.Store.Locks.ReleaseForSession(session.LockOwner, Tag, Mode);
    }

    readonly LockTag Tag => CatalogLocks.Row(session.DatabaseOid, table.Oid, row);

    // PostgreSQL's table of tuple locks.
    readonly LockMode Mode => mode switch
    {
        RowLockMode.KeyShare => LockMode.AccessShare,
        RowLockMode.Share => LockMode.RowShare,
        RowLockMode.NoKeyUpdate => LockMode.Exclusive,
        _ => LockMode.AccessExclusive,
    };
}
