using System.Diagnostics;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using PgVectorCompat.Compat.Drivers;
using PgVectorCompat.Golden;
using Vector = PgVectorCompat.Compat.Drivers.Vector;

namespace PgVectorCompat.Compat.Wordnet;

/// <summary>The whole data set loaded once by psql's \copy in text and once by COPY BINARY.</summary>
public sealed class WordnetServer : IAsyncLifetime, IDisposable
{
    readonly ServerProcess _server = new(Targets.Program);

    internal WordnetData Data { get; } = new(Targets.Wordnet);

    internal NpgsqlDataSource Source { get; private set; } = null!;

    internal string PsqlUrl => $"postgresql://postgres@127.0.0.1:{_server.Endpoint.Port}/postgres";

    public async Task InitializeAsync()
    {
        var connectionString = $"Host=127.0.0.1;Port={_server.Endpoint.Port};Username=postgres;Database=postgres;Command Timeout=600";
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync();
            await connection.Run("CREATE EXTENSION IF NOT EXISTS vector");
            foreach (var table in new[] { "by_text", "by_binary" })
                await connection.Run($"CREATE TABLE {table} (id int PRIMARY KEY, lemma text, pos text, lexname text, n_words int, gloss_len int, gloss text, v vector({WordnetData.Dimensions}))");
        }
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.UseVectors();
        Source = builder.Build();
        LoadByText();
        await LoadByBinary();
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _server.Dispose();

    void LoadByText()
    {
        var file = Path.GetTempFileName();
        try
        {
            using (var writer = new StreamWriter(file))
                for (var i = 0; i < WordnetData.Count; i++)
                    writer.Write($"{string.Join('\t', Data.Columns[i])}\t{WordnetData.Text(Data.BaseVector(i))}\n");
            var output = Psql.Run(PsqlUrl, $"\\copy by_text from '{file}'");
            Assert.Equal($"COPY {WordnetData.Count}", output.Trim());
        }
        finally
        {
            File.Delete(file);
        }
    }

    async Task LoadByBinary()
    {
        await using var connection = await Source.OpenConnectionAsync();
        await using var import = await connection.BeginBinaryImportAsync("COPY by_binary FROM STDIN (FORMAT binary)");
        for (var i = 0; i < WordnetData.Count; i++)
        {
            var row = Data.Columns[i];
            await import.StartRowAsync();
            for (var column = 0; column < row.Length; column++)
            {
                if (column is 0 or 4 or 5) await import.WriteAsync(int.Parse(row[column], CultureInfo.InvariantCulture), NpgsqlDbType.Integer);
                else await import.WriteAsync(row[column], NpgsqlDbType.Text);
            }
            await import.WriteAsync(new Vector(Data.BaseVector(i)));
        }
        await import.CompleteAsync();
    }
}

/// <summary>psql run with one command.</summary>
static class Psql
{
    public static string Run(string url, params string[] commands)
    {
        var start = new ProcessStartInfo("psql") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in new[] { "-X", "-At", "-v", "ON_ERROR_STOP=1", url, "-f", "-" }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        foreach (var command in commands) process.StandardInput.WriteLine(command);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Result;
    }
}

[Trait("Part", "wordnet")]
public sealed class WordnetTests(WordnetServer server) : IClassFixture<WordnetServer>
{
    const int Top = 10;
    const int LexnameColumn = 3;

    WordnetData Data => server.Data;

    [Fact]
    public async Task Both_ways_of_loading_give_the_same_rows()
    {
        await using var connection = await server.Source.OpenConnectionAsync();

        Assert.Equal((long)WordnetData.Count, await connection.One("SELECT count(*) FROM by_text"));
        Assert.Equal((long)WordnetData.Count, await connection.One(
            "SELECT count(*) FROM by_text t JOIN by_binary b USING (id) WHERE t.v = b.v AND t.gloss = b.gloss AND t.lemma = b.lemma"));
        Assert.Equal(Data.Columns.Sum(row => long.Parse(row[4], CultureInfo.InvariantCulture)), await connection.One("SELECT sum(n_words) FROM by_text"));
    }

