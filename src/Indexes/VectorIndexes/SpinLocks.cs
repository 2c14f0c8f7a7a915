namespace PgVectorCompat.Indexes;

/// <summary>Locks for moments, one for each of a few thousand groups of nodes. A thread holds one at a time, so that none waits in a ring.</summary>
sealed unsafe class SpinLocks : IDisposable
{
    const int Count = 4096;
    const int Stride = 16; // a cache line each: neighbours must not disturb each other

    readonly ReservedArray<int> _words = new();

    public SpinLocks() => _words.EnsureCapacity(Count * Stride, exactly: true);

    public void Enter(uint node)
    {
        ref var word = ref Word(node);
        var wait = new SpinWait();
        while (Volatile.Read(ref word) != 0 || Interlocked.CompareExchange(ref word, 1, 0) != 0)
            wait.SpinOnce();
    }

    public void Exit(uint node) => Volatile.Write(ref Word(node), 0);

    public void Dispose() => _words.Dispose();

    ref int Word(uint node) => ref _words.Items[node % Count * Stride];
}
