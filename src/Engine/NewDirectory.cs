using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine;

/// <summary>What must hold of a directory, and of the names given for it, before a server makes a data directory there, as of initdb.</summary>
static class NewDirectory
{
    /// <summary>
    /// Nothing for a directory that a server has made. Raises 42939 for a superuser's name that is reserved, 55000 for a directory with
    /// other things in it than a start that was broken off may have left, or than the settings name (certificates).
    /// </summary>
    public static void Require(ClusterOptions options)
    {
        if (Store.Exists(options.DataDirectory)) return;
        Roles.ForbidReserved(options.SuperuserName);
        if (!Directory.Exists(options.DataDirectory)) return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(options.DataDirectory).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(entry);
            if (Store.OwnNames.Contains(name) || options.Settings?.Values.Any(value => Path.GetFileName(value) == name) == true)
                continue;
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"directory \"{options.DataDirectory}\" exists but is not empty")
            {
                Detail = $"It holds \"{name}\" and no control file, so no server has made it.",
                Hint = "Name another directory with --data, or empty this one.",
            };
        }
    }
}
