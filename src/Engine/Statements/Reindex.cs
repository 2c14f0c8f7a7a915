using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>REINDEX: builds indexes anew from the rows; CONCURRENTLY adds what one lacks while writers go on.</summary>
static class Reindex
{
    public static string Execute(ReindexStatement statement, StatementContext context)
    {
        var isConcurrent = statement.Options.Any(option => option.Name == "concurrently" && option.Value?.Text is null or "true" or "on" or "1");
        if (statement.IsSystem || statement.Kind is ObjectKind.Database or ObjectKind.Schema)
            context.ForbidTransactionBlock("REINDEX " + (statement.IsSystem ? "SYSTEM" : statement.Kind == ObjectKind.Schema ? "SCHEMA" : "DATABASE"));
        else if (isConcurrent)
            context.ForbidTransactionBlock("REINDEX CONCURRENTLY");
        foreach (var index in Indexes(statement, context))
        {
            var table = context.LockRelation(context.Snapshot.Get<Relation>(index.Table), isConcurrent ? LockMode.ShareUpdateExclusive : LockMode.Share);
            Privileges.RequireOwner(context.Snapshot, context.Role, table);
            var current = context.Snapshot.Get<IndexDefinition>(index.Oid);
            if (isConcurrent && !VectorIndexDefinition.IsVector(index))
                ConcurrentBuild.Rebuild(context, table, current);
            else
                Rebuild(context, table, current);
        }
        return "REINDEX";
    }

    static void Rebuild(StatementContext context, Relation table, IndexDefinition index)
    {
        // A definition of its own makes every plan look for the new tree.
        index = index with { IsValid = true };
        if (!VectorIndexDefinition.IsVector(index))
        {
            context.Catalog.Put(index);
            context.Tables.ForgetIndex(table, index);
        }
        context.Tables.BuildIndex(table, index);
    }

    static List<IndexDefinition> Indexes(ReindexStatement statement, StatementContext context)
    {
        switch (statement.Kind)
        {
            case ObjectKind.Index:
                return [RelationFinder.Find<IndexDefinition>(context, statement.Name!, LockMode.AccessShare)];
            case ObjectKind.Table:
                var table = RelationFinder.Find<Relation>(context, statement.Name!, LockMode.Share);
                var indexes = context.Snapshot.IndexesOf(table.Oid).ToList();
                if (indexes.Count == 0)
                    context.Notice($"table \"{table.Name}\" has no indexes to reindex");
                return indexes;
            case ObjectKind.Schema:
                var schema = context.Names.RequireSchema(statement.Name!.Name);
                return [.. context.Snapshot.All<IndexDefinition>().Where(index => index.Schema == schema)];
            default:
                if (statement.Name is { } name && name.Name != context.Snapshot.Database.Name)
                    throw new PgError(SqlState.FeatureNotSupported, "can only reindex the currently open database");
                return statement.IsSystem ? [] : [.. context.Snapshot.All<IndexDefinition>()];
        }
    }
}
