using System.CommandLine;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Cli.Commands;

/// <summary><c>pgvc upgrade</c>: brings a data directory of an older format to this program's. Refuses newer ones.</summary>
static class UpgradeCommand
{
    public static Command Create()
    {
        var data = DataDirectory.Option();
        var command = new Command("upgrade", "Bring a data directory of an older format to this program's. Its server must be stopped; back it up before.") { data };
        command.SetAction(arguments =>
        {
            var path = DataDirectory.Existing(arguments.GetValue(data)!);
            var files = new DiskFileSystem(path);
            var before = StoreUpgrade.VersionOf(files);
            Console.WriteLine(StoreUpgrade.Run(files)
                ? $"{path} is upgraded from format {before} to {StoreUpgrade.NewestVersion}"
                : $"{path} has format {before} already");
            return 0;
        });
        return command;
    }
}
