using System.Diagnostics;

namespace PgVectorCompat.Macro;

/// <summary>The list of benchmarks.</summary>
public static class Benchmarks
{
    const int GeneratedRows = 20_000, GeneratedDimensions = 768, Seed = 20261121;
    const int PointRows = 100_000;
    const int CopyRows = 4_000;
    static readonly TimeSpan PointTime = TimeSpan.FromSeconds(1);

    static readonly Lazy<VectorData> Generated = new(() => VectorData.Generate(GeneratedRows, GeneratedDimensions, Seed));
    static readonly Lazy<VectorData> ToCopy = new(() => VectorData.Generate(CopyRows, GeneratedDimensions, Seed + 1));
    static readonly Lazy<byte[]> CopyBinaryData = new(() => ToCopy.Value.CopyBinary());
    static readonly Lazy<byte[]> CopyTextData = new(() => ToCopy.Value.CopyText());

    /// <param name="wordNet">Folder of the wordnet data set; null leaves its benchmark out.</param>
    public static IEnumerable<Benchmark> All(string? wordNet)
    {
        if (wordNet is not null)
        {
            var data = new Lazy<VectorData>(() => VectorData.ReadHalves(Path.Combine(wordNet, "wordnet.base.f16"), 256));
            yield return new("scan wordnet 256", "ms/query", IsRate: false, t => LoadScan(t, "scan_wordnet", data.Value), t => Scan(t, "scan_wordnet", data.Value), Goal: 5);
        }
        yield return new("scan generated 768", "ms/query", IsRate: false, t => LoadScan(t, "scan_generated", Generated.Value), t => Scan(t, "scan_generated", Generated.Value), Goal: 5);
        yield return new("select 1 prepared x1", "queries/s", IsRate: true, _ => { }, Trivial);
        foreach (var connections in new[] { 1, 10 })
        {
            yield return new($"point prepared x{connections}", "queries/s", IsRate: true, LoadPoint, t => PointSelects(t, connections, isPrepared: true), Goal: 0.9);
            yield return new($"point simple x{connections}", "queries/s", IsRate: true, LoadPoint, t => PointSelects(t, connections, isPrepared: false), Goal: 0.9);
        }
        yield return new("copy binary 768", "rows/s", IsRate: true, LoadExtension, t => Copy(t, "WITH (FORMAT binary)", CopyBinaryData.Value), Goal: 1.5);
        yield return new("copy text 768", "rows/s", IsRate: true, LoadExtension, t => Copy(t, "", CopyTextData.Value), Goal: 1.5);
        yield return new("parse literal 768", "us", IsRate: false, LoadExtension, ParseLiteral, Goal: 5);
    }

    static void LoadExtension(Target target)
    {
        using var client = target.Connect();
        client.Execute("CREATE EXTENSION IF NOT EXISTS vector");
    }

