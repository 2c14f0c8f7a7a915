namespace PgVectorCompat.Storage;

/// <summary>
/// One row version, read in place. Its spans point into mapped files and stay valid while the snapshot it was read with, or any
/// snapshot or transaction begun before the read, lives.
/// </summary>
public readonly unsafe ref struct RowView
{
    readonly Table _table;
    readonly byte* _record;

    internal RowView(Table table, byte* record, RowId row)
    {
        _table = table;
        _record = record;
        Row = row;
    }

    public RowId Row { get; }

    /// <summary>Id of the transaction that wrote this version (xmin): the same before and after its commit.</summary>
    public long Writer => RowRecord.Writer(_record);

    /// <summary>The row image as given to Insert or Update.</summary>
    public ReadOnlySpan<byte> Image => RowRecord.Image(_record, _table.Shape.VectorBytes.Length);

    /// <summary>Whether vector column <paramref name="column"/> is NULL.</summary>
    public bool IsNull(int column) => Slot(column) < 0;

    /// <summary>The slot of vector column <paramref name="column"/>; -1 when NULL.</summary>
    public int Slot(int column) => RowRecord.Slot(_record, column);

    /// <summary>The bytes of vector column <paramref name="column"/>; empty when NULL.</summary>
    public ReadOnlySpan<byte> Vector(int column) => Slot(column) is >= 0 and var slot ? _table.Vectors(column).Bytes(slot) : default;
}
