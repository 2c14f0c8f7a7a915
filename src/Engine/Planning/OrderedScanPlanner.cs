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
        if (query.OrderBy.IsEmpty || query.IsGrouped || query.IsDistinct || !query.DistinctOn.IsEmpty || !query.Windows.IsEmpty)
            return null;
        if (new VectorOrderPlanner(planner, outer).Plan(query) is { } byVector)
            return byVector;
        if (query.From is not BoundTable { Sample: null } table || query.WithTies)
            return null;
        var access = planner.Access(table);
        return new NearestScanPlanner(planner, outer).Plan(query, table, access) ?? ByIndex(query, table, access);
    }

    /// <summary>Whether some index gives the order a query over one table wants, and is worth it.</summary>
    public static bool HasIndex(Planner planner, BoundTable table, BoundSelect query)
        => new OrderedScanPlanner(planner, null).BestPath(query, table, planner.Access(table)) is not null || VectorOrderPlanner.Serves(planner, table, query);

    OrderedScan? ByIndex(BoundSelect query, BoundTable table, TableAccess access)
        => BestPath(query, table, access) is { } path ? new OrderedScan(new RelationPlanner(planner).IndexScan(table, access, path, outer), query) : null;

    IndexPath? BestPath(BoundSelect query, BoundTable table, TableAccess access)
    {
        if (access.Indexes.Count == 0 || !planner.Context.IsOn("enable_indexscan"))
            return null;
        var conditions = QueryTree.Conjuncts(query.Where).ToList();
        IndexPath? best = null;
        foreach (var index in access.Indexes)
        {
            foreach (var backward in (bool[])[false, true])
            {
                if (IndexPath.Match(planner, table, access, index, conditions, backward) is { } path && Provides(path, query, table)
                    && (best is null || path.Cost.Total < best.Cost.Total))
                    best = path;
            }
        }
        return best is not null && IsWorthIt(best, query, table, access, conditions) ? best : null;
    }

    // Keys held equal by conditions may be left out of ORDER BY.
    static bool Provides(IndexPath path, BoundSelect query, BoundTable table)
    {
        var keys = path.Index.Keys;
        var next = 0;
        foreach (var wanted in query.OrderBy)
        {
            while (path.IsConstant(next) && !KeyMatch.IsKey(table, keys[next], wanted.Expression))
                next++;
            if (next >= keys.Length)
                return path.Index.Definition.IsUnique && Enumerable.Range(0, keys.Length).All(path.IsConstant);
            var key = keys[next];
            if (!KeyMatch.IsKey(table, key, wanted.Expression))
                return false;
            if (!path.IsConstant(next)
                && (wanted.Descending != (key.Descending != path.Backward) || (wanted.NullsFirst != (key.NullsFirst != path.Backward) && !path.IsNeverNull(next))))
                return false;
            next++;
        }
        return true;
    }

    // Against a sequential scan and a sort; with LIMIT only a part of the index is read.
    bool IsWorthIt(IndexPath path, BoundSelect query, BoundTable table, TableAccess access, List<BoundExpression> conditions)
    {
        var rows = Math.Max(1, access.Rows.RowCountEstimate);
        var kept = Math.Max(1, rows * IndexPath.Selectivity(planner, table, access, conditions));
        var sequential = Costs.SeqScan(access.Rows, conditions.Count) + Costs.Sort(kept);
        if (IndexPath.Best(planner, table, access, conditions) is { } other)
            sequential = Math.Min(sequential, other.Cost.Total + Costs.Sort(other.Cost.Rows));
        var share = query.Limit is BoundConstant { Value.IsNull: false } limit ? Math.Min(1, limit.Value.AsInt64 / Math.Max(1, path.Cost.Rows)) : query.Limit is null ? 1 : 0.1;
        return path.Cost.Total * share <= sequential;
    }
}
