namespace PgVectorCompat.Storage;

/// <summary>Rows of one table. Reading takes no locks and never waits.</summary>
public sealed class Table
{
    internal Table(Store store, uint id, TableShape shape)
    {
        Id = id;
        Shape = shape;
    }

    public uint Id { get; }
    public TableShape Shape { get; }

    /// <summary>One above the largest row id ever used.</summary>
    public long NextRowId => throw new NotSupportedException();

    /// <summary>Committed rows, within what transactions in progress may add or remove.</summary>
    public long RowCountEstimate => throw new NotSupportedException();

    /// <summary>Bytes of the row segments on disk.</summary>
    public long RowFileBytes => throw new NotSupportedException();

    /// <summary>Bytes of the vector columns on disk.</summary>
    public long VectorFileBytes => throw new NotSupportedException();

    public VectorColumn Vectors(int column) => throw new NotSupportedException();

    /// <summary>The version of a row that <paramref name="snapshot"/> sees; false when it sees none.</summary>
    public bool TryRead(RowId row, Snapshot snapshot, out RowView view) => throw new NotSupportedException();

    /// <summary>
    /// Whether <paramref name="snapshot"/> sees a version of the row, and the slot of its vector column (-1: NULL), without touching
    /// the row image. The check index searches make per candidate.
    /// </summary>
    public bool TryGetSlot(RowId row, int column, Snapshot snapshot, out int slot) => throw new NotSupportedException();

    /// <summary>
    /// Dirty read for unique checks: the newest version, whoever wrote it. The caller must have a live snapshot or transaction.
    /// False, with an empty view, for <see cref="RowStatus.None"/> and <see cref="RowStatus.Deleted"/>.
    /// </summary>
    public bool TryReadNewest(RowId row, out RowView view, out RowState state) => throw new NotSupportedException();

    /// <summary>The newest committed version, below what a transaction in progress may have written; false when there is none or it is a deletion.</summary>
    public bool TryReadCommitted(RowId row, out RowView view) => throw new NotSupportedException();

    /// <summary>
    /// Calls <paramref name="visitor"/> for every version of the row still kept, newest first, deletions left out, until it returns
    /// true; returns whether it did. An index asks this in <see cref="Store.VersionDropped"/> whether another version still has the key.
    /// </summary>
    public bool AnyVersion(RowId row, RowVisitor visitor) => throw new NotSupportedException();

    /// <summary>Visible rows from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    public RowScan Scan(Snapshot snapshot, RowId first, RowId end) => new(this, snapshot, first, end);

    /// <summary>All visible rows.</summary>
    public RowScan Scan(Snapshot snapshot) => Scan(snapshot, default, new(long.MaxValue));

    /// <summary>Row ids and slots of one vector column, for exact search.</summary>
    public VectorScan ScanVectors(int column, Snapshot snapshot, RowId first, RowId end) => new(this, column, snapshot, first, end);
}

/// <summary>Looks at one row version; true stops the visit.</summary>
public delegate bool RowVisitor(RowView row);
