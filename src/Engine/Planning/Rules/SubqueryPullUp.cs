using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>
/// A plain subquery or view in FROM dissolves into the query around it: its FROM takes its place, its WHERE joins the conditions, its
/// targets stand for its columns. Below an outer join only where all targets are columns, which turn NULL with their row.
/// </summary>
static class SubqueryPullUp
{
    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        if (query is not BoundSelect { From: { } from, RowLocks.IsEmpty: true } select || !QueryTree.HasDerived(from))
            return query;
        var conditions = new List<BoundExpression>();
        var targets = new Dictionary<int, BoundExpression[]>();
        var siblings = QueryTree.Relations(from).Select(relation => relation.Id).ToHashSet();
        var merged = Merge(from, isNullable: false, conditions, targets, siblings);
        if (targets.Count == 0)
            return query;

        BoundExpression? Replace(BoundExpression node)
            => node is BoundColumn { Column: >= 0 } column && targets.TryGetValue(column.Relation, out var expressions)
                ? QueryTree.Rewrite(expressions[column.Column], Replace)
                : null;
        select = select with { From = merged, Where = QueryTree.And([.. QueryTree.Conjuncts(select.Where), .. conditions]) };
        return QueryTree.MapQuery(select, expression => QueryTree.Rewrite(expression, Replace));
    }

    static BoundFrom Merge(BoundFrom from, bool isNullable, List<BoundExpression> conditions, Dictionary<int, BoundExpression[]> targets, HashSet<int> siblings)
    {
        if (from is BoundDerived derived && CanMerge(derived, isNullable, siblings) is { } query)
        {
            targets[derived.Id] = [.. query.VisibleTargets.Select(target => target.Expression)];
            conditions.AddRange(QueryTree.Conjuncts(query.Where));
            return query.From!;
        }
        if (from is not BoundJoin join)
            return from;
        switch (join.Kind)
        {
            case JoinKind.Inner:
                return join with { Left = Merge(join.Left, isNullable, conditions, targets, siblings), Right = Merge(join.Right, isNullable, conditions, targets, siblings) };
            case JoinKind.Left or JoinKind.Semi or JoinKind.Anti:
            {
                // Conditions of the right side decide about matches, so they belong to ON.
                var inner = new List<BoundExpression>();
                var left = Merge(join.Left, isNullable, conditions, targets, siblings);
                var right = Merge(join.Right, isNullable || join.Kind == JoinKind.Left, inner, targets, siblings);
                return join with { Left = left, Right = right, Condition = QueryTree.And([.. QueryTree.Conjuncts(join.Condition), .. inner]) };
            }
            default:
                return join;
        }
    }

    static BoundSelect? CanMerge(BoundDerived derived, bool isNullable, HashSet<int> siblings)
    {
        if (derived.Query is not BoundSelect { From: { } from } query)
            return null;
        if (query.IsGrouped || query.IsDistinct || !query.DistinctOn.IsEmpty || !query.Windows.IsEmpty || query.Limit is not null || query.Offset is not null
            || !query.Ctes.IsEmpty || !query.RowLocks.IsEmpty || !query.OrderBy.IsEmpty || query.Targets.Any(target => target.IsJunk))
            return null;
        if (query.Targets.Any(target => QueryTree.IsVolatile(target.Expression) || BoundTree.Any(target.Expression, node => node is BoundSetCall)))
            return null;
        if (isNullable && !query.Targets.All(target => target.Expression is BoundColumn))
            return null;
        return QueryTree.IsSelfContained(from, siblings) ? query : null;
    }
}
