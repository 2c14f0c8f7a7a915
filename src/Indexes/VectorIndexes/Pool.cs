namespace PgVectorCompat.Indexes;

/// <summary>A few objects that are dear to make, for whoever needs one next; takes and returns without locks.</summary>
sealed class Pool<T> where T : class
{
    /// <summary>More than threads run at once; what does not fit is given up.</summary>
    readonly T?[] _items = new T?[2 * Environment.ProcessorCount + 16];

    public T? TryTake()
    {
        for (var i = 0; i < _items.Length; i++)
            if (Volatile.Read(ref _items[i]) is not null && Interlocked.Exchange(ref _items[i], null) is { } item)
                return item;
        return null;
    }

    /// <summary>False when there is no room.</summary>
    public bool TryReturn(T item)
    {
        for (var i = 0; i < _items.Length; i++)
            if (Volatile.Read(ref _items[i]) is null && Interlocked.CompareExchange(ref _items[i], item, null) is null)
                return true;
        return false;
    }
}
