namespace PgVectorCompat.Engine.Serializability;

/// <summary>What a transaction has changed: for each table the keys that its rows had and got.</summary>
internal sealed class WriteSet
{
    /// <summary>From this many keys in a table on, it counts as changed whole.</summary>
    const int MaxKeys = 10_000;

    readonly Dictionary<uint, TableWrites> _tables = [];

    sealed class TableWrites
    {
        public bool All;
        public int Count;
        public Dictionary<uint, SortedSet<byte[]>>? Keys;
    }

    public bool IsEmpty => _tables.Count == 0;

    public void AddTable(uint table)
    {
        var writes = Of(table);
        writes.All = true;
        writes.Keys = null;
    }

    public void Add(uint table, IReadOnlyList<(uint Index, byte[]? Before, byte[]? After)> keys)
    {
        var writes = Of(table);
        if (writes.All) return;
        writes.Count += keys.Count;
        writes.Keys ??= keys.ToDictionary(key => key.Index, _ => new SortedSet<byte[]>(KeyOrder.Instance));
        // An index made since would lack the keys of what was written before.
        if (writes.Count > MaxKeys || writes.Keys.Count != keys.Count || !keys.All(key => writes.Keys.ContainsKey(key.Index)))
        {
            AddTable(table);
            return;
        }
        foreach (var (index, before, after) in keys)
        {
            if (before is not null) writes.Keys[index].Add(before);
            if (after is not null) writes.Keys[index].Add(after);
        }
    }

    public bool MeetsTable(uint table) => _tables.ContainsKey(table);

    /// <summary>Whether some key from <paramref name="low"/> to before <paramref name="high"/> was changed.</summary>
    public bool Meets(uint table, uint index, byte[] low, byte[]? high)
    {
        if (!_tables.TryGetValue(table, out var writes)) return false;
        if (writes.All || !writes.Keys!.TryGetValue(index, out var keys)) return true;
        if (keys.Count == 0 || KeyOrder.Instance.Compare(keys.Max, low) < 0) return false;
        return keys.GetViewBetween(low, keys.Max).Min is { } first && (high is null || KeyOrder.Instance.Compare(first, high) < 0);
    }

    public void Clear() => _tables.Clear();

    TableWrites Of(uint table)
    {
        if (!_tables.TryGetValue(table, out var writes)) _tables.Add(table, writes = new());
        return writes;
    }
}
