using System.Globalization;
using Npgsql;
using PgVectorCompat.Compat.Drivers;
using PgVectorCompat.Golden;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>
/// Nearest rows under filters of every kind, against the exact answer of the same snapshot: LIMIT is filled whenever as many rows pass, distances ascend,
/// every row passes, and recall holds. Each filter is asked again and again, with writes in between, since what a search learns about a filter serves the next.
/// </summary>
[Trait("Part", "indexlife")]
public sealed class FilterTests : IDisposable
{
    const int Dimensions = 16, Rows = 6_000, Limit = 20;

    static readonly string[] Filters =
    [
        "tenant = 7", "tenant = $1", "tenant IN (1, 2, 3)", "tenant = ANY ($2)", "tenant BETWEEN 10 AND 12", "tenant < $1", "tenant >= 25", "50 > tenant AND 48 < tenant",
        "price BETWEEN 100 AND 130", "price < 3", "price > 9223372036854775806", "price <= -9223372036854775808", "price IS NULL", "price = tenant",
        "kind = 'k3'", "kind = $3", "kind < 'k2'", "note = 'n4'", "note = 'n4' AND kind = 'k3'", "note LIKE '%3'",
        "day >= '2024-03-01'", "day = '2024-01-05' AND tenant < 40", "flag", "flag = false", "flag IS NULL",
        "CASE tenant WHEN 1 THEN true ELSE false END", "CASE part WHEN 1 THEN true ELSE false END",
        "tenant = 3 AND length(note) = 2", "tenant = 1 OR price > 900", "NOT (tenant < 45)", "id % 100 = 7", "id % 1000 = 7 AND part < 100",
        "EXISTS (SELECT 1 FROM owner o WHERE o.id = t.tenant AND o.isold)", "tenant IN (SELECT id FROM owner WHERE isold)", "tenant = (SELECT max(id) FROM owner)",
        "random() < 2 AND tenant = 5", "tenant = 999", "kind = 'none'", "tenant = NULL",
    ];