    static bool IsLoaded(WireClient client, string table, int rows)
    {
        try
        {
            return client.Scalar($"SELECT count(*) FROM {table}") == rows.ToString();
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>(id, embedding) without an index, statistics gathered.</summary>
    static void LoadScan(Target target, string table, VectorData data)
    {
        LoadExtension(target);
        using var client = target.Connect();
        if (IsLoaded(client, table, data.Count))
            return;
        client.Execute($"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (id int, embedding vector({data.Dimensions}))");
        client.CopyIn($"COPY {table} FROM STDIN WITH (FORMAT binary)", data.CopyBinary());
        client.Execute($"ANALYZE {table}");
    }

    /// <summary>Exact nearest ten, prepared, binary, one core, over ten of the vectors as queries: milliseconds each.</summary>
    static double Scan(Target target, string table, VectorData data)
    {
        using var client = target.Connect();
        client.Execute("SET max_parallel_workers_per_gather = 0");
        client.Prepare("s", $"SELECT id FROM {table} ORDER BY embedding <-> $1 LIMIT 10");
        var flights = Enumerable.Range(0, 10).Select(i => Messages.BindExecuteSync("s", VectorData.Binary(data[i * 997 % data.Count]))).ToList();
        foreach (var flight in flights.Take(3))
            client.RoundTrip(flight);

        var clock = Stopwatch.StartNew();
        foreach (var flight in flights)
            if (client.RoundTrip(flight) != 10)
                throw new InvalidOperationException("not ten rows");
        return clock.Elapsed.TotalMilliseconds / flights.Count;
    }

    /// <summary>The floor under every query: the round trip and the protocol.</summary>
    static double Trivial(Target target)
    {
        using var client = target.Connect();
        client.Prepare("t", "SELECT 1");
        var flight = Messages.BindExecuteSync("t");
        var loop = Loop(client, () => flight);
        loop(500);
        var clock = Stopwatch.StartNew();
        return loop(long.MaxValue) / clock.Elapsed.TotalSeconds;
    }

    static void LoadPoint(Target target)
    {
        using var client = target.Connect();
        if (IsLoaded(client, "point", PointRows))
            return;
        client.Execute("DROP TABLE IF EXISTS point; CREATE TABLE point (id int PRIMARY KEY, body text)");
        foreach (var ids in Enumerable.Range(0, PointRows).Chunk(1000))
            client.Execute($"INSERT INTO point VALUES {string.Join(",", ids.Select(id => $"({id},'the body of row {id}')"))}");
        client.Execute("ANALYZE point");
    }

    /// <summary>Queries per second of SELECT … WHERE id = …, each connection on a thread of its own.</summary>
    static double PointSelects(Target target, int connections, bool isPrepared)
    {
        var clients = Enumerable.Range(0, connections).Select(_ => target.Connect()).ToList();
        var loops = clients.Select((client, i) => PointLoop(client, new Random(i), isPrepared)).ToList();
        loops.ForEach(loop => loop(500));

        var counts = new long[connections];
        Exception? failure = null;
        var threads = loops.Select((loop, i) => new Thread(() =>
        {
            try
            {
                counts[i] = loop(long.MaxValue);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        var clock = Stopwatch.StartNew();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var seconds = clock.Elapsed.TotalSeconds;
        clients.ForEach(c => c.Dispose());
        return failure is null ? counts.Sum() / seconds : throw new InvalidOperationException(failure.Message, failure);
    }

    /// <summary>Queries, at most so many, until <see cref="PointTime"/> is over; gives their number.</summary>
    static Func<long, long> PointLoop(WireClient client, Random random, bool isPrepared)
        => Loop(client, isPrepared ? PreparedFlights(client, random) : () => Messages.Query($"SELECT body FROM point WHERE id = {random.Next(PointRows)}"));

    static Func<long, long> Loop(WireClient client, Func<byte[]> next)
        => atMost =>
        {
            var clock = Stopwatch.StartNew();
            var count = 0L;
            for (; count < atMost && clock.Elapsed < PointTime; count++)
                if (client.RoundTrip(next()) != 1)
                    throw new InvalidOperationException("not one row");
            return count;
        };

    /// <summary>The same flight again and again, with another id in its place.</summary>
    static Func<byte[]> PreparedFlights(WireClient client, Random random)
    {
        client.Prepare("p", "SELECT body FROM point WHERE id = $1");
        var flight = Messages.BindExecuteSync("p", [0, 0, 0, 0]);
        var at = Messages.ValueOffset("p");
        return () =>
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(flight.AsSpan(at), random.Next(PointRows));
            return flight;
        };
    }

    /// <summary>Rows per second of a COPY into an empty table, its commit included.</summary>
    static double Copy(Target target, string options, byte[] data)
    {
        using var client = target.Connect();
        client.Execute($"DROP TABLE IF EXISTS copied; CREATE TABLE copied (id int, embedding vector({GeneratedDimensions}))");
        var clock = Stopwatch.StartNew();
        client.CopyIn($"COPY copied FROM STDIN {options}", data);
        var seconds = clock.Elapsed.TotalSeconds;
        client.Execute("DROP TABLE copied");
        return CopyRows / seconds;
    }

    /// <summary>
    /// Microseconds that text of 768 numbers takes to become a vector, beyond what it takes to make the text: a thousand texts of one
    /// statement, no two alike, so that nothing is computed once for all.
    /// </summary>
    static double ParseLiteral(Target target)
    {
        const int pairs = 5, literals = 1000;
        using var client = target.Connect();
        var rest = VectorData.Text(Generated.Value[0][1..])[1..];
        var asVector = Messages.Query($"SELECT sum(vector_dims(('[' || g || ',{rest}')::vector)) FROM generate_series(1, {literals}) g");
        var asText = Messages.Query($"SELECT sum(octet_length('[' || g || ',{rest}')) FROM generate_series(1, {literals}) g");
        var differences = Enumerable.Range(0, pairs).Select(_ => Time(asVector) - Time(asText)).Order().ToList();
        return differences[pairs / 2];

        double Time(byte[] message)
        {
            var clock = Stopwatch.StartNew();
            client.RoundTrip(message);
            return clock.Elapsed.TotalMicroseconds / literals;
        }
    }
}
