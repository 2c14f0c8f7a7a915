using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>An expression of a table's definition as the catalog keeps it.</summary>
/// <param name="Text">In stored form (<see cref="StoredSql"/>).</param>
/// <param name="Columns">Numbers of the table's columns that it reads, each once, in order of first use.</param>
/// <param name="References">What else it needs.</param>
public sealed record StoredExpression(string Text, PgType Type, ImmutableArray<short> Columns, ImmutableArray<ObjectAddress> References);

/// <summary>Checks the expressions of table definitions (defaults, generation, CHECK, index keys and predicates) and brings them into stored form.</summary>
public sealed class TableExpressions(StatementContext context)
{
    /// <summary>A DEFAULT: no columns, assignable to the column's type.</summary>
    public StoredExpression Default(string column, PgType type, int typmod, Expression expression)
    {
        ForbidSubqueries(expression, "DEFAULT expression");
        SyntaxRewriter.Visit(expression, node =>
        {
            if (node is ColumnReference reference)
                throw new PgError(SqlState.FeatureNotSupported, "cannot use column reference in DEFAULT expression") { Position = reference.Position };
        });
        var binder = new ExpressionBinder(context.NewBindingContext(), Scope.Empty(), "DEFAULT expressions");
        var bound = Assignable(binder, expression, type, typmod, column, "default expression");
        return new(StoredSql.Store(TypedSyntax.Of(expression, bound, context.Names), context.Names), bound.Type, [], References(expression, bound));
    }

    /// <summary>GENERATED ALWAYS AS: columns of the row that are not generated, immutable functions.</summary>
    public StoredExpression Generated(Relation relation, Column column, Expression expression)
    {
        ForbidSubqueries(expression, "column generation expression");
        var (binder, number) = ForTable(relation, "column generation expressions");
        var bound = Assignable(binder, expression, column.Type, column.Typmod, column.Name, "generation expression");
        if (!IsImmutable(bound))
            throw new PgError(SqlState.InvalidObjectDefinition, "generation expression is not immutable");
        var columns = Columns(relation, bound, number);
        foreach (var read in columns)
            if (read == column.Number || relation.Column(read).IsGenerated)
                throw new PgError(SqlState.InvalidObjectDefinition, $"cannot use generated column \"{relation.Column(read).Name}\" in column generation expression")
                {
                    Detail = "A generated column cannot reference another generated column.",
                    Position = PositionOf(expression, relation.Column(read).Name),
                };
        return new(StoredSql.Store(TypedSyntax.Of(expression, bound, context.Names), context.Names), bound.Type, columns, [.. columns.Select(read => new ObjectAddress(relation.Oid, read)), .. References(expression, bound)]);
    }

    static int PositionOf(Expression expression, string column)
    {
        var position = 0;
        SyntaxRewriter.Visit(expression, node =>
        {
            if (position == 0 && node is ColumnReference reference && reference.Name == column)
                position = reference.Position;
        });
        return position;
    }

    public StoredExpression Check(Relation relation, Expression condition)
    {
        ForbidSubqueries(condition, "check constraint");
        var (binder, number) = ForTable(relation, "check constraints");
        var bound = binder.BindCondition(condition, "CHECK");
        return new(StoredSql.Store(TypedSyntax.Of(condition, bound, context.Names), context.Names), bound.Type, Columns(relation, bound, number), References(condition, bound));
    }

    public StoredExpression IndexKey(Relation relation, Expression expression)
    {
        ForbidSubqueries(expression, "index expression");
        var (binder, number) = ForTable(relation, "index expressions");
        var bound = binder.BindResolved(expression);
        if (!IsImmutable(bound))
            throw new PgError(SqlState.InvalidObjectDefinition, "functions in index expression must be marked IMMUTABLE");
        return new(StoredSql.Store(TypedSyntax.Of(expression, bound, context.Names), context.Names), bound.Type, Columns(relation, bound, number), References(expression, bound));
    }

    public StoredExpression IndexPredicate(Relation relation, Expression condition)
    {
        ForbidSubqueries(condition, "index predicate");
        var (binder, number) = ForTable(relation, "index predicates");
        var bound = binder.BindCondition(condition, "WHERE");
        if (!IsImmutable(bound))
            throw new PgError(SqlState.InvalidObjectDefinition, "functions in index predicate must be marked IMMUTABLE");
        return new(StoredSql.Store(TypedSyntax.Of(condition, bound, context.Names), context.Names), bound.Type, Columns(relation, bound, number), References(condition, bound));
    }

    /// <summary>Whether a new value is to be computed for every row.</summary>
    public static bool IsVolatile(BoundExpression bound) => !All(bound, function => function.Volatility != Volatility.Volatile);

    (ExpressionBinder Binder, int RelationId) ForTable(Relation relation, string clause)
    {
        var binding = context.NewBindingContext();
        var table = new FromBinder(binding, new QueryBinder(binding)).Table(relation);
        var scope = new Scope(ScopeItems.Of(ScopeRelation.Of(table, context.Names.SchemaName(relation.Schema), relation)), null);
        return (new ExpressionBinder(binding, scope, clause), table.Id);
    }

    static BoundExpression Assignable(ExpressionBinder binder, Expression expression, PgType type, int typmod, string column, string what)
    {
        var bound = binder.Bind(expression);
        return binder.Coercion.Coerce(bound, type, typmod, CastContext.Assignment, expression.Position, () => new PgError(
            SqlState.DatatypeMismatch, $"column \"{column}\" is of type {type} but {what} is of type {bound.Type}")
        {
            Hint = "You will need to rewrite or cast the expression.",
        });
    }

    static ImmutableArray<short> Columns(Relation relation, BoundExpression bound, int relationId)
    {
        var live = relation.LiveColumns.ToList();
        var columns = new List<short>();
        BoundTree.Visit(bound, node =>
        {
            if (node is BoundColumn { Column: >= 0 } column && column.Relation == relationId && !columns.Contains(live[column.Column].Number))
                columns.Add(live[column.Column].Number);
            return true;
        });
        return [.. columns];
    }

    ImmutableArray<ObjectAddress> References(Expression expression, BoundExpression bound)
    {
        var found = new HashSet<ObjectAddress>();
        foreach (var oid in StoredSql.RegclassConstants(StoredSql.Store(expression, context.Names)))
            if (context.Snapshot.Find<SchemaObject>(oid) is not null)
                found.Add(new ObjectAddress(oid));
        BoundTree.Visit(bound, node =>
        {
            if (node is not BoundColumn && Dependencies.UsedType(node.Type) is { } type)
                found.Add(type);
            return true;
        });
        return [.. found];
    }

    static bool IsImmutable(BoundExpression bound) => All(bound, function => function.Volatility == Volatility.Immutable);

    static bool All(BoundExpression bound, Func<Function, bool> holds)
    {
        var all = true;
        BoundTree.Visit(bound, node =>
        {
            all &= node is not BoundCall call || holds(call.Function);
            return true;
        });
        return all;
    }

    static void ForbidSubqueries(Expression expression, string where)
        => SyntaxRewriter.Visit(expression, node =>
        {
            if (node is ScalarSubquery or ExistsExpression or ArraySubquery or InSubqueryExpression or QuantifiedSubquery)
                throw new PgError(SqlState.FeatureNotSupported, $"cannot use subquery in {where}") { Position = node.Position };
        });
}
