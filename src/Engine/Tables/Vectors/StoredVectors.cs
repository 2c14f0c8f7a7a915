using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>The vectors that an index is built from: those of the rows that one snapshot sees.</summary>
sealed class StoredVectors(VectorAccess access, Snapshot snapshot) : IVectorRows
{
    const int BatchRows = 1024;

    readonly Table _rows = access.Table.Rows;
    readonly long _end = access.Table.Rows.NextRowId;

    public long EstimatedCount => Math.Min(_end, _rows.RowCountEstimate);

    public void Visit(int part, int parts, VectorVisitor visitor)
    {
        var (first, end) = (new RowId(_end * part / parts), new RowId(_end * (part + 1) / parts));
        if (access.VectorColumn >= 0 && access.Predicate is null)
            VisitColumn(first, end, visitor);
        else
            VisitRows(first, end, visitor);
    }

    void VisitColumn(RowId first, RowId end, VectorVisitor visitor)
    {
        var column = _rows.Vectors(access.VectorColumn);
        var scan = _rows.ScanVectors(access.VectorColumn, snapshot, first, end);
        var rows = new RowId[BatchRows];
        var slots = new int[BatchRows];
        for (int count; (count = scan.NextBatch(rows, slots)) > 0;)
            for (var i = 0; i < count; i++)
                if (!visitor(rows[i].Value, slots[i], column.Bytes(slots[i])))
                    return;
    }

    void VisitRows(RowId first, RowId end, VectorVisitor visitor)
    {
        var buffer = new ByteWriter();
        var scan = _rows.Scan(snapshot, first, end);
        while (scan.MoveNext(out var row))
            if (access.TryKey(row, buffer, out var key, out var bytes) && !visitor(row.Row.Value, key, bytes))
                return;
    }
}
