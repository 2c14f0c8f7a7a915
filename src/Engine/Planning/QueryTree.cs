using System.Collections.Immutable;
using System.Diagnostics;
using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Walks and rewrites whole queries, subqueries included; <see cref="BoundTree"/> does so within one expression.</summary>
public static class QueryTree
{
    /// <summary>Replaces, from the top down, whatever <paramref name="replace"/> gives something for; also inside subqueries.</summary>
    public static BoundExpression Rewrite(BoundExpression expression, Func<BoundExpression, BoundExpression?> replace)
        => BoundTree.Rewrite(expression, Deep(replace));

    /// <summary>What replaces the same nodes inside subqueries, too, for <see cref="BoundTree.Rewrite"/>.</summary>
    public static Func<BoundExpression, BoundExpression?> Deep(Func<BoundExpression, BoundExpression?> replace)
        => node => replace(node) ?? (node is BoundSubquery subquery ? RewriteInside(subquery, replace) : null);

    static BoundSubquery RewriteInside(BoundSubquery subquery, Func<BoundExpression, BoundExpression?> replace) => subquery with
    {
        Query = MapQuery(subquery.Query, inner => Rewrite(inner, replace)),
        Test = subquery.Test is null ? null : Rewrite(subquery.Test, replace),
    };

    /// <summary>Every expression inside <paramref name="expression"/>, itself first, those of subqueries included.</summary>
    public static void Visit(BoundExpression expression, Action<BoundExpression> visit) => Any(expression, visit, Visited);

    /// <summary>Every expression of a query and of the queries inside it.</summary>
    public static void Visit(BoundQuery query, Action<BoundExpression> visit) => Any(query, visit, Visited);

    static readonly Func<BoundExpression, Action<BoundExpression>, bool> Visited = static (expression, visit) =>
    {
        visit(expression);
        return false;
    };

    /// <summary>Whether some expression inside this one, those of subqueries included, satisfies a condition. Allocates nothing.</summary>
    public static bool Any<TState>(BoundExpression? expression, TState state, Func<BoundExpression, TState, bool> condition)
        => BoundTree.Any(expression, (state, condition), static (node, with)
            => with.condition(node, with.state) || (node is BoundSubquery subquery && Any(subquery.Query, with.state, with.condition)) ? true : null);

    public static bool Any(BoundExpression expression, Func<BoundExpression, bool> condition)
        => Any(expression, condition, static (node, condition) => condition(node));

    /// <summary>Whether some expression of a query, and of the queries inside it, satisfies a condition.</summary>
    public static bool Any<TState>(BoundQuery query, TState state, Func<BoundExpression, TState, bool> condition)
    {
        foreach (var target in query.Targets)
            if (Any(target.Expression, state, condition)) return true;
        foreach (var cte in query.Ctes)
            if (Any(cte.Query, state, condition) || (cte.RecursiveTerm is { } term && Any(term, state, condition))) return true;
        return query switch
        {
            BoundSelect q => AnyIn(q.From, state, condition) || Any(q.Where, state, condition) || AnyOf(q.GroupBy, state, condition)
                || Any(q.Having, state, condition) || AnyWindow(q.Windows, state, condition) || AnyOf(q.DistinctOn, state, condition)
                || AnyKey(q.OrderBy, state, condition) || Any(q.Limit, state, condition) || Any(q.Offset, state, condition),
            BoundSetOperation q => Any(q.Left, state, condition) || Any(q.Right, state, condition)
                || AnyKey(q.OrderBy, state, condition) || Any(q.Limit, state, condition) || Any(q.Offset, state, condition),
            BoundInsert q => Any(q.Source, state, condition) || AnyCheck(q, state, condition)
                || (q.OnConflict is { } conflict && (AnySet(conflict.Set ?? [], state, condition) || Any(conflict.Where, state, condition))),
            BoundUpdate q => AnySet(q.Set, state, condition) || AnyCheck(q, state, condition) || AnyIn(q.From, state, condition) || Any(q.Where, state, condition),
            BoundDelete q => AnyIn(q.Using, state, condition) || Any(q.Where, state, condition),
            _ => throw new UnreachableException($"no walk for {query.GetType().Name}"),
        };
    }

