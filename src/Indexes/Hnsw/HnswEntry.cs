namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Where every walk begins: a node of the highest level. A node that rises above it is linked alone with others of its kind, the rest beside each
/// other.
/// </summary>
sealed class HnswEntry
{
    const long Empty = -1;

    readonly Lock _rising = new();
    long _value = Empty; // node in the low half, level in the high one

    /// <summary>Node and level of the entry; false while the graph is empty.</summary>
    public bool TryGet(out uint node, out int level)
    {
        var value = Volatile.Read(ref _value);
        (node, level) = ((uint)value, (int)(value >> 32));
        return value != Empty;
    }

    public void Set(uint node, int level) => Volatile.Write(ref _value, (long)level << 32 | node);
    public void Clear() => Volatile.Write(ref _value, Empty);

    /// <summary>Another node takes the place of one that goes; <see cref="HnswNodes.None"/> when there is none.</summary>
    public void Replace(uint gone, uint node, int level)
    {
        lock (_rising)
        {
            if (!TryGet(out var now, out _) || now != gone) return;
            if (node == HnswNodes.None) Clear();
            else Set(node, level);
        }
    }

    /// <summary>Makes a node the entry if there is none; whether it is the entry now.</summary>
    public bool IsFirst(uint node, int level)
    {
        lock (_rising)
        {
            if (!TryGet(out var now, out _)) Set(now = node, level);
            return now == node;
        }
    }

    /// <summary>Begins linking a node; false when it is the first, and nothing is to be linked. Otherwise <see cref="End"/> follows.</summary>
    public bool TryBegin(uint node, int level, out uint start, out int top)
    {
        if (TryGet(out start, out top) && level <= top) return true;
        _rising.Enter();
        if (TryGet(out start, out top))
        {
            if (level <= top) _rising.Exit();
            return true;
        }
        Set(node, level);
        _rising.Exit();
        return false;
    }

    /// <summary>A node that is now linked becomes the entry if it is higher than <paramref name="top"/>, which <see cref="TryBegin"/> gave.</summary>
    public void End(uint node, int level, int top, bool isLinked)
    {
        if (level <= top) return;
        if (isLinked) Set(node, level);
        _rising.Exit();
    }
}
