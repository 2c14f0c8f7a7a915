using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Plans window functions: for each window a sort by its partition and order, then one node that computes all its calls.</summary>
sealed class WindowPlanner(Planner planner, OuterScope? outer)
{
    /// <summary>The order that an input must have for the windows of a query to be computed, and the query ordered, while it is read; null when there is none.</summary>
    public static ImmutableArray<BoundSortKey>? OrderWhileRead(BoundSelect query)
        => query is { Limit: not null, Windows: [{ PartitionBy.IsEmpty: true, OrderBy.IsEmpty: false } window] } && IsRanking(window, Calls(query, 0))
            && (query.OrderBy.IsEmpty || BoundTree.SameKeys(query.OrderBy, window.OrderBy) || query.OrderBy is [{ Expression: BoundWindowCall, Descending: false }])
            ? window.OrderBy
            : null;

    /// <summary>What a call numbers rows by; null for another function.</summary>
    public static Ranking? RankingOf(BoundWindowCall call) => call.Function switch
    {
        { Kind: FunctionKind.Window, Name: "row_number" } => Ranking.RowNumber,
        { Kind: FunctionKind.Window, Name: "rank" } => Ranking.Rank,
        { Kind: FunctionKind.Window, Name: "dense_rank" } => Ranking.DenseRank,
        _ => null,
    };

    // The frame means nothing to ranks, but wrong offsets are errors.
    static bool IsRanking(BoundWindow window, List<BoundWindowCall> calls)
        => window.Frame is { StartOffset: null, EndOffset: null } && calls.TrueForAll(call => RankingOf(call) is not null);

    /// <summary>The plan, what is left of the query, and the order in which rows come.</summary>
    /// <param name="sorted">The order of the input.</param>
    public (PlanNode, BoundSelect, ImmutableArray<BoundSortKey>) Plan(PlanNode plan, BoundSelect query, ImmutableArray<BoundSortKey> sorted)
    {
        for (var w = 0; w < query.Windows.Length; w++)
        {
            var calls = Calls(query, w);
            if (calls.Count == 0)
                continue;
            var window = query.Windows[w];
            ImmutableArray<BoundSortKey> keys =
            [
                .. window.PartitionBy.Where(e => e is not BoundConstant).Select(expression => new BoundSortKey(expression, false, false)),
                .. window.OrderBy.Where(key => key.Expression is not BoundConstant),
            ];
            if (!keys.IsEmpty && !BoundTree.SameKeys(keys, [.. sorted.Take(keys.Length)]))
            {
                // The sort's output ends with its keys; windows and everything above read them from there.
                var sort = SelectPlanner.SortNode(planner, plan, keys, outer, out var replace);
                plan = sort;
                query = SelectPlanner.Rewrite(query, replace);
                window = query.Windows[w];
                calls = Calls(query, w);
                sorted =
                [
                    .. window.PartitionBy.Where(e => e is not BoundConstant).Select(expression => new BoundSortKey(expression, false, false)),
                    .. window.OrderBy.Where(key => key.Expression is not BoundConstant),
                ];
            }
            (plan, query) = Compute(plan, query, window, calls);
        }
        return (plan, query with { Windows = [] }, sorted);
    }

    static List<BoundWindowCall> Calls(BoundSelect query, int window)
    {
        var calls = new List<BoundWindowCall>();
        foreach (var expression in query.Targets.Select(target => target.Expression).Concat(query.OrderBy.Select(key => key.Expression)).Concat(query.DistinctOn))
        {
            BoundTree.Visit(expression, node =>
            {
                if (node is BoundWindowCall call && call.Window == window && !calls.Exists(other => BoundTree.Same(other, call)))
                    calls.Add(call);
                return true;
            });
        }
        return calls;
    }

    (PlanNode, BoundSelect) Compute(PlanNode plan, BoundSelect query, BoundWindow window, List<BoundWindowCall> calls)
    {
        var compiler = planner.Compiler(plan, outer);
        var constants = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        var relation = planner.Statement.NewRelation();
        var columns = calls.Select((call, i) => planner.Statement.NewColumn(relation, i, call)).ToList();
        var frame = window.Frame;
        ImmutableArray<PlanColumn> output = [.. plan.Columns, .. columns.Select(column => new PlanColumn(column.Relation, column.Column))];
        var cost = plan.Cost with { Total = plan.Cost.Total + plan.Cost.Rows * (Costs.Tuple + Costs.Operator * calls.Count), Width = plan.Cost.Width + Costs.Width(calls) };
        PlanNode node = IsRanking(window, calls)
            ? new RankingNode(
                plan, [.. window.PartitionBy.Select(key => (compiler.Compile(key), key.Type.Codec))],
                [.. window.OrderBy.Select(key => (compiler.Compile(key.Expression), key.Expression.Type.Codec))], [.. calls.Select(call => RankingOf(call)!.Value)])
            {
                Columns = output,
                SubPlans = compiler.SubPlans,
                Cost = cost,
            }
            : new WindowNode(
                plan, [.. compiler.Compile(window.PartitionBy)], [.. window.PartitionBy.Select(key => key.Type.Codec)],
                [.. window.OrderBy.Select(key => compiler.Compile(key.Expression))],
                [.. calls.Select(call => Compile(call, compiler))], frame, constants.CompileOptional(frame.StartOffset), constants.CompileOptional(frame.EndOffset))
            {
                Order = [.. window.OrderBy.Select(key => new SortDirection(key.Expression.Type.Codec, key.Descending, key.NullsFirst))],
                KeyType = window.OrderBy.IsEmpty ? null : window.OrderBy[0].Expression.Type,
                Columns = output,
                SubPlans = [.. compiler.SubPlans, .. constants.SubPlans],
                Cost = cost,
            };
        return (node, SelectPlanner.Rewrite(query, expression
            => expression is BoundWindowCall call && calls.FindIndex(other => BoundTree.Same(other, call)) is >= 0 and var i ? columns[i] : null));
    }

    static CompiledWindowCall Compile(BoundWindowCall call, ExpressionCompiler compiler)
    {
        if (call.Function.Kind != FunctionKind.Window)
        {
            var aggregate = new BoundAggregate(call.Function, call.Arguments, call.Type, call.IsStar, false, [], call.Filter);
            return new CompiledWindowCall(null, GroupPlanner.Compile(aggregate, compiler), []);
        }
        var site = new CallSite([.. call.Arguments.Select(argument => argument.Type)], call.Type);
        return new CompiledWindowCall(() => call.Function.NewWindow!(site), null, [.. compiler.Compile(call.Arguments)]);
    }
}
