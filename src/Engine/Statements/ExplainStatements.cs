using System.Diagnostics;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>EXPLAIN and EXPLAIN ANALYZE.</summary>
internal static class ExplainStatements
{
    public static bool IsJson(Sql.ExplainStatement e)
        => e.Options.Any(option => option.Name == "format" && option.Value?.Text.Equals("json", StringComparison.OrdinalIgnoreCase) == true);

    public static string Run(Sql.ExplainStatement e, UtilityCall call)
    {
        var options = Options(e, call.Context.Names.SchemaName);
        var watch = Stopwatch.StartNew();
        var (prepared, parameters) = Statement(e, call);
        call.Runner.Analyze(prepared);
        var planningMs = watch.Elapsed.TotalMilliseconds;
        if (prepared.Plan is null)
            throw PgError.Unsupported("EXPLAIN of a utility statement", e.Body.Position);

        PlanStatistics? statistics = null;
        double? executionMs = null;
        if (options.Analyze)
        {
            statistics = new PlanStatistics { Timing = options.Timing };
            using var portal = new Portal("", prepared, parameters, []) { Statistics = statistics };
            watch.Restart();
            call.Runner.Open(portal);
            while (portal.MoveNext()) { }
            portal.Dispose();
            call.Block.EndStatement();
            executionMs = watch.Elapsed.TotalMilliseconds;
        }

        var lines = Explainer.Explain(prepared.Plan, options, statistics, planningMs, executionMs);
        call.SendRows(UtilityColumns.Of(e, call.Session)!, lines.Select(line => new[] { Datum.Of(line) }));
        return "EXPLAIN";
    }

    static (PreparedStatement, Datum[]) Statement(Sql.ExplainStatement e, UtilityCall call) => e.Body switch
    {
        Sql.ExecuteStatement execute => (call.Session.Statements.Get(execute.Name), PrepareStatements.Arguments(execute, call)),
        Sql.DeclareCursorStatement declare => (new("", "", new Sql.QueryStatement(declare.Query, declare.Position), call.Portal.Statement.Parameters), call.Parameters),
        Sql.CreateTableAsStatement { Source: Sql.QueryStatement query } => (new("", "", query, call.Portal.Statement.Parameters), call.Parameters),
        _ => (new("", "", e.Body, call.Portal.Statement.Parameters), call.Parameters),
    };

    static ExplainOptions Options(Sql.ExplainStatement e, Func<uint, string> schemaName)
    {
        var options = new ExplainOptions { SchemaName = schemaName };
        bool? timing = null;
        bool? summary = null;
        foreach (var option in e.Options)
        {
            var flag = option.Name == "format" || Flag(option);
            options = option.Name switch
            {
                "analyze" => options with { Analyze = flag },
                "verbose" => options with { Verbose = flag },
                "costs" => options with { Costs = flag },
                "buffers" => options with { Buffers = flag },
                "settings" => options,
                "wal" => options with { Wal = flag },
                "timing" => options with { Timing = (timing = flag).Value },
                "summary" => options with { Summary = (summary = flag).Value },
                "format" => options with { Json = Format(option) },
                _ => throw PgError.Syntax($"unrecognized EXPLAIN option \"{option.Name}\"", option.Position),
            };
        }
        if (options.Wal && !options.Analyze)
            throw new PgError(SqlState.InvalidParameterValue, "EXPLAIN option WAL requires ANALYZE");
        if (timing is true && !options.Analyze)
            throw new PgError(SqlState.InvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE");
        return options with { Summary = summary ?? options.Analyze, Timing = timing ?? true };
    }

    static bool Flag(Sql.Option option)
        => OptionFlags.Read(option) ?? throw PgError.Syntax($"{option.Name} requires a Boolean value");

    static bool Format(Sql.Option option) => option.Value?.Text.ToLowerInvariant() switch
    {
        "json" => true,
        "text" => false,
        "xml" or "yaml" => throw PgError.Unsupported($"EXPLAIN (FORMAT {option.Value.Text.ToUpperInvariant()})", option.Position),
        var other => throw new PgError(SqlState.InvalidParameterValue, $"unrecognized value for EXPLAIN option \"format\": \"{other}\"") { Position = option.Position },
    };
}
