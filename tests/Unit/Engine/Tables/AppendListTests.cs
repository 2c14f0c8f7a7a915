using System.Collections.Concurrent;
using PgVectorCompat.Engine;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Engine;

/// <summary>
/// Concurrent transactions read lists and append to them. A list tells the order of its writers, and what was read tells which of them came
/// before the reader; so every dependency is known, and a cycle of them shows an anomaly (Kingsbury, Alvaro: Elle, 2020).
/// </summary>
public sealed class AppendListTests : IDisposable
{
    const int Keys = 5;
    const int Sessions = 6;
    const int TransactionsEach = 60;

    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));
    readonly Cluster _cluster;
    readonly ConcurrentBag<Committed> _history = [];

    public AppendListTests() => _cluster = Cluster.Open(new(_folder, new Dictionary<string, string> { ["synchronous_commit"] = "off" }));

    /// <param name="Reads">Lists read before the transaction's own first append to that key.</param>
    sealed record Committed(int Id, Dictionary<int, int[]> Reads, List<int> Appends);

    [Theory]
    [InlineData("SERIALIZABLE", "on", false)]
    [InlineData("SERIALIZABLE", "off", false)]
    [InlineData("REPEATABLE READ", "on", true)]
    public void HistoriesHaveNoCycleThatTheLevelForbids(string level, string sequentialScans, bool allowsWriteSkew)
    {
        using (var session = new TestSession(_cluster))
        {
            session.Query("create table list (k int primary key, v text not null)");
            session.Query($"insert into list select g, '' from generate_series(1, {Keys}) g");
        }
        var threads = Enumerable.Range(0, Sessions).Select(number => new Thread(() => Run(number, level, sequentialScans))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.True(_history.Count > Sessions * 5, $"only {_history.Count} transactions committed");

        using var reader = new TestSession(_cluster);
        var final = reader.Query("select k, v from list").Select(Parse).ToDictionary(list => list.Key, list => list.Items);
        var cycle = FindCycle(Dependencies(final), allowsWriteSkew);
        Assert.True(cycle is null, "cycle: " + string.Join(" -> ", cycle ?? []));
    }

    void Run(int number, string level, string sequentialScans)
    {
        var random = new Random(number);
        using var session = new TestSession(_cluster);
        session.Query($"set enable_seqscan = {sequentialScans}");
        for (var i = 0; i < TransactionsEach; i++)
        {
            var committed = new Committed(number * 1000 + i + 1, [], []);
            try
            {
                session.Query($"begin isolation level {level}");
                var steps = 1 + random.Next(4);
                for (var step = 0; step < steps; step++)
                {
                    var key = 1 + random.Next(Keys);
                    if (random.Next(2) == 0 && !committed.Appends.Contains(key))
                        committed.Reads.TryAdd(key, Parse(session.Query($"select k, v from list where k = {key}")[0]).Items);
                    else if (!committed.Appends.Contains(key))
                    {
                        session.Query($"update list set v = v || ' {committed.Id}' where k = {key}");
                        committed.Appends.Add(key);
                    }
                    Thread.Yield();
                }
                session.Query("commit");
                _history.Add(committed);
            }
            catch (PgError error) when (error.SqlState is SqlState.SerializationFailure or SqlState.DeadlockDetected)
            {
                session.Query("rollback");
            }
        }
    }

    static (int Key, int[] Items) Parse(string row)
    {
        var comma = row.IndexOf(',', StringComparison.Ordinal);
        return (int.Parse(row[..comma]), [.. row[(comma + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]);
    }

    enum Kind { WriteWrite, WriteRead, ReadWrite }

    Dictionary<int, List<(int To, Kind Kind)>> Dependencies(Dictionary<int, int[]> final)
    {
        var known = _history.Select(transaction => transaction.Id).ToHashSet();
        var edges = known.ToDictionary(id => id, _ => new List<(int, Kind)>());
        foreach (var (_, items) in final)
        {
            Assert.All(items, id => Assert.Contains(id, known));
            for (var i = 1; i < items.Length; i++) edges[items[i - 1]].Add((items[i], Kind.WriteWrite));
        }
        foreach (var transaction in _history)
        {
            foreach (var key in transaction.Appends) Assert.Contains(transaction.Id, final[key]);
            foreach (var (key, seen) in transaction.Reads)
            {
                // What was read is a beginning of the final list: no lost and no intermediate writes.
                Assert.Equal(final[key][..seen.Length], seen);
                if (seen.Length > 0 && seen[^1] != transaction.Id) edges[seen[^1]].Add((transaction.Id, Kind.WriteRead));
                if (seen.Length < final[key].Length && final[key][seen.Length] != transaction.Id) edges[transaction.Id].Add((final[key][seen.Length], Kind.ReadWrite));
            }
        }
        return edges;
    }

    /// <summary>A cycle; with write skew allowed, only one in which no two reads that were overwritten follow each other.</summary>
    static List<int>? FindCycle(Dictionary<int, List<(int To, Kind Kind)>> edges, bool allowsWriteSkew)
    {
        foreach (var start in edges.Keys)
        {
            var path = new List<int> { start };
            if (Search(start, start, Kind.WriteWrite, null, path, [])) return path;
        }
        return null;

        bool Search(int at, int start, Kind last, Kind? first, List<int> path, HashSet<(int, Kind)> visited)
        {
            foreach (var (to, kind) in edges[at])
            {
                if (allowsWriteSkew && kind == Kind.ReadWrite && last == Kind.ReadWrite && first is not null) continue;
                if (to == start)
                {
                    if (allowsWriteSkew && kind == Kind.ReadWrite && (first ?? kind) == Kind.ReadWrite) continue;
                    return true;
                }
                // What may follow depends on the last step alone.
                if (!visited.Add((to, kind == Kind.ReadWrite ? kind : Kind.WriteWrite))) continue;
                path.Add(to);
                if (Search(to, start, kind, first ?? kind, path, visited)) return true;
                path.RemoveAt(path.Count - 1);
            }
            return false;
        }
    }

    public void Dispose()
    {
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
