namespace PgVectorCompat.Storage;

/// <summary>
/// Which row versions one reader sees: commits up to <see cref="ReadCsn"/>, and its own transaction's writes by commands before
/// <see cref="Command"/>. This type alone decides visibility. While it lives, old versions it may need and the memory of rows
/// it has read stay; dispose it soon.
/// </summary>
public sealed class Snapshot : IDisposable
{
    internal Snapshot(long readCsn, long transaction, int command)
    {
        ReadCsn = readCsn;
        Transaction = transaction;
        Command = command;
    }

    /// <summary>Newest commit seen.</summary>
    public long ReadCsn { get; }

    /// <summary>Id of the own transaction; 0 when there is none.</summary>
    public long Transaction { get; }

    /// <summary>Own writes are seen when their command is smaller.</summary>
    public int Command { get; }

    public void Dispose()
    {
    }
}
