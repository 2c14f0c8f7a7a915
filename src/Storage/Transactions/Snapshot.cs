using System.Runtime.CompilerServices;

namespace PgVectorCompat.Storage;

/// <summary>
/// Which row versions one reader sees: commits up to <see cref="ReadCsn"/>, and its own transaction's writes by commands before
/// <see cref="Command"/>. This type alone decides visibility. While it lives, old versions it may need and the memory of rows
/// it has read stay; dispose it soon.
/// </summary>
public sealed class Snapshot : IDisposable
{
    readonly SnapshotRegistry _registry;
    readonly long _ownStamp;
    SnapshotRegistry.Place? _place;

    internal Snapshot(SnapshotRegistry registry, SnapshotRegistry.Place place, long readCsn, long transaction, int command)
    {
        _registry = registry;
        _place = place;
        _ownStamp = transaction == 0 ? long.MinValue : Stamp.Of(transaction);
        ReadCsn = readCsn;
        Transaction = transaction;
        Command = command;
    }

    /// <summary>Newest commit seen.</summary>
    public long ReadCsn { get; }

    /// <summary>Id of the own transaction; 0 when there is none or it has not written.</summary>
    public long Transaction { get; }

    /// <summary>Own writes are seen when their command is smaller.</summary>
    public int Command { get; }

    /// <summary>Whether a version with this <see cref="Stamp"/>, written by this command of its transaction, is seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Sees(long begin, int command) => begin > 0 ? begin <= ReadCsn : begin == _ownStamp ? command < Command : begin != 0 && _registry.Unstamped.Contains(begin, ReadCsn);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _place, null) is { } place) _registry.Leave(place);
    }
}

/// <summary>
/// Who made a row version, in one number: positive is the commit (CSN), negative the transaction still in progress (or in
/// <see cref="UnstampedCommits"/>), zero nobody (the row does not exist).
/// </summary>
static class Stamp
{
    public static long Of(long transaction) => -transaction;
    public static long TransactionOf(long stamp) => -stamp;
}
