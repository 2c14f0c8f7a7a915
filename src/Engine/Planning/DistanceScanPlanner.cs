using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Plans <c>WHERE column &lt;distance&gt; query &lt; bound</c> over a fixed-size vector column as a <see cref="DistanceScanNode"/>.</summary>
static class DistanceScanPlanner
{
    /// <summary>Fewer rows are measured sooner than an index is asked.</summary>
    const long FewRows = 1_000;

    /// <summary>What is left of a scan's cost when an index rules out most rows.</summary>
    const double IndexShare = 0.25;

    /// <summary>A distance of a vector column and its upper bound, from a condition; null for another condition.</summary>
    static (BoundColumn Column, BoundExpression Distance, BoundExpression Query, Vectors.Metric Metric, BoundExpression Bound, bool IsInside)? Match(BoundTable table, TableAccess access, BoundExpression condition)
    {
        if (condition is not BoundCall { Operator: { Name: "<" or "<=" or ">" or ">=" } comparison, Arguments: [var left, var right] })
            return null;
        var (distance, bound) = comparison.Name is "<" or "<=" ? (left, right) : (right, left);
        if (bound.Type != PgTypes.Float8 || !IsValue(bound, table) || distance is not BoundCall { Operator: { } op, Arguments: [var a, var b] } || VectorIndexDefinition.MetricOf(op.Name) is not { } metric)
            return null;
        var (own, query) = a is BoundColumn first && first.Relation == table.Id ? (first, b) : (b as BoundColumn, a);
        return own is { Column: >= 0 } && own.Relation == table.Id && access.VectorColumn(own.Column) >= 0 && query.Type == own.Type && IsValue(query, table)
            ? (own, distance, query, metric, bound, comparison.Name is "<=" or ">=")
            : null;
    }

    static bool IsValue(BoundExpression expression, BoundTable table) => !QueryTree.Reads(expression, table.Id) && !QueryTree.IsVolatile(expression);

    /// <summary>A faster way to do the same as a sequential scan; null when there is no such condition.</summary>
    public static DistanceScanNode? Plan(Planner planner, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions, OuterScope? outer)
    {
        foreach (var condition in conditions)
        {
            if (Match(table, access, condition) is not var (column, distance, query, metric, bound, isInside))
                continue;
            var index = IndexFor(planner, table, access, distance, conditions);
            var values = new ExpressionCompiler(planner, RowLayout.Empty, outer);
            var (queryValue, boundValue) = (values.Compile(query), values.Compile(bound));
            var plain = new RelationPlanner(planner).SeqScan(table, access, conditions, outer);
            var rest = new ExpressionCompiler(planner, new RowLayout(plain.Columns), outer);
            return new DistanceScanNode(plain with { SubPlans = [] }, access.VectorColumn(column.Column), column.Typmod, metric, queryValue, boundValue, isInside)
            {
                Rest = rest.CompileOptional(QueryTree.And([.. conditions.Where(other => other != condition)])),
                Index = index,
                Columns = plain.Columns,
                SubPlans = [.. values.SubPlans, .. rest.SubPlans],
                Cost = index is null ? plain.Cost : plain.Cost with { Total = IndexShare * plain.Cost.Total },
            };
        }
        return null;
    }

    /// <summary>An index whose codes prove which rows are too far, so that only others need be measured.</summary>
    static VectorAccess? IndexFor(Planner planner, BoundTable table, TableAccess access, BoundExpression distance, IReadOnlyList<BoundExpression> conditions)
        => access.Rows.RowCountEstimate < FewRows || !planner.Context.Switches.IndexScan
            ? null
            : VectorScanPlanner.Match(table, access, distance, conditions, index => index.VectorColumn >= 0 && index.FindsRanges)?.Index;
}
