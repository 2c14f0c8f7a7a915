using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PgVectorCompat.Compat.Drivers;
using PgVectorCompat.Golden;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>
/// Insert, update, delete, search, reindex and checkpoint from many connections while the server is killed and started again: no error that PostgreSQL would not give, no
/// committed row lost, recall held. PGVC_STRESS_SECONDS sets how long (60).
/// </summary>
[Trait("Part", "stress")]
public sealed class StressTests : IDisposable
{
    const int Clients = 6, Dimensions = 32;

    readonly ServerProcess _server = new(Targets.Program);
    readonly Clusters _data = new(Dimensions, seed: 21);
    readonly ConcurrentQueue<string> _errors = new();

    static TimeSpan Length => TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("PGVC_STRESS_SECONDS") ?? "60", CultureInfo.InvariantCulture));

    string ConnectionString => $"Host=127.0.0.1;Port={_server.Endpoint.Port};Username=postgres;Database=postgres;Pooling=false;Timeout=10;Command Timeout=60";

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Everything_at_once_with_kills()
    {
        await using (var connection = await Open())
        {
            await connection.Run("CREATE EXTENSION vector");
            await connection.Run($"CREATE TABLE t (id int PRIMARY KEY, client int, note text, v vector({Dimensions}))");
            await connection.Run("CREATE INDEX t_hnsw ON t USING hnsw (v vector_l2_ops)");
            await connection.Run("CREATE INDEX t_ivf ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 20)");
            await connection.Run("CREATE INDEX t_client ON t (client)");
        }
        var clients = Enumerable.Range(0, Clients).Select(number => new StressClient(number, _data)).ToArray();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Length;)
        {
            using var stop = new CancellationTokenSource();
            var work = clients.Select(client => Task.Run(() => Guard(() => client.Run(ConnectionString, stop.Token)))).Append(Task.Run(() => Guard(() => Maintain(stop.Token)))).ToArray();
            await Task.Delay(TimeSpan.FromSeconds(6));
            _server.Restart(kill: clock.ElapsedMilliseconds % 2 == 0, beforeStart: stop.Cancel);
            await Task.WhenAll(work);
            Assert.Empty(_errors);
            await Check(clients);
        }
        Assert.True(clients.Sum(c => c.Statements) > 50 * Clients, "the clients hardly worked");
    }

    async Task Check(StressClient[] clients)
    {
        await using var connection = await Open();
        foreach (var client in clients)
        {
            var rows = (await connection.All("SELECT id, note FROM t WHERE client = $1", client.Number)).ToDictionary(row => (int)row[0], row => (string)row[1]);
            client.Check(rows);
        }
        await connection.Run("SET enable_seqscan = off");
        await connection.Run("SET hnsw.ef_search = 100");
        double sum = 0;
        var expected = 0;
        for (var q = 0; q < 20; q++)
        {
            var sql = $"SELECT v <-> '{_data.Query(q)}' FROM t ORDER BY v <-> '{_data.Query(q)}' LIMIT 10";
            var found = (await connection.All(sql)).Select(row => (double)row[0]).ToList();
            await using var transaction = await connection.BeginTransactionAsync();
            await connection.Run("SET LOCAL enable_indexscan = off");
            await connection.Run("SET LOCAL enable_seqscan = on");
            var exact = (await connection.All(sql)).Select(row => (double)row[0]).ToList();
            Assert.Equal(exact.Count, found.Count);
            sum += found.Count(d => exact.Count > 0 && d <= exact[^1] + 1e-9);
            expected += exact.Count;
        }
        Assert.True(expected == 0 || sum / expected >= 0.95, $"recall {sum / expected:F3}");
    }

    async Task Maintain(CancellationToken stop)
    {
        await using var connection = await Open();
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            await connection.Run((n % 4) switch
            {
                0 => "CHECKPOINT",
                1 => "REINDEX INDEX t_hnsw",
                2 => "VACUUM t",
                _ => "REINDEX INDEX CONCURRENTLY t_ivf",
            });
            await Task.Delay(200, CancellationToken.None);
        }
    }

    async Task Guard(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (PostgresException e) when (e.SqlState is "57P01" or "57P02" or "57P03")
        {
            // The server was stopped.
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            // The server was killed.
        }
        catch (Exception e)
        {
            _errors.Enqueue(e.ToString());
        }
    }

    async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}

/// <summary>A client with rows of its own, which it knows: what it wrote and was told is committed must be there.</summary>
sealed class StressClient(int number, Clusters data)
{
    readonly Random _random = new(1000 + number);
    readonly Dictionary<int, string> _rows = [];
    int _next;
    // What the statement in flight does: the row's note after it; null deletes it.
    (int Id, string? Note)? _inFlight;

    public int Number => number;
    public int Statements { get; private set; }

    public async Task Run(string connectionString, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            var kind = _random.Next(10);
            if (kind < 4 || _rows.Count == 0) await Write(connection, NewId(), "new", id => $"INSERT INTO t VALUES ({id}, {number}, 'new', {data.Literal(id)})");
            else if (kind == 4) await Write(connection, Known(), "noted", id => $"UPDATE t SET note = 'noted' WHERE id = {id}");
            else if (kind == 5) await Write(connection, Known(), "moved", id => $"UPDATE t SET note = 'moved', v = {data.Literal(id + 7)} WHERE id = {id}");
            else if (kind == 6) await Write(connection, Known(), null, id => $"DELETE FROM t WHERE id = {id}");
            else await Search(connection);
            Statements++;
        }
    }

    int NewId() => number * 10_000_000 + _next++;

    int Known() => _rows.Keys.ElementAt(_random.Next(_rows.Count));

    async Task Write(NpgsqlConnection connection, int id, string? note, Func<int, string> sql)
    {
        _inFlight = (id, note);
        Assert.Equal(1, await connection.Run(sql(id)));
        Apply(id, note);
        _inFlight = null;
    }

    void Apply(int id, string? note)
    {
        if (note is null) _rows.Remove(id);
        else _rows[id] = note;
    }

    async Task Search(NpgsqlConnection connection)
    {
        // Its newest row is its own nearest neighbour: a fresh committed row is found by the next query.
        var id = _rows.Keys.Last();
        var rows = await connection.All($"SELECT id, v <-> (SELECT v FROM t WHERE id = {id}) AS d FROM t ORDER BY v <-> (SELECT v FROM t WHERE id = {id}) LIMIT 5");
        Assert.Equal(0.0, rows[0][1]);
        Assert.Equal(rows.Select(row => (double)row[1]).Order(), rows.Select(row => (double)row[1]));
        await connection.All($"SELECT id FROM t WHERE client = {number} ORDER BY v <=> '{data.Query(_random.Next(1000))}' LIMIT 5");
    }

    public void Check(Dictionary<int, string> found)
    {
        if (_inFlight is { } open)
        {
            // Done or not: both are right.
            var isDone = open.Note is null ? !found.ContainsKey(open.Id) : found.TryGetValue(open.Id, out var note) && note == open.Note;
            if (isDone) Apply(open.Id, open.Note);
            _inFlight = null;
        }
        Assert.Equal(_rows.OrderBy(r => r.Key), found.OrderBy(r => r.Key));
    }
}
