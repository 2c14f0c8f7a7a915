using Npgsql;

namespace PgVectorCompat.Compat.Drivers;

/// <summary>A database of its own with the extension, for one test class.</summary>
public sealed class NpgsqlDatabase : IAsyncLifetime
{
    readonly string _name = "npgsql_" + Guid.NewGuid().ToString("N")[..8];

    string ConnectionString => new NpgsqlConnectionStringBuilder(Targets.ConnectionString) { Database = _name }.ConnectionString;

    /// <summary>Connections as Npgsql makes them by itself.</summary>
    public NpgsqlDataSource Plain { get; private set; } = null!;

    /// <summary>Connections with a plug-in for the vector types.</summary>
    public NpgsqlDataSource WithVectors { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Admin($"CREATE DATABASE {_name}");
        await using (var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("CREATE EXTENSION vector", connection);
            await command.ExecuteNonQueryAsync();
        }
        Plain = NpgsqlDataSource.Create(ConnectionString);
        var builder = new NpgsqlDataSourceBuilder(ConnectionString + ";Application Name=with vectors");
        builder.UseVectors();
        WithVectors = builder.Build();
    }

    public async Task DisposeAsync()
    {
        await Plain.DisposeAsync();
        await WithVectors.DisposeAsync();
        await Drop();
    }

    // FORCE waits five seconds for sessions to end; one that was still sending a COPY may take longer on a loaded machine.
    async Task Drop()
    {
        const int attempts = 6;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Admin($"DROP DATABASE {_name} WITH (FORCE)");
                return;
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ObjectInUse && attempt < attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    static async Task Admin(string sql)
    {
        await using var connection = new NpgsqlConnection(Targets.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

static class NpgsqlShortcuts
{
    public static async Task<int> Run(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    public static async Task<object?> One(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync();
    }

    public static async Task<List<object[]>> All(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows;
    }

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }
}
