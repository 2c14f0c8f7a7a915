using System.Data;
using System.Diagnostics;
using Npgsql;
using PgVectorCompat.Compat.Drivers;
using PgVectorCompat.Golden;

namespace PgVectorCompat.Compat.Crash;

/// <summary>
/// Ten connections read lists and append to them, and keep a constant sum of money, at each isolation level, while the server is killed and
/// checkpoints run; then what they saw is searched for anomalies that PostgreSQL does not allow at that level.
/// </summary>
[Trait("Part", "crash")]
public sealed class AppendTests : IDisposable
{
    const int Connections = 10;
    const int Lists = 8;
    const int Accounts = 10;
    const int CommitsPerRound = 100;
    static readonly TimeSpan LoadTime = TimeSpan.FromMilliseconds(1200);
    static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(60);

    readonly ServerProcess _server = new(Targets.Program);
    long _nextElement;

    string ConnectionString => $"Host=127.0.0.1;Port={_server.Endpoint.Port};Username=postgres;Database=postgres;Pooling=false;Timeout=10;Command Timeout=30";

    static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("PGVC_KILLS"), out var asked) ? Math.Max(3, asked / 10) : 3;

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("read uncommitted")]
    [InlineData("read committed")]
    [InlineData("repeatable read")]
    [InlineData("serializable")]
    public async Task Transactions_see_nothing_that_their_level_forbids(string level)
    {
        await using (var connection = await Open())
        {
            await connection.Run("CREATE TABLE list (k int PRIMARY KEY, v bigint[] NOT NULL)");
            await connection.Run($"INSERT INTO list SELECT g, '{{}}' FROM generate_series(1, {Lists}) g");
            await connection.Run("CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)");
            await connection.Run($"INSERT INTO account SELECT g, 100 FROM generate_series(1, {Accounts}) g");
        }
        var history = new AppendHistory();
        var committed = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var work = Enumerable.Range(0, Connections).Select(number => Task.Run(() => Work(level, history, new Random(round * 100 + number), () => Interlocked.Increment(ref committed), stop.Token)))
                .Append(Task.Run(() => Checkpoints(stop.Token))).ToArray();
            await Load(() => committed > CommitsPerRound * (round + 1));
            _server.Restart(kill: true, beforeStart: stop.Cancel);
            await Task.WhenAll(work);
        }

        await using var check = await Open();
        var lists = (await check.All("SELECT k, v FROM list")).ToDictionary(row => (int)row[0], row => (long[])row[1]);
        Assert.Empty(history.Anomalies(level, lists));
        Assert.Equal(100L * Accounts, await check.One("SELECT sum(balance) FROM account"));
        Assert.Empty(await check.All("SELECT * FROM pgvc_check()"));
    }

    /// <summary>Lets the load run for its time, and on until enough has been committed for anomalies to show: a machine may be slow, and a server is just after its start.</summary>
    static async Task Load(Func<bool> isEnough)
    {
        await Task.Delay(LoadTime);
        for (var time = Stopwatch.StartNew(); !isEnough(); await Task.Delay(50)) Assert.True(time.Elapsed < LoadLimit, "almost nothing committed");
    }

    async Task Work(string level, AppendHistory history, Random random, Action committed, CancellationToken stop)
    {
        try
        {
            await using var connection = await Open();
            while (!stop.IsCancellationRequested)
            {
                var step = new AppendHistory.Step();
                var ended = false;
                try
                {
                    await connection.Run($"BEGIN ISOLATION LEVEL {level.ToUpperInvariant()}");
                    await Act(connection, step, random);
                    ended = true;
                    await connection.Run("COMMIT");
                    step.IsAcknowledged = true;
                    committed();
                    history.Add(step);
                }
                catch (PostgresException error) when (error.SqlState is "40001" or "40P01")
                {
                    history.AddRolledBack(step);
                    // The error may be the last thing the server sent.
                    if (connection.State != ConnectionState.Open) return;
                    await connection.Run("ROLLBACK");
                }
                catch (Exception) when (ended)
                {
                    // Killed during COMMIT: it may be there.
                    history.Add(step);
                    throw;
                }
                catch (Exception)
                {
                    history.AddRolledBack(step);
                    throw;
                }
            }
        }
        catch (NpgsqlException error) when (error is not PostgresException { SqlState: not ("57P01" or "57P02" or "57P03") })
        {
            // The server was killed.
        }
    }

    /// <summary>Reads of some lists, appends to others, and a transfer that no level but a right one keeps whole.</summary>
    async Task Act(NpgsqlConnection connection, AppendHistory.Step step, Random random)
    {
        var appended = new HashSet<int>();
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var list = random.Next(1, Lists + 1);
            if (random.Next(2) == 0)
            {
                var seen = (long[])(await connection.One("SELECT v FROM list WHERE k = $1", list))!;
                // What it appended itself is no news.
                if (!appended.Contains(list)) step.Reads.Add((list, seen));
                continue;
            }
            var element = Interlocked.Increment(ref _nextElement);
            appended.Add(list);
            step.Appends.Add((list, element));
            await connection.Run("UPDATE list SET v = v || $2::bigint WHERE k = $1", list, element);
        }
        if (random.Next(3) != 0) return;
        var (from, to) = (random.Next(1, Accounts + 1), random.Next(1, Accounts + 1));
        await connection.Run("UPDATE account SET balance = balance - 1 WHERE id = $1", from);
        await connection.Run("UPDATE account SET balance = balance + 1 WHERE id = $1", to);
        Assert.Equal(100L * Accounts, await connection.One("SELECT sum(balance) FROM account"));
    }

    async Task Checkpoints(CancellationToken stop)
    {
        try
        {
            await using var connection = await Open();
            for (; !stop.IsCancellationRequested; await Task.Delay(150, CancellationToken.None)) await connection.Run("CHECKPOINT");
        }
        catch (NpgsqlException)
        {
            // The server was killed.
        }
    }

    async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
