using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace PgVectorCompat.Compat.Drivers;

[Trait("Part", "npgsql")]
public sealed class CommandTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    [Fact]
    public async Task Transactions_and_savepoints()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int PRIMARY KEY)");

        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await connection.Run("INSERT INTO t VALUES (1)");
            await transaction.SaveAsync("s");
            var error = await Assert.ThrowsAsync<PostgresException>(() => connection.Run("INSERT INTO t VALUES (1)"));
            Assert.Equal(PostgresErrorCodes.UniqueViolation, error.SqlState);
            await transaction.RollbackAsync("s");
            await connection.Run("INSERT INTO t VALUES (2)");
            await transaction.CommitAsync();
        }
        await using (var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable))
        {
            await connection.Run("INSERT INTO t VALUES (3)");
            Assert.Equal("serializable", await connection.One("SHOW transaction_isolation"));
        }

        Assert.Equal(2L, await connection.One("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Prepared_statements_survive_many_executions()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int PRIMARY KEY, s text)");
        await using var insert = new NpgsqlCommand("INSERT INTO t VALUES ($1, $2)", connection)
        {
            Parameters = { new() { NpgsqlDbType = NpgsqlDbType.Integer }, new() { NpgsqlDbType = NpgsqlDbType.Text } },
        };
        await insert.PrepareAsync();
        for (var i = 0; i < 100; i++)
        {
            insert.Parameters[0].Value = i;
            insert.Parameters[1].Value = $"row {i}";
            Assert.Equal(1, await insert.ExecuteNonQueryAsync());
        }
        await using var select = new NpgsqlCommand("SELECT s FROM t WHERE id = $1", connection)
        {
            Parameters = { new() { NpgsqlDbType = NpgsqlDbType.Integer } },
        };
        await select.PrepareAsync();
        for (var i = 0; i < 100; i++)
        {
            select.Parameters[0].Value = i;
            Assert.Equal($"row {i}", await select.ExecuteScalarAsync());
        }

        Assert.Equal(2L, await connection.One("SELECT count(*) FROM pg_prepared_statements"));
    }

    [Fact]
    public async Task Named_parameters_and_statement_lists()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT @a + @b; SELECT @a * @b, 'second'", connection);
        command.Parameters.AddWithValue("a", 6);
        command.Parameters.AddWithValue("b", 7);
        await using var reader = await command.ExecuteReaderAsync();

        Assert.True(await reader.ReadAsync());
        Assert.Equal(13, reader.GetInt32(0));
        Assert.True(await reader.NextResultAsync());
        Assert.True(await reader.ReadAsync());
        Assert.Equal(42, reader.GetInt32(0));
    }

    [Fact]
    public async Task A_batch_runs_in_one_round_trip()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int PRIMARY KEY)");
        await using var batch = new NpgsqlBatch(connection);
        for (var i = 0; i < 10; i++)
            batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO t VALUES ($1)") { Parameters = { new() { Value = i } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT count(*) FROM t"));

        Assert.Equal(10L, await batch.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_failing_batch_leaves_nothing()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int PRIMARY KEY)");
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("INSERT INTO t VALUES (1)"), new("INSERT INTO t VALUES (1)"), new("INSERT INTO t VALUES (2)") },
        };

        var error = await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.UniqueViolation, error.SqlState);
        Assert.Equal(0L, await connection.One("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Errors_carry_their_fields()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TABLE fields (id int PRIMARY KEY, n int NOT NULL CONSTRAINT small CHECK (n < 10))");
        await connection.Run("INSERT INTO fields VALUES (1, 1)");

        var unique = await Assert.ThrowsAsync<PostgresException>(() => connection.Run("INSERT INTO fields VALUES ($1, 2)", 1));
        Assert.Equal(("23505", "fields", "fields_pkey", "public", "Key (id)=(1) already exists."),
            (unique.SqlState, unique.TableName, unique.ConstraintName, unique.SchemaName, unique.Detail));
        var notNull = await Assert.ThrowsAsync<PostgresException>(() => connection.Run("INSERT INTO fields (id) VALUES (2)"));
        Assert.Equal(("23502", "n"), (notNull.SqlState, notNull.ColumnName));
        var check = await Assert.ThrowsAsync<PostgresException>(() => connection.Run("INSERT INTO fields VALUES (2, 10)"));
        Assert.Equal(("23514", "small"), (check.SqlState, check.ConstraintName));
        var syntax = await Assert.ThrowsAsync<PostgresException>(() => connection.Run("SELECT FROM WHERE"));
        Assert.Equal(("42601", 13, "ERROR"), (syntax.SqlState, syntax.Position, syntax.InvariantSeverity));
        var table = await Assert.ThrowsAsync<PostgresException>(() => connection.Run("SELECT * FROM nope"));
        Assert.Equal("42P01", table.SqlState);
        var dimensions = await Assert.ThrowsAsync<PostgresException>(() => connection.Run("SELECT '[1,2]'::vector <-> '[1]'"));
        Assert.Equal(("22000", "different vector dimensions 2 and 1"), (dimensions.SqlState, dimensions.MessageText));
        var database3D = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var lost = new NpgsqlConnection(Targets.ConnectionString + ";Database=not_there;Pooling=false");
            await lost.OpenAsync();
        });
        Assert.Equal("3D000", database3D.SqlState);
    }

    [Fact]
    public async Task Cancellation_stops_a_statement()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await using var sleep = new NpgsqlCommand("SELECT pg_sleep(30)", connection);

        var error = await Assert.ThrowsAsync<OperationCanceledException>(() => sleep.ExecuteNonQueryAsync(source.Token));

        Assert.Equal("57014", Assert.IsType<PostgresException>(error.InnerException).SqlState);
        Assert.Equal(1, await connection.One("SELECT 1"));
    }

    [Fact]
    public async Task A_timeout_cancels_and_the_connection_goes_on()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await using var sleep = new NpgsqlCommand("SELECT pg_sleep(30)", connection) { CommandTimeout = 1 };

        var error = await Assert.ThrowsAsync<NpgsqlException>(() => sleep.ExecuteNonQueryAsync());

        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal(1, await connection.One("SELECT 1"));
    }

    [Fact]
    public async Task Returned_connections_are_reset()
    {
        await using (var connection = await database.Plain.OpenConnectionAsync())
        {
            await connection.Run("SET work_mem = '9MB'");
            await connection.Run("CREATE TEMP TABLE gone (id int)");
        }
        await using (var connection = await database.Plain.OpenConnectionAsync())
        {
            Assert.Equal("4MB", await connection.One("SHOW work_mem"));
        }
    }

    [Fact]
    public async Task Many_connections_work_at_once()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
        {
            await using var connection = await database.Plain.OpenConnectionAsync(cancellation);
            Assert.Equal(i * 2, await connection.One("SELECT $1 * 2", i));
        });
    }

    [Fact]
    public async Task Notices_arrive()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        var notices = new List<string>();
        connection.Notice += (_, e) => notices.Add($"{e.Notice.Severity} {e.Notice.SqlState} {e.Notice.MessageText}");

        await connection.Run("DROP TABLE IF EXISTS nothing_here");

        Assert.Equal(["NOTICE 00000 table \"nothing_here\" does not exist, skipping"], notices);
    }
}
