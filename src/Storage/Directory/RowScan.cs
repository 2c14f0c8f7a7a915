namespace PgVectorCompat.Storage;

/// <summary>Visible rows of a range of row ids, in row id order. One thread at a time; the snapshot must outlive it.</summary>
public sealed class RowScan
{
    internal RowScan(Table table, Snapshot snapshot, RowId first, RowId end)
    {
    }

    /// <summary>The next visible row; false at the end.</summary>
    public bool MoveNext(out RowView row) => throw new NotSupportedException();
}
