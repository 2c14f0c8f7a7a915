using System.Buffers.Binary;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Indexes.BTree;

/// <summary>A node of a <see cref="BTreeIndex"/>.</summary>
abstract class BTreeNode
{
    /// <summary>Adds an entry below this node; false when it is there already.</summary>
    /// <param name="split">The new right neighbour when the node had to be split, with the first entry below it.</param>
    public abstract bool Insert(ReadOnlySpan<byte> key, RowId row, out Split? split);

    public abstract BTreeLeaf LastLeaf();

    /// <summary>First eight bytes of a key as a number that orders like them: most comparisons end here.</summary>
    protected static ulong Prefix(ReadOnlySpan<byte> key)
    {
        if (key.Length >= 8) return BinaryPrimitives.ReadUInt64BigEndian(key);
        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}

/// <summary>A node's new right neighbour and the smallest entry below it.</summary>
sealed record Split(byte[] Key, RowId Row, BTreeNode Right);

/// <summary>
/// A leaf: up to <see cref="Capacity"/> entries in order. Key bytes lie in one buffer in order of arrival; offsets say where. Bytes of
/// removed entries are dropped when the buffer is full.
/// </summary>
sealed class BTreeLeaf : BTreeNode
{
    public const int Capacity = 96;

    readonly ulong[] _prefixes = new ulong[Capacity];
    readonly long[] _rows = new long[Capacity];
    readonly int[] _offsets = new int[Capacity];
    readonly int[] _lengths = new int[Capacity];
    byte[] _bytes = new byte[256];
    int _used;

    public int Count { get; private set; }
    public BTreeLeaf? Next { get; private set; }
    public BTreeLeaf? Previous { get; private set; }

    public ReadOnlySpan<byte> Key(int at) => _bytes.AsSpan(_offsets[at], _lengths[at]);
    public RowId Row(int at) => new(_rows[at]);
    public override BTreeLeaf LastLeaf() => this;

    /// <summary>Position of the first entry not before (key, row).</summary>
    public int LowerBound(ReadOnlySpan<byte> key, RowId row)
    {
        var prefix = Prefix(key);
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (Compare(middle, prefix, key, row) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    int Compare(int at, ulong prefix, ReadOnlySpan<byte> key, RowId row)
    {
        if (_prefixes[at] != prefix) return _prefixes[at] < prefix ? -1 : 1;
        var order = Key(at).SequenceCompareTo(key);
        return order != 0 ? order : _rows[at].CompareTo(row.Value);
    }

    public override bool Insert(ReadOnlySpan<byte> key, RowId row, out Split? split)
    {
        split = null;
        var at = LowerBound(key, row);
        if (at < Count && _rows[at] == row.Value && Key(at).SequenceEqual(key)) return false;
        if (Count < Capacity)
        {
            InsertAt(at, key, row);
            return true;
        }

        // Ascending inserts are the common case: leave full leaves behind instead of half-full ones.
        var right = new BTreeLeaf { Next = Next, Previous = this };
        if (Next is not null) Next.Previous = right;
        Next = right;
        var from = at == Count && right.Next is null ? Count : Count / 2;
        for (var i = from; i < Count; i++)
            right.InsertAt(i - from, Key(i), Row(i));
        Count = from;
        if (at > from || from == Capacity) right.InsertAt(at - from, key, row);
        else InsertAt(at, key, row);
        split = new(right.Key(0).ToArray(), right.Row(0), right);
        return true;
    }

    /// <summary>A new leaf, linked behind the last one.</summary>
    public static BTreeLeaf After(BTreeLeaf last)
    {
        // Keys of one index are of like lengths: as much room for them as the last leaf took.
        var leaf = new BTreeLeaf { Previous = last, _bytes = new byte[Math.Max(last._used + last._used / 8, 256)] };
        last.Next = leaf;
        return leaf;
    }

    /// <summary>Adds an entry behind all others; there is room.</summary>
    public void Append(ReadOnlySpan<byte> key, RowId row)
    {
        if (_used + key.Length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + key.Length));
        key.CopyTo(_bytes.AsSpan(_used));
        (_prefixes[Count], _rows[Count], _offsets[Count], _lengths[Count]) = (Prefix(key), row.Value, _used, key.Length);
        _used += key.Length;
        Count++;
    }

    void InsertAt(int at, ReadOnlySpan<byte> key, RowId row)
    {
        if (_used + key.Length > _bytes.Length) MakeRoom(key.Length);
        key.CopyTo(_bytes.AsSpan(_used));
        var moved = Count - at;
        Array.Copy(_prefixes, at, _prefixes, at + 1, moved);
        Array.Copy(_rows, at, _rows, at + 1, moved);
        Array.Copy(_offsets, at, _offsets, at + 1, moved);
        Array.Copy(_lengths, at, _lengths, at + 1, moved);
        (_prefixes[at], _rows[at], _offsets[at], _lengths[at]) = (Prefix(key), row.Value, _used, key.Length);
        _used += key.Length;
        Count++;
    }

    public void RemoveAt(int at)
    {
        var moved = Count - at - 1;
        Array.Copy(_prefixes, at + 1, _prefixes, at, moved);
        Array.Copy(_rows, at + 1, _rows, at, moved);
        Array.Copy(_offsets, at + 1, _offsets, at, moved);
        Array.Copy(_lengths, at + 1, _lengths, at, moved);
        Count--;
    }

    /// <summary>Drops the bytes of removed and moved-away entries, and grows the buffer if that is not enough.</summary>
    void MakeRoom(int needed)
    {
        var live = 0;
        for (var i = 0; i < Count; i++) live += _lengths[i];
        var bytes = new byte[Math.Max(live + needed + live / 2, 256)];
        var used = 0;
        for (var i = 0; i < Count; i++)
        {
            Key(i).CopyTo(bytes.AsSpan(used));
            _offsets[i] = used;
            used += _lengths[i];
        }
        (_bytes, _used) = (bytes, used);
    }
}

/// <summary>An inner node: children, and for each but the first the smallest entry below it when it was split off.</summary>
sealed class BTreeBranch : BTreeNode
{
    const int Capacity = 64;

