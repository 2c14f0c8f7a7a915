namespace PgVectorCompat.Macro.Search;

/// <summary>One line of the report.</summary>
/// <param name="IsRate">Whether more is better.</param>
/// <param name="Floor">The ratio that must hold; 0 for none.</param>
/// <param name="Goal">The ratio to aim at; 0 for none.</param>
public sealed record Figure(string Data, string Name, string Unit, bool IsRate, double? Ours, double? Reference, double Floor, double Goal)
{
    /// <summary>How many times better ours is.</summary>
    public double? Ratio => Ours is { } a && Reference is { } b && a > 0 && b > 0 ? IsRate ? a / b : b / a : null;

    public string Verdict => Floor <= 0 ? "" : Ratio is not { } r ? "not measured" : r >= Goal ? "goal" : r >= Floor ? "floor" : "MISSED";
}

/// <summary>All that was measured, printed as it comes.</summary>
public sealed class Figures
{
    public List<Figure> All { get; } = [];

    /// <summary>Curves by data set, kind and server.</summary>
    public Dictionary<string, Dictionary<string, List<Point>>> Curves { get; } = [];

    public void Add(Figure figure)
    {
        All.Add(figure);
        Console.WriteLine(Line(figure));
    }

    public void AddCurve(string kind, string server, Point point)
    {
        if (!Curves.TryGetValue(kind, out var servers))
            Curves[kind] = servers = [];
        if (!servers.TryGetValue(server, out var points))
            servers[server] = points = [];
        points.Add(point);
        Console.WriteLine($"  {kind,-28} {server,-10} {point.Breadth,5}  recall {point.Recall:F4}  {point.Rate,9:N0}/s  p50 {point.P50,8:N0}us  p99 {point.P99,8:N0}us  cpu {point.Cpu,8:N0}us  rows {point.Rows:F1}");
    }

    public void Print()
    {
        Console.WriteLine();
        Console.WriteLine($"{"data",-12} {"",-44} {"unit",-10} {"ours",12} {"reference",12} {"ratio",9} {"floor",6} {"goal",6}");
        foreach (var figure in All)
            Console.WriteLine(Line(figure));
        Console.WriteLine("\nA ratio above 1 means that ours is better.");
    }

    static string Line(Figure f)
        => $"{f.Data,-12} {f.Name,-44} {f.Unit,-10} {Number(f.Ours),12} {Number(f.Reference),12} {(f.Ratio is { } r ? $"{r:F2}x" : ""),9} {Times(f.Floor),6} {Times(f.Goal),6} {f.Verdict}";

    static string Times(double ratio) => ratio > 0 ? $"{ratio:0.##}x" : "";

    static string Number(double? value) => value is { } v ? v >= 1000 ? $"{v:N0}" : $"{v:F2}" : "-";
}
