using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Binds the queries of a WITH clause into the scope they are visible in.</summary>
public sealed class CteBinder(BindingContext context, QueryBinder queries)
{
    public ImmutableArray<BoundCte> Bind(Sql.WithClause? with, Scope scope)
    {
        if (with is null) return [];
        var bound = new List<BoundCte>();
        scope.LaterCtes.UnionWith(with.Tables.Select(table => table.Name));
        foreach (var written in with.Tables)
        {
            var table = written;
            if (scope.Ctes.ContainsKey(table.Name))
                throw new PgError(SqlState.DuplicateAlias, $"WITH query name \"{table.Name}\" specified more than once") { Position = table.Position };
            if (table.Search is not null || table.Cycle is not null)
                table = WriteOut(table, with.IsRecursive, scope);
            bound.Add(with.IsRecursive && table.Body is Sql.QueryStatement { Query: Sql.SetOperationQuery { Operator: Sql.SetOperator.Union } union } && RefersTo(union, table.Name)
                ? Recursive(table, union, scope)
                : Plain(table, scope, with.IsRecursive));
            scope.LaterCtes.Remove(table.Name);
        }
        return [.. bound];
    }

    Sql.CommonTableExpression WriteOut(Sql.CommonTableExpression table, bool isRecursive, Scope scope)
    {
        if (!isRecursive || table.Body is not Sql.QueryStatement { Query: Sql.SetOperationQuery { Operator: Sql.SetOperator.Union } union } || !RefersTo(union, table.Name))
            throw new PgError(SqlState.SyntaxError, "WITH query is not recursive") { Position = table.Position };
        return SearchAndCycle.WriteOut(table, union, [.. Columns(queries.Bind(union.Left, scope), table).Select(column => column.Name)]);
    }

    BoundCte Plain(Sql.CommonTableExpression table, Scope scope, bool isRecursive)
    {
        var cte = new CteScope(context.NextCte(), table.Name);
        var query = table.Body switch
        {
            Sql.QueryStatement statement => queries.Bind(statement.Query, scope),
            Sql.InsertStatement or Sql.UpdateStatement or Sql.DeleteStatement when scope.Outer is not null
                => throw new PgError(SqlState.FeatureNotSupported, "WITH clause containing a data-modifying statement must be at the top level") { Position = table.Position },
            Sql.InsertStatement or Sql.UpdateStatement or Sql.DeleteStatement => new ModificationBinder(context).Bind(table.Body, scope),
            _ => throw PgError.Unsupported("this statement in WITH", table.Body.Position),
        };
        if (isRecursive && table.Body is Sql.QueryStatement plain && RefersTo(plain.Query, table.Name) && scope.FindCte(table.Name) is null)
            throw new PgError(SqlState.InvalidRecursion, $"recursive query \"{table.Name}\" does not have the form non-recursive-term UNION [ALL] recursive-term") { Position = table.Position };
        cte.Columns = Columns(query, table);
        cte.HasNoColumns = query is BoundModification && query.Targets.IsEmpty;
        scope.Ctes.Add(table.Name, cte);
        return new(cte.Id, table.Name, query, null, false, table.Materialized, 0);
    }

