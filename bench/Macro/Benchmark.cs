namespace PgVectorCompat.Macro;

/// <summary>One thing to measure on any server.</summary>
/// <param name="Name">Row of the table; <c>--only</c> selects by its beginning.</param>
/// <param name="Unit">Of a sample.</param>
/// <param name="IsRate">Whether more is better; else less is.</param>
/// <param name="Prepare">Loads what the measurement needs, unless it is there.</param>
/// <param name="Sample">Measures once.</param>
/// <param name="Goal">The ratio to reach, how many times the reference we should be; 0 for none.</param>
public sealed record Benchmark(string Name, string Unit, bool IsRate, Action<Target> Prepare, Func<Target, double> Sample, double Goal = 0);

/// <summary>What was measured of one benchmark: samples by target, in the order in which they were taken.</summary>
public sealed record Result(string Name, string Unit, bool IsRate, double Goal, Dictionary<string, List<double>> Samples)
{
    public double? Median(string target)
    {
        if (!Samples.TryGetValue(target, out var samples) || samples.Count == 0)
            return null;
        var sorted = samples.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>How many times better ours is than the reference; null when one of them is missing.</summary>
    public double? Ratio(string ours, string reference)
        => Median(ours) is { } a && Median(reference) is { } b ? IsRate ? a / b : b / a : null;
}
