using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>The rows of pg_locks: locks held and waited for, and the lock that every transaction has on itself.</summary>
static class LockRows
{
    /// <summary>What a lock is on, in pg_locks' columns.</summary>
    readonly record struct Target(
        string Type, uint? Database = null, uint? Relation = null, RowId? Row = null, long? Transaction = null, uint? Class = null, uint? Object = null, int? Part = null);

    public static IEnumerable<Datum[]> Of(EvaluationContext context)
    {
        var cluster = context.Session.Cluster;
        foreach (var info in cluster.Store.Locks.List())
            yield return Row(TargetOf(info), info.Owner.Tag as Session, info.Mode, info.Granted, info.WaitingSince);
        foreach (var session in cluster.Sessions)
        {
            if (session.Block is not { HasEnded: false } block) continue;
            yield return Row(new("virtualxid"), session, LockMode.Exclusive, true, null);
            if (block.TransactionIfAny is { HasWrites: true } transaction)
                yield return Row(new("transactionid", Transaction: transaction.Id), session, LockMode.Exclusive, true, null);
        }
    }

    /// <summary>The kind of lock that each session waits for, where it waits: pg_stat_activity's wait_event.</summary>
    public static Dictionary<Session, string> Waits(Cluster cluster)
        => cluster.Store.Locks.List().Where(info => !info.Granted && info.Owner.Tag is Session).ToDictionary(info => (Session)info.Owner.Tag!, info => TargetOf(info).Type);

    static Target TargetOf(LockInfo info) => info.Tag is { } tag ? TargetOf(tag) : new("transactionid", Transaction: info.Transaction!.Id);

    static Target TargetOf(LockTag tag) => tag switch
    {
        { Class: WellKnownOids.PgClass } => new("relation", tag.Database, (uint)tag.Object),
        { Class: LockFunctions.OneKey } => new("advisory", tag.Database, Class: (uint)(tag.Object >> 32), Object: (uint)tag.Object, Part: 1),
        { Class: LockFunctions.TwoKeys } => new("advisory", tag.Database, Class: (uint)(tag.Object >> 32), Object: (uint)tag.Object, Part: 2),
        _ when CatalogLocks.IsRow(tag) => new("tuple", tag.Database, tag.Class, new RowId((long)tag.Object)),
        _ => new("object", tag.Database, Class: tag.Class, Object: (uint)tag.Object, Part: 0),
    };

    static Datum[] Row(Target target, Session? session, LockMode mode, bool granted, DateTimeOffset? since)
    {
        var tid = target.Row is { } row ? StoredTable.ToTid(row) : 0;
        var virtualId = session is null ? Null : Text($"{session.ProcessId}/1");
        return
        [
            Text(target.Type), OrNull(target.Database), OrNull(target.Relation), target.Row is null ? Null : Int(tid >> 16), target.Row is null ? Null : Int(tid & 0xFFFF),
            target.Type == "virtualxid" ? virtualId : Null, target.Transaction is { } id ? Int((uint)id) : Null, OrNull(target.Class), OrNull(target.Object), OrNull(target.Part),
            virtualId, session is null ? Null : Int(session.ProcessId), Text(mode + "Lock"), Bool(granted), Bool(false), Time(since),
        ];
    }

    static Datum OrNull(long? number) => number is { } value ? Int(value) : Null;
}
