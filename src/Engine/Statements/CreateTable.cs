using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE TABLE.</summary>
static class CreateTable
{
    public static string Execute(CreateTableStatement statement, StatementContext context)
    {
        ForbidUnsupported(statement);
        var name = statement.Name.Name;
        var (schema, persistence) = CreationTarget.ForRelation(context, statement.Name, statement.Persistence);
        if (statement.OnCommit != OnCommit.None && persistence != Persistence.Temporary)
            throw new PgError(SqlState.InvalidTableDefinition, "ON COMMIT can only be used on temporary tables");
        if (!CreationTarget.TryClaimRelation(context, schema, name))
        {
            if (!statement.IfNotExists)
                throw CatalogErrors.DuplicateRelation(name);
            context.Notice($"relation \"{name}\" already exists, skipping", sqlState: SqlState.DuplicateTable);
            return "CREATE TABLE";
        }
        CreationTarget.ClaimType(context, schema, name, isForRelation: true);

        var builder = new TableBuilder(context, NewTable(context, name, schema, persistence, statement.Options, statement.OnCommit), isNew: true);
        var likes = new List<TableLike>();
        foreach (var element in statement.Elements)
        {
            if (element is ColumnDefinition column)
                builder.AddColumn(column);
            else if (element is LikeClause like)
                likes.Add(TableLike.AddColumns(context, builder, like));
        }
        // Expressions and keys may name any column, so they come when all are there. Keys come before the foreign keys that may need them.
        foreach (var column in statement.Elements.OfType<ColumnDefinition>())
            builder.AddColumnConstraints(column.Name, column with { Constraints = column.Constraints.RemoveAll(constraint => constraint is ForeignKeyConstraint) });
        foreach (var constraint in statement.Elements.OfType<Sql.Constraint>().Where(constraint => constraint is not ForeignKeyConstraint))
            builder.AddConstraint(constraint);
        foreach (var like in likes)
            like.AddConstraints();
        foreach (var column in statement.Elements.OfType<ColumnDefinition>())
            foreach (var key in column.Constraints.OfType<ForeignKeyConstraint>())
                builder.AddConstraint(key, column.Name);
        foreach (var key in statement.Elements.OfType<ForeignKeyConstraint>())
            builder.AddConstraint(key);
        builder.Save();
        foreach (var like in likes)
            like.AddIndexes(builder.Relation);
        return "CREATE TABLE";
    }

    /// <summary>A table without columns, with OIDs for it, its rows and its row type.</summary>
    public static Relation NewTable(
        StatementContext context, string name, uint schema, Persistence persistence,
        System.Collections.Immutable.ImmutableArray<Option> options, OnCommit onCommit, RelationKind kind = RelationKind.Table) => new()
    {
        Oid = context.Catalog.NewOid(),
        Name = name,
        Schema = schema,
        Owner = context.Role,
        Kind = kind,
        Columns = [],
        Persistence = persistence,
        StorageId = context.Catalog.NewOid(),
        RowTypeOid = context.Catalog.NewOid(),
        RowArrayTypeOid = context.Catalog.NewOid(),
        Options = RelationOptions.ForTable(options),
        OnCommit = onCommit switch
        {
            OnCommit.DeleteRows => OnCommitAction.DeleteRows,
            OnCommit.Drop => OnCommitAction.Drop,
            _ => OnCommitAction.PreserveRows,
        },
    };

    static void ForbidUnsupported(CreateTableStatement statement)
    {
        if (!statement.Inherits.IsEmpty)
            throw PgError.Unsupported("INHERITS", statement.Position);
        if (statement.OfType is not null)
            throw PgError.Unsupported("CREATE TABLE OF", statement.Position);
        if (statement.PartitionOf is not null || statement.PartitionBy is not null)
            throw PgError.Unsupported("table partitioning", statement.Position);
        RequireHeap(statement.AccessMethod);
        Tablespaces.Require(statement.Tablespace);
    }

    public static void RequireHeap(string? accessMethod)
    {
        if (accessMethod is not null and not "heap")
            throw new PgError(SqlState.UndefinedObject, $"access method \"{accessMethod}\" does not exist");
    }
}

/// <summary>There is one place for data; PostgreSQL's two standard names for it are accepted.</summary>
static class Tablespaces
{
    /// <summary>Raises 42704 for any other tablespace.</summary>
    public static void Require(string? name)
    {
        if (name is not null and not "pg_default")
            throw CatalogErrors.UndefinedObject("tablespace", name);
    }
}
