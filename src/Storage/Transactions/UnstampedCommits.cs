using System.Runtime.CompilerServices;

namespace PgVectorCompat.Storage;

/// <summary>
/// Large commits that are published while their rows still bear the stamp of a transaction in progress, so that the commits behind them need
/// not wait until millions of rows are stamped.
/// </summary>
/// <remarks>
/// A commit is entered before its number is published, and leaves when its last row is stamped. So a reader that meets such a stamp and does not find
/// it here either may not see the commit, or the row has been stamped meanwhile: then the chunk's sequence number has changed, and the
/// reader looks again.
/// </remarks>
sealed class UnstampedCommits
{
    readonly record struct Commit(long Stamp, long Csn);

    // Replaced as a whole; in the order of the log. Guarded by the publisher's gate.
    Commit[] _commits = [];

    /// <summary>Whether the transaction of that stamp is a published commit up to <paramref name="readCsn"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Contains(long stamp, long readCsn)
    {
        foreach (var commit in Volatile.Read(ref _commits))
            if (commit.Stamp == stamp) return commit.Csn <= readCsn;
        return false;
    }

    /// <summary>The oldest commit that is not stamped; null when there is none. The publisher's gate is held.</summary>
    public long? OldestCsn => _commits.Length == 0 ? null : _commits[0].Csn;

    /// <summary>The publisher's gate is held.</summary>
    public void Add(long stamp, long csn) => Volatile.Write(ref _commits, [.. _commits, new(stamp, csn)]);

    /// <summary>The publisher's gate is held.</summary>
    public void Remove(long csn) => Volatile.Write(ref _commits, [.. _commits.Where(commit => commit.Csn != csn)]);
}