    readonly List<BTreeNode> _children = new(Capacity + 1);
    readonly List<(ulong Prefix, byte[] Key, RowId Row)> _separators = new(Capacity + 1);

    public BTreeBranch(BTreeNode left, Split split)
    {
        _children.Add(left);
        _children.Add(split.Right);
        _separators.Add((Prefix(split.Key), split.Key, split.Row));
    }

    BTreeBranch(List<BTreeNode> children, List<(ulong, byte[], RowId)> separators)
    {
        _children.AddRange(children);
        _separators.AddRange(separators);
    }

    /// <summary>
    /// Branches over a level whose nodes are given in order, with the first entry of each but the first; and the first entry of each
    /// branch but the first.
    /// </summary>
    public static (List<BTreeNode> Branches, List<(byte[] Key, RowId Row)> Firsts) LevelAbove(List<BTreeNode> nodes, List<(byte[] Key, RowId Row)> firsts)
    {
        var branches = new List<BTreeNode>();
        var branchFirsts = new List<(byte[], RowId)>();
        var count = (nodes.Count + Capacity - 1) / Capacity;
        for (var i = 0; i < count; i++)
        {
            // Even shares, so that no branch has one child only.
            var start = (int)((long)nodes.Count * i / count);
            var end = (int)((long)nodes.Count * (i + 1) / count);
            var separators = new List<(ulong, byte[], RowId)>(end - start);
            for (var at = start + 1; at < end; at++) separators.Add((Prefix(firsts[at - 1].Key), firsts[at - 1].Key, firsts[at - 1].Row));
            branches.Add(new BTreeBranch(nodes.GetRange(start, end - start), separators));
            if (i > 0) branchFirsts.Add(firsts[start - 1]);
        }
        return (branches, branchFirsts);
    }

    public BTreeNode Child(int at) => _children[at];
    public override BTreeLeaf LastLeaf() => _children[^1].LastLeaf();

    /// <summary>Position of the child whose range holds (key, row).</summary>
    public int ChildFor(ReadOnlySpan<byte> key, RowId row)
    {
        var prefix = Prefix(key);
        int low = 0, high = _separators.Count;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            var separator = _separators[middle];
            var order = separator.Prefix != prefix ? (separator.Prefix < prefix ? -1 : 1)
                : separator.Key.AsSpan().SequenceCompareTo(key) is not 0 and var byKey ? byKey
                : separator.Row.Value.CompareTo(row.Value);
            if (order <= 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    public override bool Insert(ReadOnlySpan<byte> key, RowId row, out Split? split)
    {
        split = null;
        var at = ChildFor(key, row);
        if (!_children[at].Insert(key, row, out var below)) return false;
        if (below is null) return true;

        _children.Insert(at + 1, below.Right);
        _separators.Insert(at, (Prefix(below.Key), below.Key, below.Row));
        if (_children.Count <= Capacity) return true;

        // As in leaves: a branch that grows at its right end is left nearly full.
        var keep = at == _separators.Count - 1 ? _children.Count - 2 : _children.Count / 2;
        var (_, middleKey, middleRow) = _separators[keep - 1];
        var right = new BTreeBranch(_children.GetRange(keep, _children.Count - keep), _separators.GetRange(keep, _separators.Count - keep));
        _children.RemoveRange(keep, _children.Count - keep);
        _separators.RemoveRange(keep - 1, _separators.Count - keep + 1);
        split = new(middleKey, middleRow, right);
        return true;
    }
}