    static bool AnyOf<TState>(ImmutableArray<BoundExpression> expressions, TState state, Func<BoundExpression, TState, bool> condition)
    {
        foreach (var expression in expressions)
            if (Any(expression, state, condition)) return true;
        return false;
    }

    static bool AnyKey<TState>(ImmutableArray<BoundSortKey> keys, TState state, Func<BoundExpression, TState, bool> condition)
    {
        foreach (var key in keys)
            if (Any(key.Expression, state, condition)) return true;
        return false;
    }

    static bool AnyWindow<TState>(ImmutableArray<BoundWindow> windows, TState state, Func<BoundExpression, TState, bool> condition)
    {
        foreach (var window in windows)
            if (AnyOf(window.PartitionBy, state, condition) || AnyKey(window.OrderBy, state, condition)
                || Any(window.Frame.StartOffset, state, condition) || Any(window.Frame.EndOffset, state, condition)) return true;
        return false;
    }

    static bool AnySet<TState>(ImmutableArray<BoundAssignment> set, TState state, Func<BoundExpression, TState, bool> condition)
    {
        foreach (var assignment in set)
            if (Any(assignment.Value, state, condition)) return true;
        return false;
    }

    static bool AnyCheck<TState>(BoundModification modification, TState state, Func<BoundExpression, TState, bool> condition)
    {
        foreach (var check in modification.Checks)
            if (Any(check.Condition, state, condition)) return true;
        return false;
    }

    static bool AnyIn<TState>(BoundFrom? from, TState state, Func<BoundExpression, TState, bool> condition)
    {
        switch (from)
        {
            case BoundJoin join:
                return AnyIn(join.Left, state, condition) || AnyIn(join.Right, state, condition) || Any(join.Condition, state, condition);
            case BoundTable { Sample: { } sample }:
                return Any(sample.Percentage, state, condition) || Any(sample.Seed, state, condition);
            case BoundDerived derived:
                return Any(derived.Query, state, condition);
            case BoundValues values:
                foreach (var row in values.Rows)
                    if (AnyOf(row, state, condition)) return true;
                return false;
            case BoundFunctionScan scan:
                return AnyOf(scan.Calls, state, condition);
            default:
                return false;
        }
    }

    // What map leaves as it is, is not copied.
    static ImmutableArray<T> MapAll<T>(ImmutableArray<T> items, Func<BoundExpression, BoundExpression> map, Func<T, Func<BoundExpression, BoundExpression>, T> mapItem)
        where T : class
    {
        T[]? changed = null;
        for (var i = 0; i < items.Length; i++)
        {
            var mapped = mapItem(items[i], map);
            if (changed is null && !ReferenceEquals(mapped, items[i]))
                changed = [.. items];
            if (changed is not null)
                changed[i] = mapped;
        }
        return changed is null ? items : [.. changed];
    }

    static ImmutableArray<BoundExpression> MapAll(ImmutableArray<BoundExpression> children, Func<BoundExpression, BoundExpression> map)
        => MapAll(children, map, static (child, map) => map(child));

    static ImmutableArray<BoundSortKey> MapKeys(ImmutableArray<BoundSortKey> keys, Func<BoundExpression, BoundExpression> map)
        => MapAll(keys, map, static (key, map) => map(key.Expression) is var mapped && ReferenceEquals(mapped, key.Expression) ? key : key with { Expression = mapped });

    static ImmutableArray<BoundTarget> MapTargets(ImmutableArray<BoundTarget> targets, Func<BoundExpression, BoundExpression> map)
        => MapAll(targets, map, static (target, map) => map(target.Expression) is var mapped && ReferenceEquals(mapped, target.Expression) ? target : target with { Expression = mapped });

    static BoundExpression? MapOptional(BoundExpression? expression, Func<BoundExpression, BoundExpression> map)
        => expression is null ? null : map(expression);

