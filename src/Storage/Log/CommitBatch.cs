using System.Buffers.Binary;

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

    // Runs of deletions of one table that are written as one operation: where their length goes, and where the last one ended.
    Table? _deletesTable;
    int _deletesStart;
    long _deletesEnd;

    public void Write()
    {
        var writes = transaction.Writes;
        buffer.WriteByte((byte)LogOperation.TransactionAt);
        buffer.WriteInt64(transaction.Id);
        buffer.WriteInt64(CommitTime.Of(transaction.Store.Options.Time.GetUtcNow()));
        foreach (var change in writes.Tables)
            if (change.Created) WriteCreate(change.Table);

        var rewritten = writes.HasRewrites ? new Dictionary<Table, NumberSet>() : null;
        foreach (var range in writes.Rows)
        {
            if (writes.Dropped(range.Table)) continue;
            for (var row = range.First; row < range.First + range.Count; row++) WriteRow(range.Table, row, rewritten);
        }
        EndRuns();

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

    /// <param name="table">The row's table.</param>
    /// <param name="row">The row.</param>
    /// <param name="rewritten">If some row was written more than once: the rows that are in the batch already.</param>
    void WriteRow(Table table, long row, Dictionary<Table, NumberSet>? rewritten)
    {
        table.Directory.Find(row)!.ReadNewest(RowDirectory.IndexOf(row), out var version, out var hasOlder);
        if (version.Begin != _stamp) return;
        if (rewritten is not null && hasOlder)
        {
            if (!rewritten.TryGetValue(table, out var rows)) rewritten.Add(table, rows = new());
            if (!rows.Add(row)) return;
        }

        if (version.Position.IsDeletion)
        {
            Extend(table, LogOperation.DeleteRuns, segment: 0, row, row + 1);
            return;
        }
        if (byReference)
        {
            var length = RowRecord.Size(table.Segments.Record(version.Position), table.Columns.Length);
            Extend(table, LogOperation.Reference, version.Position.Segment, version.Position.Offset, version.Position.Offset + length);
            return;
        }

        EndRuns();
        buffer.WriteByte((byte)LogOperation.Put);
        buffer.WriteUInt32(table.Id);
        LoggedRecord.Write(buffer, table, row, version);
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
        if (_runKind == LogOperation.DeleteRuns)
        {
            AddDeletes();
        }
        else
        {
            EndDeletes();
            buffer.WriteByte((byte)_runKind);
            buffer.WriteUInt32(_runTable!.Id);
            buffer.WriteInt32(_runSegment);
            buffer.WriteUInt32((uint)(_runStart >> 3));
            buffer.WriteInt32(_runCount);
        }
        _runCount = 0;
    }

    void AddDeletes()
    {
        if (_deletesTable != _runTable)
        {
            EndDeletes();
            buffer.WriteByte((byte)LogOperation.DeleteRuns);
            buffer.WriteUInt32(_runTable!.Id);
            buffer.WriteInt32(0);
            (_deletesTable, _deletesStart, _deletesEnd) = (_runTable, buffer.Length, 0);
        }
        buffer.WriteZigzag(_runStart - _deletesEnd);
        buffer.WriteVarint((ulong)_runCount);
        _deletesEnd = _runEnd;
    }

    void EndDeletes()
    {
        if (_deletesTable is null) return;
        BinaryPrimitives.WriteInt32LittleEndian(buffer.Written[(_deletesStart - sizeof(int))..], buffer.Length - _deletesStart);
        _deletesTable = null;
    }

    void EndRuns()
    {
        EndRun();
        EndDeletes();
    }
}
