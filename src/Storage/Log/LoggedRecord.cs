namespace PgVectorCompat.Storage;

/// <summary>
/// A row version as the log carries it: where its record is (segment, length of its file / 8, offset / 8), the record, and the values of
/// the vector columns that are new with it.
/// </summary>
static unsafe class LoggedRecord
{
    public static void Write(ByteBuffer buffer, Table table, long row, in RowVersion version)
    {
        var record = table.Segments.Record(version.Position);
        var length = RowRecord.Size(record, table.Columns.Length);
        buffer.WriteInt32(version.Position.Segment);
        buffer.WriteUInt32((uint)(table.Segments[version.Position.Segment].File.Length >> 3));
        buffer.WriteUInt32((uint)(version.Position.Offset >> 3));
        buffer.WriteInt32((int)length);
        buffer.WriteBytes(new(record, (int)length));

        // A vector the row had before is in the log or in its file already.
        var logged = table.ColumnsNotShared(version, Committed(table, row));
        var valueBytes = 0;
        for (var i = 0; i < table.Columns.Length; i++)
        {
            if (RowRecord.Slot(record, i) < 0) logged &= ~(1ul << i);
            else if ((logged & (1ul << i)) != 0) valueBytes += table.Columns[i].ValueBytes;
        }
        buffer.WriteInt64((long)logged);
        buffer.WriteInt32(valueBytes);
        for (var i = 0; i < table.Columns.Length; i++)
            if ((logged & (1ul << i)) != 0) buffer.WriteBytes(table.Columns[i].Bytes(RowRecord.Slot(record, i)));
    }

    /// <summary>What the row was before this transaction.</summary>
    static RowVersion? Committed(Table table, long row)
    {
        if (table.Columns.Length == 0) return null;
        var chunk = table.Directory.Find(row)!;
        lock (chunk.Gate) return chunk.NewestCommitted(RowDirectory.IndexOf(row)) is { Begin: > 0 } version ? version : null;
    }
}
