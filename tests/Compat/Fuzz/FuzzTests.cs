using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using PgVectorCompat.Golden;
using PgVectorCompat.Golden.Script;
using PgVectorCompat.Golden.Values;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Compat.Fuzz;

/// <summary>One server for all inputs: what an earlier input broke, a later client would notice.</summary>
public sealed class FuzzServer : IDisposable
{
    internal ServerProcess Process { get; } = new(Targets.Program);

    public void Dispose() => Process.Dispose();
}

/// <summary>100,000 broken inputs from fixed seeds. After each kind: the server runs, answers the next client, and is no larger than allowed.</summary>
[Trait("Part", "fuzz")]
public sealed class FuzzTests(FuzzServer server) : IClassFixture<FuzzServer>
{
    const int ProtocolInputs = 15_000;
    const int SqlInputs = 40_000;
    const int LiteralInputs = 30_000;
    const int CopyInputs = 15_000;
    const long MaxResidentBytes = 1L << 30;
    const int Threads = 2;

    Endpoint Endpoint => server.Process.Endpoint;

    [Fact]
    public void Protocol_bytes()
    {
        var streams = ProtocolStreams.All;
        Spread(ProtocolInputs, seed: 1, (mutator, count) =>
        {
            for (var i = 0; i < count; i++)
            {
                var bytes = mutator.Damage(mutator.Pick(streams));
                using var client = new TcpClient { NoDelay = true, ReceiveTimeout = 10_000 };
                client.Connect(Endpoint.Host, Endpoint.Port);
                SendAndDrain(client, bytes);
            }
        });
        ExpectHealth();
    }

    [Fact]
    public void Sql_text()
    {
        var statements = CorpusStatements();
        Prepare("fuzz_sql");
        var internalErrors = new HashSet<string>();
        Spread(SqlInputs, seed: 2, (mutator, count) => InSessions("fuzz_sql", count, connection =>
        {
            var sql = mutator.DamageSql(mutator.Pick(statements), mutator.Pick(statements));
            var reply = mutator.Next(2) == 0 ? connection.Simple(sql) : connection.ExtendedText(sql, []);
            NoteInternalError(internalErrors, reply, sql);
        }));
        ExpectHealth();
        Assert.True(internalErrors.Count == 0, string.Join('\n', internalErrors.Take(20)));
    }

    [Fact]
    public void Vector_literals()
    {
        Prepare("fuzz_literals");
        string[] types = ["vector", "halfvec", "sparsevec", "vector(3)", "sparsevec(5)", "bit", "varbit", "vector[]"];
        var internalErrors = new HashSet<string>();
        Spread(LiteralInputs, seed: 3, (mutator, count) => InSessions("fuzz_literals", count, connection =>
        {
            var (literal, type) = (mutator.VectorLiteral(), mutator.Pick(types));
            // What is accepted prints as something that reads back to the same.
            var reply = connection.ExtendedText($"SELECT $1::{type}::text, $1::{type}::text::{type}::text", [literal]);
            NoteInternalError(internalErrors, reply, $"{literal} as {type}");
            if (reply.Error is { } error)
                Assert.True(error.SqlState[..2] is "22" or "54" or "08", $"({error.SqlState}) {error.Message} for {literal} as {type}");
            else
                Assert.Equal(reply.Rows[0][0], reply.Rows[0][1]);
        }));
        ExpectHealth();
        Assert.True(internalErrors.Count == 0, string.Join('\n', internalErrors.Take(20)));
    }

    [Fact]
    public void Copy_streams()
    {
        Prepare("fuzz_copy");
        using (var connection = Open("fuzz_copy"))
            connection.Simple("CREATE TABLE t (id int, s text, v vector(3), n numeric(8,2), a int[])");
        var streams = CopyStreams();
        var internalErrors = new HashSet<string>();
        Spread(CopyInputs, seed: 4, (mutator, count) => InSessions("fuzz_copy", count, connection =>
        {
            var (source, data) = mutator.Pick(streams);
            var reply = connection.Simple("COPY t " + source, mutator.Damage(data));
            NoteInternalError(internalErrors, reply, source);
        }));
        ExpectHealth();
        Assert.True(internalErrors.Count == 0, string.Join('\n', internalErrors.Take(20)));
    }

    /// <summary>Runs the inputs on a few threads, each with a seed of its own.</summary>
    static void Spread(int inputs, int seed, Action<Mutator, int> run)
        => Parallel.For(0, Threads, thread => run(new Mutator(seed * 1000 + thread), inputs / Threads));

