using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>Advisory locks: of the session (until unlocked) and of the transaction.</summary>
static class LockFunctions
{
    // Lock classes of our own, next to those of CatalogLocks: one key of 64 bits, two of 32.
    public const uint OneKey = 0xFFFF_FE01;
    public const uint TwoKeys = 0xFFFF_FE02;

    public static FunctionTable Table => new(
    [
        .. Forms("pg_advisory_lock", PgTypes.Void, LockMode.Exclusive, LockForSession), .. Forms("pg_advisory_lock_shared", PgTypes.Void, LockMode.Share, LockForSession),
        .. Forms("pg_try_advisory_lock", PgTypes.Bool, LockMode.Exclusive, TryForSession), .. Forms("pg_try_advisory_lock_shared", PgTypes.Bool, LockMode.Share, TryForSession),
        .. Forms("pg_advisory_xact_lock", PgTypes.Void, LockMode.Exclusive, Lock), .. Forms("pg_advisory_xact_lock_shared", PgTypes.Void, LockMode.Share, Lock),
        .. Forms("pg_try_advisory_xact_lock", PgTypes.Bool, LockMode.Exclusive, TryLock), .. Forms("pg_try_advisory_xact_lock_shared", PgTypes.Bool, LockMode.Share, TryLock),
        .. Forms("pg_advisory_unlock", PgTypes.Bool, LockMode.Exclusive, Unlock), .. Forms("pg_advisory_unlock_shared", PgTypes.Bool, LockMode.Share, Unlock),
        CatalogFunction.Of("pg_advisory_unlock_all", PgTypes.Void, [], (_, context) =>
        {
            context.Session.Cluster.Store.Locks.ReleaseAllForSession(context.Session.LockOwner);
            return CatalogFunction.Text("");
        }) with { Volatility = Volatility.Volatile },
    ]);

    static IEnumerable<Function> Forms(string name, PgType result, LockMode mode, Func<Session, LockTag, LockMode, Datum> act)
    {
        yield return CatalogFunction.Of(name, result, [PgTypes.Int8], (arguments, context)
            => act(context.Session, new LockTag(context.Session.DatabaseOid, OneKey, (ulong)arguments[0].AsInt64), mode)) with { Volatility = Volatility.Volatile };
        yield return CatalogFunction.Of(name, result, [PgTypes.Int4, PgTypes.Int4], (arguments, context)
            => act(context.Session, new LockTag(context.Session.DatabaseOid, TwoKeys, ((ulong)(uint)arguments[0].AsInt32 << 32) | (uint)arguments[1].AsInt32), mode)) with { Volatility = Volatility.Volatile };
    }

    static Datum LockForSession(Session session, LockTag tag, LockMode mode)
    {
        StatementLocks.ThrowUnlessGranted(session, session.Cluster.Store.Locks.AcquireForSession(session.LockOwner, tag, mode, StatementLocks.Timeout(session), session.Interrupts.Token));
        return CatalogFunction.Text("");
    }

    static Datum TryForSession(Session session, LockTag tag, LockMode mode) => Datum.Of(session.Cluster.Store.Locks.TryAcquireForSession(session.LockOwner, tag, mode));

    static Datum Lock(Session session, LockTag tag, LockMode mode)
    {
        StatementLocks.Acquire(session, tag, mode);
        return CatalogFunction.Text("");
    }

    static Datum TryLock(Session session, LockTag tag, LockMode mode) => Datum.Of(session.Cluster.Store.Locks.TryAcquire(session.Block!.Transaction, tag, mode));

    static Datum Unlock(Session session, LockTag tag, LockMode mode)
    {
        var released = session.Cluster.Store.Locks.ReleaseForSession(session.LockOwner, tag, mode);
        if (!released)
            session.Client.Notice(new PgNotice("WARNING", SqlState.Warning, $"you don't own a lock of type {mode}Lock"));
        return Datum.Of(released);
    }
}
