using System.Collections.Immutable;
using System.Runtime.InteropServices;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Plans one SELECT: FROM and WHERE, grouping, HAVING, windows, ORDER BY, set-returning targets, DISTINCT, LIMIT, and last the targets.
/// After each step the expressions above it are rewritten to read the step's output columns instead of computing again.
/// </summary>
sealed class SelectPlanner(Planner planner, OuterScope? outer)
{
    StatementPlanning Statement => planner.Statement;

    public PlanNode Plan(BoundSelect query)
    {
        foreach (var rowLock in query.RowLocks)
            planner.NoteColumns(new BoundColumn(rowLock.Relation, SystemColumns.Ctid, "ctid", PgTypes.Tid));

        var isOrdered = false;
        PlanNode plan;
        if (new OrderedScanPlanner(planner, outer).Plan(query) is { } ordered)
        {
            plan = ordered.Node;
            query = ordered.Query;
            isOrdered = true;
        }
        else
            plan = PlanFrom(query);

        if (query.IsGrouped)
            (plan, query) = new GroupPlanner(planner, outer).Plan(plan, query);
        if (query.Having is not null)
            plan = planner.Filter(plan, [.. QueryTree.Conjuncts(query.Having)], outer);
        if (!query.Windows.IsEmpty)
        {
            (plan, query, var sorted) = new WindowPlanner(planner, outer).Plan(plan, query, isOrdered ? query.OrderBy : []);
            isOrdered |= !query.IsDistinct && query.DistinctOn.IsEmpty && BoundTree.SameKeys(query.OrderBy, [.. sorted.Take(query.OrderBy.Length)]);
        }
        return Finish(plan, query, isOrdered);
    }

    PlanNode PlanFrom(BoundSelect query)
    {
        if (query.From is not null)
        {
            List<BoundExpression> conditions = [], constant = [];
            foreach (var condition in QueryTree.Conjuncts(query.Where))
                (QueryTree.Reads(condition, query.From) || QueryTree.IsVolatile(condition) ? conditions : constant).Add(condition);
            return OneTimeFilter(new FromPlanner(planner).Plan(query.From, conditions, outer), constant);
        }
        var compiler = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        return new ResultNode(query.Where, compiler.CompileOptional(query.Where)) { Columns = [], SubPlans = compiler.SubPlans, Cost = new(0, Costs.Tuple, 1, 0) };
    }

    PlanNode OneTimeFilter(PlanNode plan, List<BoundExpression> conditions)
    {
        if (QueryTree.And(conditions) is not { } condition)
            return plan;
        var compiler = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        return new OneTimeFilterNode(plan, condition, compiler.Compile(condition)) { Columns = plan.Columns, SubPlans = compiler.SubPlans, Cost = plan.Cost };
    }

    // ORDER BY goes below the targets where it can, so that only the rows that are left after LIMIT are computed in full.
    PlanNode Finish(PlanNode plan, BoundSelect query, bool isOrdered)
    {
        var from = query.From;
        var hasSets = query.Targets.Any(static target => HasSet(target.Expression));
        var projectFirst = query.IsDistinct || query.OrderBy.Any(static key => HasSet(key.Expression) || QueryTree.IsVolatile(key.Expression));
        if (projectFirst)
        {
            (plan, query) = ProjectTargets(plan, query, hasSets);
            hasSets = false;
            if (query.IsDistinct)
                plan = Distinct(plan, query);
        }
        if (!query.DistinctOn.IsEmpty)
            (plan, query) = DistinctOn(plan, query);
        else if (!query.OrderBy.IsEmpty && !isOrdered)
            (plan, query) = Sort(plan, query, pushLimit: query.RowLocks.IsEmpty && !hasSets && !query.WithTies);
        if (!query.RowLocks.IsEmpty && from is not null)
            plan = new LockPlanner(planner, outer).Plan(plan, query.RowLocks, from, query.Where);
        if (hasSets)
            (plan, query) = ExpandSets(plan, query);
        plan = Limit(plan, query, outer, query.OrderBy);

        var visible = new List<BoundExpression>(query.Targets.Length);
        foreach (var target in query.Targets)
            if (!target.IsJunk) visible.Add(target.Expression);
        return planner.Project(plan, visible, NewColumns(visible), outer);
    }

    static bool HasSet(BoundExpression expression) => BoundTree.Any(expression, node => node is BoundSetCall);

