using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>
/// <c>WHERE EXISTS (…)</c> and <c>WHERE x IN (SELECT …)</c> become semi joins, <c>WHERE NOT EXISTS (…)</c> an anti join. (NOT IN cannot:
/// one NULL in the subquery decides for all rows.)
/// </summary>
static class SubqueryToJoin
{
    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        if (query is not BoundSelect { From: { } from, Where: { } where } select)
            return query;
        var conditions = QueryTree.Conjuncts(where).ToList();
        if (!conditions.Exists(static condition => condition is BoundSubquery or BoundNot { Operand: BoundSubquery }))
            return query;
        var outside = QueryTree.Relations(from).Select(relation => relation.Id).ToHashSet();
        var changed = false;
        for (var i = conditions.Count - 1; i >= 0; i--)
        {
            var isNot = conditions[i] is BoundNot;
            var condition = conditions[i] is BoundNot not ? not.Operand : conditions[i];
            var join = condition switch
            {
                BoundSubquery { Kind: SubqueryKind.Exists } exists => FromExists(exists, isNot, from, outside),
                BoundSubquery { Kind: SubqueryKind.Any } any when !isNot => FromAny(any, from, outside),
                _ => null,
            };
            if (join is null)
                continue;
            from = join;
            conditions.RemoveAt(i);
            changed = true;
        }
        return changed ? select with { From = from, Where = QueryTree.And(conditions) } : query;
    }

    static BoundJoin? FromExists(BoundSubquery exists, bool isNot, BoundFrom from, HashSet<int> outside)
    {
        if (exists.Query is not BoundSelect { From: { } inner } subquery || !IsSimple(subquery) || !QueryTree.IsSelfContained(inner, outside))
            return null;
        // Without a condition that ties both sides, running the subquery once is better.
        if (subquery.Where is null || !QueryTree.RelationIds(subquery.Where).Overlaps(outside))
            return null;
        return new BoundJoin(isNot ? JoinKind.Anti : JoinKind.Semi, from, inner, subquery.Where);
    }

    static BoundJoin? FromAny(BoundSubquery any, BoundFrom from, HashSet<int> outside)
    {
        var ids = QueryTree.RelationIds(any.Test!);
        if (!ids.Overlaps(outside) || QueryTree.IsVolatile(any.Test!))
            return null;
        var targets = any.Query.VisibleTargets.ToList();
        if (any.Query is BoundSelect { From: { } inner } subquery && IsSimple(subquery) && QueryTree.IsSelfContained(inner, outside)
            && !targets.Exists(target => QueryTree.IsVolatile(target.Expression)))
        {
            var test = QueryTree.Rewrite(any.Test!, node => node is BoundColumn column && column.Relation == any.ResultRelation ? targets[column.Column].Expression : null);
            return new BoundJoin(JoinKind.Semi, from, inner, QueryTree.And([test, .. QueryTree.Conjuncts(subquery.Where)]));
        }
        if (QueryTree.RelationIds(any.Query).Overlaps(outside))
            return null;
        var derived = new BoundDerived(any.ResultRelation, "ANY_subquery", any.Query)
        {
            Columns = [.. targets.Select(target => new RelationColumn(target.Name, target.Expression.Type, target.Expression.Typmod))],
        };
        return new BoundJoin(JoinKind.Semi, from, derived, any.Test);
    }

    static bool IsSimple(BoundSelect query)
        => !query.IsGrouped && query.Windows.IsEmpty && query.Limit is null && query.Offset is null && query.Ctes.IsEmpty && query.RowLocks.IsEmpty
            && query.DistinctOn.IsEmpty && !query.Targets.Any(target => BoundTree.Any(target.Expression, node => node is BoundSetCall))
            && (query.Where is null || !QueryTree.IsVolatile(query.Where));
}
