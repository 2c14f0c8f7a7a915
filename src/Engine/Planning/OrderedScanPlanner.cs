using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Planning;

/// <summary>A scan that already gives the order wanted, and the query with the sort keys it has computed replaced.</summary>
sealed record OrderedScan(PlanNode Node, BoundSelect Query);

/// <summary>
/// Plans a SELECT from one table whose ORDER BY a scan can serve by itself: nearest neighbours of a vector, or the order of an index.
/// </summary>
sealed class OrderedScanPlanner(Planner planner, OuterScope? outer)
{
    public OrderedScan? Plan(BoundSelect query)
    {
        if (query.From is not BoundTable { Sample: null } table || query.OrderBy.IsEmpty || query.IsGrouped || query.IsDistinct
            || !query.DistinctOn.IsEmpty || !query.Windows.IsEmpty || query.WithTies)
            return null;
        var access = planner.Context.Table(table.Table);
        return new NearestScanPlanner(planner, outer).Plan(query, table, access) ?? ByIndex(query, table, access);
    }

    OrderedScan? ByIndex(BoundSelect query, BoundTable table, TableAccess access)
    {
        if (access.Indexes.Count == 0 || !planner.Context.IsOn("enable_indexscan"))
            return null;
        var conditions = QueryTree.Conjuncts(query.Where).ToList();
        IndexPath? best = null;
        foreach (var index in access.Indexes)
        {
            foreach (var backward in (bool[])[false, true])
            {
                if (IndexPath.Match(table, access, index, conditions, backward) is { IsOrdered: true } path && Provides(path, query, table)
                    && (best is null || path.Cost.Total < best.Cost.Total))
                    best = path;
            }
        }
        if (best is null || !IsWorthIt(best, query, table, access, conditions))
            return null;
        return new OrderedScan(new RelationPlanner(planner).IndexScan(table, access, best, outer), query);
    }

    // Keys held equal by conditions may be left out of ORDER BY.
    static bool Provides(IndexPath path, BoundSelect query, BoundTable table)
    {
        var keys = path.Index.Keys;
        var next = 0;
        foreach (var wanted in query.OrderBy)
        {
            while (next < path.EqualKeys && next < keys.Length && !IsKey(keys[next], wanted.Expression, table))
                next++;
            if (next >= keys.Length)
                return path.Index.Definition.IsUnique && keys.Length == path.EqualKeys;
            var key = keys[next];
            if (!IsKey(key, wanted.Expression, table))
                return false;
            if (next >= path.EqualKeys && (wanted.Descending != (key.Descending != path.Backward) || wanted.NullsFirst != (key.NullsFirst != path.Backward)))
                return false;
            next++;
        }
        return true;
    }

    static bool IsKey(IndexKeyColumn key, BoundExpression expression, BoundTable table)
        => key.Expression is null
            ? expression is BoundColumn column && column.Relation == table.Id && column.Column == key.Column
            : BoundTree.Same(expression, IndexPath.Over(table, key.Expression));

    // Against a sequential scan and a sort; with LIMIT only a part of the index is read.
    static bool IsWorthIt(IndexPath path, BoundSelect query, BoundTable table, TableAccess access, List<BoundExpression> conditions)
    {
        var rows = Math.Max(1, access.Rows.RowCountEstimate);
        var kept = Math.Max(1, rows * IndexPath.Selectivity(table, access, conditions));
        var sequential = Costs.SeqScan(access.Rows, conditions.Count) + Costs.Sort(kept);
        if (IndexPath.Best(table, access, conditions) is { } other)
            sequential = Math.Min(sequential, other.Cost.Total + Costs.Sort(other.Cost.Rows));
        var share = query.Limit is BoundConstant { Value.IsNull: false } limit ? Math.Min(1, limit.Value.AsInt64 / Math.Max(1, path.Cost.Rows)) : query.Limit is null ? 1 : 0.1;
        return path.Cost.Total * share <= sequential;
    }
}
