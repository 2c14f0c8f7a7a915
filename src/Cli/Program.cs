using System.CommandLine;
using PgVectorCompat.Cli.Commands;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

StopSignal.HearInterrupts();

var root = new RootCommand("pgvc: a server that speaks PostgreSQL's protocol and takes the place of PostgreSQL with pgvector.")
{
    ServeCommand.Create(),
    InitCommand.Create(),
    DemoCommand.Create(),
    CheckCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    InspectCommand.Create(),
    UpgradeCommand.Create(),
};

// A server goes on when a file would grow beyond `ulimit -f`, and other commands say so.
using var limit = DiskSpace.SurviveFileSizeLimit();
try
{
    // Commands that run a server end it themselves on SIGINT and SIGTERM, in as much time as its checkpoint takes.
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (PgError error)
{
    await Console.Error.WriteLineAsync($"pgvc: {error.Message}");
    if (error.Detail is not null)
        await Console.Error.WriteLineAsync($"DETAIL:  {error.Detail}");
    if (error.Hint is not null)
        await Console.Error.WriteLineAsync($"HINT:  {error.Hint}");
    return 1;
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or Npgsql.NpgsqlException)
{
    await Console.Error.WriteLineAsync($"pgvc: {error.Message}");
    return 1;
}
