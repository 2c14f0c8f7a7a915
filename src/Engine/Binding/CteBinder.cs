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
            if (with.IsRecursive)
                RequireRecursiveForm(table);
            bound.Add(with.IsRecursive && table.Body is Sql.QueryStatement { Query: Sql.SetOperationQuery { Operator: Sql.SetOperator.Union } union } && RefersTo(union, table.Name)
                ? Recursive(table, union, scope)
                : Plain(table, scope));
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

    /// <summary>Raises 42P19 for a query that names itself and is no UNION.</summary>
    static void RequireRecursiveForm(Sql.CommonTableExpression table)
    {
        var source = table.Body switch
        {
            Sql.QueryStatement { Query: Sql.SetOperationQuery { Operator: Sql.SetOperator.Union } } => null,
            Sql.QueryStatement statement => statement.Query,
            Sql.InsertStatement insert => insert.Source,
            _ => null,
        };
        if (source is not null && RefersTo(source, table.Name))
            throw new PgError(SqlState.InvalidRecursion, table.Body is Sql.QueryStatement
                ? $"recursive query \"{table.Name}\" does not have the form non-recursive-term UNION [ALL] recursive-term"
                : $"recursive query \"{table.Name}\" must not contain data-modifying statements")
            { Position = table.Position };
    }

    BoundCte Plain(Sql.CommonTableExpression table, Scope scope)
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
        if (References(union.Left, table.Name).Any())
            throw Misplaced(References(union.Left, table.Name).First(), "within its non-recursive term");
        foreach (var second in References(union.Right, table.Name).Skip(1))
            throw Misplaced(second, "more than once");
        ForbidInExcept(union.Right);

        PgError Misplaced(int position, string where)
            => new(SqlState.InvalidRecursion, $"recursive reference to query \"{table.Name}\" must not appear {where}") { Position = position };

        // Of what EXCEPT takes away, and of multisets, nothing is known before the last step.
        void ForbidInExcept(Sql.Query query)
        {
            if (query is not Sql.SetOperationQuery set)
                return;
            var isExcept = set.Operator == Sql.SetOperator.Except;
            var forbidden = (isExcept ? References(set.Right, table.Name) : []).Concat(set.IsAll && set.Operator != Sql.SetOperator.Union ? References(set, table.Name) : []);
            foreach (var position in forbidden)
                throw Misplaced(position, isExcept ? "within EXCEPT" : "within INTERSECT");
            ForbidInExcept(set.Left);
            ForbidInExcept(set.Right);
        }

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

    static bool RefersTo(Sql.Query query, string name) => References(query, name).Any();

    /// <summary>Where a query names the table in a FROM, not counting places where an inner WITH hides the name.</summary>
    static IEnumerable<int> References(Sql.Query query, string name)
    {
        var found = Enumerable.Empty<int>();
        if (query.With is { } with)
        {
            found = with.Tables.SelectMany(inner => inner.Body is Sql.QueryStatement body ? References(body.Query, name) : []);
            if (with.Tables.Any(inner => inner.Name == name)) return found;
        }
        return found.Concat(query switch
        {
            Sql.SetOperationQuery e => References(e.Left, name).Concat(References(e.Right, name)),
            Sql.SelectQuery e => e.From.SelectMany(item => References(item, name)),
            _ => [],
        });
    }

    static IEnumerable<int> References(Sql.FromItem item, string name) => item switch
    {
        Sql.TableReference e => e.Name.Schema is null && e.Name.Name == name ? [e.Name.Position] : [],
        Sql.SubqueryReference e => References(e.Subquery, name),
        Sql.JoinReference e => References(e.Left, name).Concat(References(e.Right, name)),
        _ => [],
    };
}
