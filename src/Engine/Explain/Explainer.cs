using System.Globalization;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;

namespace PgVectorCompat.Engine.Explain;

/// <summary>Prints plans in PostgreSQL's text shape; <see cref="JsonExplainer"/> does so in JSON.</summary>
public sealed class Explainer
{
    readonly ExplainOptions _options;
    readonly PlanStatistics? _statistics;
    readonly BoundExpressionPrinter _printer;
    readonly NodeOutputs? _outputs;
    readonly List<string> _lines = [];

    Explainer(StatementPlan plan, ExplainOptions options, PlanStatistics? statistics)
    {
        (_options, _statistics, _printer) = (options, statistics, new BoundExpressionPrinter(plan.Names, options.Verbose));
        _outputs = options.Verbose ? new NodeOutputs(_printer, plan.Names) : null;
    }

    /// <summary>The rows of EXPLAIN's result; JSON is one row. <paramref name="statistics"/> and the execution time are those of ANALYZE.</summary>
    public static IReadOnlyList<string> Explain(StatementPlan plan, ExplainOptions options, PlanStatistics? statistics, double planningMs, double? executionMs)
    {
        if (options.Json)
            return [JsonExplainer.Explain(plan, options, statistics, planningMs, executionMs)];
        var explainer = new Explainer(plan, options, statistics);
        explainer.Write(plan.Root, 0, "", plan.CtePlans);
        if (options.Summary)
            explainer._lines.Add(string.Create(CultureInfo.InvariantCulture, $"Planning Time: {planningMs:F3} ms"));
        if (options.Summary && executionMs is { } ms)
            explainer._lines.Add(string.Create(CultureInfo.InvariantCulture, $"Execution Time: {ms:F3} ms"));
        return explainer._lines;
    }

    // A child's line begins with an arrow; what belongs to a node stands two columns right of its name.
    void Write(PlanNode node, int indent, string arrow, IReadOnlyList<SubPlan> ctes)
    {
        var shown = new ShownNode(node, _statistics);
        _lines.Add(new string(' ', indent) + arrow + shown.Node.Title + Target(shown.Node.Target) + Measures(shown));
        var inner = indent + arrow.Length + 2;
        foreach (var detail in shown.Details(_printer, _outputs))
            Detail(inner, detail.Label, detail.Text);
        if (shown.Own is not null)
            WriteStatistics(shown, inner);
        foreach (var cte in ctes)
            WriteSubPlan(cte, inner);
        foreach (var subPlan in shown.SubPlans.Where(plan => plan.Label.StartsWith("Init", StringComparison.Ordinal)))
            WriteSubPlan(subPlan, inner);
        foreach (var child in shown.Node.Children)
            Write(child, inner, "->  ", []);
        foreach (var subPlan in shown.SubPlans.Where(plan => !plan.Label.StartsWith("Init", StringComparison.Ordinal)))
            WriteSubPlan(subPlan, inner);
    }

    string Target(PlanTarget? target) => target is null ? "" : " on " + target.Text(_options.Verbose ? _options.SchemaName : null);

    void WriteSubPlan(SubPlan subPlan, int indent)
    {
        _lines.Add(new string(' ', indent) + subPlan.Label);
        Write(subPlan.Plan, indent + 2, "->  ", []);
    }

    void Detail(int indent, string label, string text) => _lines.Add($"{new string(' ', indent)}{label}: {text}");

    string Measures(ShownNode shown)
    {
        var text = _options.Costs ? "  " + shown.Cost : "";
        if (shown.Outcome is not { } outcome)
            return text;
        text += " ";
        if (outcome.Loops == 0)
            return text + "(never executed)";
        return text + (_options.Timing
            ? string.Create(CultureInfo.InvariantCulture, $"(actual time={shown.StartupMs:F3}..{shown.TotalMs:F3} rows={shown.Rows:F0} loops={outcome.Loops})")
            : string.Create(CultureInfo.InvariantCulture, $"(actual rows={shown.Rows:F0} loops={outcome.Loops})"));
    }

    void WriteStatistics(ShownNode shown, int indent)
    {
        foreach (var (label, text) in shown.Own!.Details)
            Detail(indent, label, text);
        if (shown.Removed > 0)
            Detail(indent, "Rows Removed by Filter", shown.PerLoop(shown.Removed).ToString("F0", CultureInfo.InvariantCulture));
        if (shown.Own.RowsRemovedByJoinFilter > 0)
            Detail(indent, "Rows Removed by Join Filter", shown.PerLoop(shown.Own.RowsRemovedByJoinFilter).ToString("F0", CultureInfo.InvariantCulture));
        if (_options.Buffers && shown.Blocks is > 0 and var blocks)
            Detail(indent, "Buffers", $"shared hit={blocks}");
    }
}
