using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Binds GROUP BY: plain keys, GROUPING SETS, ROLLUP and CUBE, multiplied out to a list of sets.</summary>
internal sealed class GroupingBinder(BindingContext context, Scope scope, List<BoundTarget> targets)
{
    /// <summary>PostgreSQL's limit for CUBE, and a bound on what a short query can ask for.</summary>
    const int MaxCubeElements = 12;
    const int MaxGroupingSets = 4096;

    readonly List<BoundExpression> _keys = [];
    readonly ExpressionBinder _expressions = new(context, scope, "GROUP BY");

    public (ImmutableArray<BoundExpression> Keys, ImmutableArray<ImmutableArray<int>> Sets) Bind(ImmutableArray<Sql.GroupingElement> elements, bool distinct)
    {
        List<List<int>> sets = [[]];
        foreach (var element in elements)
        {
            var alternatives = Sets(element);
            if ((long)sets.Count * alternatives.Count > MaxGroupingSets)
                throw new PgError(SqlState.StatementTooComplex, $"too many grouping sets present (maximum {MaxGroupingSets})") { Position = element.Position };
            sets = [.. sets.SelectMany(set => alternatives.Select(alternative => set.Concat(alternative).Distinct().ToList()))];
        }
        if (distinct)
            sets = [.. sets.DistinctBy(set => string.Join(',', set.Order()))];
        return ([.. _keys], [.. sets.Select(set => set.ToImmutableArray())]);
    }

    List<List<int>> Sets(Sql.GroupingElement element)
    {
        switch (element)
        {
            case Sql.GroupingKey key:
                return [Unit(key.Value)];
            case Sql.EmptyGroupingSet:
                return [[]];
            case Sql.RollupOrCube { IsCube: false } rollup:
                var prefix = rollup.Items.Select(Unit).ToList();
                return [.. Enumerable.Range(0, prefix.Count + 1).Select(dropped => prefix.Take(prefix.Count - dropped).SelectMany(unit => unit).ToList())];
            case Sql.RollupOrCube cube:
                if (cube.Items.Length > MaxCubeElements)
                    throw new PgError(SqlState.TooManyColumns, $"CUBE is limited to {MaxCubeElements} elements") { Position = element.Position };
                var units = cube.Items.Select(Unit).ToList();
                return [.. Enumerable.Range(0, 1 << units.Count).Select(mask => units.Where((_, i) => (mask & (1 << i)) == 0).SelectMany(unit => unit).ToList())];
            case Sql.GroupingSets nested:
                return [.. nested.Sets.SelectMany(Sets)];
            default:
                throw new System.Diagnostics.UnreachableException($"no grouping rule for {element.GetType().Name}");
        }
    }

    /// <summary>Key numbers of one element; a parenthesised list is several keys that stay together.</summary>
    List<int> Unit(Sql.Expression syntax)
        => syntax is Sql.RowConstructor { IsExplicit: false } row ? [.. row.Fields.Select(Key)] : [Key(syntax)];

    int Key(Sql.Expression syntax)
    {
        var expression = Expression(syntax);
        if (!expression.Type.Codec.IsOrdered)
            throw new PgError(SqlState.UndefinedFunction, $"could not identify an equality operator for type {expression.Type}") { Position = syntax.Position };
        var at = _keys.FindIndex(key => BoundTree.Same(key, expression));
        if (at >= 0) return at;
        _keys.Add(expression);
        return _keys.Count - 1;
    }

    // SQL92 names output columns, SQL99 input columns; for GROUP BY PostgreSQL looks at input columns first.
    BoundExpression Expression(Sql.Expression syntax)
    {
        if (syntax is Sql.ColumnReference { Names.Length: 1 } name && (scope.Items.Columns.All(column => column.Name != name.Name)))
        {
            var matches = targets.FindAll(target => !target.IsJunk && target.Name == name.Name);
            if (matches.Count > 1 && !matches.TrueForAll(match => BoundTree.Same(match.Expression, matches[0].Expression)))
                throw new PgError(SqlState.AmbiguousColumn, $"GROUP BY \"{name.Name}\" is ambiguous") { Position = syntax.Position };
            if (matches.Count > 0) return Target(targets.IndexOf(matches[0]), syntax.Position);
        }
        if (syntax is Sql.IntegerConstant position)
        {
            var at = position.Value - 1;
            if (at < 0 || at >= targets.Count || targets[at].IsJunk)
                throw new PgError(SqlState.InvalidColumnReference, $"GROUP BY position {position.Value} is not in select list") { Position = syntax.Position };
            return Target(at, syntax.Position);
        }
        if (syntax is Sql.StringConstant or Sql.NumericConstant or Sql.BooleanConstant)
            throw PgError.Syntax("non-integer constant in GROUP BY", syntax.Position);
        return _expressions.BindResolved(syntax);
    }

    BoundExpression Target(int at, int position)
    {
        var resolved = _expressions.Coercion.ResolveUnknown(targets[at].Expression);
        targets[at] = targets[at] with { Expression = resolved };
        if (BoundTree.Any(resolved, node => node is BoundAggregate))
            throw new PgError(SqlState.GroupingError, "aggregate functions are not allowed in GROUP BY") { Position = position };
        if (BoundTree.Any(resolved, node => node is BoundWindowCall))
            throw new PgError(SqlState.WindowingError, "window functions are not allowed in GROUP BY") { Position = position };
        return resolved;
    }
}

/// <summary>In a grouped query every column outside an aggregate must be grouped, or depend on a grouped primary key.</summary>
internal static class GroupingCheck
{
    public static void Check(BoundSelect select, Scope scope, IBindingCatalog catalog)
    {
        var dependent = DependentRelations(select, scope);
        foreach (var target in select.Targets)
            Check(target.Expression, select, scope, dependent);
        if (select.Having is not null)
            Check(select.Having, select, scope, dependent);
    }

    /// <summary>Relations whose primary key is grouped: their other columns have one value a group.</summary>
    static HashSet<int> DependentRelations(BoundSelect select, Scope scope)
    {
        var relations = new HashSet<int>();
        if (select.GroupingSets.Length > 1) return relations;
        foreach (var relation in scope.Items.Relations)
        {
            var key = relation.Table?.Constraints.FirstOrDefault(constraint => constraint.Kind == ConstraintKind.PrimaryKey);
            if (key is not null && key.Columns.All(number => select.GroupBy.Any(grouped =>
                    grouped is BoundColumn column && column.Relation == relation.RelationId && relation.Columns[column.Column].Number == number)))
                relations.Add(relation.RelationId);
        }
        return relations;
    }

    static void Check(BoundExpression expression, BoundSelect select, Scope scope, HashSet<int> dependent)
        => BoundTree.Visit(expression, node =>
        {
            if (node is BoundGrouping grouping && grouping.Columns.FirstOrDefault(argument => !select.GroupBy.Any(key => BoundTree.Same(key, argument))) is { } bad)
                throw new PgError(SqlState.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level")
                { Position = (bad as BoundColumn)?.Position ?? 0 };
            if (select.GroupBy.Any(key => BoundTree.Same(key, node)) || node is BoundAggregate or BoundGrouping)
                return false;
            if (node is BoundColumn column && !dependent.Contains(column.Relation)
                && scope.Items.Relations.FirstOrDefault(relation => relation.RelationId == column.Relation) is { } owner)
                throw new PgError(SqlState.GroupingError, $"column \"{owner.Alias}.{column.Name}\" must appear in the GROUP BY clause or be used in an aggregate function") { Position = column.Position };
            return true;
        });
}
