namespace PgVectorCompat.Engine.Serializability;

/// <summary>What a transaction has read: whole tables, and ranges of keys.</summary>
internal sealed class ReadSet
{
    /// <summary>From this many ranges in a table on, it counts as read whole.</summary>
    const int MaxRanges = 1000;

    readonly Dictionary<uint, TableReads> _tables = [];

    sealed class TableReads
    {
        public bool All;
        public int Count;
        public readonly Dictionary<uint, SortedDictionary<byte[], byte[]?>> Ranges = [];
    }

    /// <summary>False when the table was read whole before.</summary>
    public bool AddTable(uint table)
    {
        var reads = Of(table);
        if (reads.All) return false;
        reads.All = true;
        reads.Ranges.Clear();
        return true;
    }

    /// <summary>False when the range was read before.</summary>
    public bool AddRange(uint table, uint index, byte[] low, byte[]? high)
    {
        var reads = Of(table);
        if (reads.All) return false;
        if (!reads.Ranges.TryGetValue(index, out var ranges)) reads.Ranges.Add(index, ranges = new(KeyOrder.Instance));
        if (!ranges.TryGetValue(low, out var end))
        {
            if (++reads.Count > MaxRanges) return AddTable(table);
            ranges.Add(low, high);
            return true;
        }
        if (end is null || (high is not null && end.AsSpan().SequenceCompareTo(high) >= 0)) return false;
        ranges[low] = high;
        return true;
    }

    /// <summary>Whether a change with these keys, or of the whole table when null, touches what was read.</summary>
    public bool Meets(uint table, IReadOnlyList<(uint Index, byte[]? Before, byte[]? After)>? keys)
    {
        if (!_tables.TryGetValue(table, out var reads)) return false;
        if (reads.All || keys is null) return true;
        foreach (var (index, ranges) in reads.Ranges)
        {
            var isKnown = false;
            foreach (var (changed, before, after) in keys)
            {
                if (changed != index) continue;
                isKnown = true;
                if (IsIn(before, ranges) || IsIn(after, ranges)) return true;
            }
            // An index that the writer does not know of tells nothing.
            if (!isKnown) return true;
        }
        return false;
    }

    static bool IsIn(byte[]? key, SortedDictionary<byte[], byte[]?> ranges)
    {
        if (key is null) return false;
        foreach (var (low, high) in ranges)
        {
            if (low.AsSpan().SequenceCompareTo(key) > 0) return false;
            if (high is null || key.AsSpan().SequenceCompareTo(high) < 0) return true;
        }
        return false;
    }

    public void Clear() => _tables.Clear();

    TableReads Of(uint table)
    {
        if (!_tables.TryGetValue(table, out var reads)) _tables.Add(table, reads = new());
        return reads;
    }
}

/// <summary>The order of index keys.</summary>
internal sealed class KeyOrder : IComparer<byte[]>
{
    public static readonly KeyOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
