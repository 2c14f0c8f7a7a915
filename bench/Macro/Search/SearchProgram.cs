using System.Diagnostics;
using System.Text.Json;

namespace PgVectorCompat.Macro.Search;

/// <summary>Vector indexes of ours and of PostgreSQL with pgvector, at equal recall: <c>search</c> of this program.</summary>
public static class SearchProgram
{
    const string Usage = """
        Measures vector indexes side by side at equal recall.

        dotnet run -c Release --project bench/Macro -- search [options]
          --pgvc PROGRAM       our program (pgvc or pgvc.dll): started on a directory of its own
          --reference [USER@]HOST:PORT[/DATABASE]   a PostgreSQL with pgvector, trusting this client, on this machine
          --wordnet DIR        the wordnet data set
          --data NAME,...      wordnet, gen768 (100,000 rows), gen128 (1,000,000), gen1536 (300,000); NAME:ROWS for fewer rows (wordnet)
          --distance NAME,...  l2, ip, cosine (l2)
          --part NAME,...      graph, lists, quantizations, filters, wordnetfilters, range, writes (graph,lists)
          --queries N          queries asked of each point (300)
          --rounds N           rounds of each point (3)
          --server "NAME=VALUE ..."  settings of our server
          --out DIR            results as JSON and a plot (SVG) per curve
        """;

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static int Run(string[] arguments)
    {
        var options = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || !Usage.Contains($"  {arguments[i]} ", StringComparison.Ordinal))
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }
            options[arguments[i]] = arguments[i + 1];
        }
        var figures = new Figures();
        var directory = Path.Combine(Path.GetTempPath(), $"pgvc-search-{Environment.ProcessId}");
        Process? process = null;
        try
        {
            var targets = new List<SearchTarget>();
            if (options.TryGetValue("--pgvc", out var program))
            {
                var startup = new StartupMeasurements(program, directory, Ports.Free());
                process = startup.Start().Process;
                targets.Add(new(startup.Target, process.Id));
            }
            if (options.TryGetValue("--reference", out var reference))
                targets.Add(new(Target.Parse("reference", reference), 0));
            foreach (var name in options.GetValueOrDefault("--data", "wordnet").Split(','))
            {
                var data = Load(name, options.GetValueOrDefault("--wordnet"));
                foreach (var distance in options.GetValueOrDefault("--distance", "l2").Split(','))
                {
                    var run = new SearchRun(data, Distance.Parse(distance), targets, figures,
                        int.Parse(options.GetValueOrDefault("--rounds", "3")), int.Parse(options.GetValueOrDefault("--queries", "300")));
                    Console.WriteLine($"{run.Label}: {data.Base.Count} x {data.Base.Dimensions}");
                    run.Load();
                    foreach (var part in options.GetValueOrDefault("--part", "graph,lists").Split(','))
                        Part(part)(run);
                }
            }
            figures.Print();
            if (options.TryGetValue("--out", out var folder))
                Write(folder, figures);
            return 0;
        }
        finally
        {
            process?.Kill();
            process?.WaitForExit();
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
    }

    static SearchData Load(string name, string? wordNet)
    {
        var colon = name.IndexOf(':');
        var rows = colon < 0 ? 0 : int.Parse(name[(colon + 1)..]);
        return (colon < 0 ? name : name[..colon]) switch
        {
            "wordnet" => SearchData.WordNet(wordNet ?? throw new ArgumentException("--wordnet says where the data set is")),
            var generated => SearchData.Generated(generated, rows),
        };
    }

    static Action<SearchRun> Part(string name) => name switch
    {
        "graph" => IndexParts.Graph,
        "lists" => IndexParts.Lists,
        "quantizations" => IndexParts.Quantizations,
        "filters" => FilterParts.Grid,
        "wordnetfilters" => FilterParts.WordNet,
        "range" => FilterParts.Range,
        "writes" => WriteParts.All,
        _ => throw new ArgumentException($"{name}: no such part"),
    };

    static void Write(string folder, Figures figures)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "search.json"), JsonSerializer.Serialize(
            new { Time = DateTime.UtcNow, Command = Environment.CommandLine, Figures = figures.All, figures.Curves }, Indented));
        foreach (var (kind, servers) in figures.Curves.Where(c => c.Value.Values.Any(points => points.Count > 1)))
            File.WriteAllText(Path.Combine(folder, kind.Replace(' ', '-') + ".svg"), Plot.Svg(kind, servers));
    }
}
