using System.Diagnostics;

namespace PgVectorCompat.Macro.Search;

/// <summary>A server at one setting: what a query costs and how good its answers are.</summary>
/// <param name="Breadth">ef_search or probes.</param>
/// <param name="Recall">Mean share of the true neighbours found.</param>
/// <param name="Rate">Queries a second, all clients together: median of the rounds.</param>
/// <param name="P50">Median latency in microseconds.</param>
/// <param name="P99">99th percentile of it.</param>
/// <param name="Cpu">Microseconds of the server's processor time a query; 0 where it cannot be read.</param>
/// <param name="Rows">Mean number of rows returned.</param>
public sealed record Point(int Breadth, double Recall, double Rate, double P50, double P99, double Cpu, double Rows);

/// <summary>Points of one server by growing recall.</summary>
public static class Curve
{
    /// <summary>
    /// A figure at a recall, on the line between its neighbours (logarithm of the figure over recall). Below the first point the first point counts:
    /// nothing is extrapolated. Null when the recall is not reached.
    /// </summary>
    public static double? At(IReadOnlyList<Point> points, double recall, Func<Point, double> figure)
    {
        var sorted = points.OrderBy(p => p.Recall).ToList();
        for (var i = 0; i < sorted.Count; i++)
        {
            if (sorted[i].Recall < recall)
                continue;
            if (i == 0)
                return figure(sorted[0]);
            var (a, b) = (sorted[i - 1], sorted[i]);
            var part = (recall - a.Recall) / (b.Recall - a.Recall);
            return Math.Exp(Math.Log(figure(a)) * (1 - part) + Math.Log(figure(b)) * part);
        }
        return null;
    }
}

/// <summary>What one query is: the flight that asks for it and its true answer.</summary>
public sealed record Question(byte[] Flight, int Query);

/// <summary>Asks a server questions and measures it.</summary>
public sealed class Asker(SearchTarget target, IReadOnlyList<string> settings, string sql, bool isText)
{
    readonly List<double> _rates = [];
    readonly List<double> _latencies = [];
    double _cpu;
    long _asked;

    /// <summary>Every question once by each client; adds to the figures.</summary>
    public void Round(IReadOnlyList<Question> questions, int clients)
    {
        var connections = Enumerable.Range(0, clients).Select(_ => Open()).ToList();
        var latencies = new double[clients][];
        var cpuBefore = target.ProcessorTime(connections.Select(c => c.Backend));
        var clock = Stopwatch.StartNew();
        if (clients == 1)
            latencies[0] = Ask(connections[0].Client, questions, 0);
        else
        {
            var threads = Enumerable.Range(0, clients).Select(i => new Thread(() => latencies[i] = Ask(connections[i].Client, questions, i * questions.Count / clients))).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
        }
        var seconds = clock.Elapsed.TotalSeconds;
        _cpu += target.ProcessorTime(connections.Select(c => c.Backend)) - cpuBefore;
        connections.ForEach(c => c.Client.Dispose());
        _rates.Add((double)questions.Count * clients / seconds);
        _asked += (long)questions.Count * clients;
        foreach (var list in latencies)
            _latencies.AddRange(list);
    }

    (WireClient Client, int Backend) Open()
    {
        var client = target.Target.Connect();
        var backend = int.Parse(client.Scalar("SELECT pg_backend_pid()") ?? "0");
        foreach (var setting in settings)
            client.Execute(setting);
        client.Prepare("q", sql);
        return (client, backend);
    }

    static double[] Ask(WireClient client, IReadOnlyList<Question> questions, int first)
    {
        var latencies = new double[questions.Count];
        for (var i = 0; i < questions.Count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            client.RoundTrip(questions[(first + i) % questions.Count].Flight);
            latencies[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }
        return latencies;
    }

    /// <summary>Mean recall and rows over the questions; asks each once.</summary>
    public (double Recall, double Rows) Quality(IReadOnlyList<Question> questions, Truth truth)
    {
        var (client, _) = Open();
        using (client)
        {
            double recall = 0, rows = 0;
            var ids = new List<int>();
            foreach (var question in questions)
            {
                ids.Clear();
                if (isText)
                    client.RoundTripText(question.Flight, ids);
                else
                    client.RoundTrip(question.Flight, ids);
                recall += truth.Recall(question.Query, ids);
                rows += ids.Count;
            }
            return (recall / questions.Count, rows / questions.Count);
        }
    }

    public Point Point(int breadth, (double Recall, double Rows) quality)
    {
        _latencies.Sort();
        _rates.Sort();
        return new(breadth, quality.Recall, _rates[_rates.Count / 2], _latencies[_latencies.Count / 2], _latencies[(int)(_latencies.Count * 0.99)],
            _cpu * 1e6 / _asked, quality.Rows);
    }
}
