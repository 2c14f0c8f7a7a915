using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// What one statement holds in memory and cannot put on disk: states of array_agg and kin, the values of hashed IN, the rows a recursive UNION has
/// seen. Beyond <c>query_memory_limit</c> the statement fails, so that the server does not.
/// </summary>
sealed class StatementMemory
{
    /// <summary>An entry of a hash set, and the header of an array in it.</summary>
    public const int SetEntryBytes = 50;

    /// <summary>What one statement may take when nothing is set: this part of the memory that the process may use.</summary>
    const int Share = 4;

    readonly long _limit = long.MaxValue;
    long _taken;

    /// <param name="session">Null for expressions of definitions, which nothing limits.</param>
    public StatementMemory(Session? session)
    {
        if (session is null)
            return;
        var set = session.Settings.Integer("query_memory_limit") * 1024L;
        _limit = set > 0 ? set : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Share;
    }

    /// <summary>Counts memory. Raises 53200.</summary>
    public void Take(long bytes)
    {
        if ((_taken += bytes) > _limit)
            throw new PgError(SqlState.OutOfMemory, "out of memory")
            {
                Detail = $"The statement holds more than {_limit / 1024} kB that cannot be put on disk.",
                Hint = "The limit is query_memory_limit.",
            };
    }

    public void Give(long bytes) => _taken -= bytes;
}
