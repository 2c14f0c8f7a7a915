using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Plans a SELECT whose first sort key is a distance that a vector index finds in order: from the table alone, or from a join that keeps the order
/// of its rows. Further keys order rows of equal distance.
/// </summary>
sealed class VectorOrderPlanner(Planner planner, OuterScope? outer)
{
    /// <summary>Rows asked of a join's first table for each that is wanted.</summary>
    const int RowsPerJoined = 4;

    /// <summary>
    /// Of more rows than these that a B-tree is expected to find for a condition not all are measured and sorted. The search takes them from the B-tree too when
    /// they turn out to be few, and loses little; estimates of parameters and of uneven values may be wrong by orders of magnitude.
    /// </summary>
    const double FewRows = 10;

    /// <summary>Whether a vector index finds the rows of a query from one table in the order it wants.</summary>
    public static bool Serves(Planner planner, BoundTable table, BoundSelect query)
        => planner.Context.Switches.IndexScan && VectorScanPlanner.Match(table, planner.Access(table), query.OrderBy[0], [.. QueryTree.Conjuncts(query.Where)]) is not null;

    public OrderedScan? Plan(BoundSelect query)
    {
        if (query.From is null || !planner.Context.Switches.IndexScan || TableOf(query) is not { } table)
            return null;
        var access = planner.Access(table);
        var conditions = QueryTree.Conjuncts(query.Where).ToList();
        if (conditions.Exists(QueryTree.IsVolatile))
            return null;
        var own = conditions.FindAll(condition => QueryTree.RelationIds(condition) is var ids && ids.Contains(table.Id) && ids.Count == 1);
        if (ReferenceEquals(query.From, table))
            own = conditions;
        if (VectorScanPlanner.Match(table, access, query.OrderBy[0], own) is not { } match)
            return null;
        return query.From is BoundTable ? FromTable(query, table, access, match, conditions) : FromJoin(query, table, access, match, conditions);
    }

    // The table whose column (or expression) the first key measures.
    static BoundTable? TableOf(BoundSelect query)
    {
        if (query.OrderBy[0].Expression is not BoundCall { Operator: not null } distance)
            return null;
        var ids = QueryTree.RelationIds(distance);
        BoundTable? found = null;
        foreach (var relation in QueryTree.Relations(query.From!))
        {
            if (!ids.Contains(relation.Id))
                continue;
            // Neither a distance between two tables of this query nor one of a sample.
            if (found is not null || relation is not BoundTable { Sample: null } table)
                return null;
            found = table;
        }
        return found;
    }

    OrderedScan? FromTable(BoundSelect query, BoundTable table, TableAccess access, VectorMatch match, List<BoundExpression> conditions)
    {
        var scans = new VectorScanPlanner(planner, outer);
        var cost = scans.CostOf(table, access, conditions);
        if (planner.Context.Switches.SeqScan && VectorScanPlanner.CostFor(cost, Wanted(query, cost.Rows)) > Otherwise(query, table, access, conditions, cost.Rows))
            return null;
        var (node, distance) = scans.Build(match, table, access, conditions, query.Limit, query.Offset, extraRows: query.OrderBy.Length > 1 ? 1 : 0);
        return Ordered(query, node, distance);
    }

    OrderedScan? FromJoin(BoundSelect query, BoundTable table, TableAccess access, VectorMatch match, List<BoundExpression> conditions)
    {
        if (query.Limit is null)
            return null;
        BoundColumn? distance = null;
        var joined = new FromPlanner(planner).PlanInOrder(query.From!, table, conditions, outer, own =>
        {
            var (node, column) = new VectorScanPlanner(planner, outer).Build(match, table, access, own, null, null, extraRows: 0);
            distance = column;
            return node;
        });
        if (joined is null || distance is null)
            return null;
        if (planner.Context.Switches.SeqScan)
        {
            var other = new FromPlanner(planner).Plan(query.From!, conditions, outer);
            if (VectorScanPlanner.CostFor(joined.Cost, Wanted(query, joined.Cost.Rows) * RowsPerJoined) > other.Cost.Total + Costs.Sort(other.Cost.Rows))
                return null;
        }
        return query.OrderBy.Length == 1 ? Ordered(query, joined, distance) : null;
    }

    OrderedScan Ordered(BoundSelect query, PlanNode node, BoundColumn distance)
    {
        var first = query.OrderBy[0].Expression;
        if (query.OrderBy.Length > 1)
            node = SortTies(query, node);
        return new OrderedScan(node, SelectPlanner.Rewrite(query, expression => BoundTree.Same(expression, first) ? distance : null));
    }

    IncrementalSortNode SortTies(BoundSelect query, PlanNode node)
    {
        var compiler = planner.Compiler(node, outer);
        var relation = planner.Statement.NewRelation();
        var others = query.OrderBy.Skip(1).ToImmutableArray();
        var columns = others.Select((key, i) => planner.Statement.NewColumn(relation, i, key.Expression)).ToList();
        return new IncrementalSortNode(node, query.OrderBy, [.. others.Select(key => compiler.Compile(key.Expression))])
        {
            Columns = [.. node.Columns, .. columns.Select(column => new PlanColumn(column.Relation, column.Column))],
            SubPlans = compiler.SubPlans,
            Cost = node.Cost,
        };
    }

    static double Wanted(BoundSelect query, double rows)
        => query.Limit switch
        {
            BoundConstant { Value.IsNull: false } limit => limit.Value.AsInt64 + (query.Offset is BoundConstant { Value.IsNull: false } offset ? offset.Value.AsInt64 : 0),
            null => rows,
            _ => rows / 10,
        };

    // All rows, or those of a B-tree, measured and sorted.
    double Otherwise(BoundSelect query, BoundTable table, TableAccess access, List<BoundExpression> conditions, double rows)
    {
        var scan = Costs.SeqScan(access.Rows, conditions.Count);
        if (conditions.Count > 0 && IndexPath.Best(planner, table, access, conditions) is { } path && (query.Limit is null || path.Cost.Rows <= FewRows))
            scan = Math.Min(scan, path.Cost.Total);
        return scan + rows * 2 * Costs.Operator;
    }
}
