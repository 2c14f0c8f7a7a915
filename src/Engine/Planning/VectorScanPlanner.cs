using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Planning;

/// <summary>How a vector index may serve an ORDER BY: its key on one side of its operator, a value that does not depend on the row on the other.</summary>
/// <param name="Call">The distance, the key first.</param>
/// <param name="Query">The other side.</param>
/// <param name="IsSwapped">Whether the query was written first.</param>
sealed record VectorMatch(VectorAccess Index, BoundCall Call, BoundExpression Query, Metric Metric, bool IsSwapped);

/// <summary>Plans <c>ORDER BY key &lt;distance&gt; query</c> through a vector index as a <see cref="VectorScanNode"/>.</summary>
sealed class VectorScanPlanner(Planner planner, OuterScope? outer)
{
    /// <summary>What the index search costs for each row it gives, in the planner's unit: a graph's walk, candidates, exact distances.</summary>
    const double SearchPerRow = 0.35;
    const double SearchStart = 4;

    /// <summary>The index that serves a sort key of a table, the one with most lists if several do; null when none does.</summary>
    public static VectorMatch? Match(BoundTable table, TableAccess access, BoundSortKey key, IReadOnlyList<BoundExpression> conditions)
        => key is { Descending: false, NullsFirst: false } ? Match(table, access, key.Expression, conditions) : null;

    /// <summary>The index that serves a distance; null when none does.</summary>
    /// <param name="serves">Says of an index that has the distance whether it will do.</param>
    public static VectorMatch? Match(
        BoundTable table, TableAccess access, BoundExpression distance, IReadOnlyList<BoundExpression> conditions, Func<VectorAccess, bool>? serves = null)
    {
        if (access is not StoredTable { Vectors: { IsEmpty: false } indexes })
            return null;
        VectorMatch? best = null;
        foreach (var index in indexes)
        {
            if (Match(table, index, distance) is not { } match || !index.Definition.IsValid || serves?.Invoke(index) == false)
                continue;
            if (index.Predicate is { } predicate && !IndexPath.IsImplied(predicate, table, conditions))
                continue;
            if (best is null || Rank(match).CompareTo(Rank(best)) > 0)
                best = match;
        }
        return best;
    }

    // A partial index first, then a graph, then more lists.
    static (bool, bool, int) Rank(VectorMatch match)
        => (match.Index.Predicate is not null, VectorIndexDefinition.IsGraph(match.Index.Definition.Method), match.Index.Definition.Options.TryGetValue("lists", out var lists) && int.TryParse(lists, out var count) ? count : 100);

    /// <summary>The distance that an index finds in order; null for another expression.</summary>
    public static VectorMatch? Match(BoundTable table, VectorAccess index, BoundExpression expression)
    {
        if (expression is not BoundCall { Operator: { } op, Arguments: [var left, var right] } call || op.Name != index.OperatorClass.Distance)
            return null;
        var key = index.Key.Expression is { } over ? IndexPath.Over(table, over) : null;
        bool IsKey(BoundExpression side) => key is null ? side is BoundColumn column && column.Relation == table.Id && column.Column == index.Key.Column : BoundTree.Same(side, key);
        var isSwapped = !IsKey(left);
        var (own, other) = isSwapped ? (right, left) : (left, right);
        if (!IsKey(own) || QueryTree.Reads(other, table.Id) || QueryTree.IsVolatile(other) || other.Type != own.Type)
            return null;
        return new(index, isSwapped ? call with { Arguments = [own, other] } : call, other, VectorIndexDefinition.MetricOf(op.Name)!.Value, isSwapped);
    }

