using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// ALTER TABLE … ADD COLUMN. A constant default is kept once, for all rows that were written before (pg_attribute.attmissingval); values
/// that differ from row to row, and fixed-size vectors, need a new copy of the table.
/// </summary>
static class AddTableColumn
{
    public static void Execute(StatementContext context, Relation table, AddColumn action)
    {
        if (table.FindColumn(action.Column.Name) is not null && action.IfNotExists)
        {
            context.Notice($"column \"{action.Column.Name}\" of relation \"{table.Name}\" already exists, skipping", sqlState: SqlState.DuplicateColumn);
            return;
        }
        var builder = new TableBuilder(context, table, isNew: false);
        builder.AddColumn(action.Column);
        builder.AddColumnConstraints(action.Column.Name, action.Column);
        var column = builder.Relation.FindColumn(action.Column.Name)!;
        var (value, isConstant) = InitialValue(context, builder, table, column);
        if (value is not null && isConstant && !IsFixedVector(column))
            builder.SetMissingValue(column, Evaluate(context, column, value));
        var saved = builder.Relation.FindColumn(column.Name)!;
        if (value is null && saved.NotNull && InternalQuery.HasRows(context, $"SELECT 1 FROM {InternalQuery.Name(context, table)} LIMIT 1"))
            throw new PgError(SqlState.NotNullViolation, $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values") { Schema = context.Names.SchemaName(table.Schema), Table = table.Name, Column = column.Name };

        builder.SaveDefinitions();
        if ((value is not null && !isConstant) || IsFixedVector(column))
            Rewrite(context, table, builder, column);
        builder.BuildIndexes();
        foreach (var constraint in builder.ToValidate)
            RowChecks.Validate(context, context.Snapshot.Get<Relation>(table.Oid), constraint);
    }

    /// <summary>What old rows get in the column; null for NULL.</summary>
    static (Expression? Value, bool IsConstant) InitialValue(StatementContext context, TableBuilder builder, Relation table, Column column)
    {
        if (column.IsGenerated)
            return (SqlParser.ParseExpression(column.Default!), false);
        if (column.Identity != Identity.None)
            return (new FunctionCall(new QualifiedName(null, "pg_catalog", "nextval", 0),
                [new FunctionArgument(new StringConstant(builder.IdentitySequenceOf(column).Oid.ToString(), 0), null, 0)], 0), false);
        var text = column.Default ?? DomainDefault(context, column.Type);
        if (text is null)
            return (null, true);
        var expression = SqlParser.ParseExpression(text);
        return (expression, !TableExpressions.IsVolatile(new ExpressionBinder(context.NewBindingContext(), Scope.Empty()).Bind(expression)));
    }

    static string? DomainDefault(StatementContext context, PgType type)
        => type.Kind == TypeKind.Domain ? context.Snapshot.Get<TypeDefinition>(type.Oid).Default ?? DomainDefault(context, type.BaseType!) : null;

    static string? Evaluate(StatementContext context, Column column, Expression expression)
    {
        var binder = new ExpressionBinder(context.NewBindingContext(), Scope.Empty());
        var bound = binder.Coercion.Coerce(binder.Bind(expression), column.Type, column.Typmod, CastContext.Assignment, 0);
        var value = context.Query(new BoundSelect { Targets = [new BoundTarget(bound, column.Name)] }).Single()[0];
        return value.IsNull ? null : column.Type.Codec.ToText(value, TypeSettings.Default);
    }

    static void Rewrite(StatementContext context, Relation before, TableBuilder builder, Column added)
    {
        var binding = context.NewBindingContext();
        var source = new FromBinder(binding, new QueryBinder(binding)).Table(before);
        var scope = new Scope(ScopeItems.Of(ScopeRelation.Of(source, null, before)), null);
        var binder = new ExpressionBinder(binding, scope);
        TableRewrite.Run(context, before, builder.Relation, source, column =>
        {
            if (column.Number != added.Number)
                return TableRewrite.OldValue(before, source, column);
            var (value, _) = InitialValue(context, builder, before, added);
            return binder.Coercion.Coerce(value is null ? new BoundConstant(Datum.Null, PgTypes.Unknown) : binder.Bind(value), column.Type, column.Typmod, CastContext.Assignment, 0);
        });
    }

    /// <summary>Whether values lie in a column file of their own, which storage makes with the table.</summary>
    static bool IsFixedVector(Column column) => Tables.RowFormat.VectorBytes(column.Type, column.Typmod) > 0;
}
