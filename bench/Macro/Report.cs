using System.Text.Json;

namespace PgVectorCompat.Macro;

/// <summary>Prints results as a table and writes them as JSON.</summary>
public static class Report
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Print(IReadOnlyList<Result> results, string ours, string reference)
    {
        Console.WriteLine();
        Console.WriteLine($"{"",-24} {"unit",-10} {ours,12} {reference,12} {"ratio",8} {"goal",6}");
        foreach (var result in results)
        {
            var ratio = result.Ratio(ours, reference);
            Console.WriteLine($"{result.Name,-24} {result.Unit,-10} {Number(result.Median(ours)),12} {Number(result.Median(reference)),12} "
                + $"{(ratio is { } r ? $"{r:F2}x" : ""),8} {(result.Goal > 0 ? $"{result.Goal:F1}x" : ""),6} {Verdict(result, ratio)}");
        }
        Console.WriteLine("\nMedians. A ratio above 1 means that ours is better.");
    }

    static string Verdict(Result result, double? ratio) => result.Goal <= 0 || ratio is null ? "" : ratio >= result.Goal ? "reached" : "MISSED";

    static string Number(double? value) => value is { } v ? v >= 1000 ? $"{v:N0}" : $"{v:F2}" : "-";

    public static void WriteJson(string path, IReadOnlyList<Result> results, IReadOnlyList<Target> targets)
    {
        var document = new
        {
            Time = DateTime.UtcNow,
            Machine = new { Processor = Processor(), Environment.ProcessorCount, Os = Environment.OSVersion.VersionString },
            Command = Environment.CommandLine,
            Servers = targets.ToDictionary(t => t.Name, Versions),
            Results = results.Select(r => new
            {
                r.Name, r.Unit, r.IsRate, r.Goal, r.Samples,
                Medians = r.Samples.Keys.ToDictionary(k => k, k => r.Median(k)),
            }),
        };
        File.WriteAllText(path, JsonSerializer.Serialize(document, Indented));
    }

    static string Versions(Target target)
    {
        try
        {
            using var client = target.Connect();
            return $"{client.Scalar("SELECT version()")}; vector {client.Scalar("SELECT extversion FROM pg_extension WHERE extname = 'vector'")}";
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException or InvalidOperationException)
        {
            return "not running at the end";
        }
    }

    static string Processor()
        => File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1] ?? ""
            : "";
}
