namespace PgVectorCompat.Storage;

/// <summary>
/// Who is reading, and since when. Two questions are answered from it: which old row versions some snapshot may still need (by commit
/// number), and which memory some reader may still look at (by epoch: what is taken out of use in epoch e is given back when
/// everybody alive began after e).
/// </summary>
sealed class SnapshotRegistry(Func<long> publishedCsn, UnstampedCommits unstamped)
{
    const long Free = -1;
    const long Entering = -2;

    /// <summary>A transaction between statements: holds memory, but no old versions.</summary>
    const long NoCsn = long.MaxValue;

    readonly Lock _gate = new();
    readonly Stack<Place> _unused = [];
    Place[] _places = [];
    long _epoch = 1;

    /// <summary>Commits that snapshots see by another sign than their number.</summary>
    public UnstampedCommits Unstamped => unstamped;

    internal sealed class Place
    {
        public long Csn = Free;
        public long Epoch;
    }

    /// <summary>Registers a reader of everything published by now.</summary>
    public Place Enter(out long readCsn)
    {
        var place = Take();
        place.Epoch = Volatile.Read(ref _epoch);
        readCsn = publishedCsn();
        Volatile.Write(ref place.Csn, readCsn);
        return place;
    }

    /// <summary>Registers one more reader of the same commits as a living snapshot.</summary>
    public Place EnterAs(long readCsn)
    {
        var place = Take();
        place.Epoch = Volatile.Read(ref _epoch);
        Volatile.Write(ref place.Csn, readCsn);
        return place;
    }

    public Place EnterWithoutCsn() => EnterAs(NoCsn);

    public void Leave(Place place)
    {
        Volatile.Write(ref place.Csn, Free);
        lock (_gate) _unused.Push(place);
    }

    Place Take()
    {
        Place place;
        lock (_gate)
        {
            if (!_unused.TryPop(out place!)) _places = [.. _places, place = new()];
        }
        // From here on a gatherer waits for this reader, so what it reads next cannot be older than what the gatherer assumes.
        Interlocked.Exchange(ref place.Csn, Entering);
        return place;
    }

    /// <summary>Ends the current epoch and returns it.</summary>
    public long EndEpoch() => Interlocked.Increment(ref _epoch) - 1;

    /// <summary>The epoch of the oldest reader; the current one when there is none.</summary>
    public long OldestEpoch()
    {
        var oldest = Volatile.Read(ref _epoch);
        foreach (var place in All())
            if (CsnOf(place) != Free) oldest = Math.Min(oldest, place.Epoch);
        return oldest;
    }

    /// <summary>
    /// What must be kept: versions that were newest at one of <see cref="LiveCsns.Ascending"/>, or at or after <see cref="LiveCsns.Published"/>.
    /// </summary>
    public LiveCsns Gather()
    {
        var published = publishedCsn();
        Interlocked.MemoryBarrier();
        var live = new List<long>();
        foreach (var place in All())
            if (CsnOf(place) is not (Free or NoCsn) and var csn) live.Add(csn);
        live.Sort();
        return new(published, [.. live]);
    }

    Place[] All()
    {
        lock (_gate) return _places;
    }

    static long CsnOf(Place place)
    {
        var spin = new SpinWait();
        long csn;
        while ((csn = Volatile.Read(ref place.Csn)) == Entering) spin.SpinOnce();
        return csn;
    }
}

/// <summary>The commit numbers that live snapshots read at, as of one moment.</summary>
readonly record struct LiveCsns(long Published, long[] Ascending)
{
    public long Oldest => Ascending.Length > 0 ? Math.Min(Ascending[0], Published) : Published;

    /// <summary>Whether a version that was newest from commit <paramref name="begin"/> until before <paramref name="end"/> may be asked for.</summary>
    public bool MayNeed(long begin, long end)
    {
        if (end > Published) return true;
        var index = Array.BinarySearch(Ascending, begin);
        if (index < 0) index = ~index;
        return index < Ascending.Length && Ascending[index] < end;
    }
}
