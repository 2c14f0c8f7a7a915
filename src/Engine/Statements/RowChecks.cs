using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Whether the rows that a table already has satisfy what is being declared.</summary>
static class RowChecks
{
    /// <summary>Raises 23502 when a row has NULL in the column.</summary>
    public static void RequireNoNulls(StatementContext context, Relation table, Column column)
    {
        if (InternalQuery.HasRows(context, $"SELECT 1 FROM {InternalQuery.Name(context, table)} WHERE {Identifier.Quote(column.Name)} IS NULL LIMIT 1"))
            throw new PgError(SqlState.NotNullViolation, $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values")
            {
                Schema = context.Names.SchemaName(table.Schema),
                Table = table.Name,
                Column = column.Name,
            };
    }

    /// <summary>Raises 23514 or 23503 when a row violates a CHECK or FOREIGN KEY. The table is looked at as it is in the catalog.</summary>
    public static void Validate(StatementContext context, Relation table, Constraint constraint)
    {
        if (constraint.Kind == ConstraintKind.Check)
            ValidateCheck(context, table, constraint);
        else if (constraint.Kind == ConstraintKind.ForeignKey)
            ValidateForeignKey(context, table, constraint);
    }

    static void ValidateCheck(StatementContext context, Relation table, Constraint check)
    {
        if (InternalQuery.HasRows(context, $"SELECT 1 FROM {InternalQuery.Name(context, table)} WHERE NOT ({check.Expression}) LIMIT 1"))
            throw new PgError(SqlState.CheckViolation, $"check constraint \"{check.Name}\" of relation \"{table.Name}\" is violated by some row")
            {
                Schema = context.Names.SchemaName(table.Schema),
                Table = table.Name,
                Constraint = check.Name,
            };
    }

    static void ValidateForeignKey(StatementContext context, Relation table, Constraint key)
    {
        var referenced = context.LockRelation(context.Snapshot.Get<Relation>(key.ReferencedTable), LockMode.RowShare);
        var mine = key.Columns.Select(number => Identifier.Quote(table.Column(number).Name)).ToList();
        var theirs = key.ReferencedColumns.Select(number => Identifier.Quote(referenced.Column(number).Name)).ToList();
        var columns = string.Join(", ", mine.Select(column => $"fk.{column}::pg_catalog.text"));
        var matches = string.Join(" AND ", mine.Zip(theirs, (from, to) => $"pk.{to} = fk.{from}"));
        // MATCH SIMPLE lets rows with any NULL pass, MATCH FULL only those with nothing but NULLs.
        var present = string.Join(key.MatchFull ? " OR " : " AND ", mine.Select(column => $"fk.{column} IS NOT NULL"));
        var violation = InternalQuery.Run(context, $"""
            SELECT {columns} FROM {InternalQuery.Name(context, table)} fk
            WHERE ({present}) AND NOT EXISTS (SELECT 1 FROM {InternalQuery.Name(context, referenced)} pk WHERE {matches}) LIMIT 1
            """).FirstOrDefault();
        if (violation is null)
            return;
        var names = string.Join(", ", key.Columns.Select(number => table.Column(number).Name));
        var isPartlyNull = violation.Any(value => value.IsNull);
        throw new PgError(SqlState.ForeignKeyViolation, $"insert or update on table \"{table.Name}\" violates foreign key constraint \"{key.Name}\"")
        {
            Detail = isPartlyNull
                ? "MATCH FULL does not allow mixing of null and nonnull key values."
                : $"Key ({names})=({string.Join(", ", violation.Select(value => value.AsString))}) is not present in table \"{referenced.Name}\".",
            Schema = context.Names.SchemaName(table.Schema),
            Table = table.Name,
            Constraint = key.Name,
        };
    }
}
