using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>What definition statements do to rows, in a session's transaction.</summary>
internal sealed class SessionTableStorage(Session session, StatementContext context) : TableStorage
{
    public override void Create(Relation relation)
        => context.Transaction.CreateTable(relation.StorageId, RowFormat.Shape(relation));

    public override void Drop(Relation relation)
    {
        context.Transaction.DropTable(relation.StorageId);
        foreach (var tree in session.Cluster.Tables.Vectors.Of(relation.StorageId).All)
            session.Block!.OnEnd(() => VectorIndexBuild.ForgetUnlessCommitted(session, relation, tree.Index));
        // Rewrites drop the rows of a table that stays.
        var cluster = session.Cluster;
        var database = context.Database;
        session.Block!.OnCommit(() =>
        {
            cluster.Tables.ForgetStorage(relation.StorageId);
            if (cluster.Catalog.Find(database)?.Find<Relation>(relation.Oid) is not null)
                return;
            cluster.Statistics.Forget(relation.Oid);
            cluster.ActivityOf(database).CountDropped(cluster.Tables.Forget(relation));
        });
    }

    public override void Insert(Relation relation, ReadOnlySpan<Datum> values)
    {
        var encoder = new RowEncoder(new RowShape(relation));
        encoder.Encode(values);
        context.Transaction.Insert(session.Cluster.Store.GetTable(relation.StorageId), encoder.Image, encoder.Vectors);
        session.Block!.ChangedTables.Add(relation.StorageId);
    }

    public override void BuildIndex(Relation relation, IndexDefinition index)
    {
        if (VectorIndexDefinition.IsVector(index))
        {
            VectorIndexBuild.Run(session, context, relation, index);
            return;
        }
        session.Block!.OnEnd(() => ForgetUnlessCommitted(relation, index.Oid));
        try
        {
            var table = session.Cluster.Tables.Access(relation, context.Names, session.Interrupts.Token);
            var access = table.Trees.First(tree => tree.Definition.Oid == index.Oid);
            if (index.IsUnique && access.MayHaveDuplicates)
                RequireUnique(table, access);
        }
        catch (OperationCanceledException)
        {
            throw session.CancellationError();
        }
    }

    void ForgetUnlessCommitted(Relation relation, uint index)
    {
        if (session.Cluster.Catalog.Find(session.DatabaseOid)?.Find<IndexDefinition>(index) is null)
            session.Cluster.Tables.Forget(index, relation.StorageId);
    }

    public override void CompleteIndex(Relation relation, IndexDefinition index)
    {
        var table = session.Cluster.Tables.Access(relation, context.Names);
        var access = table.Trees.First(tree => tree.Definition.Oid == index.Oid);
        try
        {
            session.Cluster.Tables.Complete(access, session.Interrupts.Token);
        }
        catch (OperationCanceledException)
        {
            throw session.CancellationError();
        }
        if (index.IsUnique)
            RequireUnique(table, access);
    }

    public override void ForgetIndex(Relation relation, IndexDefinition index) => session.Cluster.Tables.Forget(index.Oid, relation.StorageId);

    /// <summary>Raises 23505 when two rows have the same key.</summary>
    void RequireUnique(StoredTable table, BTreeAccess access)
    {
        context.Transaction.AdvanceCommand();
        using var snapshot = context.Transaction.TakeSnapshot();
        var state = new ExecutionState(session, context.Transaction, snapshot, [], table.Rules.Slots, session.Interrupts.Token);
        using var cursor = access.Open(state);
        cursor.Seek(default);
        var values = new Datum[table.Width];
        var key = new ByteWriter();
        byte[]? previous = null;
        while (cursor.MoveNext(out var row))
        {
            table.AllColumns.Decode(row, values);
            if (!access.TryKey(values, key, out var hasNull) || (hasNull && !access.Definition.NullsNotDistinct)) continue;
            if (previous is not null && key.Written.SequenceEqual(previous))
                throw Duplicate(table, access, values);
            previous = key.Written.ToArray();
        }
    }

    PgError Duplicate(StoredTable table, BTreeAccess access, Datum[] values)
    {
        return new PgError(SqlState.UniqueViolation, $"could not create unique index \"{access.Definition.Name}\"")
        {
            Detail = $"Key ({access.KeyNames(table)})=({access.ShowKey(values, session.TypeSettings)}) is duplicated.",
            Schema = context.Snapshot.SchemaName(table.Relation.Schema),
            Table = table.Relation.Name,
            Constraint = access.Definition.Name,
        };
    }

    public override void DropIndex(IndexDefinition index)
    {
        if (context.Snapshot.Find<Relation>(index.Table) is not { } relation) return;
        if (VectorIndexDefinition.IsVector(index))
            session.Block!.OnEnd(() => VectorIndexBuild.ForgetUnlessCommitted(session, relation, index.Oid));
        else
            session.Block!.OnCommit(() =>
            {
                session.Cluster.Tables.Forget(index.Oid, relation.StorageId);
                session.Cluster.Statistics.Forget(index.Oid);
            });
    }
}
