using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// CREATE INDEX and REINDEX … CONCURRENTLY. The index is committed first, as invalid: from then on every writer keeps it up and no query
/// reads it. When the writers that have not heard of it are gone, the rows that were there before are added, and it becomes valid. Whatever
/// goes wrong between leaves the invalid index, as in PostgreSQL.
/// </summary>
static class ConcurrentBuild
{
    public static void Create(StatementContext context, Relation relation, IndexDefinition index)
        => Holding(context, relation, () =>
        {
            context.Catalog.Put(index with { IsValid = false });
            Complete(context, relation, index);
        });

    /// <summary>For an index that exists: it stays in use, if it was, while what it lacks is added.</summary>
    public static void Rebuild(StatementContext context, Relation relation, IndexDefinition index)
        => Holding(context, relation, () => Complete(context, relation, index));

    static void Complete(StatementContext context, Relation relation, IndexDefinition index)
    {
        var tag = CatalogLocks.Relation(context.Database, relation.Oid);
        context.CommitAndContinue();
        context.WaitForHolders(tag, LockMode.Share);
        relation = context.LockRelation(relation, LockMode.ShareUpdateExclusive);
        context.Tables.CompleteIndex(relation, context.Snapshot.Get<IndexDefinition>(index.Oid));
        if (!context.Snapshot.Get<IndexDefinition>(index.Oid).IsValid)
            context.Catalog.Put(context.Snapshot.Get<IndexDefinition>(index.Oid) with { IsValid = true });
    }

    // The table's lock outlives the first transaction: nobody may change or drop the table between.
    static void Holding(StatementContext context, Relation relation, Action work)
    {
        var (locks, owner, tag) = (context.Session.Cluster.Store.Locks, context.Session.LockOwner, CatalogLocks.Relation(context.Database, relation.Oid));
        var isHeld = locks.TryAcquireForSession(owner, tag, LockMode.ShareUpdateExclusive);
        try
        {
            work();
        }
        finally
        {
            if (isHeld)
                locks.ReleaseForSession(owner, tag, LockMode.ShareUpdateExclusive);
        }
    }
}