    ImmutableArray<PlanColumn> NewColumns(IReadOnlyList<BoundExpression> expressions)
    {
        var relation = Statement.NewRelation();
        var columns = new PlanColumn[expressions.Count];
        for (var i = 0; i < columns.Length; i++)
            Statement.Names.Define(columns[i] = new(relation, i), expressions[i]);
        return ImmutableCollectionsMarshal.AsImmutableArray(columns);
    }

    (PlanNode, BoundSelect) ProjectTargets(PlanNode plan, BoundSelect query, bool hasSets)
    {
        var original = query;
        if (hasSets)
            (plan, query) = ExpandSets(plan, query);
        var expressions = query.Targets.Select(target => target.Expression).ToList();
        var columns = NewColumns(expressions);
        plan = planner.Project(plan, expressions, columns, outer);
        var replacements = columns.Select((column, i) => new BoundColumn(column.Relation, column.Column, query.Targets[i].Name, expressions[i].Type, expressions[i].Typmod)).ToList();

        BoundExpression ByTarget(BoundExpression expression)
        {
            for (var i = 0; i < replacements.Count; i++)
            {
                if (BoundTree.Same(expression, original.Targets[i].Expression) || BoundTree.Same(expression, expressions[i]))
                    return replacements[i];
            }
            return expression;
        }

        return (plan, query with
        {
            Targets = [.. query.Targets.Select((target, i) => target with { Expression = replacements[i] })],
            OrderBy = [.. original.OrderBy.Select(key => key with { Expression = ByTarget(key.Expression) })],
            DistinctOn = [.. original.DistinctOn.Select(ByTarget)],
        });
    }

    DistinctNode Distinct(PlanNode plan, BoundSelect query)
    {
        var visible = query.VisibleTargets.Count();
        return new DistinctNode(plan, [.. query.Targets.Take(visible).Select(target => target.Expression.Type.Codec)])
        {
            Keys = [.. query.Targets.Take(visible).Select(target => target.Expression)],
            Columns = plan.Columns,
            Cost = plan.Cost with { Startup = plan.Cost.Total, Total = plan.Cost.Total + plan.Cost.Rows * Costs.Tuple, Rows = planner.Estimates.Groups(query.Targets.Take(visible).Select(target => target.Expression), plan.Cost.Rows) },
        };
    }

    (PlanNode, BoundSelect) DistinctOn(PlanNode plan, BoundSelect query)
    {
        var keys = query.OrderBy.ToList();
        foreach (var expression in query.DistinctOn)
        {
            if (!keys.Exists(key => BoundTree.Same(key.Expression, expression)))
                keys.Add(new BoundSortKey(expression, false, false));
        }
        var distinctOn = query.DistinctOn;
        (plan, query) = Sort(plan, query with { OrderBy = [.. keys] }, pushLimit: false);
        var first = plan.Columns.Length - keys.Count;
        var positions = distinctOn.Select(expression => first + keys.FindIndex(key => BoundTree.Same(key.Expression, expression)));
        plan = new UniqueNode(plan, [.. positions], [.. distinctOn.Select(expression => expression.Type.Codec)])
        {
            Columns = plan.Columns,
            Cost = plan.Cost with { Total = plan.Cost.Total + plan.Cost.Rows * Costs.Operator, Rows = planner.Estimates.Groups(distinctOn, plan.Cost.Rows) },
        };
        return (plan, query);
    }

    (PlanNode, BoundSelect) Sort(PlanNode plan, BoundSelect query, bool pushLimit)
    {
        var sort = SortNode(planner, plan, query.OrderBy, outer, out var replace);
        if (pushLimit && query.Limit is not null)
        {
            var compiler = new ExpressionCompiler(planner, RowLayout.Empty, outer);
            sort = sort with { Limit = compiler.Compile(query.Limit), Offset = compiler.CompileOptional(query.Offset) };
        }
        return (sort, Rewrite(query, replace));
    }

