using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Copies a table's rows into new storage of a new shape, and rebuilds its indexes.</summary>
static class TableRewrite
{
    /// <summary>
    /// Puts <paramref name="after"/> in the place of <paramref name="before"/>. <paramref name="value"/> gives each live column of the new
    /// table, bound over the old one as it stands in <paramref name="source"/>.
    /// </summary>
    /// <returns>The table as it is then in the catalog.</returns>
    public static Relation Run(StatementContext context, Relation before, Relation after, BoundTable source, Func<Column, BoundExpression> value)
    {
        var rewritten = after with
        {
            StorageId = context.Catalog.NewOid(),
            Columns = Tables.RowFormat.AssignVectorColumns([.. after.Columns.Select(column => column with { MissingValue = null })]),
        };
        context.Tables.Create(rewritten);
        var query = new BoundSelect
        {
            From = source,
            Targets = [.. rewritten.LiveColumns.Select(column => new BoundTarget(value(column), column.Name))],
        };
        // The old rows are read while the catalog still names their storage.
        foreach (var row in context.Query(query))
        {
            RequireNotNull(context, rewritten, row);
            context.Tables.Insert(rewritten, row);
        }
        context.Tables.Drop(before);
        context.Catalog.Put(rewritten);
        foreach (var index in context.Snapshot.IndexesOf(rewritten.Oid).ToList())
        {
            context.Tables.DropIndex(index);
            context.Tables.BuildIndex(rewritten, index);
        }
        return rewritten;
    }

    /// <summary>A column of the old table as an expression.</summary>
    public static BoundExpression OldValue(Relation before, BoundTable source, Column column)
    {
        var position = before.LiveColumns.TakeWhile(other => other.Number != column.Number).Count();
        return new BoundColumn(source.Id, position, column.Name, before.Column(column.Number).Type, before.Column(column.Number).Typmod);
    }

    static void RequireNotNull(StatementContext context, Relation table, Types.Datum[] row)
    {
        var i = 0;
        foreach (var column in table.LiveColumns)
            if (row[i++].IsNull && column.NotNull)
                throw new Types.PgError(Types.SqlState.NotNullViolation, $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values")
                {
                    Schema = context.Names.SchemaName(table.Schema),
                    Table = table.Name,
                    Column = column.Name,
                };
    }
}
