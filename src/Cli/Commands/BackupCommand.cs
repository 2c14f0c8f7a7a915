using System.CommandLine;
using Npgsql;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Cli.Commands;

/// <summary><c>pgvc backup</c>: copies a data directory into a new folder; of a running server through a connection, while it goes on.</summary>
static class BackupCommand
{
    public static Command Create()
    {
        var target = new Argument<string>("target") { Description = "New folder for the backup; with --url, an absolute path on the server's machine." };
        var data = DataDirectory.Option();
        var url = new Option<string?>("--url") { Description = "A running server to back up, as a superuser: postgres://user:password@host:port/database." };
        var basedOn = new Option<string?>("--base") { Description = "An older backup: files that have not changed become second names of its files and take no space." };
        var command = new Command("backup", "Copy a data directory, of a running server too.") { target, data, url, basedOn };
        command.SetAction((arguments, cancellation) => arguments.GetValue(url) is { } server
            ? BackUpServerAsync(server, arguments.GetValue(target)!, arguments.GetValue(basedOn), cancellation)
            : Task.FromResult(BackUpDirectory(arguments.GetValue(data)!, arguments.GetValue(target)!, arguments.GetValue(basedOn), cancellation)));
        return command;
    }

    static int BackUpDirectory(string data, string target, string? basedOn, CancellationToken cancellation)
    {
        var result = StoreBackup.Run(new DiskFileSystem(DataDirectory.Existing(data)), Path.GetFullPath(target), basedOn, cancellation);
        Report(target, result.Manifest.Files.Count, result.CopiedBytes, result.LinkedBytes);
        return 0;
    }

    static async Task<int> BackUpServerAsync(string url, string target, string? basedOn, CancellationToken cancellation)
    {
        await using var connection = await ServerConnection.OpenAsync(url, cancellation);
        await using var command = new NpgsqlCommand("SELECT files, copied_bytes, linked_bytes FROM pgvc_backup($1, $2)", connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = target, DataTypeName = "text" });
        command.Parameters.Add(new() { Value = (object?)basedOn ?? DBNull.Value, DataTypeName = "text" });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        Report(target, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        return 0;
    }

    static void Report(string target, long files, long copied, long linked)
        => Console.WriteLine($"backup {target} is complete: {files:N0} files, {copied:N0} bytes copied, {linked:N0} bytes shared with the base");
}
