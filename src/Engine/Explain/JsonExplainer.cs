using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;

namespace PgVectorCompat.Engine.Explain;

/// <summary>EXPLAIN (FORMAT JSON), with PostgreSQL's property names.</summary>
sealed class JsonExplainer(ExplainOptions options, PlanStatistics? statistics, BoundExpressionPrinter printer, NodeOutputs? outputs)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Explain(StatementPlan plan, ExplainOptions options, PlanStatistics? statistics, double planningMs, double? executionMs)
    {
        var printer = new BoundExpressionPrinter(plan.Names, options.Verbose);
        var explainer = new JsonExplainer(options, statistics, printer, options.Verbose ? new NodeOutputs(printer, plan.Names) : null);
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
        foreach (var detail in shown.Details(printer, outputs))
            json[detail.Label] = detail.Items is { } items ? new JsonArray([.. items.Select(item => (JsonNode)item)]) : detail.Text;
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

    // What the text form writes into one line: kind, index, relation and alias.
    void WriteKind(JsonObject json, PlanNode node)
    {
        var (kind, details) = node switch
        {
            IndexScanNode scan => ("Index Scan", (JsonObject)new() { ["Scan Direction"] = scan.Backward ? "Backward" : "Forward", ["Index Name"] = scan.Index.Definition.Name }),
            VectorScanNode scan => ("Index Scan", new() { ["Scan Direction"] = "Forward", ["Index Name"] = scan.Index.Definition.Name }),
            DistanceScanNode { Index: { } index } => ("Index Scan", new() { ["Scan Direction"] = "Forward", ["Index Name"] = index.Definition.Name }),
            BitmapIndexScanNode scan => ("Bitmap Index Scan", new() { ["Index Name"] = scan.Index.Definition.Name }),
            HashJoinNode join => ("Hash Join", new() { ["Join Type"] = join.Kind.ToString() }),
            NestedLoopNode join => ("Nested Loop", new() { ["Join Type"] = join.Kind.ToString() }),
            AggregateNode aggregate => ("Aggregate", new() { ["Strategy"] = aggregate.Title switch { "Aggregate" => "Plain", "HashAggregate" => "Hashed", _ => "Mixed" }, ["Partial Mode"] = "Simple" }),
            DistinctNode => ("Aggregate", new() { ["Strategy"] = "Hashed", ["Partial Mode"] = "Simple" }),
            SetOpNode operation => ("SetOp", new() { ["Strategy"] = "Hashed", ["Command"] = operation.Kind + (operation.All ? " All" : "") }),
            ModifyNode modify => ("ModifyTable", new() { ["Operation"] = modify.Verb }),
            _ => (node.Title, new()),
        };
        json["Node Type"] = kind;
        json["Parallel Aware"] = false;
        json["Async Capable"] = false;
        foreach (var (name, value) in details.ToList())
            json[name] = value?.DeepClone();
        if (node.Target is { } target)
            WriteTarget(json, target);
    }

    void WriteTarget(JsonObject json, PlanTarget target)
    {
        if (target is { Kind: not PlanTargetKind.Other, Name: { } name })
            json[target.Kind switch { PlanTargetKind.Function => "Function Name", PlanTargetKind.Cte => "CTE Name", _ => "Relation Name" }] = name;
        if (options.Verbose && target.Schema is { } schema)
            json["Schema"] = options.SchemaName(schema);
        json["Alias"] = target.Alias;
    }
}
