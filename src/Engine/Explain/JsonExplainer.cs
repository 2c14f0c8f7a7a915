using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;

namespace PgVectorCompat.Engine.Explain;

/// <summary>EXPLAIN (FORMAT JSON), with PostgreSQL's property names.</summary>
sealed class JsonExplainer(ExplainOptions options, PlanStatistics? statistics, BoundExpressionPrinter printer)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Explain(StatementPlan plan, ExplainOptions options, PlanStatistics? statistics, double planningMs, double? executionMs)
    {
        var explainer = new JsonExplainer(options, statistics, new BoundExpressionPrinter(plan.Names));
        var result = new JsonObject { ["Plan"] = explainer.Node(plan.Root, null, null, plan.CtePlans) };
        if (options.Summary)
            result["Planning Time"] = Rounded(planningMs);
        if (options.Analyze)
            result["Triggers"] = new JsonArray();
        if (options.Summary && executionMs is { } ms)
            result["Execution Time"] = Rounded(ms);
        return new JsonArray(result).ToJsonString(Indented);
    }

    static decimal Rounded(double value) => Math.Round((decimal)value, 3);

    JsonObject Node(PlanNode node, string? relationship, string? subPlanName, IReadOnlyList<SubPlan> ctes)
    {
        var shown = new ShownNode(node, statistics);
        var json = new JsonObject();
        WriteKind(json, shown.Node);
        if (relationship is not null)
            json.Insert(1, "Parent Relationship", relationship);
        if (subPlanName is not null)
            json["Subplan Name"] = subPlanName;
        if (options.Costs)
        {
            json["Startup Cost"] = Math.Round((decimal)shown.Cost.Startup, 2);
            json["Total Cost"] = Math.Round((decimal)shown.Cost.Total, 2);
            json["Plan Rows"] = (long)Math.Max(1, Math.Round(shown.Cost.Rows));
            json["Plan Width"] = shown.Cost.Width;
        }
        if (shown.Outcome is { } outcome)
        {
            if (options.Timing)
            {
                json["Actual Startup Time"] = Rounded(shown.StartupMs);
                json["Actual Total Time"] = Rounded(shown.TotalMs);
            }
            json["Actual Rows"] = (long)Math.Round(shown.Rows);
            json["Actual Loops"] = outcome.Loops;
        }
        foreach (var (label, text) in shown.Details(printer))
            json[label] = label.EndsWith("Key", StringComparison.Ordinal) ? new JsonArray([.. text.Split(", ").Select(key => (JsonNode)key)]) : text;
        if (shown.Removed > 0)
            json["Rows Removed by Filter"] = (long)shown.PerLoop(shown.Removed);
        if (shown.Own is { RowsRemovedByJoinFilter: > 0 } own)
            json["Rows Removed by Join Filter"] = (long)shown.PerLoop(own.RowsRemovedByJoinFilter);
        if (shown.Own?.Details.TryGetValue("Sort Method", out var method) == true)
            WriteSortMethod(json, method);
        if (options.Buffers && shown.Own is not null)
            (json["Shared Hit Blocks"], json["Shared Read Blocks"]) = (shown.Blocks, 0);

        var plans = new JsonArray();
        foreach (var cte in ctes)
            plans.Add(Node(cte.Plan, "InitPlan", cte.Label, []));
        foreach (var subPlan in shown.SubPlans)
            plans.Add(Node(subPlan.Plan, subPlan.Label.StartsWith("Init", StringComparison.Ordinal) ? "InitPlan" : "SubPlan", subPlan.Label, []));
        var position = 0;
        foreach (var child in shown.Node.Children)
            plans.Add(Node(child, shown.Node is AppendNode or BitmapCombinationNode ? "Member" : position++ == 0 ? "Outer" : "Inner", null, []));
        if (plans.Count > 0)
            json["Plans"] = plans;
        return json;
    }

    static void WriteSortMethod(JsonObject json, string text)
    {
        var parts = text.Split("  Memory: ");
        json["Sort Method"] = parts[0];
        json["Sort Space Used"] = long.Parse(parts[1].TrimEnd('k', 'B'), CultureInfo.InvariantCulture);
        json["Sort Space Type"] = "Memory";
    }

    static void WriteKind(JsonObject json, PlanNode node)
    {
        // What the text form writes into one line: kind, index, relation and alias.
        var (kind, details) = node switch
        {
            SeqScanNode scan => (scan.Sample is null ? "Seq Scan" : "Sample Scan", (JsonObject)new() { ["Relation Name"] = scan.Table.Relation.Name, ["Alias"] = scan.Alias }),
            IndexScanNode scan => ("Index Scan", new()
            {
                ["Scan Direction"] = scan.Backward ? "Backward" : "Forward",
                ["Index Name"] = scan.Index.Definition.Name,
                ["Relation Name"] = scan.Table.Relation.Name,
                ["Alias"] = scan.Alias,
            }),
            BitmapHeapScanNode scan => ("Bitmap Heap Scan", new() { ["Relation Name"] = scan.Table.Relation.Name, ["Alias"] = scan.Alias }),
            BitmapIndexScanNode scan => ("Bitmap Index Scan", new() { ["Index Name"] = scan.Index.Definition.Name }),
            FunctionScanNode scan => ("Function Scan", new() { ["Alias"] = scan.Alias }),
            ValuesNode { Rows.Length: > 1 } scan => ("Values Scan", new() { ["Alias"] = scan.Alias }),
            SystemTableScanNode scan => ("Seq Scan", new() { ["Relation Name"] = scan.Table.Name, ["Alias"] = scan.Alias }),
            CteScanNode scan => ("CTE Scan", new() { ["CTE Name"] = scan.Cte.Name, ["Alias"] = scan.Alias }),
            WorkTableScanNode scan => ("WorkTable Scan", new() { ["CTE Name"] = scan.Cte.Name, ["Alias"] = scan.Alias }),
            HashJoinNode join => ("Hash Join", new() { ["Join Type"] = join.Kind.ToString() }),
            NestedLoopNode join => ("Nested Loop", new() { ["Join Type"] = join.Kind.ToString() }),
            AggregateNode aggregate => ("Aggregate", new() { ["Strategy"] = aggregate.Title switch { "Aggregate" => "Plain", "HashAggregate" => "Hashed", _ => "Mixed" }, ["Partial Mode"] = "Simple" }),
            DistinctNode => ("Aggregate", new() { ["Strategy"] = "Hashed", ["Partial Mode"] = "Simple" }),
            SetOpNode operation => ("SetOp", new() { ["Strategy"] = "Hashed", ["Command"] = operation.Kind + (operation.All ? " All" : "") }),
            _ => (node.Title.Split(" on ")[0], new()),
        };
        json["Node Type"] = kind;
        json["Parallel Aware"] = false;
        json["Async Capable"] = false;
        foreach (var (name, value) in details.ToList())
            json[name] = value?.DeepClone();
    }
}
