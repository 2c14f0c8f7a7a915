using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Planning;

/// <summary>A scan that already gives the order wanted, and the query with the sort keys it has computed replaced.</summary>
sealed record OrderedScan(PlanNode Node, BoundSelect Query);

/// <summary>
/// Plans a SELECT whose ORDER BY a scan of one table can serve by itself, also below joins: nearest neighbours of a vector, or the order of an index. So it
/// serves ranks over that order (<c>rank() OVER (ORDER BY …)</c>), too.
/// </summary>
sealed class OrderedScanPlanner(Planner planner, OuterScope? outer)
{
    /// <summary>The share of the rows that a LIMIT takes whose number is not known yet, as PostgreSQL guesses.</summary>
    const double UnknownLimitShare = 0.1;

    /// <summary>Rows of a join asked for each that is wanted: those that match may come late in the order.</summary>
    const double EarlyEndRisk = 4;

    public OrderedScan? Plan(BoundSelect query)
    {
        if (!query.Windows.IsEmpty)
        {
            if (WindowPlanner.OrderWhileRead(query) is not { } order)
                return null;
            query = query with { OrderBy = order };
        }
        if (query.OrderBy.IsEmpty || query.IsGrouped || query.IsDistinct || !query.DistinctOn.IsEmpty)
            return null;
        if (new VectorOrderPlanner(planner, outer).Plan(query) is { } byVector)
            return byVector;
        if (query.WithTies)
            return null;
        if (query.From is BoundJoin)
            return query.Windows.IsEmpty ? ByIndexInJoin(query) : null;
        if (query.From is not BoundTable { Sample: null } table)
            return null;
        var access = planner.Access(table);
        return new NearestScanPlanner(planner, outer).Plan(query, table, access) ?? ByIndex(query, table, access);
    }

    /// <summary>Whether some index gives the order a query over one table wants, and is worth it.</summary>
    public static bool HasIndex(Planner planner, BoundTable table, BoundSelect query)
        => new OrderedScanPlanner(planner, null).BestPath(query, table, planner.Access(table)) is not null || VectorOrderPlanner.Serves(planner, table, query);

    OrderedScan? ByIndex(BoundSelect query, BoundTable table, TableAccess access)
        => BestPath(query, table, access) is { } path ? new OrderedScan(new RelationPlanner(planner).IndexScan(table, access, path, outer), query) : null;

    // The table whose index gives the order comes first, and each join keeps the order of its outer side; worth it where LIMIT ends the scan early.
    OrderedScan? ByIndexInJoin(BoundSelect query)
    {
        var ids = query.OrderBy.SelectMany(key => QueryTree.RelationIds(key.Expression)).Distinct().ToList();
        if (query.Limit is null || ids.Count != 1 || QueryTree.Relations(query.From!).FirstOrDefault(relation => relation.Id == ids[0]) is not BoundTable { Sample: null } table)
            return null;
        var access = planner.Access(table);
        var conditions = QueryTree.Conjuncts(query.Where).ToList();
        var own = conditions.FindAll(condition => QueryTree.RelationIds(condition) is { Count: 1 } only && only.Contains(table.Id));
        if (conditions.Exists(QueryTree.IsVolatile) || PathInOrder(query, table, access, own) is null)
            return null;
        var joined = new FromPlanner(planner).PlanInOrder(
            query.From!, table, conditions, outer, all => new RelationPlanner(planner).IndexScan(table, access, PathInOrder(query, table, access, all)!, outer));
        if (joined is null)
            return null;
        var other = new FromPlanner(planner).Plan(query.From!, conditions, outer);
        var share = Math.Min(1, EarlyEndRisk * Wanted(query, joined.Cost.Rows) / Math.Max(1, joined.Cost.Rows));
        return joined.Cost.Startup + (joined.Cost.Total - joined.Cost.Startup) * share < other.Cost.Total + Costs.Sort(other.Cost.Rows) ? new OrderedScan(joined, query) : null;
    }

    static double Wanted(BoundSelect query, double rows)
    {
        double offset = query.Offset is BoundConstant { Value.IsNull: false } skipped ? skipped.Value.AsInt64 : 0;
        return query.Limit is BoundConstant { Value.IsNull: false } limit ? limit.Value.AsInt64 + offset : rows * UnknownLimitShare;
    }

    IndexPath? BestPath(BoundSelect query, BoundTable table, TableAccess access)
    {
        var conditions = QueryTree.Conjuncts(query.Where).ToList();
        return PathInOrder(query, table, access, conditions) is { } best && IsWorthIt(best, query, table, access, conditions) ? best : null;
    }

    IndexPath? PathInOrder(BoundSelect query, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        if (access.Indexes.IsEmpty || !planner.Context.Switches.IndexScan)
            return null;
        IndexPath? best = null;
        foreach (var index in access.Indexes)
        {
            foreach (var backward in (bool[])[false, true])
            {
                if (IndexPath.Match(planner, table, index, conditions, backward) is { } path && Provides(path, query, table)
                    && (best is null || path.Cost.Total < best.Cost.Total))
                    best = path;
            }
        }
        return best;
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
        var share = query.Limit is BoundConstant { Value.IsNull: false } limit ? Math.Min(1, limit.Value.AsInt64 / Math.Max(1, path.Cost.Rows)) : query.Limit is null ? 1 : UnknownLimitShare;
        return path.Cost.Total * share <= sequential;
    }
}
