using System.Text;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Indexes.BTree;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>A B-tree in snapshots of the store: writes it in checkpoints, and finds it again after a start.</summary>
/// <param name="access">The index as the newest catalog defines it.</param>
internal sealed class BTreeSnapshot(Func<BTreeAccess> access) : IIndexSnapshotSource
{
    /// <summary>Entries that a start makes up for in milliseconds.</summary>
    const long Few = 1_000;

    public long Changes => access().Tree.Changes;

    // Making up for a change costs about ten times what writing an entry does, but a checkpoint comes often and a start seldom.
    public bool IsWorthWriting(long? changes, bool closing)
        => access().Tree.Count is > Few and var count && (changes is not { } missing || (missing > Few && missing > count / (closing ? 50 : 5)));

    public void Write(Stream stream)
    {
        var index = access();
        var description = Encoding.UTF8.GetBytes(Describe(index));
        stream.Write(BitConverter.GetBytes(description.Length));
        stream.Write(description);

        var key = new ByteWriter();
        var rows = index.Table.Rows;
        BTreeImage.Write(index.Tree, stream, (entry, row)
            => rows.IsUnchangedSince(row, long.MaxValue) || (rows.TryReadCommitted(row, out var version) && index.TryKey(version, key) && key.Written.SequenceEqual(entry)));
    }

    /// <summary>What decides the keys' bytes: a snapshot of another definition is not used.</summary>
    static string Describe(BTreeAccess index)
    {
        var text = new StringBuilder("btree 1");
        foreach (var (definition, key) in index.Definition.Keys.Zip(index.Keys))
            text.Append($"; {definition.Column} {definition.Expression} {key.Type.Oid} {definition.OperatorClass} {definition.Collation} {key.Descending} {key.NullsFirst}");
        return text.Append($"; {index.Definition.Predicate}").ToString();
    }

    /// <summary>The tree of a snapshot, brought up to date with the rows; null when the snapshot is of no use.</summary>
    /// <param name="reader">The snapshot.</param>
    /// <param name="index">The index, whose own tree is not touched.</param>
    public static BTreeIndex? TryLoad(IndexSnapshotReader reader, BTreeAccess index)
    {
        try
        {
            var length = new byte[sizeof(int)];
            reader.ReadExactly(length);
            var description = new byte[BitConverter.ToInt32(length)];
            reader.ReadExactly(description);
            return Encoding.UTF8.GetString(description) == Describe(index) ? Load(reader, index) : null;
        }
        catch (Exception error) when (error is IOException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    static BTreeIndex Load(IndexSnapshotReader reader, BTreeAccess index)
    {
        var rows = index.Table.Rows;
        var seen = new ulong[(rows.NextRowId >> 6) + 1];
        var doubtful = new HashSet<RowId>();
        var key = new ByteWriter();
        var isPartial = index.Definition.Predicate is not null;

        bool Matches(ReadOnlySpan<byte> entry, RowId row) => rows.TryReadCommitted(row, out var version) && index.TryKey(version, key) && key.Written.SequenceEqual(entry);

        var tree = BTreeImage.Read(reader, (entry, row) =>
        {
            if (!rows.IsUnchangedSince(row, reader.Csn)) return false;
            if (isPartial) return Matches(entry, row);
            // Two entries of one row: an older version was being dropped while the snapshot was written.
            var bit = 1ul << (int)(row.Value & 63);
            if ((seen[row.Value >> 6] & bit) != 0) doubtful.Add(row);
            seen[row.Value >> 6] |= bit;
            return true;
        });
        if (doubtful.Count > 0) RemoveStale(tree, doubtful, Matches);
        rows.VisitChanged(reader.Csn, version =>
        {
            if (index.TryKey(version, key)) tree.Insert(key.Written, version.Row);
        });
        return tree;
    }

    static void RemoveStale(BTreeIndex tree, HashSet<RowId> doubtful, BTreeFilter matches)
    {
        var stale = new List<(byte[] Key, RowId Row)>();
        BTreeImage.Write(tree, Stream.Null, (entry, row) =>
        {
            if (doubtful.Contains(row) && !matches(entry, row)) stale.Add((entry.ToArray(), row));
            return false;
        });
        foreach (var (entry, row) in stale) tree.Remove(entry, row);
    }
}
