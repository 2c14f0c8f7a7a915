using System.Diagnostics;

namespace PgVectorCompat.Macro;

/// <summary>Large plain queries on one core: a scan with a filter and aggregates, a hash join and a sort, in memory and with 4 MB; and what the rows take on disk.</summary>
public static class QueryBenchmarks
{
    const int NarrowRows = 5_000_000, JoinRows = 1_000_000;
    const string InMemory = "256MB", OnDisk = "4MB";

    const string Scan = "SELECT count(*), sum(a), avg(b) FROM narrow WHERE a < 500";
    const string Join = "SELECT count(*), sum(x.v + y.v) FROM keyed x JOIN keyed y ON x.k = y.id";
    static readonly string Sort = $"SELECT id FROM keyed ORDER BY k OFFSET {JoinRows - 1}";
    const string Group = "SELECT count(*) FROM (SELECT k % 100000 AS g, sum(v) FROM keyed GROUP BY 1) x";

    public static IEnumerable<Benchmark> All()
    {
        yield return new("query scan 5M", "ms", IsRate: false, LoadNarrow, t => Milliseconds(t, Scan, InMemory), Goal: 0.7);
        yield return new("query hash join 1M", "ms", IsRate: false, LoadKeyed, t => Milliseconds(t, Join, InMemory), Goal: 0.7);
        yield return new("query hash join 1M, 4 MB", "ms", IsRate: false, LoadKeyed, t => Milliseconds(t, Join, OnDisk), Goal: 0.7);
        yield return new("query sort 1M", "ms", IsRate: false, LoadKeyed, t => Milliseconds(t, Sort, InMemory), Goal: 0.7);
        yield return new("query sort 1M, 4 MB", "ms", IsRate: false, LoadKeyed, t => Milliseconds(t, Sort, OnDisk), Goal: 0.7);
        yield return new("query group 1M", "ms", IsRate: false, LoadKeyed, t => Milliseconds(t, Group, InMemory), Goal: 0.7);
        yield return new("disk of 5M rows", "MB", IsRate: false, LoadNarrow, t => Megabytes(t, "narrow"), Goal: 1);
    }

    static void LoadNarrow(Target target) => Load(target, "narrow", NarrowRows,
        "(id int, a int, b float8, c text)", $"SELECT g, g % 1000, g * 0.5, 'r' || (g % 100) FROM generate_series(1, {NarrowRows}) g");

    static void LoadKeyed(Target target) => Load(target, "keyed", JoinRows,
        "(id int, k int, v float8)", $"SELECT g, (g * 7919::bigint) % {JoinRows}, g * 0.25 FROM generate_series(1, {JoinRows}) g");

    static void Load(Target target, string table, int rows, string columns, string query)
    {
        using var client = target.Connect();
        if (client.Scalar($"SELECT to_regclass('{table}') IS NOT NULL") == "t" && client.Scalar($"SELECT count(*) FROM {table}") == rows.ToString())
            return;
        client.Execute($"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} {columns}; INSERT INTO {table} {query}; ANALYZE {table}");
        client.Execute($"VACUUM {table}");
    }

    static double Milliseconds(Target target, string query, string workMemory)
    {
        using var client = target.Connect();
        client.Execute($"SET max_parallel_workers_per_gather = 0; SET work_mem = '{workMemory}'");
        var clock = Stopwatch.StartNew();
        client.Execute(query);
        return clock.Elapsed.TotalMilliseconds;
    }

    static double Megabytes(Target target, string table)
    {
        using var client = target.Connect();
        return double.Parse(client.Scalar($"SELECT pg_table_size('{table}')")!) / (1 << 20);
    }
}
