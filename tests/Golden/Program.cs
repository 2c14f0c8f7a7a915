using System.Diagnostics;
using PgVectorCompat.Golden;
using PgVectorCompat.Golden.Messages;
using PgVectorCompat.Golden.Script;

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine("golden: " + e.Message);
    return 2;
}

// Jobs and background statements block their threads; the pool must not make them wait for one.
ThreadPool.SetMinThreads(4 * options.Jobs + 16, 4);
var clock = Stopwatch.StartNew();
using var server = options.Server is { } program ? new ServerProcess(program) : null;
var endpoint = server?.Endpoint ?? options.Url!;
var runs = new List<FileRun>();
var unreadable = new List<string>();
var databases = new DatabaseNames();
foreach (var (path, name) in Scripts(options.Paths, "*.slt"))
{
    try
    {
        runs.Add(new FileRun(ScriptParser.Parse(path, drafts: options.Complete), databases.For(name), endpoint, options.ActiveModes, options.Complete));
    }
    catch (FormatException e)
    {
        unreadable.Add(e.Message);
    }
}

// Messages are what they are in every mode.
var conversations = options.Mode == Modes.Simple
    ? Scripts(options.Paths, "*.msg").Select(script => new MessageRun(new MessageScript(script.Path), endpoint, options.Complete)).ToList()
    : [];

conversations.ForEach(conversation => conversation.Run());
if (options.Mode == Modes.Restart) RunInRounds(runs, server!, options.Jobs);
else Each(runs, options.Jobs, Run);

var failures = unreadable.Concat(conversations.SelectMany(c => c.Failures)).Concat(runs.SelectMany(r => r.Failures)).ToList();
foreach (var failure in failures.Take(options.Show)) Console.WriteLine(failure + "\n");
if (failures.Count > options.Show) Console.WriteLine($"… and {failures.Count - options.Show} more failures\n");
foreach (var run in runs.Where(r => r.Failures.Count > 0)) Console.WriteLine($"{run.Path}: {run.Passed} passed, {run.Failures.Count} failed");
foreach (var skips in runs.SelectMany(r => r.Skipped).GroupBy(s => s.Reason))
    Console.WriteLine($"skipped {skips.Sum(s => s.Records)} records in {string.Join(", ", skips.Select(s => s.Script).Distinct())}: {skips.Key}");
var title = options.Url is null ? options.Mode : $"{options.Mode} against PostgreSQL";
Console.WriteLine($"golden, {title}: {runs.Sum(r => r.Passed) + conversations.Sum(c => c.Passed)} passed, {failures.Count} failed ({clock.Elapsed.TotalSeconds:0.0} s)");
return failures.Count == 0 ? 0 : 1;

static void Run(FileRun run)
{
    run.Begin();
    while (!run.IsDone) run.Step();
    run.Dispose();
}

// Every script takes a step between two restarts, so the number of restarts is that of the longest script's steps, not of all records.
// A step is a statement that may have changed something, or a few that only read.
static void RunInRounds(List<FileRun> runs, ServerProcess server, int jobs)
{
    const int mostReads = 4;
    Each(runs, jobs, run => run.Begin());
    for (var kill = true; runs.Any(r => !r.IsDone); kill = !kill)
    {
        Each([.. runs.Where(r => !r.IsDone)], jobs, run =>
        {
            var reads = 0;
            do run.Step(); while (!run.IsDone && (!run.IsIdle || (run.OnlyRead && ++reads < mostReads)));
            run.CloseConnections();
        });
        server.Restart(kill);
    }
    Each(runs, jobs, run => run.Dispose());
}

static void Each(List<FileRun> runs, int jobs, Action<FileRun> action)
    => Parallel.ForEach(runs, new ParallelOptions { MaxDegreeOfParallelism = jobs }, action);

static IEnumerable<(string Path, string Name)> Scripts(IEnumerable<string> paths, string pattern)
{
    foreach (var path in paths)
    {
        if (File.Exists(path))
        {
            if (path.EndsWith(pattern[1..], StringComparison.Ordinal)) yield return (path, Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) + "_" + Path.GetFileNameWithoutExtension(path));
        }
        else
        {
            foreach (var file in Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                yield return (file, Path.GetRelativePath(path, Path.ChangeExtension(file, null)));
        }
    }
}
