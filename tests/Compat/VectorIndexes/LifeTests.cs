using System.Globalization;
using Npgsql;
using PgVectorCompat.Compat.Drivers;
using PgVectorCompat.Golden;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>
/// Recall through the life of our indexes, which only our own server can be put through: inserted into, deleted from, updated, restarted, killed during a build and
/// during inserts; for both methods, every quantization, and data that breaks graphs.
/// </summary>
[Trait("Part", "indexlife")]
public sealed class LifeTests : IDisposable
{
    const int Dimensions = 48, Rows = 8_000, Queries = 40, Limit = 10;

    readonly ServerProcess _server = new(Targets.Program);

    string ConnectionString => $"Host=127.0.0.1;Port={_server.Endpoint.Port};Username=postgres;Database=postgres;Pooling=false;Timeout=10;Command Timeout=120";

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("hnsw", "none", "l2")]
    [InlineData("hnsw", "f16", "ip")]
    [InlineData("hnsw", "sq8", "cosine")]
    [InlineData("hnsw", "sq4", "l2")]
    [InlineData("ruhnsw", "pq16", "cosine")]
    [InlineData("ruhnsw", "binary", "cosine")]
    [InlineData("hnsw", "rabitq", "ip")]
    [InlineData("hnsw", "auto", "l1")]
    [InlineData("ivfflat", "none", "l2")]
    [InlineData("ivfflat", "sq8", "ip")]
    [InlineData("ruivfflat", "pq16", "l2")]
    [InlineData("ruivfflat", "rabitq", "cosine")]
    [InlineData("ivfflat", "auto", "l2")]
    public async Task Recall_holds_through_all_stages(string method, string quantization, string metric)
    {
        var data = new Clusters(Dimensions, seed: 11);
        var (operation, operatorClass) = Operators(metric);
        await Execute("CREATE EXTENSION IF NOT EXISTS vector; CREATE EXTENSION IF NOT EXISTS ruvector");
        await Execute($"CREATE TABLE t (id int PRIMARY KEY, note text, v vector({Dimensions}))");
        await Insert(data, 0, Rows);
        await Execute($"CREATE INDEX t_v ON t USING {method} (v {operatorClass}) WITH (quantization = '{quantization}'{(method.Contains("ivf", StringComparison.Ordinal) ? ", lists = 60" : "")})");
        await Check("built");

        await Insert(data, Rows, Rows + 2_000);
        await Check("inserted");

        await Execute("DELETE FROM t WHERE id % 5 = 0");
        await Execute("VACUUM t");
        await Check("deleted and vacuumed");

        await Execute($"UPDATE t SET v = (SELECT s.v FROM t s WHERE s.id = t.id + 1) WHERE id % 10 = 1; UPDATE t SET note = 'x' WHERE id % 3 = 0");
        await Check("updated");

        _server.Restart(kill: false);
        await Check("restarted");

        await Insert(data, 20_000, 21_000);
        _server.Restart(kill: true);
        await Check("killed and recovered");

        await Execute("ALTER INDEX t_v SET (quantization = 'sq8')");
        await Execute("REINDEX INDEX t_v");
        await Check("built again with another quantization");

        async Task Check(string stage)
        {
            var recall = await Recall(data, operation, method.Contains("ivf", StringComparison.Ordinal) ? "ivfflat.probes = 20" : "hnsw.ef_search = 100");
            recall.AtLeast(0.95, $"{method} {quantization} {metric} when {stage}");
        }
    }

    static (string Operation, string Class) Operators(string metric) => metric switch
    {
        "l2" => ("<->", "vector_l2_ops"),
        "ip" => ("<#>", "vector_ip_ops"),
        "cosine" => ("<=>", "vector_cosine_ops"),
        _ => ("<+>", "vector_l1_ops"),
    };

    /// <summary>Data on which graphs and lists fail unless they are made for it.</summary>
    [Theory]
    [InlineData("duplicates", "hnsw")]
    [InlineData("heavy tails", "hnsw")]
    [InlineData("one cluster", "hnsw")]
    [InlineData("all equal", "hnsw")]
    [InlineData("zeros", "hnsw")]
    [InlineData("duplicates", "ivfflat")]
    [InlineData("heavy tails", "ivfflat")]
    [InlineData("all equal", "ivfflat")]
    [InlineData("zeros", "ivfflat")]
    public async Task Recall_holds_on_hard_data(string kind, string method)
    {
        var data = new Clusters(Dimensions, seed: 12, kind);
        await Execute("CREATE EXTENSION IF NOT EXISTS vector");
        await Execute($"CREATE TABLE t (id int PRIMARY KEY, note text, v vector({Dimensions}))");
        await Insert(data, 0, Rows);
        await Execute($"CREATE INDEX t_v ON t USING {method} (v vector_l2_ops){(method == "ivfflat" ? " WITH (lists = 60)" : "")}");
        await Insert(data, Rows, Rows + 1_000);
        var recall = await Recall(data, "<->", method == "ivfflat" ? "ivfflat.probes = 30" : "hnsw.ef_search = 100");
        recall.AtLeast(0.95, $"{method}, {kind}");
        // However hard, a query gets as many rows as it asks for.
        Assert.Equal(9_000L, await Scalar($"SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> '{data.Query(0)}' LIMIT 9000) s"));
    }

    /// <summary>A build that dies leaves a table as it was, and can be done again.</summary>
    [Fact]
    public async Task Killed_during_a_build()
    {
        var data = new Clusters(Dimensions, seed: 13);
        await Execute("CREATE EXTENSION IF NOT EXISTS vector");
        await Execute($"CREATE TABLE t (id int PRIMARY KEY, note text, v vector({Dimensions}))");
        await Insert(data, 0, 30_000);
        var build = Task.Run(() => Execute("CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops) WITH (ef_construction = 400)"));
        await Task.Delay(300);
        _server.Restart(kill: true);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => build);
        Assert.Equal(30_000L, await Scalar("SELECT count(*) FROM t"));
        Assert.Equal(0L, await Scalar("SELECT count(*) FROM pg_class WHERE relname = 't_v'"));
        await Execute("CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops)");
        (await Recall(data, "<->", "hnsw.ef_search = 100")).AtLeast(0.95);
    }

    /// <summary>Ten rounds that each replace a fifth of the rows: recall stays within .01 of a fresh build.</summary>
    [Theory]
    [InlineData("hnsw")]
    [InlineData("ivfflat")]
    public async Task Replacing_rows_costs_no_recall(string method)
    {
        var data = new Clusters(Dimensions, seed: 14);
        await Execute("CREATE EXTENSION IF NOT EXISTS vector");
        await Execute($"CREATE TABLE t (id int PRIMARY KEY, note text, v vector({Dimensions}))");
        await Insert(data, 0, Rows);
        await Execute($"CREATE INDEX t_v ON t USING {method} (v vector_l2_ops){(method == "ivfflat" ? " WITH (lists = 60)" : "")}");
        for (var round = 0; round < 10; round++)
        {
            await Execute($"DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY (id * 7919 + {round}) % 10007 LIMIT {Rows / 5})");
            await Insert(data, (round + 2) * 10_000, (round + 2) * 10_000 + Rows / 5);
        }
        await Execute("VACUUM t");
        var settings = method == "ivfflat" ? "ivfflat.probes = 6" : "hnsw.ef_search = 40";
        var aged = await Recall(data, "<->", settings);
        await Execute("REINDEX INDEX t_v");
        var fresh = await Recall(data, "<->", settings);
        aged.AtLeast(fresh.Mean - 0.01, $"{method} after ten rounds, {fresh.Mean:F3} built anew");
    }

    async Task Insert(Clusters data, int first, int end)
    {
        await using var connection = await Open();
        for (; first < end; first += 500)
            await connection.Run($"INSERT INTO t VALUES {string.Join(",", Enumerable.Range(first, Math.Min(500, end - first)).Select(id => $"({id},'',{data.Literal(id)})"))}");
    }

    async Task<Recall> Recall(Clusters data, string operation, string settings)
    {
        await using var connection = await Open();
        await connection.Run("SET enable_seqscan = off");
        await connection.Run("SET " + settings);
        var shares = new double[Queries];
        for (var q = 0; q < Queries; q++)
        {
            var sql = $"SELECT v {operation} '{data.Query(q)}' FROM t ORDER BY v {operation} '{data.Query(q)}' LIMIT {Limit}";
            if (q == 0)
                Assert.Contains("Index Scan using t_v", string.Join("\n", (await connection.All("EXPLAIN " + sql)).Select(row => (string)row[0])), StringComparison.Ordinal);
            var found = await Distances(connection, sql);
            Assert.Equal(Limit, found.Count);
            Assert.Equal(found.Order(), found);
            await using var transaction = await connection.BeginTransactionAsync();
            await connection.Run("SET LOCAL enable_indexscan = off");
            await connection.Run("SET LOCAL enable_seqscan = on");
            var exact = await Distances(connection, sql);
            shares[q] = (double)found.Count(d => d <= exact[^1] + 1e-9) / Limit;
        }
        return new(shares);
    }

    static async Task<List<double>> Distances(NpgsqlConnection connection, string sql)
        => [.. (await connection.All(sql)).Select(row => Convert.ToDouble(row[0], CultureInfo.InvariantCulture))];

    async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    async Task Execute(string sql)
    {
        await using var connection = await Open();
        foreach (var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            await connection.Run(statement);
    }

    async Task<object?> Scalar(string sql)
    {
        await using var connection = await Open();
        return await connection.One(sql);
    }
}

