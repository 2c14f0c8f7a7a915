using System.Collections.Immutable;
using System.Diagnostics;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Plans FROM together with the conditions of WHERE: each condition goes down to the lowest place where its columns are known; inner
/// joins are put in the order that looks cheapest, outer joins stay where they are written.
/// </summary>
sealed class FromPlanner(Planner planner)
{
    /// <summary>Plans an entry of FROM so that all <paramref name="conditions"/> hold of its rows.</summary>
    public PlanNode Plan(BoundFrom from, IReadOnlyList<BoundExpression> conditions, OuterScope? outer)
    {
        if (from is BoundRelation relation)
            return new RelationPlanner(planner).Plan(relation, conditions, outer);

        var join = (BoundJoin)from;
        if (join.Kind != JoinKind.Inner)
            return PlanOuterJoin(join, conditions, outer);

        var items = new List<JoinItem>();
        var all = new List<BoundExpression>(conditions);
        Flatten(join, items, all);
        return PlanInnerJoins(items, all, outer);
    }

    /// <summary>
    /// Plans FROM so that its rows come in the order in which <paramref name="scan"/> (given the conditions on its table alone) gives those of
    /// <paramref name="table"/>; null where no join here keeps it.
    /// </summary>
    public PlanNode? PlanInOrder(BoundFrom from, BoundTable table, IReadOnlyList<BoundExpression> conditions, OuterScope? outer, Func<IReadOnlyList<BoundExpression>, PlanNode> scan)
    {
        if (ReferenceEquals(from, table))
            return scan(conditions);
        if (from is not BoundJoin join)
            return null;
        if (join.Kind == JoinKind.Inner)
        {
            var items = new List<JoinItem>();
            var all = new List<BoundExpression>(conditions);
            Flatten(join, items, all);
            return items.Find(item => ReferenceEquals(item.From, table)) is { } start ? PlanInnerJoins(items, all, outer, start, scan) : null;
        }
        return join.Kind == JoinKind.Left && QueryTree.Relations(join.Left).Any(relation => ReferenceEquals(relation, table)) ? PlanOuterJoin(join, conditions, outer, (left, own) => PlanInOrder(left, table, own, outer, scan)) : null;
    }

    static void Flatten(BoundFrom from, List<JoinItem> items, List<BoundExpression> conditions)
    {
        if (from is BoundJoin { Kind: JoinKind.Inner } join)
        {
            Flatten(join.Left, items, conditions);
            Flatten(join.Right, items, conditions);
            conditions.AddRange(QueryTree.Conjuncts(join.Condition));
        }
        else
            items.Add(new JoinItem(from));
    }

    // Greedy: start from one item, always add the one whose join looks cheapest, preferring those that a condition ties to what is
    // there. With few items every start is tried.
    PlanNode PlanInnerJoins(
        List<JoinItem> items, List<BoundExpression> conditions, OuterScope? outer, JoinItem? first = null, Func<IReadOnlyList<BoundExpression>, PlanNode>? scanFirst = null)
    {
        var local = items.SelectMany(item => item.Ids).ToHashSet();
        var pending = new List<Condition>();
        foreach (var condition in conditions)
        {
            var ids = QueryTree.RelationIds(condition);
            ids.IntersectWith(local);
            var home = ids.Count == 0 ? null : items.Find(item => ids.IsSubsetOf(item.Ids));
            if (home is not null && !home.Lateral(local).Overlaps(local))
                home.Conditions.Add(condition);
            else if (home is not null && !QueryTree.IsVolatile(condition))
                home.Conditions.Add(condition);
            else
                pending.Add(new Condition(condition, ids));
        }
        foreach (var item in items)
        {
            if (!item.Lateral(local).Overlaps(local))
                item.Plan = item == first ? scanFirst!(item.Conditions) : Plan(item.From, item.Conditions, outer);
        }

        if (first is not null)
            return GreedyFrom(first, items, pending, local, outer, keepsOrder: true)!;
        var starts = items.Where(item => item.Plan is not null).OrderBy(item => item.Plan!.Cost.Rows).ToList();
        if (items.Count > 6)
            starts = starts[..1];
        PlanNode? best = null;
        foreach (var start in starts)
        {
            if (GreedyFrom(start, items, pending, local, outer) is { } plan && (best is null || plan.Cost.Total < best.Cost.Total))
                best = plan;
        }
        return best ?? throw new UnreachableException("FROM items refer to each other in a circle");
    }

