using System.Diagnostics;
using System.Net.Sockets;
using PgVectorCompat.Macro;
using PgVectorCompat.Macro.Search;

if (args is ["search", .. var searchOptions])
    return SearchProgram.Run(searchOptions);

const string usage = """
    Measures servers over the wire, side by side: every benchmark takes its samples from both in turn.

    dotnet run -c Release --project bench/Macro -- [options]
      --pgvc PROGRAM        our program (pgvc or pgvc.dll): started on a directory of its own, also measured for start-up and memory
      --ours HOST:PORT      our server, already running (instead of --pgvc)
      --reference [USER@]HOST:PORT[/DATABASE]   a PostgreSQL with pgvector, trusting this client
      --wordnet DIR         the wordnet data set
      --only NAME,...       benchmarks whose names begin so
      --rounds N            samples of each benchmark from each server (5)
      --json FILE           write everything there

    dotnet run -c Release --project bench/Macro -- search: vector indexes at equal recall; has options of its own
    """;

var options = new Dictionary<string, string>();
for (var i = 0; i < args.Length; i += 2)
{
    if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length || !usage.Contains($"  {args[i]} ", StringComparison.Ordinal))
    {
        Console.Error.WriteLine(usage);
        return 2;
    }
    options[args[i]] = args[i + 1];
}
var rounds = int.Parse(options.GetValueOrDefault("--rounds", "5"));
var only = options.GetValueOrDefault("--only", "").Split(',');
bool IsWanted(string name) => only.Any(o => name.StartsWith(o, StringComparison.Ordinal));

var results = new List<Result>();
var targets = new List<Target>();
StartupMeasurements? startup = null;
System.Diagnostics.Process? process = null;
var directory = Path.Combine(Path.GetTempPath(), $"pgvc-bench-{Environment.ProcessId}");
try
{
    if (options.TryGetValue("--pgvc", out var program))
    {
        startup = new StartupMeasurements(program, directory, Ports.Free());
        process = startup.Start().Process;
        targets.Add(startup.Target);
    }
    else if (options.TryGetValue("--ours", out var address))
        targets.Add(Target.Parse("ours", address));
    if (options.TryGetValue("--reference", out var reference))
        targets.Add(Target.Parse("reference", reference));

    RunAll(Benchmarks.All(options.GetValueOrDefault("--wordnet")));
    // Start-up and memory are those of the data set, without the millions of rows that follow.
    if (startup is not null && IsWanted("ready"))
    {
        StartupMeasurements.Stop(process!);
        results.AddRange(startup.Measure());
        process = startup.Start().Process;
    }
    RunAll(TransactionBenchmarks.All());
    RunAll(CheckpointBenchmarks.All());
    RunAll(QueryBenchmarks.All());

    Report.Print(results, "ours", "reference");
    if (options.TryGetValue("--json", out var file))
        Report.WriteJson(file, results, targets);
    return results.Any(r => r.Samples.Values.Any(s => s.Count == 0)) ? 1 : 0;
}
finally
{
    process?.Kill();
    process?.WaitForExit();
    if (Directory.Exists(directory))
        Directory.Delete(directory, recursive: true);
}

void RunAll(IEnumerable<Benchmark> benchmarks) => results.AddRange(benchmarks.Where(b => IsWanted(b.Name)).Select(Run));

Result Run(Benchmark benchmark)
{
    Console.WriteLine($"{benchmark.Name} …");
    var samples = targets.ToDictionary(t => t.Name, _ => new List<double>());
    var able = targets.Where(t => Try(t, benchmark.Prepare)).ToList();
    // What is measured is a server that has done this before: caches are filled, and .NET has compiled what runs often.
    foreach (var target in able.ToList())
        if (!Try(target, t => WarmUp(benchmark, t)))
            able.Remove(target);
    for (var round = 0; round < rounds; round++)
    {
        // Each round begins with another server, so that none always profits from a warm machine.
        foreach (var target in round % 2 == 0 ? able.ToList() : able.AsEnumerable().Reverse().ToList())
            if (!Try(target, t => samples[t.Name].Add(benchmark.Sample(t))))
                able.Remove(target);
    }
    return new Result(benchmark.Name, benchmark.Unit, benchmark.IsRate, benchmark.Goal, samples);
}

/// <summary>Samples that are thrown away, for at least five seconds.</summary>
static void WarmUp(Benchmark benchmark, Target target)
{
    const double WarmUpSeconds = 5;
    var clock = Stopwatch.StartNew();
    do
        benchmark.Sample(target);
    while (clock.Elapsed.TotalSeconds < WarmUpSeconds);
}

bool Try(Target target, Action<Target> action)
{
    try
    {
        action(target);
        return true;
    }
    catch (Exception e) when (e is InvalidOperationException or IOException or SocketException or NotSupportedException)
    {
        Console.Error.WriteLine($"  {target}: {e.Message}");
        return false;
    }
}
