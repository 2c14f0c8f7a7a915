using System.Globalization;
using Npgsql;
using PgVectorCompat.Compat.Drivers;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>A table t (i int, v) of random vectors, and how well its index finds the nearest of random queries.</summary>
sealed class IndexedTable(NpgsqlDataSource source, VectorKind kind, int seed = 20_240_607)
{
    const int Queries = 20, Limit = 20;

    public string Name { get; } = "t_" + Guid.NewGuid().ToString("N")[..8];

    public async Task<NpgsqlConnection> Open()
    {
        var connection = await source.OpenConnectionAsync();
        await connection.Run("SET enable_seqscan = off");
        return connection;
    }

    /// <summary>Makes the table with the rows 1 to <paramref name="rows"/>.</summary>
    public async Task Create(int rows)
    {
        await using var connection = await Open();
        await connection.Run($"CREATE TABLE {Name} (i int, v {kind.Type})");
        await connection.Run("SELECT setseed(0.5)");
        if (rows > 0) await connection.Run($"INSERT INTO {Name} SELECT i, {kind.Random} FROM generate_series(1, {rows}) i");
    }

    public async Task CreateIndex(string method, string operatorClass, string with = "", bool parallel = false)
    {
        await using var connection = await Open();
        // Without a raised limit PostgreSQL would run out of shared memory where it is small.
        await connection.Run($"SET max_parallel_maintenance_workers = {(parallel ? 2 : 0)}");
        if (parallel) await connection.Run("SET min_parallel_table_scan_size = 1");
        await connection.Run($"CREATE INDEX ON {Name} USING {method} (v {operatorClass}){(with.Length > 0 ? $" WITH ({with})" : "")}");
    }

    /// <summary>Rows inserted one by one by ten clients at once.</summary>
    public Task InsertConcurrently(int clients, int each, int perStatement = 1)
        => Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            await using var connection = await Open();
            for (var n = 0; n < each; n++)
                await connection.Run($"INSERT INTO {Name} SELECT {client * each + n}, {kind.Random} FROM generate_series(1, {perStatement}) i");
        })));

    public async Task Run(string sql)
    {
        await using var connection = await Open();
        await connection.Run(sql.Replace("{t}", Name, StringComparison.Ordinal));
    }

    /// <summary>
    /// Mean share of the true nearest that the index finds for random queries: what lies no farther than the last of the exact answer counts, so ties do.
    /// Fails unless the plan uses an index.
    /// </summary>
    public async Task<Recall> Recall(string operation, string settings, string where = "", int limit = Limit)
    {
        await using var connection = await Open();
        foreach (var setting in settings.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            await connection.Run("SET " + setting);
        var random = new Random(seed);
        var shares = new double[Queries];
        for (var q = 0; q < Queries; q++)
        {
            var query = kind.Query(random);
            var sql = $"SELECT v {operation} '{query}' FROM {Name} {where} ORDER BY v {operation} '{query}' LIMIT {limit}";
            if (q == 0)
            {
                var plan = string.Join("\n", (await connection.All("EXPLAIN " + sql)).Select(row => (string)row[0]));
                Assert.Contains("Index Scan using", plan, StringComparison.Ordinal);
            }
            await using var transaction = await connection.BeginTransactionAsync();
            var found = await Distances(connection, sql);
            await connection.Run("SET LOCAL enable_indexscan = off");
            await connection.Run("SET LOCAL enable_seqscan = on");
            var exact = await Distances(connection, sql);
            Assert.Equal(Math.Min(limit, exact.Count), exact.Count);
            shares[q] = exact.Count == 0 ? 1 : Math.Min(1, (double)found.Count(d => d <= exact[^1] + 1e-9) / exact.Count);
        }
        return new(shares);
    }

    static async Task<List<double>> Distances(NpgsqlConnection connection, string sql)
        => [.. (await connection.All(sql)).Select(row => Convert.ToDouble(row[0], CultureInfo.InvariantCulture))];

    public Task<long> Count(string where = "") => Number($"SELECT count(*) FROM {Name} {where}");

    public async Task<long> Number(string sql)
    {
        await using var connection = await Open();
        return Convert.ToInt64(await connection.One(sql.Replace("{t}", Name, StringComparison.Ordinal)), CultureInfo.InvariantCulture);
    }
}