    /// <summary>Gives each input a session, a fresh one every so often or when the last one is gone.</summary>
    void InSessions(string database, int count, Action<Connection> input)
    {
        const int inputsPerSession = 200;
        Connection? connection = null;
        for (var i = 0; i < count; i++)
        {
            if (connection is null || connection.IsBroken || i % inputsPerSession == 0)
            {
                connection?.Dispose();
                connection = Open(database);
                connection.Simple("SET statement_timeout = '2s'");
            }
            input(connection);
            // A damaged statement may have opened a transaction or failed inside one.
            if (connection.Status != 'I') connection.Simple("ROLLBACK");
        }
        connection?.Dispose();
    }

    static void NoteInternalError(HashSet<string> seen, Reply reply, string input)
    {
        // PostgreSQL and pgvector raise XX000 of their own; ours for a broken invariant names an exception.
        if (reply.Error is not { SqlState: "XX000" } error || !error.Message.Contains("Exception", StringComparison.Ordinal)) return;
        lock (seen) seen.Add($"{error.Message} for {input}");
    }

    void Prepare(string database)
    {
        using var admin = Open("postgres");
        admin.Simple($"CREATE DATABASE {database}");
        using var connection = Open(database);
        connection.Simple("CREATE EXTENSION vector");
        connection.Simple("CREATE TABLE t (id int PRIMARY KEY, a int, b text, v vector(3), n numeric)");
        connection.Simple("INSERT INTO t SELECT g, g % 5, 'b' || g, format('[%s,1,2]', g)::vector, g / 3.0 FROM generate_series(1, 20) g");
    }

    Connection Open(string database) => new(Endpoint, database, new TypeNames(_ => null));

    void ExpectHealth()
    {
        using var next = Open("postgres");
        Assert.Equal("2", next.Simple("SELECT 1 + 1").Rows[0][0]);
        Assert.InRange(server.Process.ResidentBytes, 1, MaxResidentBytes);
    }

    /// <summary>Sends, closes the sending side, and reads to the end, which must come.</summary>
    static void SendAndDrain(TcpClient client, byte[] bytes)
    {
        var stream = client.GetStream();
        try
        {
            stream.Write(bytes);
            client.Client.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            while (stream.Read(buffer) > 0)
            {
            }
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            // The server may hang up on what it cannot read.
        }
    }

    /// <summary>Statements of the corpus, but for those that would end the run or change the whole server.</summary>
    static string[] CorpusStatements()
    {
        var folder = Path.Combine(Environment.GetEnvironmentVariable("PGVC_REPOSITORY") ?? ".", "sql");
        var whole = new Regex(@"\b(DATABASE|ROLE|USER|PASSWORD|pg_terminate_backend|pg_cancel_backend|pg_advisory)\b", RegexOptions.IgnoreCase);
        return [.. Directory.EnumerateFiles(folder, "*.slt", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .SelectMany(file => ScriptParser.Parse(file).Records)
            .Select(record => record.Sql)
            .Where(sql => sql != "" && sql.Length < 2000 && !whole.IsMatch(sql))];
    }

    static (string Source, byte[] Data)[] CopyStreams()
    {
        var binary = new List<byte>();
        binary.AddRange([.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (var row = 0; row < 3; row++)
            binary.AddRange([0, 3, 0, 0, 0, 4, 0, 0, 0, (byte)row, 0, 0, 0, 1, (byte)'x', 0, 0, 0, 16, 0, 3, 0, 0, 0x3F, 0x80, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0]);
        binary.AddRange([0xFF, 0xFF]);
        return
        [
            ("FROM STDIN", Encoding.UTF8.GetBytes("1\ta\t[1,2,3]\t1.5\t{1,2}\n2\t\\N\t\\N\t\\N\t\\N\n3\té\\t\\x41\t[0,-0,1e3]\t-99.99\t{}\n")),
            ("FROM STDIN (FORMAT csv)", Encoding.UTF8.GetBytes("1,\"a \"\"q\"\",\",\"[1,2,3]\",1.5,\"{1,2}\"\n2,,,,\n3,\"two\nlines\",\"[1,2,3]\",0,{}\n")),
            ("FROM STDIN (FORMAT csv, HEADER, DELIMITER ';', NULL 'nil')", Encoding.UTF8.GetBytes("id;s;v;n;a\n1;nil;[1,2,3];2;nil\n")),
            ("FROM STDIN (DELIMITER '|', NULL '')", Encoding.UTF8.GetBytes("1|a|[1,2,3]|1|{1}\n2||||\n")),
            ("FROM STDIN", [.. "1\t"u8, 0xC3, 0x28, .. "\t[1,2,3]\t1\t{}\n"u8]),
            ("(id, s, v) FROM STDIN (FORMAT binary)", [.. binary]),
        ];
    }
}
