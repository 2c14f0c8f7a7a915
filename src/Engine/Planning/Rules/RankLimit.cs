using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>
/// <c>SELECT … FROM (SELECT …, row_number() OVER (ORDER BY x) AS n FROM t) WHERE n &lt;= 10</c>: the subquery needs its first ten rows by x only, so it gets
/// ORDER BY x LIMIT 10; WITH TIES for <c>rank()</c>. The condition stays.
/// </summary>
static class RankLimit
{
    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        if (query is not BoundSelect { From: BoundDerived { Query: BoundSelect inner } derived, Where: { } where } select || !IsRanked(inner))
            return query;
        foreach (var condition in QueryTree.Conjuncts(where))
        {
            if (LimitOf(condition, derived, inner) is not var (limit, ranking))
                continue;
            var limited = inner with { OrderBy = inner.Windows[0].OrderBy, Limit = limit, WithTies = ranking == Ranking.Rank };
            return select with { From = derived with { Query = limited } };
        }
        return query;
    }

    // One window over all rows, whose order is free to be the subquery's.
    static bool IsRanked(BoundSelect inner)
        => inner is { Windows: [{ PartitionBy.IsEmpty: true, OrderBy.IsEmpty: false }], OrderBy.IsEmpty: true, Limit: null, Offset: null, IsDistinct: false, DistinctOn.IsEmpty: true }
            && !inner.Targets.Any(target => BoundTree.Any(target.Expression, node => node is BoundSetCall || (node is BoundWindowCall call && WindowPlanner.RankingOf(call) is null)))
            && !inner.Windows[0].OrderBy.Any(key => QueryTree.IsVolatile(key.Expression));

    static (BoundConstant Limit, Ranking Ranking)? LimitOf(BoundExpression condition, BoundDerived derived, BoundSelect inner)
    {
        if (condition is not BoundCall { Operator.Name: "<" or "<=" or "=", Arguments: [BoundColumn column, BoundConstant { Value.IsNull: false } bound] } || column.Relation != derived.Id)
            return null;
        if (bound.Type != PgTypes.Int2 && bound.Type != PgTypes.Int4 && bound.Type != PgTypes.Int8)
            return null;
        if (column.Column < 0 || inner.Targets[column.Column].Expression is not BoundWindowCall call || WindowPlanner.RankingOf(call) is not { } ranking || ranking == Ranking.DenseRank)
            return null;
        return (new BoundConstant(Datum.Of(Math.Max(0, bound.Value.AsInt64)), PgTypes.Int8), ranking);
    }
}
