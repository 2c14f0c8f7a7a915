using System.Collections.Immutable;
using System.Diagnostics;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning.Estimates;
using PgVectorCompat.Engine.Planning.Rules;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// From a bound query to a plan, in two steps: the rules of <see cref="RewriteRules"/> simplify the query, one after the other; then
/// each query level becomes plan nodes from its FROM upwards (<see cref="FromPlanner"/>, <see cref="SelectPlanner"/>).
/// </summary>
public sealed class Planner(PlannerContext context)
{
    readonly Dictionary<int, ColumnSet> _columnsUsed = [];
    List<SubPlan>? _ctePlans;

    readonly Dictionary<int, PlannedTable> _tables = [];

    public StatementPlanning Statement { get; } = new(context);

    /// <summary>Shares of rows that conditions keep.</summary>
    internal Estimator Estimates => field ??= new(this);

    /// <summary>The tables met so far, by relation id.</summary>
    internal Dictionary<int, PlannedTable> Tables => _tables;

    /// <summary>How a table's rows and indexes are reached; its statistics serve <see cref="Estimates"/> from now on.</summary>
    internal TableAccess Access(BoundTable table)
    {
        if (!_tables.TryGetValue(table.Id, out var planned))
            _tables.Add(table.Id, planned = new(table, context.Table(table.Table), context.Statistics));
        return planned.Access;
    }
    public PlannerContext Context => context;

    /// <summary>Slots of the CASE inputs around the expression being compiled.</summary>
    internal Dictionary<int, int> InputSlots => field ??= [];

    /// <summary>Plans a whole statement.</summary>
    public static StatementPlan Plan(BoundQuery query, PlannerContext context)
    {
        var planner = new Planner(context);
        return planner.Finish(planner.PlanQuery(query, null), ResultColumns(query));
    }

    /// <summary>What RowDescription says of a query's visible targets.</summary>
    public static ImmutableArray<ResultColumn> ResultColumns(BoundQuery query)
    {
        var columns = ImmutableArray.CreateBuilder<ResultColumn>(query.Targets.Length);
        foreach (var target in query.Targets)
            if (!target.IsJunk)
                columns.Add(new(target.Name, Reported(target.Expression.Type), target.Expression.Typmod, target.TableOid, target.AttributeNumber));
        return columns.DrainToImmutable();
    }

    // Clients know nothing of domains.
    static PgType Reported(PgType type) => type.Kind == TypeKind.Domain ? Reported(type.BaseType!) : type;

    /// <summary>Wraps a plan built with this planner as the statement's.</summary>
    public StatementPlan Finish(PlanNode root, IReadOnlyList<ResultColumn> columns)
        => new(root, columns, Statement.Slots, Statement.Names, Statement.Modifications)
        {
            CtePlans = _ctePlans ?? [],
            Sizes = Sizes(),
        };

    List<(Storage.Table, long)> Sizes()
    {
        var sizes = new List<(Storage.Table Table, long Rows)>(_tables.Count);
        foreach (var planned in _tables.Values)
        {
            var size = (planned.Access.Rows, planned.Access.Rows.RowCountEstimate);
            if (!sizes.Contains(size))
                sizes.Add(size);
        }
        return sizes;
    }

    /// <summary>
    /// Plans a query. The output has its visible targets, in order. Columns of outer queries come through <paramref name="outer"/>.
    /// </summary>
    public PlanNode PlanQuery(BoundQuery query, OuterScope? outer)
    {
        query = RewriteRules.Apply(query, this);
        NoteColumns(query);
        return PlanRewritten(query, outer);
    }

    /// <summary>Remembers which columns the query reads, so that scans decode only those. Idempotent.</summary>
    public void NoteColumns(BoundQuery query) => QueryTree.Any(query, this, NoteColumn);

    public void NoteColumns(BoundExpression expression) => QueryTree.Any(expression, this, NoteColumn);

    static readonly Func<BoundExpression, Planner, bool> NoteColumn = static (expression, planner) =>
    {
        if (expression is not BoundColumn column)
            return false;
        if (!planner._columnsUsed.TryGetValue(column.Relation, out var columns))
            planner._columnsUsed.Add(column.Relation, columns = new());
        columns.Add(column.Column);
        return false;
    };

    /// <summary>Columns of a relation that the statement reads, in order.</summary>
    internal ImmutableArray<int> ColumnsUsed(int relation) => _columnsUsed.TryGetValue(relation, out var columns) ? columns.Ascending : [];

