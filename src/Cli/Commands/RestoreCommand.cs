using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Cli.Commands;

/// <summary><c>pgvc restore</c>: makes a data directory of a backup and checks it. A damaged backup is refused.</summary>
static class RestoreCommand
{
    public static Command Create()
    {
        var backup = new Argument<string>("backup") { Description = "The backup's folder." };
        var data = new Option<string?>("--data", "-D") { Description = "Data directory to make; it must be missing or empty." };
        var archive = new Option<string?>("--archive") { Description = "Folder with archived log, to lead the backup on by; the log folder of a lost server will do too." };
        var until = new Option<DateTimeOffset?>("--until")
        {
            Description = "With --archive: leave out commits after this time (2026-11-21T12:00:00Z), which the log must reach.",
            CustomParser = ReadTime,
        };
        var verify = new Option<bool>("--verify") { Description = "Only read the backup and compare it with its hashes." };
        var command = new Command("restore", "Make a data directory of a backup.") { backup, data, archive, until, verify };
        command.Validators.Add(given =>
        {
            if (given.GetResult(until) is not null && given.GetValue(archive) is null) given.AddError("--until needs --archive.");
            if (!given.GetValue(verify) && given.GetValue(data) is null) given.AddError("Say where to with --data, or ask for --verify.");
        });
        command.SetAction((arguments, cancellation) => Task.FromResult(arguments.GetValue(verify)
            ? Verify(arguments.GetValue(backup)!, cancellation)
            : Restore(arguments.GetValue(backup)!, arguments.GetValue(data)!, arguments.GetValue(archive), arguments.GetValue(until), cancellation)));
        return command;
    }

    static int Verify(string backup, CancellationToken cancellation)
    {
        var manifest = StoreRestore.Verify(backup, cancellation);
        Console.WriteLine($"backup {backup}, taken {manifest.Taken:u}, is whole: {manifest.Files.Count:N0} files, {manifest.Files.Sum(file => file.Length):N0} bytes");
        return 0;
    }

    static int Restore(string backup, string data, string? archive, DateTimeOffset? until, CancellationToken cancellation)
    {
        var result = StoreRestore.Run(backup, data, archive is null ? null : new(archive, until), cancellation);
        Console.WriteLine($"data directory {data} is as it was {result.Manifest.Taken:u}");
        if (archive is not null)
        {
            Console.WriteLine(result.LastCommit is { } time
                ? $"led on by the log in {archive} up to the commit of {time:yyyy-MM-dd HH:mm:ss.ffffff}Z"
                : $"the log in {archive} has no commit for it");
        }
        return CheckCommand.CheckDirectory(data, cancellation);
    }

    static DateTimeOffset? ReadTime(ArgumentResult given)
    {
        var text = given.Tokens[0].Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)) return time;
        given.AddError($"--until \"{text}\" is no time.");
        return null;
    }
}
