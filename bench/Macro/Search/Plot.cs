using System.Globalization;
using System.Text;

namespace PgVectorCompat.Macro.Search;

/// <summary>Recall against queries a second, as a picture.</summary>
public static class Plot
{
    const int Width = 640, Height = 420, Left = 70, Right = 20, Top = 40, Bottom = 50;
    static readonly string[] Colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd"];

    /// <summary>An SVG with a line per server: recall to the right, queries a second upwards by their logarithm.</summary>
    public static string Svg(string title, Dictionary<string, List<Point>> servers)
    {
        var all = servers.Values.SelectMany(p => p).ToList();
        var lowRecall = Math.Max(0, Math.Floor(all.Min(p => p.Recall) * 20) / 20);
        var (lowRate, highRate) = (Math.Floor(Math.Log10(all.Min(p => p.Rate))), Math.Ceiling(Math.Log10(all.Max(p => p.Rate)) + 0.001));
        double X(double recall) => Left + (recall - lowRecall) / (1 - lowRecall + 1e-9) * (Width - Left - Right);
        double Y(double rate) => Height - Bottom - (Math.Log10(rate) - lowRate) / (highRate - lowRate) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/><text x=\"{Left}\" y=\"22\" font-size=\"15\">{title}: recall@10 against queries/s</text>\n");
        for (var power = lowRate; power <= highRate; power++)
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(Math.Pow(10, power)):F1}\" y2=\"{Y(Math.Pow(10, power)):F1}\" stroke=\"#ccc\"/><text x=\"8\" y=\"{Y(Math.Pow(10, power)) + 4:F1}\">{Math.Pow(10, power):N0}</text>\n");
        for (var i = 0; i <= 5; i++)
        {
            var recall = lowRecall + (1 - lowRecall) * i / 5;
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(recall):F1}\" x2=\"{X(recall):F1}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"#eee\"/><text x=\"{X(recall) - 14:F1}\" y=\"{Height - Bottom + 18}\">{recall:F3}</text>\n");
        }
        foreach (var ((server, points), i) in servers.Select((s, i) => (s, i)))
        {
            var colour = Colours[i % Colours.Length];
            var line = string.Join(" ", points.OrderBy(p => p.Recall).Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Recall):F1},{Y(p.Rate):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right - 110}\" y=\"{Top + 16 + i * 18}\" fill=\"{colour}\">{server}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }
}
