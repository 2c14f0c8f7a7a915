using System.CommandLine;
using Npgsql;
using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Cli.Commands;

/// <summary>
/// <c>pgvc check</c>: reads a whole data directory, or has a running server read its own, and says what is wrong. The directory is not
/// changed, also not by the recovery that precedes the check.
/// </summary>
static class CheckCommand
{
    public static Command Create()
    {
        var data = DataDirectory.Option();
        var url = new Option<string?>("--url") { Description = "A running server to check instead, as a superuser: postgres://user:password@host:port/database." };
        var command = new Command("check", "Check files, checksums, free lists, and that indexes agree with their tables.") { data, url };
        command.SetAction((arguments, cancellation) => arguments.GetValue(url) is { } server
            ? CheckServerAsync(server, cancellation)
            : Task.FromResult(CheckDirectory(DataDirectory.Existing(arguments.GetValue(data)!), cancellation)));
        return command;
    }

    internal static int CheckDirectory(string path, CancellationToken cancellation)
    {
        using var fileLock = new DiskFileSystem(path).Lock("lock");
        using var files = new OverlayFileSystem(path);
        try
        {
            using var cluster = Cluster.Open(new(path) { Files = files, IsReadOnly = true });
            var report = ClusterCheck.Run(cluster, isQuiet: true, cancellation);
            foreach (var (where, what) in report.Problems) Console.WriteLine($"{where} {what}");
            Console.WriteLine($"checked {report.Rows:N0} rows, {report.Vectors:N0} vectors and {report.IndexEntries:N0} index entries: {Verdict(report.ProblemCount)}");
            return report.ProblemCount == 0 ? 0 : 1;
        }
        catch (StoreDamagedException damage)
        {
            Console.WriteLine(damage.Message);
            Console.WriteLine("the data directory cannot be opened: restore a backup");
            return 1;
        }
    }

    static async Task<int> CheckServerAsync(string url, CancellationToken cancellation)
    {
        await using var connection = await ServerConnection.OpenAsync(url, cancellation);
        await using var command = new NpgsqlCommand("SELECT object, problem FROM pgvc_check()", connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var problems = 0L;
        for (; await reader.ReadAsync(cancellation); problems++) Console.WriteLine($"{reader.GetString(0)} {reader.GetString(1)}");
        Console.WriteLine($"checked the server: {Verdict(problems)}");
        return problems == 0 ? 0 : 1;
    }

    static string Verdict(long problems) => problems switch { 0 => "all is well", 1 => "1 problem", _ => $"{problems:N0} problems" };
}