    /// <summary>The scan, and the column that holds the distance.</summary>
    public (VectorScanNode Node, BoundColumn Distance) Build(
        VectorMatch match, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions, BoundExpression? limit, BoundExpression? offset, int extraRows)
    {
        var relations = new RelationPlanner(planner);
        var (columns, decoder, width) = relations.Output(table, access);
        var values = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        var distance = planner.Statement.NewColumn(planner.Statement.NewRelation(), 0, match.Call);

        var radius = conditions.FirstOrDefault(condition => RadiusOf(condition, match) is not null);
        var rest = radius is null ? conditions : [.. conditions.Where(condition => condition != radius)];
        var filter = QueryTree.And(rest);
        ImmutableArray<ColumnCondition> columnConditions = [.. rest.Select(condition => ColumnConditionMatch.Of(condition, table, values)).OfType<ColumnCondition>()];
        var filterColumns = filter is null ? [] : RelationPlanner.ColumnsOf(filter, table.Id);
        var filterCompiler = new ExpressionCompiler(planner, new RowLayout([.. filterColumns.Select(position => new PlanColumn(table.Id, position))]), outer);
        var comparison = new BinaryFunction(match.Call.Function);
        var node = new VectorScanNode(
            access, match.Metric, values.Compile(match.Query), decoder,
            match.IsSwapped ? (vector, query, state) => comparison.Invoke(query, vector, state) : (vector, query, state) => comparison.Invoke(vector, query, state))
        {
            Index = match.Index,
            Order = match.Call,
            Alias = planner.Statement.Names.Define(table),
            Limit = values.CompileOptional(limit),
            Offset = values.CompileOptional(offset),
            Filter = QueryTree.And([.. conditions.Where(condition => !IsImpliedBy(match.Index, table, condition))]),
            FilterEvaluator = filterCompiler.CompileOptional(filter),
            FilterDecoder = filter is null ? null : access.Decoder(filterColumns),
            FilterColumns = filterColumns.Length,
            FilterName = filter is null ? null : FilterNames.Of(filter, table, planner.Statement.Names),
            FilterParameters = filter is null ? [] : FilterNames.ParametersOf(filter),
            Candidates = Candidates(table, access, rest, values),
            ColumnConditions = columnConditions,
            ColumnsDecide = columnConditions.Length == rest.Count,
            Radius = radius is null ? null : values.Compile(RadiusOf(radius, match)!.Value.Bound),
            RadiusIsInside = radius is not null && RadiusOf(radius, match)!.Value.IsInside,
            Columns = [.. columns, new PlanColumn(distance.Relation, distance.Column)],
            SubPlans = [.. values.SubPlans, .. filterCompiler.SubPlans],
            Cost = CostOf(table, access, conditions) with { Width = width + 8 },
            ExtraRows = extraRows,
        };
        return (node, distance);
    }

    /// <summary>The estimate for giving all rows; with LIMIT only a part of it is spent.</summary>
    public Cost CostOf(BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        var rows = Math.Max(1, access.Rows.RowCountEstimate);
        var kept = Math.Max(1, rows * IndexPath.Selectivity(planner, table, access, conditions));
        // What passes must be looked for among what does not.
        var perRow = SearchPerRow + (conditions.Count == 0 ? 0 : Costs.Operator * conditions.Count * rows / kept);
        return new(SearchStart, SearchStart + kept * perRow, kept, 0);
    }

    /// <summary>What a search costs that gives so many rows: the part before the first, and each.</summary>
    public static double CostFor(Cost cost, double wanted) => cost.Startup + (cost.Total - cost.Startup) * Math.Min(1, wanted / Math.Max(1, cost.Rows));

    // A distance below a value that does not depend on the row.
    static (BoundExpression Bound, bool IsInside)? RadiusOf(BoundExpression condition, VectorMatch match)
    {
        if (condition is not BoundCall { Operator: { Name: "<" or "<=" or ">" or ">=" } op, Arguments: [var left, var right] })
            return null;
        var (distance, bound) = op.Name is "<" or "<=" ? (left, right) : (right, left);
        return bound.Type == PgTypes.Float8 && IsDistance(distance, match) && !QueryTree.ReadsColumns(bound) && !QueryTree.IsVolatile(bound)
            ? (bound, op.Name is "<=" or ">=")
            : null;
    }

    static bool IsDistance(BoundExpression expression, VectorMatch match)
        => expression is BoundCall { Operator: { } op, Arguments: [var left, var right] } && op.Name == match.Call.Operator!.Name
            && ((BoundTree.Same(left, match.Call.Arguments[0]) && BoundTree.Same(right, match.Query)) || (BoundTree.Same(right, match.Call.Arguments[0]) && BoundTree.Same(left, match.Query)));

    static bool IsImpliedBy(VectorAccess index, BoundTable table, BoundExpression condition)
        => index.Predicate is { } predicate && QueryTree.Conjuncts(IndexPath.Over(table, predicate)).Any(term => BoundTree.Same(term, condition));

    IndexScanNode? Candidates(BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions, ExpressionCompiler values)
    {
        if (conditions.Count == 0 || IndexPath.Best(planner, table, access, conditions) is not { } path)
            return null;
        return new IndexScanNode(access, path.Index, access.Decoder([SystemColumns.Ctid]), planner.Statement.Names.Define(table), path.Compile(values), Backward: false)
        {
            Columns = [new PlanColumn(table.Id, SystemColumns.Ctid)],
            IndexCondition = path.IndexConditions,
            Cost = path.Cost with { Width = 6 },
        };
    }
}
