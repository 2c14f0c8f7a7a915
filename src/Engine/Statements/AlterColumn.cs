using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>The actions of ALTER TABLE on one column that leave its values alone.</summary>
static class AlterColumn
{
    /// <summary>The column by name. Raises 42703.</summary>
    public static Column Find(Relation table, string name) => table.FindColumn(name) ?? throw CatalogErrors.UndefinedColumn(name, table.Name);

    public static void SetDefault(StatementContext context, Relation table, AlterColumnDefault action)
    {
        var column = Find(table, action.Column);
        if (column.Identity != Identity.None)
            throw new PgError(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is an identity column")
            {
                Hint = action.Default is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : null,
            };
        if (column.IsGenerated)
            throw new PgError(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is a generated column")
            {
                Hint = action.Default is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead." : null,
            };
        var stored = action.Default is null or NullConstant
            ? null
            : new TableExpressions(context).Default(column.Name, column.Type, column.Typmod, action.Default);
        context.Catalog.Put(table.WithColumn(column.Number, old => old with { Default = stored?.Text, DefaultReferences = stored?.References ?? [] }));
    }

    public static void SetNotNull(StatementContext context, Relation table, AlterColumnNotNull action)
    {
        var column = Find(table, action.Column);
        if (column.NotNull == action.IsNotNull)
            return;
        if (action.IsNotNull)
        {
            RowChecks.RequireNoNulls(context, table, column);
        }
        else
        {
            if (table.PrimaryKey is { } key && key.Columns.Contains(column.Number))
                throw new PgError(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" is in a primary key");
            if (column.Identity != Identity.None)
                throw new PgError(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is an identity column");
        }
        context.Catalog.Put(table.WithColumn(column.Number, old => old with { NotNull = action.IsNotNull }));
    }

    /// <summary>DROP EXPRESSION: the values stay, as an ordinary column's.</summary>
    public static void DropExpression(StatementContext context, Relation table, DropColumnExpression action)
    {
        var column = Find(table, action.Column);
        if (column.IsGenerated)
        {
            context.Catalog.Put(table.WithColumn(column.Number, old => old with { Default = null, DefaultReferences = [], IsGenerated = false }));
            return;
        }
        if (!action.IfExists)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" is not a stored generated column");
        context.Notice($"column \"{column.Name}\" of relation \"{table.Name}\" is not a stored generated column, skipping");
    }

    public static void SetStatistics(StatementContext context, Relation table, AlterColumnStatistics action)
    {
        const int max = 10_000;
        var column = Find(table, action.Column);
        if (action.Target < -1)
            throw new PgError(SqlState.InvalidParameterValue, $"statistics target {action.Target} is too low");
        if (action.Target > max)
            context.Warning($"lowering statistics target to {max}", SqlState.InvalidParameterValue);
        context.Catalog.Put(table.WithColumn(column.Number, old => old with { StatisticsTarget = Math.Min(action.Target, max) }));
    }

    public static void SetStorage(StatementContext context, Relation table, AlterColumnStorage action)
    {
        var column = Find(table, action.Column);
        context.Catalog.Put(table.WithColumn(column.Number, old => old with { Storage = ColumnOptions.Storage(old.Type, action.Storage) }));
    }

    public static void SetCompression(StatementContext context, Relation table, AlterColumnCompression action)
    {
        var column = Find(table, action.Column);
        context.Catalog.Put(table.WithColumn(column.Number, old => old with { Compression = ColumnOptions.Compression(action.Compression) }));
    }

    public static void AddIdentity(StatementContext context, Relation table, AddIdentity action)
    {
        var column = Find(table, action.Column);
        if (!column.NotNull)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" must be declared NOT NULL before identity can be added");
        if (column.Identity != Identity.None)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" is already an identity column");
        if (column.Default is not null)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" already has a default value");
        var builder = new TableBuilder(context, table, isNew: false);
        builder.AddIdentity(column, action.Identity);
        builder.Save();
    }

    public static void AlterIdentity(StatementContext context, Relation table, AlterIdentity action)
    {
        var column = Find(table, action.Column);
        if (column.Identity == Identity.None)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column");
        if (action.IsAlways is { } always)
            context.Catalog.Put(table.WithColumn(column.Number, old => old with { Identity = always ? Identity.Always : Identity.ByDefault }));
        if (!action.Options.IsEmpty)
            SequenceStatements.AlterOptions(context, context.Snapshot.IdentitySequence(table.Oid, column.Number)!, action.Options, column.Type);
    }

    public static void DropIdentity(StatementContext context, Relation table, DropIdentity action)
    {
        var column = Find(table, action.Column);
        if (column.Identity != Identity.None)
        {
            context.Catalog.Delete(context.Snapshot.IdentitySequence(table.Oid, column.Number)!);
            context.Catalog.Put(table.WithColumn(column.Number, old => old with { Identity = Identity.None }));
            return;
        }
        if (!action.IfExists)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column");
        context.Notice($"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column, skipping");
    }
}