    /// <summary>The query with <paramref name="map"/> applied to each of its outermost expressions, those of queries in FROM and WITH included.</summary>
    public static BoundQuery MapQuery(BoundQuery query, Func<BoundExpression, BoundExpression> map)
    {
        var targets = MapTargets(query.Targets, map);
        ImmutableArray<BoundCte> ctes = query.Ctes.IsEmpty ? [] :
        [
            .. query.Ctes.Select(cte => cte with
            {
                Query = MapQuery(cte.Query, map),
                RecursiveTerm = cte.RecursiveTerm is null ? null : MapQuery(cte.RecursiveTerm, map),
            }),
        ];
        return query switch
        {
            BoundSelect q => Map(q, targets, ctes, q.From is null ? null : MapFrom(q.From, map), map),
            BoundSetOperation q => q with
            {
                Targets = targets,
                Ctes = ctes,
                Left = MapQuery(q.Left, map),
                Right = MapQuery(q.Right, map),
                OrderBy = MapKeys(q.OrderBy, map),
                Limit = MapOptional(q.Limit, map),
                Offset = MapOptional(q.Offset, map),
            },
            BoundInsert q => q with
            {
                Targets = targets,
                Ctes = ctes,
                Source = MapQuery(q.Source, map),
                Checks = [.. q.Checks.Select(check => (check.View, map(check.Condition)))],
                OnConflict = q.OnConflict is not { } conflict ? null : conflict with
                {
                    Set = conflict.Set is { } set ? MapAssignments(set, map) : null,
                    Where = MapOptional(conflict.Where, map),
                },
            },
            BoundUpdate q => q with
            {
                Targets = targets,
                Ctes = ctes,
                Set = MapAssignments(q.Set, map),
                Checks = [.. q.Checks.Select(check => (check.View, map(check.Condition)))],
                From = q.From is null ? null : MapFrom(q.From, map),
                Where = MapOptional(q.Where, map),
            },
            BoundDelete q => q with
            {
                Targets = targets,
                Ctes = ctes,
                Using = q.Using is null ? null : MapFrom(q.Using, map),
                Where = MapOptional(q.Where, map),
            },
            _ => throw new UnreachableException($"no walk for {query.GetType().Name}"),
        };
    }

    /// <summary>The same without the queries in FROM and WITH.</summary>
    public static BoundSelect MapLevel(BoundSelect query, Func<BoundExpression, BoundExpression> map)
        => Map(query, MapTargets(query.Targets, map), query.Ctes, query.From is null ? null : MapLevel(query.From, map), map);

    static BoundFrom MapLevel(BoundFrom from, Func<BoundExpression, BoundExpression> map) => from switch
    {
        BoundJoin join => join with { Left = MapLevel(join.Left, map), Right = MapLevel(join.Right, map), Condition = MapOptional(join.Condition, map) },
        BoundDerived => from,
        _ => MapFrom(from, map),
    };

    /// <summary>What is computed above FROM, WHERE and GROUP BY mapped; GROUP BY and WITH, which have had their turn, are left out.</summary>
    public static BoundSelect MapAbove(BoundSelect query, Func<BoundExpression, BoundExpression> map) => query with
    {
        Targets = MapTargets(query.Targets, map),
        Ctes = [],
        GroupBy = [],
        Having = MapOptional(query.Having, map),
        Windows = MapAll(query.Windows, map, static (window, map) => MapWindow(window, map)),
        DistinctOn = MapAll(query.DistinctOn, map),
        OrderBy = MapKeys(query.OrderBy, map),
        Limit = MapOptional(query.Limit, map),
        Offset = MapOptional(query.Offset, map),
    };

