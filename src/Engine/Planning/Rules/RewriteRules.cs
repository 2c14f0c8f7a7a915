using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>A rewriting of one query level that keeps its meaning.</summary>
/// <param name="Name">For <c>pgvc explain-steps</c>.</param>
public sealed record RewriteRule(string Name, Func<BoundQuery, Planner, BoundQuery> Apply);

/// <summary>The rules in their order. Each level is rewritten after the levels in its FROM and WITH.</summary>
public static class RewriteRules
{
    public static readonly ImmutableArray<RewriteRule> All =
    [
        new("fold constants", ConstantFolding.Apply),
        new("inline WITH queries", CteInlining.Apply),
        new("turn EXISTS and IN into joins", SubqueryToJoin.Apply),
        new("merge subqueries into FROM", SubqueryPullUp.Apply),
        new("simplify outer joins", OuterJoinReduction.Apply),
        new("read min and max from an index", MinMaxByIndex.Apply),
        new("limit subqueries by rank", RankLimit.Apply),
    ];

    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        query = CteInlining.Apply(query, planner);
        query = Inside(query, planner);
        foreach (var rule in All)
            query = rule.Apply(query, planner);
        return query;
    }

    // The queries that lie directly in this one, except those in expressions, which are rewritten when they are planned.
    static BoundQuery Inside(BoundQuery query, Planner planner)
    {
        if (!query.Ctes.IsEmpty)
        {
            query = query with
            {
                Ctes =
                [
                    .. query.Ctes.Select(cte => cte with
                    {
                        Query = Apply(cte.Query, planner),
                        RecursiveTerm = cte.RecursiveTerm is null ? null : Apply(cte.RecursiveTerm, planner),
                    }),
                ],
            };
        }
        return query switch
        {
            BoundSelect { From: { } from } select => QueryTree.HasDerived(from)
                ? select with { From = InsideFrom(from, planner) }
                : select,
            BoundSetOperation operation => operation with { Left = Apply(operation.Left, planner), Right = Apply(operation.Right, planner) },
            _ => query,
        };
    }

    static BoundFrom InsideFrom(BoundFrom from, Planner planner) => from switch
    {
        BoundJoin join => join with { Left = InsideFrom(join.Left, planner), Right = InsideFrom(join.Right, planner) },
        BoundDerived derived => derived with { Query = Apply(derived.Query, planner) },
        _ => from,
    };
}
