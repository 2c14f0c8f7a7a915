using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Plans GROUP BY and aggregates, and rewrites what stands above them to read their output.</summary>
sealed class GroupPlanner(Planner planner, OuterScope? outer)
{
    public (PlanNode, BoundSelect) Plan(PlanNode input, BoundSelect query)
    {
        var aggregates = new List<BoundAggregate>();
        var groupings = new List<BoundGrouping>();
        foreach (var expression in Above(query))
        {
            BoundTree.Visit(expression, node =>
            {
                if (node is BoundAggregate aggregate && !aggregates.Exists(other => BoundTree.Same(other, aggregate) || ReferenceEquals(other, aggregate)))
                    aggregates.Add(aggregate);
                if (node is BoundGrouping grouping && !groupings.Exists(other => BoundTree.Same(other, grouping)))
                    groupings.Add(grouping);
                return node is not BoundAggregate;
            });
        }

        var relation = planner.Statement.NewRelation();
        var keys = query.GroupBy;
        var keyColumns = keys.Select((key, i) => key as BoundColumn ?? planner.Statement.NewColumn(relation, i, key)).ToList();
        var aggregateColumns = aggregates.Select((aggregate, i) => planner.Statement.NewColumn(relation, keys.Length + i, aggregate)).ToList();
        var groupingColumns = groupings.Select((grouping, i) => planner.Statement.NewColumn(relation, keys.Length + aggregates.Count + i, grouping)).ToList();

        int KeyOf(BoundExpression node) => keys.IndexOf(node, 0, keys.Length, ByStructure.Instance);

        // Aggregates inside subqueries are those queries' own, grouping keys there are ours.
        BoundExpression? InSubquery(BoundExpression node)
            => node is BoundConstant ? null : KeyOf(node) is >= 0 and var key ? keyColumns[key] : null;

        BoundExpression? Replace(BoundExpression node) => node switch
        {
            BoundAggregate aggregate => aggregateColumns[aggregates.FindIndex(other => ReferenceEquals(other, aggregate) || BoundTree.Same(other, aggregate))],
            BoundGrouping grouping => groupingColumns[groupings.FindIndex(other => BoundTree.Same(other, grouping))],
            _ when KeyOf(node) is >= 0 and var key => keyColumns[key],
            BoundSubquery subquery => subquery with
            {
                Query = QueryTree.MapQuery(subquery.Query, inner => QueryTree.Rewrite(inner, InSubquery)),
                Test = subquery.Test is null ? null : BoundTree.Rewrite(subquery.Test, Replace),
            },
            _ => null,
        };

        query = (BoundSelect)QueryTree.MapQuery(
            query with { From = null, Where = null, GroupBy = [], Ctes = [] }, expression => BoundTree.Rewrite(expression, Replace)) with
        {
            From = query.From,
            Where = query.Where,
            IsGrouped = false,
        };

        var carried = Carried(input, query, keyColumns);
        var compiler = planner.Compiler(input, outer);
        ImmutableArray<ImmutableArray<int>> sets = query.GroupingSets.IsEmpty ? [[.. Enumerable.Range(0, keys.Length)]] : query.GroupingSets;
        var plan = new AggregateNode(
            input, [.. compiler.Compile(keys)], [.. keys.Select(key => key.Type.Codec)], sets, [.. compiler.Compile(carried)],
            [.. aggregates.Select(aggregate => Compile(aggregate, compiler))],
            [.. groupings.Select(grouping => grouping.Columns.Select(KeyOf).ToImmutableArray())])
        {
            GroupKeys = keys,
            Columns = [.. keyColumns.Concat(carried.Cast<BoundColumn>()).Concat(aggregateColumns).Concat(groupingColumns).Select(column => new PlanColumn(column.Relation, column.Column))],
            SubPlans = compiler.SubPlans,
            Cost = Cost(input.Cost, keys, aggregates),
        };
        return (plan, query);
    }

    Cost Cost(Cost input, ImmutableArray<BoundExpression> keys, List<BoundAggregate> aggregates)
    {
        var rows = keys.IsEmpty ? 1 : planner.Estimates.Groups(keys, input.Rows);
        var total = input.Total + input.Rows * Costs.Operator * (keys.Length + aggregates.Count) + rows * Costs.Tuple;
        return new(keys.IsEmpty ? total - Costs.Tuple : total - rows * Costs.Tuple, total, rows, Costs.Width(keys) + Costs.Width(aggregates));
    }

    static IEnumerable<BoundExpression> Above(BoundSelect query)
        => query.Targets.Select(target => target.Expression)
            .Concat(query.Having is null ? [] : [query.Having])
            .Concat(query.OrderBy.Select(key => key.Expression))
            .Concat(query.DistinctOn)
            .Concat(query.Windows.SelectMany(window => window.PartitionBy.Concat(window.OrderBy.Select(key => key.Expression))));

    // Columns that are neither keys nor inside aggregates depend on a primary key among the keys: any row of the group has them.
    static List<BoundExpression> Carried(PlanNode input, BoundSelect query, List<BoundColumn> keyColumns)
    {
        var carried = new List<BoundExpression>();
        foreach (var expression in Above(query))
        {
            QueryTree.Visit(expression, node =>
            {
                if (node is BoundColumn column && input.Columns.Contains(new(column.Relation, column.Column))
                    && !keyColumns.Exists(key => BoundTree.Same(key, column)) && !carried.Exists(other => BoundTree.Same(other, column)))
                    carried.Add(column);
            });
        }
        return carried;
    }

    /// <summary>Aggregates whose sorted arguments are part of the call: WITHIN GROUP.</summary>
    static bool IsOrderedSet(Function function)
        => function.Name is "percentile_cont" or "percentile_disc" or "mode" or "rank" or "dense_rank" or "percent_rank" or "cume_dist";

    public static CompiledAggregate Compile(BoundAggregate aggregate, ExpressionCompiler compiler)
    {
        ImmutableArray<BoundExpression> arguments = aggregate.IsStar ? [] : aggregate.Arguments;
        var orderKeys = aggregate.OrderWithin;
        if (IsOrderedSet(aggregate.Function))
            arguments = [.. arguments, .. orderKeys.Select(key => key.Expression)];
        return new CompiledAggregate(
            aggregate.Function, [.. compiler.Compile(arguments)], new CallSite([.. arguments.Select(argument => argument.Type)], aggregate.Type),
            compiler.CompileOptional(aggregate.Filter))
        {
            IsDistinct = aggregate.IsDistinct,
            OrderKeys = [.. orderKeys.Select(key => compiler.Compile(key.Expression))],
            Directions = [.. orderKeys.Select(key => new SortDirection(key.Expression.Type.Codec, key.Descending, key.NullsFirst))],
            ArgumentOrder = [.. arguments.Select(argument => new SortDirection(argument.Type.Codec, false, false))],
        };
    }

    sealed class ByStructure : IEqualityComparer<BoundExpression>
    {
        public static readonly ByStructure Instance = new();
        public bool Equals(BoundExpression? x, BoundExpression? y) => BoundTree.Same(x, y);
        public int GetHashCode(BoundExpression obj) => 0;
    }
}
