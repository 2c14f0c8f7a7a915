using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Plans <c>ORDER BY column &lt;distance&gt; query LIMIT n</c> over a fixed-size vector column as a <see cref="NearestScanNode"/>.</summary>
sealed class NearestScanPlanner(Planner planner, OuterScope? outer)
{
    public OrderedScan? Plan(BoundSelect query, BoundTable table, TableAccess access)
    {
        if (query.Limit is null || !query.RowLocks.IsEmpty || query.OrderBy is not [{ Descending: false, NullsFirst: false } key]
            || query.Targets.Any(target => BoundTree.Any(target.Expression, node => node is BoundSetCall)))
            return null;
        if (key.Expression is not BoundCall { Operator: { } op, Arguments: [var left, var right] } call || VectorIndexDefinition.MetricOf(op.Name) is not { } metric)
            return null;
        var (column, other) = left is BoundColumn c && c.Relation == table.Id ? (c, right) : (right as BoundColumn, left);
        if (column is null || column.Relation != table.Id || column.Column < 0 || QueryTree.Reads(other, table.Id) || QueryTree.IsVolatile(other))
            return null;
        var number = access.VectorColumn(column.Column);
        if (number < 0 || other.Type != column.Type)
            return null;

        var conditions = QueryTree.Conjuncts(query.Where).ToList();
        if (conditions.Exists(QueryTree.IsVolatile))
            return null;
        return Build(query, table, access, key, call, column, other, number, metric, conditions);
    }

    OrderedScan Build(
        BoundSelect query, BoundTable table, TableAccess access, BoundSortKey key, BoundCall call, BoundColumn column, BoundExpression other, int number,
        Metric metric, List<BoundExpression> conditions)
    {
        var relations = new RelationPlanner(planner);
        var shown = relations.SeqScan(table, access, conditions, outer);
        var (columns, decoder, width) = relations.Output(table, access);
        var values = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        var distance = planner.Statement.NewColumn(planner.Statement.NewRelation(), 0, key.Expression);

        var filter = QueryTree.And(conditions);
        var filterColumns = filter is null ? [] : RelationPlanner.ColumnsOf(filter, table.Id);
        var filterCompiler = new ExpressionCompiler(planner, new RowLayout([.. filterColumns.Select(position => new PlanColumn(table.Id, position))]), outer);
        var comparison = new BinaryFunction(call.Function);
        var isSwapped = !ReferenceEquals(call.Arguments[0], column);
        var candidates = Candidates(table, access, conditions, values);
        var cost = (candidates?.Cost ?? shown.Cost) with { Rows = shown.Cost.Rows };
        cost = cost with { Startup = cost.Total + cost.Rows * 2 * Costs.Operator, Total = cost.Total + cost.Rows * 3 * Costs.Operator, Width = width + 8 };

        var node = new NearestScanNode(
            access, number, column.Type, column.Typmod, metric, values.Compile(other), decoder, values.Compile(query.Limit!), values.CompileOptional(query.Offset))
        {
            Key = key,
            Filter = filterCompiler.CompileOptional(filter),
            FilterDecoder = filter is null ? null : access.Decoder(filterColumns),
            FilterColumns = filterColumns.Length,
            Operator = (vector, value, state) => isSwapped ? comparison.Invoke(value, vector, state) : comparison.Invoke(vector, value, state),
            VectorDecoder = access.Decoder([column.Column]),
            Shown = shown with { SubPlans = [] },
            Candidates = candidates,
            Columns = [.. columns, new PlanColumn(distance.Relation, distance.Column)],
            SubPlans = [.. values.SubPlans, .. filterCompiler.SubPlans],
            Cost = cost,
        };
        var rewritten = SelectPlanner.Rewrite(query, expression => BoundTree.Same(expression, key.Expression) ? distance : null);
        return new OrderedScan(node, rewritten);
    }

    IndexScanNode? Candidates(BoundTable table, TableAccess access, List<BoundExpression> conditions, ExpressionCompiler values)
    {
        if (conditions.Count == 0 || !planner.Context.Switches.IndexScan || IndexPath.Best(planner, table, access, conditions) is not { } path)
            return null;
        return new IndexScanNode(access, path.Index, access.Decoder([SystemColumns.Ctid]), planner.Statement.Names.Define(table), path.Compile(values), Backward: false)
        {
            Columns = [new PlanColumn(table.Id, SystemColumns.Ctid)],
            IndexCondition = path.IndexConditions,
            Cost = path.Cost with { Width = 6 },
        };
    }
}
