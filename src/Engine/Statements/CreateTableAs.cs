using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW, and REFRESH.</summary>
static class CreateTableAs
{
    public static string Execute(CreateTableAsStatement statement, StatementContext context)
    {
        var tag = statement.IsMaterializedView ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS";
        CreateTable.RequireHeap(statement.AccessMethod);
        Tablespaces.Require(statement.Tablespace);
        var syntax = ((QueryStatement)statement.Source).Query;
        var name = statement.Name.Name;
        var (schema, persistence) = CreationTarget.ForRelation(context, statement.Name, statement.Persistence);
        if (!CreationTarget.TryClaimRelation(context, schema, name))
        {
            if (!statement.IfNotExists)
                throw CatalogErrors.DuplicateRelation(name);
            context.Notice($"relation \"{name}\" already exists, skipping", sqlState: SqlState.DuplicateTable);
            return tag;
        }
        CreationTarget.ClaimType(context, schema, name, isForRelation: true);

        var kind = statement.IsMaterializedView ? RelationKind.MaterializedView : RelationKind.Table;
        var table = CreateTable.NewTable(context, name, schema, persistence, statement.Options, statement.OnCommit, kind);
        BoundQuery bound;
        if (statement.IsMaterializedView)
        {
            var view = ViewQuery.Define(context, syntax, statement.Columns, "materialized view");
            if (view.UsesTemporary)
                throw new PgError(SqlState.FeatureNotSupported, "materialized views must not use temporary tables or views");
            table = table with { ViewDefinition = view.Text, References = view.References, Columns = view.Columns, IsPopulated = statement.WithData };
            bound = Bind(context, SqlParser.ParseQuery(view.Text));
        }
        else
        {
            bound = Bind(context, syntax);
            table = table with { Columns = ViewQuery.Shape(bound, statement.Columns) };
        }
        foreach (var column in table.Columns)
            if (column.Type.Kind == TypeKind.Pseudo)
                throw new PgError(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" has pseudo-type {column.Type}");
        table = table with { Columns = Tables.RowFormat.AssignVectorColumns(table.Columns) };
        context.Tables.Create(table);
        var rows = statement.WithData ? Fill(context, table, bound) : 0;
        context.Catalog.Put(table);
        // As PostgreSQL has it, the tag counts the rows that were selected.
        return statement.WithData ? $"SELECT {rows}" : tag;
    }

    public static string Refresh(RefreshMaterializedViewStatement statement, StatementContext context)
    {
        var view = RelationFinder.Find<Relation>(context, statement.Name, statement.IsConcurrent ? LockMode.Exclusive : LockMode.AccessExclusive);
        if (view.Kind != RelationKind.MaterializedView)
            throw new PgError(SqlState.FeatureNotSupported, $"\"{view.Name}\" is not a materialized view");
        Privileges.RequireOwner(context.Snapshot, context.Role, view);
        if (statement.IsConcurrent)
            RequireConcurrentRefresh(statement, context, view);

        var refreshed = view with { StorageId = context.Catalog.NewOid(), IsPopulated = statement.WithData };
        context.Tables.Create(refreshed);
        if (statement.WithData)
            Fill(context, refreshed, Bind(context, SqlParser.ParseQuery(view.ViewDefinition!)));
        context.Tables.Drop(view);
        context.Catalog.Put(refreshed);
        foreach (var index in context.Snapshot.IndexesOf(view.Oid).ToList())
        {
            context.Tables.DropIndex(index);
            context.Tables.BuildIndex(refreshed, index);
        }
        return "REFRESH MATERIALIZED VIEW";
    }

    // PostgreSQL finds the rows that differ by a unique index; who relies on CONCURRENTLY has one.
    static void RequireConcurrentRefresh(RefreshMaterializedViewStatement statement, StatementContext context, Relation view)
    {
        if (!view.IsPopulated)
            throw new PgError(SqlState.FeatureNotSupported, "CONCURRENTLY cannot be used when the materialized view is not populated");
        if (!statement.WithData)
            throw PgError.Syntax("CONCURRENTLY and WITH NO DATA options cannot be used together");
        if (!context.Snapshot.IndexesOf(view.Oid).Any(index => index is { IsUnique: true, Predicate: null } && index.Keys.All(key => key.Column != 0)))
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"cannot refresh materialized view \"{Identifier.Quote(context.Names.SchemaName(view.Schema), view.Name)}\" concurrently")
            {
                Hint = "Create a unique index with no WHERE clause on one or more columns of the materialized view.",
            };
    }

    /// <summary>Binds a query to the tables as they are once it has locked them, as any SELECT does.</summary>
    static BoundQuery Bind(StatementContext context, Query syntax)
    {
        while (true)
        {
            var snapshot = context.Catalog.Refresh();
            var binding = context.NewBindingContext();
            var bound = new QueryBinder(binding).Bind(syntax, null);
            foreach (var (table, mode) in binding.TablesInOrder())
                context.Lock(CatalogLocks.Relation(context.Database, table), mode);
            if (ReferenceEquals(context.Snapshot, snapshot))
                return bound;
        }
    }

    static long Fill(StatementContext context, Relation table, BoundQuery query)
    {
        var rows = 0L;
        var width = table.Columns.Length;
        foreach (var row in context.Query(query))
        {
            context.Tables.Insert(table, row.AsSpan(0, width));
            rows++;
        }
        return rows;
    }
}
