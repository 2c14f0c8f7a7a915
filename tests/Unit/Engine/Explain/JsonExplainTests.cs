using System.Text.Json.Nodes;
using PgVectorCompat.Engine;
using Xunit;

namespace PgVectorCompat.Unit.Engine.Explain;

/// <summary>EXPLAIN (FORMAT JSON). What is expected is PostgreSQL's own answer.</summary>
public sealed class JsonExplainTests : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));
    readonly Cluster _cluster;
    readonly TestSession _session;

    public JsonExplainTests()
    {
        _cluster = Cluster.Open(new(_folder));
        _session = new TestSession(_cluster);
        _session.Query("CREATE TABLE t (id int PRIMARY KEY, a int, b text)");
    }

    public void Dispose()
    {
        _session.Dispose();
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Lists_stay_lists()
    {
        var plan = Plan("SELECT coalesce(a, id), count(*) FROM t x GROUP BY coalesce(a, id), b");
        Assert.Equal(["(COALESCE(a, id))", "count(*)", "b"], Items(plan["Output"]));
        Assert.Equal(["COALESCE(x.a, x.id)", "x.b"], Items(plan["Group Key"]));
    }

    [Fact]
    public void Targets_are_named_in_full()
    {
        var scan = Plan("SELECT * FROM t x");
        Assert.Equal(("Seq Scan", "t", "public", "x"), (Text(scan, "Node Type"), Text(scan, "Relation Name"), Text(scan, "Schema"), Text(scan, "Alias")));
        Assert.Equal(["id", "a", "b"], Items(scan["Output"]));
        var insert = Plan("INSERT INTO t VALUES (1, 2, 'x')");
        Assert.Equal(("ModifyTable", "Insert", "t"), (Text(insert, "Node Type"), Text(insert, "Operation"), Text(insert, "Relation Name")));
        var function = Plan("SELECT g FROM generate_series(1, 3) g");
        Assert.Equal(("generate_series", "pg_catalog", "generate_series(1, 3)"), (Text(function, "Function Name"), Text(function, "Schema"), Text(function, "Function Call")));
    }

    JsonNode Plan(string sql)
        => JsonNode.Parse(_session.Query($"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) {sql}").Single())![0]!["Plan"]!;

    static string Text(JsonNode node, string name) => (string)node[name]!;
    static string[] Items(JsonNode? list) => [.. list!.AsArray().Select(item => (string)item!)];
}