    internal PlanNode PlanRewritten(BoundQuery query, OuterScope? outer)
    {
        var correlated = PlanCtes(query.Ctes, outer);
        var plan = query switch
        {
            BoundSelect select => new SelectPlanner(this, outer).Plan(select),
            BoundSetOperation operation => new SetOperationPlanner(this, outer).Plan(operation),
            BoundModification modification => context.PlanModification(this, modification),
            _ => throw new UnreachableException($"no plan for {query.GetType().Name}"),
        };
        return correlated.IsEmpty ? plan : new CteResetNode(plan, correlated) { Columns = plan.Columns, Cost = plan.Cost };
    }

    // Plans the WITH queries that rules have left standing; returns those that depend on outer rows.
    ImmutableArray<CtePlan> PlanCtes(ImmutableArray<BoundCte> ctes, OuterScope? outer)
    {
        if (ctes.IsEmpty)
            return [];
        var correlated = ImmutableArray.CreateBuilder<CtePlan>();
        foreach (var cte in ctes)
        {
            var plan = new CtePlan(cte.Name);
            Statement.Ctes[cte.Id] = plan;
            var scope = new OuterScope(Statement, RowLayout.Empty, outer);
            plan.Plan = PlanCte(cte, plan, scope);
            plan.Rows = plan.Plan.Cost.Rows;
            if (scope.IsCorrelated)
                correlated.Add(plan);
            if (cte.Query is BoundModification)
                Statement.Modifications.Add(plan);
            (_ctePlans ??= []).Add(new($"CTE {cte.Name}", plan.Plan));
        }
        return correlated.ToImmutable();
    }

    PlanNode PlanCte(BoundCte cte, CtePlan plan, OuterScope scope)
    {
        var initial = PlanRewritten(cte.Query, scope);
        if (cte.RecursiveTerm is null)
            return initial;
        plan.Rows = initial.Cost.Rows * 10;
        var recursive = PlanRewritten(cte.RecursiveTerm, scope);
        return new RecursiveUnionNode(initial, recursive, plan, cte.RecursiveUnionAll, [.. cte.Query.VisibleTargets.Select(target => target.Expression.Type.Codec)])
        {
            Columns = initial.Columns,
            Cost = new(initial.Cost.Startup, initial.Cost.Total + recursive.Cost.Total * 10, initial.Cost.Rows + recursive.Cost.Rows * 10, initial.Cost.Width),
        };
    }

    /// <summary>A compiler for expressions over a node's output.</summary>
    public ExpressionCompiler Compiler(PlanNode input, OuterScope? outer) => new(this, new RowLayout(input.Columns), outer);

    /// <summary>The node with its columns under another relation's id.</summary>
    public static PlanNode Rename(PlanNode node, int relation)
        => node with { Columns = [.. Enumerable.Range(0, node.Columns.Length).Select(i => new PlanColumn(relation, i))] };

    /// <summary>The node followed by a condition; itself when there is none.</summary>
    internal PlanNode Filter(PlanNode input, IReadOnlyList<BoundExpression> conditions, OuterScope? outer)
    {
        if (QueryTree.And(conditions) is not { } condition)
            return input;
        var compiler = Compiler(input, outer);
        return new FilterNode(input, condition, compiler.Compile(condition))
        {
            Columns = input.Columns,
            SubPlans = compiler.SubPlans,
            Cost = input.Cost with
            {
                Total = input.Cost.Total + input.Cost.Rows * Costs.Operator * conditions.Count,
                Rows = Math.Max(1, input.Cost.Rows * Estimates.Fraction(conditions)),
            },
        };
    }

    /// <summary>Computes expressions over a node; nothing is added when they are its columns already.</summary>
    internal PlanNode Project(PlanNode input, IReadOnlyList<BoundExpression> expressions, ImmutableArray<PlanColumn> columns, OuterScope? outer)
    {
        var compiler = Compiler(input, outer);
        var isSame = expressions.Count == input.Columns.Length;
        for (var i = 0; i < expressions.Count && isSame; i++)
            isSame = expressions[i] is BoundColumn column && new PlanColumn(column.Relation, column.Column) == input.Columns[i];
        if (isSame)
            return input with { Columns = columns };
        return new ProjectNode(input, [.. compiler.Compile(expressions)])
        {
            Columns = columns,
            SubPlans = compiler.SubPlans,
            Cost = input.Cost with { Total = input.Cost.Total, Width = Costs.Width(expressions) },
        };
    }
}
