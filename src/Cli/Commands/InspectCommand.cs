using System.CommandLine;
using System.Text.Json;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Cli.Commands;

/// <summary><c>pgvc inspect</c>: what a file, or every file of a data directory, says of itself. Nothing is changed.</summary>
static class InspectCommand
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "A data directory, or one file of it." };
        var verify = new Option<bool>("--verify-crc") { Description = "Read everything and compare checksums; of rows and vectors, those in use." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("inspect", "Show the files of a data directory.") { path, verify, json };
        command.SetAction(arguments => Run(Path.GetFullPath(arguments.GetValue(path)!), arguments.GetValue(verify), arguments.GetValue(json)));
        return command;
    }

    static int Run(string path, bool verify, bool json)
    {
        var root = Directory.Exists(path) ? DataDirectory.Existing(path) : RootOf(path);
        using var files = new OverlayFileSystem(root);
        var inspector = new FileInspector(files, verify);
        var found = path == root
            ? FileInspector.NamesIn(files).Select(inspector.Inspect).ToList()
            : [inspector.Inspect(Path.GetRelativePath(root, path).Replace('\\', '/'))];
        var report = new CheckReport();
        if (verify && (path == root || found[0].Kind is "rows" or "vectors")) CheckContents(root, report);

        // Of one file only what concerns it.
        var contents = report.Problems.Where(problem => path == root || problem.Where == found[0].Name || problem.What.Contains(found[0].Name, StringComparison.Ordinal)).ToList();
        if (json) PrintJson(found, contents);
        else PrintText(found, contents);
        return found.TrueForAll(file => file.Problems.Count == 0) && contents.Count == 0 ? 0 : 1;
    }

    static string RootOf(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"there is no file {path}");
        var folder = Path.GetDirectoryName(path)!;
// A data directory may itself be called so.
        var isPart = Path.GetFileName(folder) is "data" or "log" or "checkpoint" or "index" or "temp" && !DataDirectory.Is(folder);
        return isPart ? Path.GetDirectoryName(folder)! : folder;
    }

    /// <summary>Recovers the directory in memory and reads every row and vector.</summary>
    static void CheckContents(string root, CheckReport report)
    {
        using var files = new OverlayFileSystem(root);
        try
        {
            using var store = Store.Open(files, new() { IsReadOnly = true, BackgroundWork = false });
            store.Check(isQuiet: true, report, CancellationToken.None);
        }
        catch (IOException error) when (error is StoreDamagedException or StoreVersionException)
        {
            report.Add(root, error.Message);
        }
    }

    static void PrintText(List<InspectedFile> found, List<CheckProblem> contents)
    {
        foreach (var file in found)
        {
            Console.WriteLine(file.Version == 0 ? $"{file.Name}: {file.Kind}" : $"{file.Name}: {file.Kind}, version {file.Version}, {file.Length:N0} bytes");
            if (file.Fields.Count > 0) Console.WriteLine($"  {string.Join(", ", file.Fields.Select(field => $"{field.Key} {field.Value}"))}");
            foreach (var problem in file.Problems) Console.WriteLine($"  PROBLEM: {problem}");
        }
        foreach (var (where, what) in contents) Console.WriteLine($"PROBLEM: {where} {what}");
    }

    static void PrintJson(List<InspectedFile> found, List<CheckProblem> contents)
        => Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                files = found.Select(file => new { name = file.Name, kind = file.Kind, version = file.Version, length = file.Length, fields = file.Fields.ToDictionary(), problems = file.Problems }),
                problems = contents.Select(problem => new { where = problem.Where, what = problem.What }),
            },
            Indented));
}
