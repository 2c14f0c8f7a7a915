using PgVectorCompat.Engine.Catalog;

namespace PgVectorCompat.Engine.Statements;

/// <summary>A session's temporary objects.</summary>
internal static class TemporaryObjects
{
    /// <summary>Drops everything in the session's pg_temp schema, and the schema.</summary>
    public static void DropAll(StatementContext context)
    {
        if (context.Session.TemporarySchema == 0 || context.Snapshot.Find<SchemaDefinition>(context.Session.TemporarySchema) is not { } schema) return;
        var objects = context.Snapshot.All<SchemaObject>().Where(item => item.Schema == schema.Oid);
        Dropper.Drop(context, [.. objects.Append<CatalogObject>(schema).Select(item => new WholeObject(item))], Sql.DropBehavior.Cascade);
        context.Session.TemporarySchema = 0;
    }

    /// <summary>ON COMMIT DELETE ROWS and ON COMMIT DROP of the session's temporary tables; part of every commit.</summary>
    public static void BeforeCommit(StatementContext context, IReadOnlySet<uint> changedTables)
    {
        var schema = context.Session.TemporarySchema;
        foreach (var table in context.Snapshot.All<Relation>().Where(relation => relation.Schema == schema && relation.OnCommit != OnCommitAction.PreserveRows).ToList())
        {
            if (table.OnCommit == OnCommitAction.Drop)
                Dropper.Drop(context, [new WholeObject(table)], Sql.DropBehavior.Cascade);
            else if (changedTables.Contains(table.StorageId))
                TruncateTable.Empty(context, table);
        }
    }
}
