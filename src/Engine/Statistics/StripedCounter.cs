namespace PgVectorCompat.Engine.Statistics;

/// <summary>A counter that many threads add to: each to one of several cells a cache line apart, so that they rarely meet.</summary>
sealed class StripedCounter
{
    const int Cells = 8;

    /// <summary>Numbers in a cache line.</summary>
    const int Apart = 8;

    readonly long[] _cells = new long[Cells * Apart];

    public void Add(long count) => Interlocked.Add(ref _cells[Environment.CurrentManagedThreadId % Cells * Apart], count);

    /// <summary>From zero again; what is added meanwhile may count or not.</summary>
    public void Reset()
    {
        for (var i = 0; i < _cells.Length; i += Apart)
            Interlocked.Exchange(ref _cells[i], 0);
    }

    /// <summary>The sum, about as it is now.</summary>
    public long Value
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < _cells.Length; i += Apart)
                sum += Volatile.Read(ref _cells[i]);
            return sum;
        }
    }
}