    [Theory]
    [InlineData("l2", "<->")]
    [InlineData("cosine", "<=>")]
    [InlineData("ip", "<#>")]
    public async Task Nearest_rows_are_the_true_ones_from_a_driver(string truth, string operation)
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"SELECT id FROM by_binary ORDER BY v {operation} $1 LIMIT {Top}", connection)
        {
            Parameters = { new() { Value = new Vector(Data.QueryVector(0)) } },
        };
        await command.PrepareAsync();

        await ExpectTruth(truth, truthWidth: 100, query => Ask(command, query));
    }

    [Theory]
    [InlineData("l2_lexname_own", "lexname = $2")]
    [InlineData("l2_pos_v", "pos = 'v'")]
    [InlineData("l2_nwords_5_7", "n_words BETWEEN 5 AND 7")]
    [InlineData("l2_id_mod100_7", "id % 100 = 7")]
    [InlineData("l2_id_mod1000_7", "id % 1000 = 7")]
    public async Task Nearest_rows_under_a_filter_are_the_true_ones(string truth, string filter)
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"SELECT id FROM by_text WHERE {filter} ORDER BY v <-> $1 LIMIT {Top}", connection)
        {
            Parameters = { new() { Value = new Vector(Data.QueryVector(0)) } },
        };
        var byLexname = filter.Contains("$2", StringComparison.Ordinal);
        if (byLexname) command.Parameters.Add(new NpgsqlParameter { Value = "" });

        await ExpectTruth(truth, truthWidth: 10, query =>
        {
            if (byLexname) command.Parameters[1].Value = Data.QueryColumns[query][LexnameColumn];
            return Ask(command, query);
        });
    }

    [Fact]
    public async Task Nearest_rows_are_the_true_ones_from_psql()
    {
        var commands = Enumerable.Range(0, WordnetData.Queries).Select(query =>
            $"SELECT array_agg(id) FROM (SELECT id FROM by_text ORDER BY v <-> '{WordnetData.Text(Data.QueryVector(query))}' LIMIT {Top}) s;");
        var lines = Psql.Run(server.PsqlUrl, [.. commands]).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(WordnetData.Queries, lines.Length);
        await ExpectTruth("l2", truthWidth: 100, query => Task.FromResult(
            lines[query].Trim('{', '}').Split(',').Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToArray()));
    }

    async Task<int[]> Ask(NpgsqlCommand command, int query)
    {
        command.Parameters[0].Value = new Vector(Data.QueryVector(query));
        var ids = new List<int>(Top);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) ids.Add(reader.GetInt32(0));
        return [.. ids];
    }

    /// <summary>A result is right when it is no farther than the last true neighbour: ties may come in any order.</summary>
    async Task ExpectTruth(string name, int truthWidth, Func<int, Task<int[]>> ask)
    {
        var truth = Data.Truth(name);
        Assert.Equal(WordnetData.Queries * truthWidth, truth.Length);
        var metric = name.Split('_')[0];
        for (var query = 0; query < WordnetData.Queries; query++)
        {
            var ids = await ask(query);
            var expected = truth[(query * truthWidth)..(query * truthWidth + Top)].Where(id => id >= 0).ToArray();
            Assert.Equal(expected.Length, ids.Length);
            Assert.Equal(ids.Length, ids.Distinct().Count());
            var q = Data.QueryVector(query);
            var farthest = expected.Max(id => Distance(metric, q, Data.BaseVector(id)));
            var wrong = ids.Where(id => Distance(metric, q, Data.BaseVector(id)) > farthest + Tolerance * Math.Max(1, Math.Abs(farthest))).ToArray();
            Assert.True(wrong.Length == 0, $"query {query} by {name}: {string.Join(' ', wrong)} are farther than {farthest}");
        }
    }

    // The server sums float32 products, in another order than the loop below, which uses float64; a small cosine distance is 1 less nearly 1.
    const double Tolerance = 1e-6;

    static double Distance(string metric, float[] a, float[] b)
    {
        double dot = 0, squares = 0, normA = 0, normB = 0;
        for (var i = 0; i < a.Length; i++)
        {
            double x = a[i], y = b[i];
            dot += x * y;
            squares += (x - y) * (x - y);
            normA += x * x;
            normB += y * y;
        }
        return metric switch
        {
            "l2" => Math.Sqrt(squares),
            "ip" => -dot,
            _ => 1 - dot / Math.Sqrt(normA * normB),
        };
    }
}