    PlanNode? GreedyFrom(JoinItem start, List<JoinItem> items, List<Condition> conditions, HashSet<int> local, OuterScope? outer, bool keepsOrder = false)
    {
        var plan = planner.Filter(start.Plan!, [.. conditions.Where(c => c.Ids.Count == 0).Select(c => c.Expression)], outer);
        var joined = new HashSet<int>(start.Ids);
        var rest = items.Where(item => item != start).ToList();
        var pending = conditions.Where(c => c.Ids.Count > 0).ToList();
        while (rest.Count > 0)
        {
            PlanNode? best = null;
            JoinItem? bestItem = null;
            var bestIsTied = false;
            foreach (var item in rest)
            {
                var needs = item.Lateral(local);
                needs.IntersectWith(local);
                if (!needs.IsSubsetOf(joined))
                    continue;
                var reach = new HashSet<int>(joined);
                reach.UnionWith(item.Ids);
                var applicable = pending.Where(c => c.Ids.IsSubsetOf(reach)).Select(c => c.Expression).ToList();
                var isTied = applicable.Count > 0 || needs.Count > 0;
                if (bestIsTied && !isTied)
                    continue;
                var candidate = new JoinPlanner(planner, this).Join(JoinKind.Inner, plan, item, applicable, outer, keepsOrder);
                if (best is null || (isTied && !bestIsTied) || candidate.Cost.Total < best.Cost.Total)
                    (best, bestItem, bestIsTied) = (candidate, item, isTied);
            }
            if (best is null)
                return null;
            plan = best;
            joined.UnionWith(bestItem!.Ids);
            rest.Remove(bestItem);
            pending.RemoveAll(c => c.Ids.IsSubsetOf(joined));
        }
        return plan;
    }

    // Conditions from above may go below the side that is kept; those of ON only below the other side.
    PlanNode PlanOuterJoin(BoundJoin join, IReadOnlyList<BoundExpression> conditions, OuterScope? outer) => PlanOuterJoin(join, conditions, outer, null)!;

    // The kept side may be planned in an order that the join keeps; null when it cannot be.
    PlanNode? PlanOuterJoin(BoundJoin join, IReadOnlyList<BoundExpression> conditions, OuterScope? outer, Func<BoundFrom, IReadOnlyList<BoundExpression>, PlanNode?>? keptSide)
    {
        if (join.Kind == JoinKind.Right)
            return PlanOuterJoin(new BoundJoin(JoinKind.Left, join.Right, join.Left, join.Condition), conditions, outer);

        var left = new JoinItem(join.Left);
        var right = new JoinItem(join.Right);
        var above = new List<BoundExpression>();
        var joinConditions = new List<BoundExpression>();
        foreach (var condition in conditions)
        {
            var ids = QueryTree.RelationIds(condition);
            if (join.Kind is not JoinKind.Full && !ids.Overlaps(right.Ids) && !QueryTree.IsVolatile(condition))
                left.Conditions.Add(condition);
            else
                above.Add(condition);
        }
        foreach (var condition in QueryTree.Conjuncts(join.Condition))
        {
            var ids = QueryTree.RelationIds(condition);
            if (join.Kind != JoinKind.Full && !ids.Overlaps(left.Ids) && !QueryTree.IsVolatile(condition))
                right.Conditions.Add(condition);
            else if (join.Kind == JoinKind.Semi && !ids.Overlaps(right.Ids) && !QueryTree.IsVolatile(condition))
                left.Conditions.Add(condition);
            else
                joinConditions.Add(condition);
        }
        var outerPlan = keptSide is null ? Plan(left.From, left.Conditions, outer) : keptSide(left.From, left.Conditions);
        if (outerPlan is null)
            return null;
        if (!right.Lateral(left.Ids).Overlaps(left.Ids))
            right.Plan = Plan(right.From, right.Conditions, outer);
        var plan = new JoinPlanner(planner, this).Join(join.Kind, outerPlan, right, joinConditions, outer, keepsOrder: keptSide is not null);
        return planner.Filter(plan, above, outer);
    }

    readonly record struct Condition(BoundExpression Expression, HashSet<int> Ids);
}

/// <summary>Something to be joined, with the conditions on it alone.</summary>
sealed class JoinItem(BoundFrom from)
{
    HashSet<int>? _references;

    public BoundFrom From => from;
    public HashSet<int> Ids { get; } = [.. QueryTree.Relations(from).Select(relation => relation.Id)];
    public List<BoundExpression> Conditions { get; } = [];

    /// <summary>Its plan when it stands alone; null when it reads columns of other items.</summary>
    public PlanNode? Plan { get; set; }

    /// <summary>Relations besides its own that it reads, of those given.</summary>
    public HashSet<int> Lateral(HashSet<int> others)
    {
        if (_references is null)
        {
            _references = [];
            if (from is BoundRelation { IsLateral: false } and not BoundFunctionScan)
                return [];
            QueryTree.MapFrom(from, expression =>
            {
                _references.UnionWith(QueryTree.RelationIds(expression));
                return expression;
            });
            _references.ExceptWith(Ids);
        }
        return [.. _references.Where(others.Contains)];
    }
}
