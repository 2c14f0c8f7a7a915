using System.Diagnostics;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;

namespace PgVectorCompat.Engine.Explain;

/// <summary>
/// A plan node as EXPLAIN shows it. Projections and conditions that are nodes here are part of the node below them in PostgreSQL, so one
/// shown node may stand for several: the topmost says how many rows come out, the bottommost what it is.
/// </summary>
sealed class ShownNode
{
    readonly List<BoundExpression> _filters = [];
    readonly PlanStatistics? _statistics;
    readonly PlanNode _top;

    public ShownNode(PlanNode node, PlanStatistics? statistics)
    {
        _statistics = statistics;
        SubPlans.AddRange(node.SubPlans);
        _top = node;
        while (node is ProjectNode or FilterNode or CteResetNode)
        {
            if (node is FilterNode filter)
            {
                _filters.Add(filter.Condition);
                Removed += statistics?.Of(node).RowsRemovedByFilter ?? 0;
            }
            IsProjected |= node is ProjectNode;
            node = node.Children.First();
            SubPlans.AddRange(node.SubPlans);
        }
        if (_top is HashNode hash)
            _top = hash.Input;
        Node = node;
        Own = statistics?.Of(node);
        Removed += Own?.RowsRemovedByFilter ?? 0;
    }

    /// <summary>The node that gives the name.</summary>
    public PlanNode Node { get; }
    public List<SubPlan> SubPlans { get; } = [];
    public NodeStatistics? Own { get; }
    public long Removed { get; }

    /// <summary>Blocks looked at and written, with those of the nodes below, as in PostgreSQL.</summary>
    public long Blocks
        => (Own?.Blocks ?? 0) + Node.Children.Sum(child => new ShownNode(child, _statistics).Blocks) + SubPlans.Sum(plan => new ShownNode(plan.Plan, _statistics).Blocks);

    public Cost Cost => _top.Cost;

    /// <summary>The node whose rows come out.</summary>
    public PlanNode Top => _top;

    /// <summary>Whether what comes out is computed from what the node itself gives.</summary>
    public bool IsProjected { get; private set; }

    /// <summary>Loops, rows and times of what comes out at the top.</summary>
    public NodeStatistics? Outcome => _statistics?.Of(_top);

    public double StartupMs => PerLoop(Outcome!.StartupTicks * 1000.0 / Stopwatch.Frequency);
    public double TotalMs => PerLoop(Outcome!.TotalTicks * 1000.0 / Stopwatch.Frequency);
    public double Rows => PerLoop(Outcome!.Rows);

    public double PerLoop(double value) => value / Math.Max(1, Outcome!.Loops);

    public IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer, NodeOutputs? outputs)
    {
        if (outputs?.Of(this) is { Count: > 0 } output)
            yield return ("Output", output);
        if (outputs is not null && Node is FunctionScanNode functions)
            yield return ("Function Call", string.Join(", ", functions.Calls.Select(printer.PrintOutput)));
        foreach (var detail in Node.Details(printer))
            yield return detail;
        if (_filters.Count > 0)
            yield return ("Filter", printer.Print(QueryTree.And([.. _filters.SelectMany(QueryTree.Conjuncts)])!));
    }
}
