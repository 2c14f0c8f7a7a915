using PgVectorCompat.Storage;

namespace PgVectorCompat.Indexes.BTree;

/// <summary>Makes a tree of entries that come in order: leaf by leaf, then the levels above, without a search per entry.</summary>
public sealed class BTreeBuilder
{
    /// <summary>A little room in every leaf, so that the first inserts between them do not split every one.</summary>
    const int EntriesPerLeaf = BTreeLeaf.Capacity - BTreeLeaf.Capacity / 10;

    readonly List<BTreeNode> _leaves = [];
    readonly List<(byte[] Key, RowId Row)> _firsts = [];
    BTreeLeaf _leaf = new();
    long _count;
    long _keyBytes;

    /// <summary>Adds the next entry; it must be behind the one before.</summary>
    public void Add(ReadOnlySpan<byte> key, RowId row)
    {
        if (_leaf.Count == EntriesPerLeaf)
        {
            _leaves.Add(_leaf);
            _leaf = BTreeLeaf.After(_leaf);
            _firsts.Add((key.ToArray(), row));
        }
        _leaf.Append(key, row);
        _count++;
        _keyBytes += key.Length;
    }

    public BTreeIndex Finish()
    {
        _leaves.Add(_leaf);
        var nodes = _leaves;
        var firsts = _firsts;
        while (nodes.Count > 1) (nodes, firsts) = BTreeBranch.LevelAbove(nodes, firsts);
        return new(nodes[0], _count, _keyBytes);
    }
}
