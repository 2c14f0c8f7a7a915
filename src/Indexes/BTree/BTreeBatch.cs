using PgVectorCompat.Storage;

namespace PgVectorCompat.Indexes.BTree;

/// <summary>Entries copied out of an index, so that the reader needs its lock no more.</summary>
public sealed class BTreeBatch
{
    /// <summary>Enough that the seek for the next batch does not show.</summary>
    const int Capacity = 128;

    /// <summary>Few enough that a point search copies and allocates little.</summary>
    const int FirstCapacity = 4;

    RowId[] _rows = new RowId[FirstCapacity];
    int[] _ends = new int[FirstCapacity];
    byte[] _bytes = new byte[64];
    int _limit = FirstCapacity;

    public int Count { get; private set; }
    public RowId Row(int at) => _rows[at];
    public ReadOnlySpan<byte> Key(int at) => _bytes.AsSpan(at == 0 ? 0 : _ends[at - 1], _ends[at] - (at == 0 ? 0 : _ends[at - 1]));

    /// <summary>Whether the batch was filled, so that more entries may follow.</summary>
    public bool IsFull => Count == _filledAt;

    int _filledAt = -1;

    /// <summary>Nodes of the tree that were looked at for this batch.</summary>
    public int Nodes { get; internal set; }

    /// <summary>Starts over with a small batch: the next search may want one entry only.</summary>
    public void Restart() => _limit = FirstCapacity;

    internal void Clear()
    {
        (Count, Nodes) = (0, 0);
        _filledAt = -1;
        _limit = Math.Min(_limit * 4, Capacity);
        if (_limit <= _rows.Length) return;
        _rows = new RowId[_limit];
        _ends = new int[_limit];
    }

    internal bool TryAdd(ReadOnlySpan<byte> key, RowId row)
    {
        if (Count == _limit)
        {
            _filledAt = Count;
            return false;
        }
        var start = Count == 0 ? 0 : _ends[Count - 1];
        if (start + key.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + key.Length));
        key.CopyTo(_bytes.AsSpan(start));
        _ends[Count] = start + key.Length;
        _rows[Count++] = row;
        return true;
    }
}
