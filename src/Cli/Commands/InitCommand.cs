using System.CommandLine;
using PgVectorCompat.Engine;

namespace PgVectorCompat.Cli.Commands;

/// <summary><c>pgvc init</c>: makes a data directory without serving it, as initdb does.</summary>
static class InitCommand
{
    public static Command Create()
    {
        var data = new DataOptions();
        var command = new Command("init", "Make a data directory (serve does it too when it is missing).");
        data.AddTo(command);
        command.SetAction(arguments =>
        {
            var options = data.Read(arguments);
            Cluster.Open(new ClusterOptions(
                options.DataDirectory, options.Settings, options.SuperuserName, options.SuperuserPassword, options.DatabaseName)).Dispose();
            Console.WriteLine($"data directory {options.DataDirectory} is ready");
            return 0;
        });
        return command;
    }
}
