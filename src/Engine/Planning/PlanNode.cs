using System.Collections.Immutable;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Explain;

namespace PgVectorCompat.Engine.Planning;

/// <summary>One column of a plan node's output: the relation column or computed target it carries.</summary>
/// <param name="Relation">Relation id of the bound query; computed columns (targets, aggregates) get ids of their own from the planner.</param>
public readonly record struct PlanColumn(int Relation, int Column);

/// <summary>The planner's estimate, in PostgreSQL's cost units (a sequential page read is 1).</summary>
public readonly record struct Cost(double Startup, double Total, double Rows, int Width)
{
    public override string ToString() => FormattableString.Invariant($"(cost={Startup:F2}..{Total:F2} rows={Math.Max(1, Math.Round(Rows)):F0} width={Width})");
}

/// <summary>
/// A node of a plan: what to do, with compiled expressions, and nothing of any one execution. A prepared statement keeps it;
/// <see cref="Start"/> makes the running form.
/// </summary>
public abstract record PlanNode
{
    /// <summary>What each position of an output row holds.</summary>
    public required ImmutableArray<PlanColumn> Columns { get; init; }

    public Cost Cost { get; init; }

    /// <summary>First line in EXPLAIN without its target and costs: <c>Seq Scan</c>.</summary>
    public abstract string Title { get; }

    /// <summary>What the node reads or writes, printed after its title; null for nodes that work on rows from below.</summary>
    public virtual PlanTarget? Target => null;

    /// <summary>Further lines in EXPLAIN: <c>Filter</c>, <c>Sort Key</c>, … in PostgreSQL's order.</summary>
    public virtual IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer) => [];

    public virtual IEnumerable<PlanNode> Children => [];

    /// <summary>Plans of subqueries in this node's expressions, printed below as InitPlan or SubPlan.</summary>
    public ImmutableArray<SubPlan> SubPlans { get; init; } = [];

    /// <summary>Starts an execution, measured when the state asks for it. This is what parents call.</summary>
    public RowSource Start(ExecutionState state)
        => state.Statistics is { } statistics ? new MeasuredSource(Open(state), statistics.Of(this), statistics.Timing) : Open(state);

    /// <summary>Makes the running form; only <see cref="Start"/> calls it.</summary>
    public abstract RowSource Open(ExecutionState state);
}

/// <summary>A subquery's plan with its name in EXPLAIN (<c>InitPlan 1 (returns $0)</c>, <c>SubPlan 1</c>, <c>CTE x</c>).</summary>
public sealed record SubPlan(string Label, PlanNode Plan);
