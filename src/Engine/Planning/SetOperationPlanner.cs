using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Plans UNION, INTERSECT and EXCEPT with the ORDER BY and LIMIT over them.</summary>
sealed class SetOperationPlanner(Planner planner, OuterScope? outer)
{
    public PlanNode Plan(BoundSetOperation query)
    {
        var plan = Combine(query);
        foreach (var (target, i) in query.Left.VisibleTargets.Select((target, i) => (target, i)))
            planner.Statement.Names.Define(new PlanColumn(query.ResultRelation, i), target.Expression);
        if (!query.OrderBy.IsEmpty)
        {
            var sort = SelectPlanner.SortNode(planner, plan, query.OrderBy, outer, out _);
            if (query.Limit is not null && !query.WithTies)
            {
                var compiler = new ExpressionCompiler(planner, RowLayout.Empty, outer);
                sort = sort with { Limit = compiler.Compile(query.Limit), Offset = compiler.CompileOptional(query.Offset) };
            }
            plan = sort;
        }
        plan = SelectPlanner.Limit(planner, plan, query.Limit, query.Offset, query.WithTies ? query.OrderBy : [], outer);
        var relation = planner.Statement.NewRelation();
        var visible = query.VisibleTargets.Select(target => target.Expression).ToList();
        for (var i = 0; i < visible.Count; i++)
            planner.Statement.Names.Define(new PlanColumn(relation, i), visible[i]);
        return planner.Project(plan, visible, [.. visible.Select((_, i) => new PlanColumn(relation, i))], outer);
    }

    PlanNode Combine(BoundSetOperation query)
    {
        ImmutableArray<TypeCodec> codecs = [.. query.Left.VisibleTargets.Select(target => target.Expression.Type.Codec)];
        ImmutableArray<PlanColumn> columns = [.. Enumerable.Range(0, codecs.Length).Select(i => new PlanColumn(query.ResultRelation, i))];
        if (query.Kind != SetOperationKind.Union)
        {
            var (left, right) = (planner.PlanRewritten(query.Left, outer), planner.PlanRewritten(query.Right, outer));
            return new SetOpNode(query.Kind, query.All, left, right, codecs)
            {
                Columns = columns,
                Cost = new(right.Cost.Total, left.Cost.Total + right.Cost.Total + (left.Cost.Rows + right.Cost.Rows) * Costs.Tuple, left.Cost.Rows, left.Cost.Width),
            };
        }
        var inputs = new List<PlanNode>();
        Collect(query, query.All, inputs);
        var append = new AppendNode([.. inputs])
        {
            Columns = columns,
            Cost = new(inputs[0].Cost.Startup, inputs.Sum(input => input.Cost.Total + input.Cost.Rows * Costs.Operator), inputs.Sum(input => input.Cost.Rows), inputs[0].Cost.Width),
        };
        if (query.All)
            return append;
        return new DistinctNode(append, codecs)
        {
            Columns = columns,
            Keys = [.. query.Left.VisibleTargets.Select(target => target.Expression)],
            Cost = append.Cost with { Startup = append.Cost.Total, Total = append.Cost.Total + append.Cost.Rows * Costs.Tuple },
        };
    }

    // a UNION b UNION c is one list of inputs; below a UNION that drops duplicates a UNION ALL is too.
    void Collect(BoundSetOperation query, bool all, List<PlanNode> inputs)
    {
        foreach (var side in (BoundQuery[])[query.Left, query.Right])
        {
            if (side is BoundSetOperation { Kind: SetOperationKind.Union, OrderBy.IsEmpty: true, Limit: null, Offset: null, Ctes.IsEmpty: true } inner
                && (inner.All || !all) && IsPlain(inner))
                Collect(inner, all, inputs);
            else
                inputs.Add(planner.PlanRewritten(side, outer));
        }
    }

    static bool IsPlain(BoundSetOperation query)
        => query.Targets.Select((target, i) => target.Expression is BoundColumn column && column.Relation == query.ResultRelation && column.Column == i).All(plain => plain);
}
