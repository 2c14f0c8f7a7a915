using System.Collections.Immutable;
using System.Diagnostics;
using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Walks and rewrites whole queries, subqueries included; <see cref="BoundTree"/> does so within one expression.</summary>
public static class QueryTree
{
    /// <summary>Replaces, from the top down, whatever <paramref name="replace"/> gives something for; also inside subqueries.</summary>
    public static BoundExpression Rewrite(BoundExpression expression, Func<BoundExpression, BoundExpression?> replace)
        => BoundTree.Rewrite(expression, node => replace(node) ?? (node is BoundSubquery subquery ? RewriteInside(subquery, replace) : null));

    static BoundSubquery RewriteInside(BoundSubquery subquery, Func<BoundExpression, BoundExpression?> replace) => subquery with
    {
        Query = MapQuery(subquery.Query, inner => Rewrite(inner, replace)),
        Test = subquery.Test is null ? null : Rewrite(subquery.Test, replace),
    };

    /// <summary>Every expression inside <paramref name="expression"/>, itself first, those of subqueries included.</summary>
    public static void Visit(BoundExpression expression, Action<BoundExpression> visit)
        => BoundTree.Visit(expression, node =>
        {
            visit(node);
            if (node is BoundSubquery subquery)
                Visit(subquery.Query, visit);
            return true;
        });

    /// <summary>Every expression of a query and of the queries inside it.</summary>
    public static void Visit(BoundQuery query, Action<BoundExpression> visit)
        => MapQuery(query, expression =>
        {
            Visit(expression, visit);
            return expression;
        });

    public static bool Any(BoundExpression expression, Func<BoundExpression, bool> predicate)
    {
        var found = false;
        Visit(expression, e => found |= predicate(e));
        return found;
    }

    static ImmutableArray<BoundExpression> MapAll(ImmutableArray<BoundExpression> children, Func<BoundExpression, BoundExpression> map)
        => children.IsEmpty ? children : [.. children.Select(map)];

    static ImmutableArray<BoundSortKey> MapKeys(ImmutableArray<BoundSortKey> keys, Func<BoundExpression, BoundExpression> map)
        => keys.IsEmpty ? keys : [.. keys.Select(key => key with { Expression = map(key.Expression) })];

    static BoundExpression? MapOptional(BoundExpression? expression, Func<BoundExpression, BoundExpression> map)
        => expression is null ? null : map(expression);

    /// <summary>The query with <paramref name="map"/> applied to each of its outermost expressions, those of queries in FROM and WITH included.</summary>
    public static BoundQuery MapQuery(BoundQuery query, Func<BoundExpression, BoundExpression> map)
    {
        ImmutableArray<BoundTarget> targets = [.. query.Targets.Select(target => target with { Expression = map(target.Expression) })];
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
            BoundSelect q => q with
            {
                Targets = targets,
                Ctes = ctes,
                From = q.From is null ? null : MapFrom(q.From, map),
                Where = MapOptional(q.Where, map),
                GroupBy = MapAll(q.GroupBy, map),
                Having = MapOptional(q.Having, map),
                Windows = q.Windows.IsEmpty ? q.Windows : [.. q.Windows.Select(window => MapWindow(window, map))],
                DistinctOn = MapAll(q.DistinctOn, map),
                OrderBy = MapKeys(q.OrderBy, map),
                Limit = MapOptional(q.Limit, map),
                Offset = MapOptional(q.Offset, map),
            },
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

    /// <summary>Ids of all relations whose columns an expression reads.</summary>
    public static HashSet<int> RelationIds(BoundExpression expression)
    {
        var ids = new HashSet<int>();
        Visit(expression, e =>
        {
            if (e is BoundColumn column)
                ids.Add(column.Relation);
        });
        return ids;
    }

    /// <summary>The terms of a condition that all must hold.</summary>
    public static IEnumerable<BoundExpression> Conjuncts(BoundExpression? condition) => condition switch
    {
        null => [],
        BoundLogical { IsAnd: true } and => and.Operands.SelectMany(Conjuncts),
        _ => [condition],
    };

    /// <summary>All terms together; null when there are none.</summary>
    public static BoundExpression? And(IReadOnlyList<BoundExpression> terms)
        => terms.Count switch { 0 => null, 1 => terms[0], _ => new BoundLogical(true, [.. terms]) };

    /// <summary>Whether two calls with the same row may give different values, or do something besides.</summary>
    public static bool IsVolatile(BoundExpression expression)
        => Any(expression, e => e is BoundCall { Function.Volatility: Functions.Volatility.Volatile } or BoundSetCall { Function.Volatility: Functions.Volatility.Volatile });

    /// <summary>Ids of all relations whose columns a query reads.</summary>
    public static HashSet<int> RelationIds(BoundQuery query)
    {
        var ids = new HashSet<int>();
        Visit(query, e =>
        {
            if (e is BoundColumn column)
                ids.Add(column.Relation);
        });
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
