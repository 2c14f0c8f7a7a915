using Npgsql;
using PgVectorCompat.Compat.Drivers;
using PgVectorCompat.Golden;

namespace PgVectorCompat.Compat.Crash;

/// <summary>
/// Kills the server with SIGKILL while several clients write, restarts it, and asks for every promise it made: what was acknowledged
/// is there, what was rolled back is not, and of the transactions in flight at the kill each is there whole or not at all.
/// </summary>
[Trait("Part", "crash")]
public sealed class KillTests : IDisposable
{
    const int Writers = 10;
    const int Accounts = 20;
    const int OpeningBalance = 1000;

    readonly Random _random = new(20_240_607);
    readonly ServerProcess _server = new(Targets.Program);
    readonly Writer[] _writers = [.. Enumerable.Range(0, Writers).Select(i => new Writer(i, seed: 20_240_607 + i))];

    /// <summary>Kills in the test run; <c>PGVC_KILLS</c> asks for more.</summary>
    static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("PGVC_KILLS"), out var asked) ? asked : 10;

    string ConnectionString => $"Host=127.0.0.1;Port={_server.Endpoint.Port};Username=postgres;Database=postgres;Pooling=false;Timeout=10;Command Timeout=30";

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Committed_rows_are_there_and_no_others()
    {
        await Prepare();
        for (var round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var load = _writers.Select(writer => Task.Run(() => writer.Run(ConnectionString, stop.Token))).Append(Task.Run(() => Maintain(stop.Token))).ToArray();
            await Task.Delay(_random.Next(200, 1500));
            // The server dies first; only then are the writers told, so that they are in the middle of something.
            _server.Restart(kill: true, beforeStart: stop.Cancel);
            await Task.WhenAll(load);

            await Check(round);
        }
        Assert.True(_writers.Sum(w => w.Acknowledged.Count) > Rounds * Writers, "the writers hardly wrote");
    }

    /// <summary>Checkpoints one after the other, with garbage for them to compact.</summary>
    async Task Maintain(CancellationToken stop)
    {
        try
        {
            await using var connection = await Open();
            while (!stop.IsCancellationRequested)
            {
                await connection.Run("TRUNCATE scratch");
                await connection.Run("INSERT INTO scratch SELECT g, repeat('x', 300) FROM generate_series(1, 300) g");
                await connection.Run("DELETE FROM scratch WHERE id % 10 <> 0");
                await connection.Run("CHECKPOINT");
            }
        }
        catch (NpgsqlException)
        {
            // The server was killed.
        }
    }

    async Task Prepare()
    {
        await using var connection = await Open();
        await connection.Run("CREATE EXTENSION IF NOT EXISTS vector");
        await connection.Run("CREATE TABLE entry (writer int, batch int, part int, parts int, body text, v vector(16), PRIMARY KEY (writer, batch, part))");
        await connection.Run("CREATE INDEX ON entry (body)");
        await connection.Run("CREATE TABLE scratch (id int PRIMARY KEY, text text)");
        await connection.Run("CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL CHECK (balance >= 0))");
        await connection.Run($"INSERT INTO account SELECT g, {OpeningBalance} FROM generate_series(1, {Accounts}) g");
    }

    async Task Check(int round)
    {
        await using var connection = await Open();
        Assert.Equal((long)Accounts * OpeningBalance, await connection.One("SELECT sum(balance) FROM account"));
        Assert.Equal((long)Accounts, await connection.One("SELECT count(*) FROM account"));

        foreach (var writer in _writers)
        {
            var found = (await connection.All("SELECT batch, count(*), max(parts), min(body), max(body), count(v) FROM entry WHERE writer = $1 GROUP BY batch", writer.Id))
                .ToDictionary(row => (int)row[0]);
            foreach (var batch in writer.Acknowledged)
                Assert.True(found.ContainsKey(batch), $"round {round}: writer {writer.Id} lost its committed batch {batch}");
            foreach (var (batch, row) in found)
            {
                Assert.True(writer.Acknowledged.Contains(batch) || writer.InDoubt.Contains(batch), $"round {round}: writer {writer.Id} finds batch {batch}, which it did not commit");
                Assert.Equal((long)(int)row[2], row[1]);
                Assert.Equal(row[1], row[5]);
                Assert.Equal(Writer.Body(writer.Id, batch), row[3]);
                Assert.Equal(Writer.Body(writer.Id, batch), row[4]);
            }
            // The index agrees with the table.
            foreach (var batch in found.Keys.Order().TakeLast(5))
                Assert.Equal(found[batch][1], await connection.One("SELECT count(*) FROM entry WHERE body = $1", Writer.Body(writer.Id, batch)));
            writer.Settle(found.Keys);
        }
        Assert.Empty(await connection.All("SELECT * FROM pgvc_check()"));
    }

    async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}

/// <summary>A client that inserts batches of rows, moves money between accounts, rolls back now and then, and notes what was acknowledged.</summary>
sealed class Writer(int id, int seed)
{
    readonly Random _random = new(seed);
    int _nextBatch;

    public int Id => id;

    /// <summary>Batches whose COMMIT was answered.</summary>
    public HashSet<int> Acknowledged { get; } = [];

    /// <summary>Batches whose COMMIT was sent and not answered.</summary>
    public HashSet<int> InDoubt { get; } = [];

    public static string Body(int writer, int batch) => $"writer {writer} batch {batch} " + new string((char)('a' + batch % 26), batch % 200);

    /// <summary>Once checked, what was in doubt is known.</summary>
    public void Settle(ICollection<int> found)
    {
        foreach (var batch in InDoubt)
            if (found.Contains(batch)) Acknowledged.Add(batch);
        InDoubt.Clear();
    }

    public async Task Run(string connectionString, CancellationToken stop)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(CancellationToken.None);
            while (!stop.IsCancellationRequested) await Transact(connection);
        }
        catch (Exception e) when (e is ObjectDisposedException or NpgsqlException and not PostgresException { SqlState: not ("57P01" or "57P02" or "57P03") })
        {
            // The server was killed; a transaction that was being rolled back then is disposed of.
        }
    }

    async Task Transact(NpgsqlConnection connection)
    {
        var batch = _nextBatch++;
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            var parts = _random.Next(1, 6);
            for (var part = 0; part < parts; part++)
                await connection.Run("INSERT INTO entry VALUES ($1, $2, $3, $4, $5, $6::vector)", id, batch, part, parts, Body(id, batch),
                    "[" + string.Join(',', Enumerable.Range(0, 16).Select(i => batch + i)) + "]");
            // Always in the order of ids: a deadlock is not what is tested here.
            var (a, b) = (_random.Next(1, 20), _random.Next(1, 20));
            if (a != b)
            {
                await connection.Run("UPDATE account SET balance = balance - 1 WHERE id = $1", Math.Min(a, b));
                await connection.Run("UPDATE account SET balance = balance + 1 WHERE id = $1", Math.Max(a, b));
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CheckViolation)
        {
            await transaction.RollbackAsync();
            return;
        }
        if (_random.Next(8) == 0)
        {
            await transaction.RollbackAsync();
            return;
        }
        InDoubt.Add(batch);
        await transaction.CommitAsync();
        InDoubt.Remove(batch);
        Acknowledged.Add(batch);
    }
}
