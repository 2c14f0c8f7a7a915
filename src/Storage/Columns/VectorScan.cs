namespace PgVectorCompat.Storage;

/// <summary>Visible rows whose value in one vector column is not NULL, in row id order, as pairs of row id and slot.</summary>
public sealed class VectorScan
{
    internal VectorScan(Table table, int column, Snapshot snapshot, RowId first, RowId end)
    {
    }

    /// <summary>Fills both spans (of equal length, best at least 1,024) and returns how many; 0 at the end.</summary>
    public int NextBatch(Span<RowId> rows, Span<int> slots) => throw new NotSupportedException();
}
