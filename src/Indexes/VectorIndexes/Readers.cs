namespace PgVectorCompat.Indexes;

/// <summary>
/// Who reads an index at the moment, so that what was taken out of it is used again only when nobody can hold it any more. Readers cost themselves one
/// interlocked write, and wait for nobody.
/// </summary>
sealed class Readers
{
    readonly Lock _gate = new();
    readonly List<Reader> _readers = [];
    long _time = 1;

    /// <summary>One who may hold what he finds in the index; made once, then used over and over, by one thread at a time.</summary>
    public sealed class Reader
    {
        /// <summary>When the reading began; 0 when there is none.</summary>
        internal long Since;
    }

    public Reader Add()
    {
        var reader = new Reader();
        lock (_gate)
            _readers.Add(reader);
        return reader;
    }

    public void Remove(Reader reader)
    {
        lock (_gate)
            _readers.Remove(reader);
    }

    public void Enter(Reader reader) => Interlocked.Exchange(ref reader.Since, Volatile.Read(ref _time));
    public static void Exit(Reader reader) => Volatile.Write(ref reader.Since, 0);

    /// <summary>The time until which readers may have seen what is taken out now; every call begins a new time.</summary>
    public long Tick() => Interlocked.Increment(ref _time) - 1;

    /// <summary>Whether all who read began after this time.</summary>
    public bool AllAfter(long time)
    {
        lock (_gate)
            foreach (var reader in _readers)
                if (Volatile.Read(ref reader.Since) is var since && since != 0 && since <= time)
                    return false;
        return true;
    }
}

/// <summary>Things on their way out of an index: taken out, but perhaps still held by a reader.</summary>
sealed class Limbo<T>(Readers readers)
{
    readonly Lock _gate = new();
    readonly Queue<(T Item, long Time)> _items = new();

    public int Count => _items.Count;

    /// <summary>Nobody who begins to read later can find this.</summary>
    public void Retire(T item)
    {
        lock (_gate)
            _items.Enqueue((item, readers.Tick()));
    }

    /// <summary>What nobody holds any more, oldest first.</summary>
    public bool TryTake(out T item)
    {
        lock (_gate)
        {
            item = default!;
            if (_items.Count == 0 || !readers.AllAfter(_items.Peek().Time)) return false;
            item = _items.Dequeue().Item;
            return true;
        }
    }
}
