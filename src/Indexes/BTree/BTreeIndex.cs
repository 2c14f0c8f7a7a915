using PgVectorCompat.Storage;

namespace PgVectorCompat.Indexes.BTree;

/// <summary>
/// An ordered index over row ids: entries (key, row) in the order of their key bytes, then of the row. Keys are made by the caller so
/// that memcmp order is the wanted order; equal keys of several rows are several entries.
/// </summary>
/// <remarks>
/// A B+ tree in memory, derived from the rows and never logged. One lock: writers exclude each other and readers for the microsecond
/// that a change takes; a reader copies a batch of entries out and then goes on without the lock, so an entry it gives may be gone or its row
/// changed by then. Whoever reads checks the row's visible version against the entry's key.
/// </remarks>
#pragma warning disable CA1001 // Lives as long as its table; the lock holds nothing but memory unless threads wait.
public sealed class BTreeIndex
#pragma warning restore CA1001
{
    readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.NoRecursion);
    BTreeNode _root = new BTreeLeaf();
    long _count;
    long _keyBytes;
    long _changes;

    public BTreeIndex()
    {
    }

    internal BTreeIndex(BTreeNode root, long count, long keyBytes)
    {
        _root = root;
        _count = count;
        _keyBytes = keyBytes;
    }

    /// <summary>Entries now.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Entries added and removed so far, without those it was read with.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Memory the entries take, about: keys, row ids and the tree above them.</summary>
    public long Bytes => _keyBytes + Count * 20;

    /// <summary>Adds an entry; nothing happens when it is there.</summary>
    public void Insert(ReadOnlySpan<byte> key, RowId row)
    {
        _lock.EnterWriteLock();
        try
        {
            InsertLocked(key, row);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>
    /// Adds an entry unless <paramref name="conflicts"/> says true for another row with the same key. Check and insertion are one step
    /// for other writers, so of two inserters of a key the second meets the first's entry.
    /// </summary>
    /// <param name="conflicts">Called under the index's lock: must not wait or touch this index.</param>
    /// <returns>Whether the entry was added.</returns>
    public bool TryInsert(ReadOnlySpan<byte> key, RowId row, Func<RowId, bool> conflicts)
    {
        _lock.EnterWriteLock();
        try
        {
            var leaf = FindLeaf(key, new(0), out var at);
            while (leaf is not null)
            {
                if (at == leaf.Count)
                {
                    leaf = leaf.Next;
                    at = 0;
                    continue;
                }
                if (!leaf.Key(at).SequenceEqual(key)) break;
                if (leaf.Row(at) != row && conflicts(leaf.Row(at)))
                    return false;
                at++;
            }
            InsertLocked(key, row);
            return true;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Removes an entry; nothing happens when it is not there.</summary>
    public void Remove(ReadOnlySpan<byte> key, RowId row)
    {
        _lock.EnterWriteLock();
        try
        {
            var leaf = FindLeaf(key, row, out var at);
            if (leaf is null || at == leaf.Count || leaf.Row(at) != row || !leaf.Key(at).SequenceEqual(key)) return;
            // Leaves may become empty; they stay linked and are filled again. Index bloat ends with the next rebuild.
            leaf.RemoveAt(at);
            _count--;
            _changes++;
            _keyBytes -= key.Length;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>All entries in order, read in batches: one that comes or goes meanwhile may be among them or not.</summary>
    public IEnumerable<(byte[] Key, RowId Row)> Entries()
    {
        var batch = new BTreeBatch();
        byte[] from = [];
        var fromRow = new RowId(long.MinValue);
        do
        {
            ReadForward(from, fromRow, null, batch);
            for (var i = 0; i < batch.Count; i++) yield return (batch.Key(i).ToArray(), batch.Row(i));
            if (batch.Count == 0) yield break;
            from = batch.Key(batch.Count - 1).ToArray();
            fromRow = new(batch.Row(batch.Count - 1).Value + 1);
        }
        while (batch.IsFull);
    }

    /// <summary>Whether there is such an entry.</summary>
    public bool Contains(ReadOnlySpan<byte> key, RowId row)
    {
        _lock.EnterReadLock();
        try
        {
            var leaf = FindLeaf(key, row, out var at);
            // Its place may be the first of the next leaf that is not empty.
            for (; leaf is not null && at == leaf.Count; at = 0) leaf = leaf.Next;
            return leaf is not null && leaf.Row(at) == row && leaf.Key(at).SequenceEqual(key);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>
    /// Copies entries into <paramref name="batch"/>, from the first one at or after (<paramref name="from"/>, <paramref name="fromRow"/>)
    /// up to before <paramref name="end"/> (null: to the end of the index), as many as the batch takes.
    /// </summary>
    public void ReadForward(ReadOnlySpan<byte> from, RowId fromRow, byte[]? end, BTreeBatch batch)
    {
        batch.Clear();
        _lock.EnterReadLock();
        try
        {
            var leaf = FindLeaf(from, fromRow, out var at, out var branches);
            batch.Nodes = branches;
            for (; leaf is not null; leaf = leaf.Next, at = 0)
            {
                batch.Nodes++;
                for (; at < leaf.Count; at++)
                {
                    var key = leaf.Key(at);
                    if (end is not null && key.SequenceCompareTo(end) >= 0) return;
                    if (!batch.TryAdd(key, leaf.Row(at))) return;
                }
            }
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>
    /// The same from the back: entries before (<paramref name="before"/>, <paramref name="beforeRow"/>; null: from the end of the
    /// index), downwards to <paramref name="start"/> inclusive.
    /// </summary>
    public void ReadBackward(byte[]? before, RowId beforeRow, ReadOnlySpan<byte> start, BTreeBatch batch)
    {
        batch.Clear();
        _lock.EnterReadLock();
        try
        {
            BTreeLeaf? leaf;
            int at;
            if (before is null)
            {
                leaf = _root.LastLeaf();
                at = leaf.Count;
            }
            else
            {
                leaf = FindLeaf(before, beforeRow, out at, out var branches);
                batch.Nodes = branches;
            }
            while (leaf is not null)
            {
                batch.Nodes++;
                while (--at >= 0)
                {
                    var key = leaf.Key(at);
                    if (key.SequenceCompareTo(start) < 0) return;
                    if (!batch.TryAdd(key, leaf.Row(at))) return;
                }
                leaf = leaf.Previous;
                at = leaf?.Count ?? 0;
            }
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    BTreeLeaf? FindLeaf(ReadOnlySpan<byte> key, RowId row, out int at) => FindLeaf(key, row, out at, out _);

    BTreeLeaf? FindLeaf(ReadOnlySpan<byte> key, RowId row, out int at, out int branches)
    {
        branches = 0;
        var node = _root;
        for (; node is BTreeBranch branch; branches++)
            node = branch.Child(branch.ChildFor(key, row));
        var leaf = (BTreeLeaf)node;
        at = leaf.LowerBound(key, row);
        return leaf;
    }

    void InsertLocked(ReadOnlySpan<byte> key, RowId row)
    {
        if (!_root.Insert(key, row, out var split)) return;
        if (split is not null)
            _root = new BTreeBranch(_root, split);
        _count++;
        _changes++;
        _keyBytes += key.Length;
    }
}