    readonly ServerProcess _server = new(Targets.Program);
    readonly Clusters _data = new(Dimensions, seed: 31);
    readonly List<double> _shares = [];
    int _asked;

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("hnsw", "vector_l2_ops", "<->", "", "hnsw.ef_search = 100")]
    [InlineData("hnsw", "vector_cosine_ops", "<=>", "tenant; price; kind", "hnsw.ef_search = 100")]
    [InlineData("ivfflat", "vector_l2_ops", "<->", "tenant", "ivfflat.probes = 30")]
    public async Task Filters_give_what_an_exact_search_gives(string method, string operatorClass, string operation, string trees, string setting)
    {
        await using var connection = await Open(setting);
        await connection.Run("CREATE EXTENSION vector");
        await connection.Run("CREATE TABLE owner AS SELECT i AS id, i % 9 = 0 AS isold FROM generate_series(0, 49) i");
        await connection.Run($"CREATE TABLE t (id int PRIMARY KEY, tenant int, part smallint, price bigint, kind text, note varchar(20), day date, flag boolean, v vector({Dimensions}))");
        await Insert(connection, 0, Rows);
        await connection.Run($"CREATE INDEX t_v ON t USING {method} (v {operatorClass}){(method == "ivfflat" ? " WITH (lists = 60)" : "")}");
        foreach (var column in trees.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            await connection.Run($"CREATE INDEX ON t ({column})");
        await connection.Run("ANALYZE t");

        await CheckAll(connection, operation);
        await CheckAll(connection, operation);

        // An older snapshot goes on seeing what it saw; a transaction sees what it has written; what is rolled back leaves no trace.
        await using var older = await Open(setting);
        await older.Run("BEGIN ISOLATION LEVEL REPEATABLE READ");
        await CheckAll(older, operation);
        await connection.Run("UPDATE t SET tenant = (tenant + 1) % 50, kind = 'k' || id % 4, flag = NULL WHERE id % 3 = 0");
        await connection.Run("DELETE FROM t WHERE id % 7 = 0");
        await Insert(connection, Rows, Rows + 500);
        await CheckAll(connection, operation);
        await CheckAll(older, operation);
        await older.Run("ROLLBACK");

        await connection.Run("BEGIN");
        await connection.Run("UPDATE t SET tenant = 7, price = price + 1, day = day + 1 WHERE id % 5 = 0");
        await Insert(connection, Rows + 500, Rows + 600);
        await CheckAll(connection, operation);
        await connection.Run("ROLLBACK");
        await CheckAll(connection, operation);

        // Row numbers are given again.
        await connection.Run("VACUUM t");
        await Insert(connection, 0, 50, step: 7);
        await connection.Run("ALTER TABLE t DROP COLUMN part, ADD COLUMN part int DEFAULT 1");
        await CheckAll(connection, operation);

        Assert.True(_asked > 8 * 30, "hardly any filter let rows pass");
        new Recall([.. _shares]).AtLeast(0.97, $"{method} under filters");
    }

    /// <summary>Nearest rows for each row of another table, under filters that the outer row decides.</summary>
    [Fact]
    public async Task Lateral_filters_follow_the_outer_row()
    {
        await using var connection = await Open("hnsw.ef_search = 100");
        await connection.Run("CREATE EXTENSION vector");
        await connection.Run($"CREATE TABLE t (id int PRIMARY KEY, tenant int, part smallint, price bigint, kind text, note varchar(20), day date, flag boolean, v vector({Dimensions}))");
        await Insert(connection, 0, Rows);
        await connection.Run("CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops)");
        await connection.Run("ANALYZE t");
        const string nearest = """
            SELECT o.id, n.id FROM t o, LATERAL (SELECT t.id FROM t WHERE t.tenant = o.tenant AND t.kind = o.kind ORDER BY t.v <-> o.v, t.id LIMIT 4) n
            WHERE o.id % 100 = 3 ORDER BY 1, 2
            """;
        for (var i = 0; i < 3; i++)
        {
            var found = await connection.All(nearest);
            await connection.Run("SET enable_indexscan = off");
            var exact = (await connection.All(nearest)).Select(row => ((int)row[0], (int)row[1])).ToHashSet();
            await connection.Run("RESET enable_indexscan");
            Assert.Equal(exact.Count, found.Count);
            new Recall([.. found.Select(row => exact.Contains(((int)row[0], (int)row[1])) ? 1.0 : 0.0)]).AtLeast(0.97, "nearest of each row");
            await connection.Run($"UPDATE t SET tenant = tenant + 1 WHERE id % 4 = {i}");
        }
    }

    async Task CheckAll(NpgsqlConnection connection, string operation)
    {
        foreach (var filter in Filters)
            await Check(connection, operation, filter);
    }

    async Task Check(NpgsqlConnection connection, string operation, string filter)
    {
        var number = _asked++;
        var condition = filter
            .Replace("$1", (number % 50).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("$2", $"'{{{number % 50},{number % 7}}}'::int[]", StringComparison.Ordinal)
            .Replace("$3", $"'k{number % 8}'", StringComparison.Ordinal);
        var sql = $"SELECT v {operation} '{_data.Query(number)}', id, ({condition}) FROM t WHERE {condition} ORDER BY v {operation} '{_data.Query(number)}' LIMIT {Limit}";
        var found = await connection.All(sql);
        await connection.Run("SET enable_indexscan = off");
        await connection.Run("SET enable_bitmapscan = off");
        await connection.Run("SET enable_seqscan = on");
        var exact = await connection.All(sql);
        await connection.Run("RESET enable_indexscan");
        await connection.Run("RESET enable_bitmapscan");
        await connection.Run("SET enable_seqscan = off");

        Assert.True(exact.Count == found.Count, $"{condition}: {found.Count} rows, {exact.Count} pass");
        Assert.Equal(found.Select(Distance).Order(), found.Select(Distance));
        Assert.Equal(found.Count, found.Select(row => (int)row[1]).Distinct().Count());
        Assert.All(found, row => Assert.Equal(true, row[2]));
        if (exact.Count > 0)
            _shares.Add((double)found.Count(row => Distance(row) <= Distance(exact[^1]) + 1e-9) / exact.Count);
    }

    static double Distance(object[] row) => Convert.ToDouble(row[0], CultureInfo.InvariantCulture);

    async Task Insert(NpgsqlConnection connection, int first, int end, int step = 1)
    {
        for (; first < end; first += 500 * step)
        {
            var ids = Enumerable.Range(0, 500).Select(i => first + i * step).TakeWhile(id => id < end);
            await connection.Run($"INSERT INTO t (id, tenant, part, price, kind, note, day, flag, v) VALUES {string.Join(",", ids.Select(Row))}");
        }
    }

    string Row(int id)
    {
        var price = (id % 1000) switch { 0 => "NULL", 1 => "9223372036854775807", 2 => "'-9223372036854775808'", var p => p.ToString(CultureInfo.InvariantCulture) };
        var flag = (id % 3) switch { 0 => "NULL", 1 => "true", _ => "false" };
        return $"({id}, {id * 7 % 50}, {id / 10 % 10}, {price}, 'k{id % 6}', 'n{id % 11}', '2024-01-01'::date + {id % 90}, {flag}, {_data.Literal(id)})";
    }

    async Task<NpgsqlConnection> Open(string setting)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={_server.Endpoint.Port};Username=postgres;Database=postgres;Pooling=false;Timeout=60;Command Timeout=300");
        await connection.OpenAsync();
        await connection.Run("SET enable_seqscan = off");
        await connection.Run("SET " + setting);
        return connection;
    }
}
