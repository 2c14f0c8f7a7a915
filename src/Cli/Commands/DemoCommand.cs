using System.CommandLine;
using Npgsql;
using PgVectorCompat.Server;

namespace PgVectorCompat.Cli.Commands;

/// <summary>
/// <c>pgvc demo</c>: what this server is for, in under a minute: a server on a temporary directory, a real sample loaded by COPY, nearest
/// neighbours by plain SQL, all over the wire as any client would.
/// </summary>
static class DemoCommand
{
    const int ShownGlossLength = 78;

    public static Command Create()
    {
        var exit = new Option<bool>("--exit") { Description = "Stop after the queries instead of serving on." };
        var command = new Command("demo", "Load a small sample of WordNet and look for nearest neighbours.") { exit };
        command.SetAction((arguments, _) => RunAsync(staysUp: !arguments.GetValue(exit)));
        return command;
    }

    static async Task<int> RunAsync(bool staysUp)
    {
        using var signal = new StopSignal();
        var directory = Directory.CreateTempSubdirectory("pgvc-demo-");
        try
        {
            var options = new ServerOptions { DataDirectory = directory.FullName, Port = 0, Log = Console.Error.WriteLine };
            await using var server = await PgVectorServer.StartAsync(options);
            await using (var source = DataSource(server.Port))
            await using (var database = await source.OpenConnectionAsync())
            {
                await LoadAsync(database);
                foreach (var (title, sql) in DemoQueries.All)
                    await ShowAsync(database, title, sql);
            }

            Console.WriteLine($"Try more:  psql {ConnectionUri.For(options, server)}");
            if (staysUp)
            {
                Console.WriteLine("Ctrl-C stops the server and removes its data.");
                await signal.Received;
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
        return 0;
    }

    /// <summary>Without loading the catalog's types: the demo reads text only.</summary>
    static NpgsqlDataSource DataSource(int port)
    {
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = "postgres",
            Database = "postgres",
            SslMode = SslMode.Disable,
        };
        return new NpgsqlDataSourceBuilder(connection.ConnectionString).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();
    }

    static async Task LoadAsync(NpgsqlConnection database)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await ExecuteAsync(database, DemoQueries.Schema);
        var rows = 0;
        await using (var copy = await database.BeginTextImportAsync(DemoQueries.Copy))
            foreach (var line in WordNetSample.CopyLines())
            {
                await copy.WriteAsync(line);
                await copy.WriteAsync('\n');
                rows++;
            }
        Console.WriteLine($"{DemoQueries.Schema}\n{DemoQueries.Copy};");
        Console.WriteLine($"-- {rows:N0} glosses of WordNet with vectors of {WordNetSample.Dimensions} numbers, loaded in {clock.Elapsed.TotalSeconds:F1} s\n");
    }

    static async Task ExecuteAsync(NpgsqlConnection database, string sql)
    {
        await using var command = new NpgsqlCommand(sql, database);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Prints a query and its rows: a word, a distance, a gloss.</summary>
    static async Task ShowAsync(NpgsqlConnection database, string title, string sql)
    {
        Console.WriteLine($"-- {title}\n{sql};");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await using var command = new NpgsqlCommand(sql, database) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var gloss = reader.GetString(2);
            Console.WriteLine($"  {reader.GetString(0),-20} {reader.GetString(1),6}  {(gloss.Length <= ShownGlossLength ? gloss : gloss[..ShownGlossLength] + "…")}");
        }
        Console.WriteLine($"-- {clock.Elapsed.TotalMilliseconds:F1} ms\n");
    }
}