    static BoundSelect Map(BoundSelect query, ImmutableArray<BoundTarget> targets, ImmutableArray<BoundCte> ctes, BoundFrom? from, Func<BoundExpression, BoundExpression> map)
    {
        var where = MapOptional(query.Where, map);
        var groupBy = MapAll(query.GroupBy, map);
        var having = MapOptional(query.Having, map);
        var windows = MapAll(query.Windows, map, static (window, map) => MapWindow(window, map));
        var distinctOn = MapAll(query.DistinctOn, map);
        var orderBy = MapKeys(query.OrderBy, map);
        var limit = MapOptional(query.Limit, map);
        var offset = MapOptional(query.Offset, map);
        var isSame = targets == query.Targets && ctes == query.Ctes && ReferenceEquals(from, query.From) && ReferenceEquals(where, query.Where)
            && groupBy == query.GroupBy && ReferenceEquals(having, query.Having) && windows == query.Windows && distinctOn == query.DistinctOn
            && orderBy == query.OrderBy && ReferenceEquals(limit, query.Limit) && ReferenceEquals(offset, query.Offset);
        return isSame ? query : query with
        {
            Targets = targets,
            Ctes = ctes,
            From = from,
            Where = where,
            GroupBy = groupBy,
            Having = having,
            Windows = windows,
            DistinctOn = distinctOn,
            OrderBy = orderBy,
            Limit = limit,
            Offset = offset,
        };
    }

    static ImmutableArray<BoundAssignment> MapAssignments(ImmutableArray<BoundAssignment> set, Func<BoundExpression, BoundExpression> map)
        => [.. set.Select(assignment => assignment with { Value = map(assignment.Value) })];

    static BoundWindow MapWindow(BoundWindow window, Func<BoundExpression, BoundExpression> map) => window with
    {
        PartitionBy = MapAll(window.PartitionBy, map),
        OrderBy = MapKeys(window.OrderBy, map),
        Frame = window.Frame with { StartOffset = MapOptional(window.Frame.StartOffset, map), EndOffset = MapOptional(window.Frame.EndOffset, map) },
    };

    /// <summary>The same for an entry of FROM.</summary>
    public static BoundFrom MapFrom(BoundFrom from, Func<BoundExpression, BoundExpression> map) => from switch
    {
        BoundJoin join => join with { Left = MapFrom(join.Left, map), Right = MapFrom(join.Right, map), Condition = MapOptional(join.Condition, map) },
        BoundTable { Sample: { } sample } table => table with
        {
            Sample = (sample.Method, map(sample.Percentage), sample.Seed is null ? null : map(sample.Seed)),
        },
        BoundDerived derived => derived with { Query = MapQuery(derived.Query, map) },
        BoundValues values => values with { Rows = [.. values.Rows.Select(row => MapAll(row, map))] },
        BoundFunctionScan scan => scan with { Calls = MapAll(scan.Calls, map) },
        _ => from,
    };

    /// <summary>The relations of a FROM entry, from left to right.</summary>
    public static IEnumerable<BoundRelation> Relations(BoundFrom from)
        => from is BoundJoin join ? Relations(join.Left).Concat(Relations(join.Right)) : [(BoundRelation)from];

    /// <summary>Whether there is a subquery or view among the relations of a FROM entry.</summary>
    public static bool HasDerived(BoundFrom from) => from is BoundJoin join ? HasDerived(join.Left) || HasDerived(join.Right) : from is BoundDerived;

    /// <summary>Ids of all relations whose columns an expression reads.</summary>
    public static HashSet<int> RelationIds(BoundExpression expression)
    {
        var ids = new HashSet<int>();
        Any(expression, ids, NoteRelation);
        return ids;
    }

    static readonly Func<BoundExpression, HashSet<int>, bool> NoteRelation = static (node, ids) =>
    {
        if (node is BoundColumn column)
            ids.Add(column.Relation);
        return false;
    };

    /// <summary>Whether an expression reads columns of a relation.</summary>
    public static bool Reads(BoundExpression expression, int relation)
        => Any(expression, relation, static (node, relation) => node is BoundColumn column && column.Relation == relation);

    /// <summary>Whether an expression reads columns of another relation than this.</summary>
    public static bool ReadsOthers(BoundExpression expression, int relation)
        => Any(expression, relation, static (node, relation) => node is BoundColumn column && column.Relation != relation);

    /// <summary>Whether an expression reads any columns.</summary>
    public static bool ReadsColumns(BoundExpression expression) => Any(expression, 0, static (node, _) => node is BoundColumn);

