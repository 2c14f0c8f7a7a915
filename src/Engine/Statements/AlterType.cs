using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>ALTER TABLE … ALTER COLUMN … TYPE.</summary>
static class AlterType
{
    public static void Execute(StatementContext context, Relation table, AlterColumnType action)
    {
        var column = AlterColumn.Find(table, action.Column);
        ForbidDependents(context, table, column);
        var (type, typmod) = context.Names.ResolveType(action.Type);
        var changed = column with { Type = type, Typmod = typmod, Dimensions = (short)action.Type.ArrayDimensions.Length, Storage = null };
        if (action.Collation is { } collation)
            changed = changed with { Collation = Collations.Require(collation) };
        var after = table.WithColumn(column.Number, _ => changed);

        if (action.Using is null && KeepsValues(column, changed))
        {
            CheckDefault(context, changed);
            context.Catalog.Put(after);
        }
        else
        {
            Rewrite(context, table, after, column, changed, action.Using);
        }

        if (column.Identity != Identity.None && context.Snapshot.IdentitySequence(table.Oid, column.Number) is { } sequence)
            SequenceStatements.AlterOptions(context, sequence, [new SequenceOption(SequenceOptionKind.As, null, false, 0) { Type = action.Type }], null);
        // What is NOT VALID stays unproved.
        foreach (var constraint in table.Constraints.Where(constraint => constraint.IsValidated && constraint.Columns.Contains(column.Number)))
            RowChecks.Validate(context, context.Snapshot.Get<Relation>(table.Oid), constraint);
    }

    static void Rewrite(StatementContext context, Relation table, Relation after, Column column, Column changed, Expression? usingExpression)
    {
        var binding = context.NewBindingContext();
        var source = new FromBinder(binding, new QueryBinder(binding)).Table(table);
        var scope = new Scope(ScopeItems.Of(ScopeRelation.Of(source, context.Names.SchemaName(table.Schema), table)), null);
        var binder = new ExpressionBinder(binding, scope, "transform expressions");
        var old = TableRewrite.OldValue(table, source, column);
        var value = usingExpression is null ? old : binder.Bind(usingExpression);
        var typeName = context.Names.FormatType(changed.Type, changed.Typmod);
        var converted = binder.Coercion.Coerce(value, changed.Type, changed.Typmod, CastContext.Assignment, 0, () => usingExpression is null
            ? new PgError(SqlState.DatatypeMismatch, $"column \"{column.Name}\" cannot be cast automatically to type {context.Names.FormatType(changed.Type)}")
            {
                Hint = $"You might need to specify \"USING {Identifier.Quote(column.Name)}::{typeName}\".",
            }
            : new PgError(SqlState.DatatypeMismatch, $"result of USING clause for column \"{column.Name}\" cannot be cast automatically to type {context.Names.FormatType(changed.Type)}")
            {
                Hint = "You might need to add an explicit cast.",
            });
        CheckDefault(context, changed);
        TableRewrite.Run(context, table, after, source, target => target.Number == column.Number ? converted : TableRewrite.OldValue(table, source, target));
    }

    static void CheckDefault(StatementContext context, Column column)
    {
        if (column.Default is null || column.IsGenerated)
            return;
        var binder = new ExpressionBinder(context.NewBindingContext(), Scope.Empty());
        binder.Coercion.Coerce(binder.Bind(SqlParser.ParseExpression(column.Default)), column.Type, column.Typmod, CastContext.Assignment, 0, () => new PgError(
            SqlState.DatatypeMismatch, $"default for column \"{column.Name}\" cannot be cast automatically to type {context.Names.FormatType(column.Type)}"));
    }

    /// <summary>Whether every stored value is a value of the new type as it is: a string's limit goes or grows.</summary>
    static bool KeepsValues(Column from, Column to)
    {
        static bool IsString(PgType type) => type == PgTypes.Text || type == PgTypes.Varchar;
        if (IsString(from.Type) && IsString(to.Type))
            return to.Typmod < 0 || (from.Typmod >= 0 && to.Typmod >= from.Typmod);
        return from.Type == to.Type && from.Typmod == to.Typmod;
    }

    static void ForbidDependents(StatementContext context, Relation table, Column column)
    {
        foreach (var other in table.LiveColumns)
            if (other.IsGenerated && other.Number != column.Number && other.DefaultReferences.Contains(new ObjectAddress(table.Oid, column.Number)))
                throw new PgError(SqlState.FeatureNotSupported, "cannot alter type of a column used by a generated column")
                {
                    Detail = $"Column \"{column.Name}\" is used by generated column \"{other.Name}\".",
                };
        foreach (var view in context.Snapshot.All<Relation>())
            if (view.References.Contains(new ObjectAddress(table.Oid, column.Number)))
                throw new PgError(SqlState.FeatureNotSupported, "cannot alter type of a column used by a view or rule")
                {
                    Detail = $"rule _RETURN on view {context.Names.DisplayName(view)} depends on column \"{column.Name}\"",
                };
    }
}
