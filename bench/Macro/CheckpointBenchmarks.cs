using System.Diagnostics;

namespace PgVectorCompat.Macro;

/// <summary>
/// How long single-row commits take on four connections while another one changes much and writes checkpoints over and over: the time that
/// one commit in a thousand exceeds, and the longest.
/// </summary>
public static class CheckpointBenchmarks
{
    const int Connections = 4, Rows = 400_000, Parts = 4;
    static readonly TimeSpan SampleTime = TimeSpan.FromSeconds(10);

    public static IEnumerable<Benchmark> All()
    {
        yield return new("commit p99.9 in checkpoints", "ms", IsRate: false, Load, t => Milliseconds(t, 0.999));
        yield return new("commit maximum in checkpoints", "ms", IsRate: false, Load, t => Milliseconds(t, 1));
    }

    static void Load(Target target)
    {
        using var client = target.Connect();
        client.Execute("DROP TABLE IF EXISTS stalled, changing");
        client.Execute($"""
            CREATE TABLE stalled (id int, body text);
            CREATE TABLE changing (id int PRIMARY KEY, n int, filler text);
            INSERT INTO changing SELECT g, 0, repeat('x', 100) FROM generate_series(1, {Rows}) g
            """);
    }

    static double Milliseconds(Target target, double share)
    {
        var latencies = Enumerable.Range(0, Connections).Select(_ => new List<double>()).ToList();
        Exception? failure = null;
        var clock = Stopwatch.StartNew();
        var threads = latencies.Select(list => Guarded(() => Commit(target, clock, list))).Append(Guarded(() => Change(target, clock))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        if (failure is not null)
            throw new InvalidOperationException(failure.Message, failure);
        var sorted = latencies.SelectMany(list => list).Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];

        Thread Guarded(Action work) => new(() =>
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
    }

    static void Commit(Target target, Stopwatch clock, List<double> latencies)
    {
        using var client = target.Connect();
        client.Prepare("i", "INSERT INTO stalled VALUES (1, 'a row of some bytes, committed by itself')");
        var flight = Messages.BindExecuteSync("i");
        while (clock.Elapsed < SampleTime)
        {
            var start = clock.Elapsed;
            client.RoundTrip(flight);
            latencies.Add((clock.Elapsed - start).TotalMilliseconds);
        }
    }

    static void Change(Target target, Stopwatch clock)
    {
        using var client = target.Connect();
        for (var part = 0; clock.Elapsed < SampleTime; part++)
        {
            client.Execute($"UPDATE changing SET n = n + 1 WHERE id % {Parts} = {part % Parts}");
            client.Execute("CHECKPOINT");
        }
    }
}