/// <summary>
/// Vectors of overlapping clusters: a centre (60 of them, coordinates N(0, 1)) plus N(0, 1) noise in 12 latent dimensions, mapped to all by a fixed random map. A row's
/// vector depends on its id and the seed alone.
/// </summary>
/// <param name="kind">Empty, or one of the hard kinds: "duplicates" (12 % of rows repeat another), "heavy tails" (norms vary a thousandfold), "one cluster", "all equal", "zeros" (a tenth of the rows).</param>
sealed class Clusters(int dimensions, int seed, string kind = "")
{
    const int Latent = 12, Centres = 60;

    readonly float[] _map = Normals(new Random(seed), Latent * dimensions);
    readonly float[] _centres = Normals(new Random(seed + 1), Latent * Centres);

    public string Literal(int id) => $"'{Text(Vector(id))}'";

    public string Query(int number) => Text(Make(new Random(seed + 1_000_000_000 + number)));

    float[] Vector(int id)
    {
        if (kind == "duplicates" && id % 100 < 12) id = id % 100 / 4;
        if (kind == "all equal") id = 0;
        if (kind == "zeros" && id % 10 == 0) return new float[dimensions];
        return Make(new Random(seed * 31 + id));
    }

    float[] Make(Random random)
    {
        var cluster = kind == "one cluster" ? 0 : random.Next(Centres);
        var point = Normals(random, Latent);
        var scale = kind == "heavy tails" ? MathF.Exp(3.5f * (random.NextSingle() + random.NextSingle() - 1)) : 1;
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j < Latent; j++)
                vector[i] += _map[i * Latent + j] * (point[j] + _centres[cluster * Latent + j]) * scale;
        }
        return vector;
    }

    static float[] Normals(Random random, int count)
        => [.. Enumerable.Range(0, count).Select(_ => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(MathF.Tau * random.NextSingle()))];

    static string Text(float[] vector) => "[" + string.Join(",", vector.Select(x => x.ToString("G6", CultureInfo.InvariantCulture))) + "]";
}