    BoundCte Recursive(Sql.CommonTableExpression table, Sql.SetOperationQuery union, Scope scope)
    {
        if (union.OrderBy.Length > 0)
            throw new PgError(SqlState.FeatureNotSupported, "ORDER BY in a recursive query is not implemented") { Position = union.OrderBy[0].Position };
        if (union.Limit is not null)
            throw new PgError(SqlState.FeatureNotSupported, "LIMIT in a recursive query is not implemented") { Position = union.Limit.Position };
        if (union.Offset is not null)
            throw new PgError(SqlState.FeatureNotSupported, "OFFSET in a recursive query is not implemented") { Position = union.Offset.Position };
        if (Reference(union.Left, table.Name) is { } early)
            throw new PgError(SqlState.InvalidRecursion, $"recursive reference to query \"{table.Name}\" must not appear within its non-recursive term") { Position = early };

        var cte = new CteScope(context.NextCte(), table.Name);
        var start = queries.Bind(union.Left, scope);
        cte.Columns = Columns(start, table);
        cte.IsBeingDefined = true;
        scope.Ctes.Add(table.Name, cte);
        var step = queries.BindWithUnknowns(union.Right, scope);
        cte.IsBeingDefined = false;

        var startTypes = start.VisibleTargets.Select(target => (target.Expression.Type, target.Expression.Typmod)).ToList();
        var stepTargets = step.VisibleTargets.ToList();
        if (stepTargets.Count != startTypes.Count)
            throw PgError.Syntax("each UNION query must have the same number of columns", union.Right.Position);
        if (step is BoundSelect { IsGrouped: true, GroupBy.IsEmpty: true })
            throw new PgError(SqlState.InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term")
            {
                Position = union.Right is Sql.SelectQuery grouped ? Sql.Location.Of(grouped.Targets[0].Value) : union.Right.Position,
            };
        for (var i = 0; i < startTypes.Count; i++)
        {
            var common = context.Coercion.CommonType([start.VisibleTargets.ElementAt(i).Expression, stepTargets[i].Expression], "UNION");
            if (common != startTypes[i].Type)
                throw new PgError(SqlState.DatatypeMismatch, $"recursive query \"{table.Name}\" column {i + 1} has type {startTypes[i].Type} in non-recursive term but type {common} overall")
                {
                    Position = union.Left is Sql.SelectQuery select && i < select.Targets.Length ? select.Targets[i].Value.Position : union.Left.Position,
                    Hint = "Cast the output of the non-recursive term to the correct type.",
                };
        }
        if (!union.IsAll && startTypes.Exists(type => type.Type.Codec is { IsOrdered: false } || IsUnhashable(type.Type)))
            throw new PgError(SqlState.FeatureNotSupported, "could not implement recursive UNION") { Detail = "All column datatypes must be hashable." };
        return new(cte.Id, table.Name, start, queries.Retype(step, startTypes, "UNION"), union.IsAll, true, 0);
    }

    // pgvector gives its types an order and no hash operator class.
    static bool IsUnhashable(PgType type) => type == PgTypes.Vector || type == PgTypes.HalfVec || type == PgTypes.SparseVec || type == PgTypes.RuVector;

    static ImmutableArray<RelationColumn> Columns(BoundQuery query, Sql.CommonTableExpression table)
    {
        var targets = query.VisibleTargets.ToList();
        if (table.Columns.Length > targets.Count)
            throw new PgError(SqlState.InvalidColumnReference, $"WITH query \"{table.Name}\" has {targets.Count} columns available but {table.Columns.Length} columns specified") { Position = table.Position };
        return [.. targets.Select((target, i) => new RelationColumn(i < table.Columns.Length ? table.Columns[i] : target.Name, target.Expression.Type, target.Expression.Typmod, target.TableOid, target.AttributeNumber))];
    }

    static bool RefersTo(Sql.Query query, string name) => Reference(query, name) is not null;

    /// <summary>Where a query names the table in some FROM, not counting places where an inner WITH hides the name; null for nowhere.</summary>
    static int? Reference(Sql.Query query, string name)
    {
        if (query.With is { } with)
        {
            foreach (var inner in with.Tables)
                if (inner.Body is Sql.QueryStatement body && Reference(body.Query, name) is { } found) return found;
            if (with.Tables.Any(inner => inner.Name == name)) return null;
        }
        return query switch
        {
            Sql.SetOperationQuery e => Reference(e.Left, name) ?? Reference(e.Right, name),
            Sql.SelectQuery e => e.From.Select(item => Reference(item, name)).FirstOrDefault(found => found is not null),
            _ => null,
        };
    }

    static int? Reference(Sql.FromItem item, string name) => item switch
    {
        Sql.TableReference e => e.Name.Schema is null && e.Name.Name == name ? e.Name.Position : null,
        Sql.SubqueryReference e => Reference(e.Subquery, name),
        Sql.JoinReference e => Reference(e.Left, name) ?? Reference(e.Right, name),
        _ => null,
    };
}
