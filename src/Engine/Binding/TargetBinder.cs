using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Binds the list after SELECT or RETURNING: expands stars and names the columns as PostgreSQL does.</summary>
public sealed class TargetBinder(BindingContext context, ExpressionBinder expressions, Scope scope)
{
    public List<BoundTarget> Bind(ImmutableArray<Sql.SelectTarget> targets)
    {
        var bound = new List<BoundTarget>(targets.Length);
        foreach (var target in targets)
        {
            if (target.Value is Sql.StarExpression or Sql.FieldStar)
            {
                bound.AddRange(Expand(target.Value));
                continue;
            }
            var expression = expressions.Bind(target.Value);
            var (table, number) = target.Value is Sql.CollateExpression ? default : Origin(expression);
            bound.Add(new(expression, target.Alias ?? NameOf(target.Value) ?? "?column?", false, table, number));
        }
        return bound;
    }

    /// <summary>The columns of <c>*</c>, <c>t.*</c> or <c>(composite).*</c>.</summary>
    public IEnumerable<BoundTarget> Expand(Sql.Expression star)
    {
        switch (star)
        {
            case Sql.StarExpression { Qualifier.Length: 0 }:
                if (scope.Items.Relations.IsEmpty && scope.Items.Columns.IsEmpty)
                    throw PgError.Syntax("SELECT * with no tables specified is not valid", star.Position);
                return scope.Items.Columns.Select(Target);

            case Sql.StarExpression qualified:
                var name = qualified.Qualifier[^1];
                var schema = qualified.Qualifier.Length > 1 ? qualified.Qualifier[^2] : null;
                if (scope.FindRelation(schema, name, star.Position) is { } relation)
                    return relation.Columns.Select(Target);
                if (qualified.Qualifier.Length == 1 && scope.FindColumn(name, star.Position) is { } column)
                    return Fields(column.Expression, star.Position);
                if (qualified.Qualifier.Length == 2 && scope.FindRelation(null, schema!, star.Position) is { } owner && Scope.FindColumn(owner, name, star.Position) is { } composite)
                    return Fields(composite.Expression, star.Position);
                throw ExpressionBinder.MissingFrom(name, star.Position, scope);

            default:
                var operand = ((Sql.FieldStar)star).Operand;
                return Fields(expressions.Bind(operand), star.Position);
        }
    }

    static BoundTarget Target(ScopeColumn column) => new(column.Expression, column.Name, false, column.TableOid, column.Number);

    IEnumerable<BoundTarget> Fields(BoundExpression value, int position)
    {
        if (value is BoundRow row)
            return row.Fields.Select((field, i) => new BoundTarget(field, row.FieldNames[i]));
        if (context.Catalog.CompositeColumns(value.Type) is { } columns)
            return columns.Select((column, i) => new BoundTarget(new BoundField(value, i, column.Name, column.Type, column.Typmod), column.Name));
        if (ExpressionBinder.OutputColumns(value) is { } outputs)
            return outputs.Select((output, i) => new BoundTarget(new BoundField(value, i, output.Name, output.Type), output.Name));
        throw new PgError(SqlState.WrongObjectType, $"type {value.Type} is not composite") { Position = position };
    }

    (uint Table, short Number) Origin(BoundExpression expression)
    {
        if (expression is not BoundColumn column) return default;
        for (var outer = scope; outer is not null; outer = outer.Outer)
        {
            foreach (var relation in outer.Items.Relations)
                if (relation.Table is { } table && column.Column < 0 && column.Relation == relation.RelationId)
                    return (table.Oid, (short)column.Column);
                else if (Find(relation.Columns, column) is { } own)
                    return (own.TableOid, own.Number);
            if (Find(outer.Items.Columns, column) is { } merged)
                return (merged.TableOid, merged.Number);
        }
        return default;
    }

    static ScopeColumn? Find(ImmutableArray<ScopeColumn> columns, BoundColumn column)
    {
        foreach (var candidate in columns)
            if (candidate.Expression is BoundColumn other && other.Relation == column.Relation && other.Column == column.Column)
                return candidate;
        return null;
    }

    /// <summary>The name PostgreSQL gives a column that has no alias; null for <c>?column?</c>.</summary>
    public static string? NameOf(Sql.Expression expression) => Figure(expression).Name;

    // The strength says whether a cast around it may still name the column: 2 is a real name, 1 a guess.
    static (string? Name, int Strength) Figure(Sql.Expression expression)
    {
        switch (expression)
        {
            case Sql.ColumnReference e: return (e.Name, 2);
            case Sql.FieldSelection e: return (e.Field, 2);
            case Sql.SubscriptExpression e: return Figure(e.Operand);
            case Sql.FunctionCall e: return (e.Function.Name, 2);
            case Sql.NullIfExpression: return ("nullif", 2);
            case Sql.CoalesceExpression: return ("coalesce", 2);
            case Sql.MinMaxExpression e: return (e.IsGreatest ? "greatest" : "least", 2);
            case Sql.ExistsExpression: return ("exists", 2);
            case Sql.ArraySubquery: return ("array", 2);
            case Sql.ArrayConstructor: return ("array", 2);
            case Sql.RowConstructor { IsExplicit: true }: return ("row", 2);
            case Sql.GroupingExpression: return ("grouping", 2);
            case Sql.CollateExpression e: return Figure(e.Operand);
            case Sql.ValueFunction e: return (ValueName(e.Kind), 2);
            case Sql.CastExpression e:
                var inner = Figure(e.Operand);
                return inner.Strength >= 2 ? inner : (e.Type.Name.Name, 1);
            case Sql.CaseExpression e:
                var other = e.Default is null ? default : Figure(e.Default);
                return other.Strength >= 2 ? other : ("case", 1);
            case Sql.ScalarSubquery e:
                return FirstTarget(e.Subquery);
            default:
                return default;
        }
    }

    static (string?, int) FirstTarget(Sql.Query query) => query switch
    {
        Sql.SelectQuery { Targets: [var first, ..] } => first.Alias is { } alias ? (alias, 2) : Figure(first.Value),
        Sql.ValuesQuery => ("column1", 2),
        Sql.SetOperationQuery e => FirstTarget(e.Left),
        _ => default,
    };

    static string ValueName(Sql.ValueFunctionKind kind) => kind switch
    {
        Sql.ValueFunctionKind.CurrentDate => "current_date",
        Sql.ValueFunctionKind.CurrentTime => "current_time",
        Sql.ValueFunctionKind.CurrentTimestamp => "current_timestamp",
        Sql.ValueFunctionKind.LocalTime => "localtime",
        Sql.ValueFunctionKind.LocalTimestamp => "localtimestamp",
        Sql.ValueFunctionKind.CurrentRole => "current_role",
        Sql.ValueFunctionKind.CurrentUser => "current_user",
        Sql.ValueFunctionKind.User => "user",
        Sql.ValueFunctionKind.SessionUser => "session_user",
        Sql.ValueFunctionKind.CurrentCatalog => "current_catalog",
        _ => "current_schema",
    };
}
