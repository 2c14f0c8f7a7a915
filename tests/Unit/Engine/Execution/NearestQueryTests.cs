using System.Buffers.Binary;
using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Sessions;
using Xunit;
using Xunit.Abstractions;

namespace PgVectorCompat.Unit.Engine.Execution;

/// <summary>A prepared nearest-neighbour query through a session, as a driver runs it.</summary>
public sealed class NearestQueryTests(ITestOutputHelper output) : IDisposable
{
    const int Dimensions = 64, Rows = 3000, Queries = 200;

    /// <summary>Twice what it takes, a part of it the text that this test makes of the rows. What is new for each candidate or each setting would show.</summary>
    const long MostBytes = 22_000;

    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public void Takes_little_memory()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var client = new TestSession(cluster);
        client.Query($"CREATE EXTENSION vector; CREATE TABLE t (id int PRIMARY KEY, v vector({Dimensions}))");
        client.Query($"INSERT INTO t SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, {Dimensions}) j)::vector FROM generate_series(1, {Rows}) i");
        client.Query("CREATE INDEX ON t USING hnsw (v vector_l2_ops); ANALYZE t");

        var session = client.Session;
        session.Parse("q", "SELECT id FROM t ORDER BY v <-> $1 LIMIT 10", []);
        session.Sync();
        var query = Query();
        Run(session, query);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(session, query);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Queries;
        output.WriteLine($"{bytes} bytes a query");
        Assert.InRange(bytes, 0, MostBytes);
    }

    static void Run(Session session, byte[] query)
    {
        for (var i = 0; i < Queries; i++)
        {
            session.Bind("", "q", [1], new BindValues(query, 1), [1]);
            session.Execute("", 0);
            session.Sync();
            session.DeliverPending();
        }
    }

    /// <summary>The parameter of a Bind message: its length, then a vector in binary.</summary>
    static byte[] Query()
    {
        var bytes = new byte[4 + 4 + Dimensions * 4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(4), Dimensions);
        for (var i = 0; i < Dimensions; i++)
            BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(8 + i * 4), MathF.Sin(i));
        return bytes;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