    /// <summary>Whether an expression reads columns of an entry of FROM.</summary>
    public static bool Reads(BoundExpression expression, BoundFrom from)
        => from is BoundJoin join ? Reads(expression, join.Left) || Reads(expression, join.Right) : Reads(expression, ((BoundRelation)from).Id);

    /// <summary>The terms of a condition that all must hold.</summary>
    public static IReadOnlyList<BoundExpression> Conjuncts(BoundExpression? condition)
    {
        switch (condition)
        {
            case null:
                return [];
            case BoundLogical { IsAnd: true } and:
                var terms = new List<BoundExpression>(and.Operands.Length);
                foreach (var operand in and.Operands)
                    terms.AddRange(Conjuncts(operand));
                return terms;
            default:
                return [condition];
        }
    }

    /// <summary>All terms together; null when there are none.</summary>
    public static BoundExpression? And(IReadOnlyList<BoundExpression> terms)
        => terms.Count switch { 0 => null, 1 => terms[0], _ => new BoundLogical(true, [.. terms]) };

    /// <summary>Whether two calls with the same row may give different values, or do something besides.</summary>
    public static bool IsVolatile(BoundExpression expression)
        => Any(expression, 0, static (node, _) => node is BoundCall { Function.Volatility: Functions.Volatility.Volatile } or BoundSetCall { Function.Volatility: Functions.Volatility.Volatile });

    /// <summary>Ids of all relations whose columns a query reads.</summary>
    public static HashSet<int> RelationIds(BoundQuery query)
    {
        var ids = new HashSet<int>();
        Any(query, ids, NoteRelation);
        return ids;
    }

    /// <summary>Whether nothing inside an entry of FROM reads columns of the relations given, other than its own.</summary>
    public static bool IsSelfContained(BoundFrom from, HashSet<int> others)
    {
        var contained = true;
        MapFrom(from, expression =>
        {
            Visit(expression, e => contained &= e is not BoundColumn column || !others.Contains(column.Relation));
            return expression;
        });
        return contained;
    }

    /// <summary>Replaces relations of FROM, at every level of the query, its WITH queries and the subqueries in its expressions.</summary>
    public static BoundQuery MapRelations(BoundQuery query, Func<BoundRelation, BoundRelation> map)
    {
        BoundExpression InExpression(BoundExpression expression)
            => BoundTree.Rewrite(expression, node => node is BoundSubquery subquery
                ? subquery with { Query = MapRelations(subquery.Query, map), Test = subquery.Test is null ? null : InExpression(subquery.Test) }
                : null);
        return InQueries(MapQuery(query, InExpression), map);
    }

    static BoundQuery InQueries(BoundQuery query, Func<BoundRelation, BoundRelation> map)
    {
        if (!query.Ctes.IsEmpty)
        {
            query = query with
            {
                Ctes =
                [
                    .. query.Ctes.Select(cte => cte with
                    {
                        Query = InQueries(cte.Query, map),
                        RecursiveTerm = cte.RecursiveTerm is null ? null : InQueries(cte.RecursiveTerm, map),
                    }),
                ],
            };
        }
        return query switch
        {
            BoundSelect { From: { } from } q => q with { From = InFrom(from, map) },
            BoundSetOperation q => q with { Left = InQueries(q.Left, map), Right = InQueries(q.Right, map) },
            BoundInsert q => q with { Source = InQueries(q.Source, map) },
            BoundUpdate { From: { } from } q => q with { From = InFrom(from, map) },
            BoundDelete { Using: { } from } q => q with { Using = InFrom(from, map) },
            _ => query,
        };
    }

    static BoundFrom InFrom(BoundFrom from, Func<BoundRelation, BoundRelation> map) => from switch
    {
        BoundJoin join => join with { Left = InFrom(join.Left, map), Right = InFrom(join.Right, map) },
        BoundDerived derived => map(derived with { Query = InQueries(derived.Query, map) }),
        _ => map((BoundRelation)from),
    };
}