    /// <summary>A sort, and what replaces its keys in expressions above it.</summary>
    public static SortNode SortNode(Planner planner, PlanNode plan, ImmutableArray<BoundSortKey> keys, OuterScope? outer, out Func<BoundExpression, BoundExpression?> replace)
    {
        var relation = planner.Statement.NewRelation();
        var compiler = planner.Compiler(plan, outer);
        var columns = keys.Select((key, i) => planner.Statement.NewColumn(relation, i, key.Expression)).ToList();
        replace = node =>
        {
            for (var i = 0; i < keys.Length; i++)
            {
                if (keys[i].Expression is not (BoundColumn or BoundConstant) && BoundTree.Same(keys[i].Expression, node))
                    return columns[i];
            }
            return null;
        };
        return new SortNode(plan, keys, [.. keys.Select(key => compiler.Compile(key.Expression))])
        {
            Columns = [.. plan.Columns, .. columns.Select(column => new PlanColumn(column.Relation, column.Column))],
            SubPlans = compiler.SubPlans,
            Cost = plan.Cost with { Startup = plan.Cost.Total + Costs.Sort(plan.Cost.Rows), Total = plan.Cost.Total + Costs.Sort(plan.Cost.Rows) + plan.Cost.Rows * Costs.Operator },
        };
    }

    /// <summary>LIMIT and OFFSET over a plan whose last columns are the sort keys.</summary>
    PlanNode Limit(PlanNode plan, BoundSelect query, OuterScope? scope, ImmutableArray<BoundSortKey> keys)
        => Limit(planner, plan, query.Limit, query.Offset, query.WithTies ? keys : [], scope);

    public static PlanNode Limit(Planner planner, PlanNode plan, BoundExpression? limit, BoundExpression? offset, ImmutableArray<BoundSortKey> ties, OuterScope? outer)
    {
        if (limit is null && offset is null)
            return plan;
        var compiler = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        double wanted = limit is BoundConstant { Value.IsNull: false } constant ? constant.Value.AsInt64 : limit is null ? plan.Cost.Rows : Math.Max(1, plan.Cost.Rows / 10);
        double skipped = offset is BoundConstant { Value.IsNull: false } skip ? skip.Value.AsInt64 : 0;
        var share = Math.Clamp((wanted + skipped) / Math.Max(1, plan.Cost.Rows), 0, 1);
        return new LimitNode(plan, compiler.CompileOptional(limit), compiler.CompileOptional(offset))
        {
            Ties = ties.IsEmpty ? null : [.. ties.Select(key => (Position(plan, key.Expression), key.Expression.Type.Codec))],
            Columns = plan.Columns,
            SubPlans = compiler.SubPlans,
            Cost = plan.Cost with { Total = plan.Cost.Startup + (plan.Cost.Total - plan.Cost.Startup) * share, Rows = Math.Max(1, Math.Min(wanted, plan.Cost.Rows - skipped)) },
        };
    }

    static int Position(PlanNode plan, BoundExpression key)
        => key is BoundColumn column && plan.Columns.IndexOf(new(column.Relation, column.Column)) is >= 0 and var position
            ? position
            : throw PgError.Unsupported("WITH TIES over this ORDER BY");

    // Innermost set-returning calls first; calls of one depth advance together.
    (PlanNode, BoundSelect) ExpandSets(PlanNode plan, BoundSelect query)
    {
        while (true)
        {
            var calls = new List<BoundSetCall>();
            foreach (var target in query.Targets)
            {
                BoundTree.Visit(target.Expression, node =>
                {
                    if (node is BoundSetCall call && !call.Arguments.Any(HasSet) && !calls.Exists(other => BoundTree.Same(other, call)))
                        calls.Add(call);
                    return true;
                });
            }
            if (calls.Count == 0)
                return (plan, query);
            var compiler = planner.Compiler(plan, outer);
            var relation = Statement.NewRelation();
            var columns = calls.Select((call, i) => Statement.NewColumn(relation, i, call)).ToList();
            plan = new ProjectSetNode(plan, [.. calls.Select(call => RelationPlanner.CompileSet(call, compiler))])
            {
                Columns = [.. plan.Columns, .. columns.Select(column => new PlanColumn(column.Relation, column.Column))],
                SubPlans = compiler.SubPlans,
                Cost = plan.Cost with { Total = plan.Cost.Total + plan.Cost.Rows * 1000 * Costs.Tuple, Rows = plan.Cost.Rows * 1000 },
            };
            query = Rewrite(query, node => node is BoundSetCall && calls.FindIndex(call => BoundTree.Same(call, node)) is >= 0 and var i ? columns[i] : null);
        }
    }

    /// <summary>Everything above FROM and WHERE with some nodes replaced, also inside subqueries.</summary>
    public static BoundSelect Rewrite(BoundSelect query, Func<BoundExpression, BoundExpression?> replace)
    {
        replace = QueryTree.Deep(replace);
        return QueryTree.MapAbove(query, expression => BoundTree.Rewrite(expression, replace));
    }
}
