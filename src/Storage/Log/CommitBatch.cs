namespace PgVectorCompat.Storage;

/// <summary>Writes the effects of one transaction as the payload of its batch: tables first, then rows in the order written, then drops.</summary>
unsafe ref struct CommitBatch(Transaction transaction, ByteBuffer buffer, bool byReference)
{
    readonly long _stamp = Stamp.Of(transaction.Id);

    // A run that may still grow: records side by side, or deletions of consecutive rows.
    Table? _runTable;
    LogOperation _runKind;
    int _runSegment;
    long _runStart;
    long _runEnd;
    int _runCount;

    public void Write()
    {
        var writes = transaction.Writes;
        buffer.WriteByte((byte)LogOperation.Transaction);
        buffer.WriteInt64(transaction.Id);
        foreach (var change in writes.Tables)
            if (change.Created) WriteCreate(change.Table);

        var seen = writes.HasRewrites ? new HashSet<(uint, long)>() : null;
        foreach (var range in writes.Rows)
        {
            if (writes.Dropped(range.Table)) continue;
            for (var row = range.First; row < range.First + range.Count; row++)
                if (seen is null || seen.Add((range.Table.Id, row))) WriteRow(range.Table, row);
        }
        EndRun();

        foreach (var change in writes.Tables)
        {
            if (change.Created) continue;
            buffer.WriteByte((byte)LogOperation.DropTable);
            buffer.WriteUInt32(change.Table.Id);
        }
        foreach (var (key, record) in writes.Catalog)
        {
            buffer.WriteByte((byte)(record is null ? LogOperation.DeleteCatalog : LogOperation.PutCatalog));
            buffer.WriteUInt32(key.Database);
            buffer.WriteUInt32(key.Object);
            if (record is null) continue;
            buffer.WriteInt32(record.Length);
            buffer.WriteBytes(record);
        }
    }

    readonly void WriteCreate(Table table)
    {
        buffer.WriteByte((byte)LogOperation.CreateTable);
        buffer.WriteUInt32(table.Id);
        buffer.WriteUInt16((ushort)table.Shape.VectorBytes.Length);
        foreach (var bytes in table.Shape.VectorBytes) buffer.WriteInt32(bytes);
    }

    void WriteRow(Table table, long row)
    {
        table.Directory.Find(row)!.ReadNewest(RowDirectory.IndexOf(row), out var version, out var older);
        if (version.Begin != _stamp) return;

        if (version.Position.IsDeletion)
        {
            Extend(table, LogOperation.Delete, segment: 0, row, row + 1);
            return;
        }
        var record = table.Segments.Record(version.Position);
        var length = RowRecord.Size(table.Columns.Length, RowRecord.ImageLength(record));
        if (byReference)
        {
            Extend(table, LogOperation.Reference, version.Position.Segment, version.Position.Offset, version.Position.Offset + length);
            return;
        }

        EndRun();
        buffer.WriteByte((byte)LogOperation.Put);
        buffer.WriteUInt32(table.Id);
        buffer.WriteInt32(version.Position.Segment);
        buffer.WriteUInt32((uint)(table.Segments[version.Position.Segment].File.Length >> 3));
        buffer.WriteUInt32((uint)(version.Position.Offset >> 3));
        buffer.WriteInt32((int)length);
        buffer.WriteBytes(new(record, (int)length));

        // A vector the row had before is in the log or in its file already.
        while (older is { Version.Begin: < 0 }) older = older.Older;
        var logged = table.ColumnsNotShared(version, older?.Version);
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

    void Extend(Table table, LogOperation kind, int segment, long start, long end)
    {
        if (_runCount > 0 && _runTable == table && _runKind == kind && _runSegment == segment && _runEnd == start && _runCount < int.MaxValue)
        {
            _runEnd = end;
            _runCount++;
            return;
        }
        EndRun();
        (_runTable, _runKind, _runSegment, _runStart, _runEnd, _runCount) = (table, kind, segment, start, end, 1);
    }

    void EndRun()
    {
        if (_runCount == 0) return;
        buffer.WriteByte((byte)_runKind);
        buffer.WriteUInt32(_runTable!.Id);
        if (_runKind == LogOperation.Delete)
        {
            buffer.WriteInt64(_runStart);
        }
        else
        {
            buffer.WriteInt32(_runSegment);
            buffer.WriteUInt32((uint)(_runStart >> 3));
        }
        buffer.WriteInt32(_runCount);
        _runCount = 0;
    }
}
