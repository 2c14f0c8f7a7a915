using System.Diagnostics;

namespace PgVectorCompat.Storage;

/// <summary>
/// Writes rows for one transaction: puts record and vectors into the files, then the version into the directory, under the gate of the
/// row's chunk. A row whose newest version is in progress belongs to its writer; that version is the row's write lock.
/// </summary>
sealed unsafe class RowWriter(Transaction transaction)
{
    readonly Transaction _transaction = transaction;

    Store Store => _transaction.Store;
    WriteSet Writes => _transaction.Writes;

    public RowId Insert(Table table, ReadOnlySpan<byte> image, VectorValues vectors)
    {
        var row = table.Directory.Allocate(out var chunk);
        RowVersion version;
        try
        {
            version = WriteVersion(table, row, image, vectors, replaced: null, keyChanged: true);
        }
        catch
        {
            table.Directory.Free(row);
            throw;
        }
        lock (chunk.Gate) chunk.Push(RowDirectory.IndexOf(row), version, Store.OldVersions);
        Writes.Add(table, row);
        return new(row);
    }

    public WriteResult Update(Table table, long row, Snapshot snapshot, ReadOnlySpan<byte> image, VectorValues vectors, bool keyChanged)
    {
        if (table.Directory.Find(row) is not { } chunk) return new(WriteStatus.DeletedSince);
        var index = RowDirectory.IndexOf(row);
        WriteResult result;
        long changedBy;
        lock (chunk.Gate)
        {
            result = Check(chunk, index, snapshot, keyChanged ? RowLockMode.Update : RowLockMode.NoKeyUpdate, out var newest);
            changedBy = newest.Begin;
            if (result.Status == WriteStatus.Done)
            {
                // A later write of this transaction must not weaken what an earlier one of it has excluded.
                var key = keyChanged || (newest.Begin < 0 && newest.Position.KeyChanged);
                Replace(table, chunk, row, newest, WriteVersion(table, row, image, vectors, newest, key));
            }
        }
        return Settled(result, changedBy);
    }

    public WriteResult Delete(Table table, long row, Snapshot snapshot)
    {
        if (table.Directory.Find(row) is not { } chunk) return new(WriteStatus.DeletedSince);
        var index = RowDirectory.IndexOf(row);
        WriteResult result;
        long changedBy;
        lock (chunk.Gate)
        {
            result = Check(chunk, index, snapshot, RowLockMode.Update, out var newest);
            changedBy = newest.Begin;
            if (result.Status == WriteStatus.Done)
                Replace(table, chunk, row, newest, new(Stamp.Of(_transaction.Id), RowPosition.Deletion, _transaction.Command, -1));
        }
        return Settled(result, changedBy);
    }

    public WriteResult LockRow(Table table, long row, Snapshot snapshot, RowLockMode mode)
    {
        if (table.Directory.Find(row) is not { } chunk) return new(WriteStatus.DeletedSince);
        var index = RowDirectory.IndexOf(row);
        WriteResult result;
        long changedBy;
        lock (chunk.Gate)
        {
            result = Check(chunk, index, snapshot, mode, out var newest);
            changedBy = newest.Begin;
            if (result.Status == WriteStatus.Done) Grant(table, chunk, row, mode);
        }
        return Settled(result, changedBy);
    }

    void Grant(Table table, Chunk chunk, long row, RowLockMode mode)
    {
        var locks = chunk.Locks ??= new();
        var index = RowDirectory.IndexOf(row);
        var before = locks.ModeOf(index, _transaction);
        if (before >= mode) return;
        locks.Set(index, _transaction, mode);
        _transaction.HeldLocks.Add(table, row, before);
    }

    /// <summary>Whether this transaction may write or lock the row that the snapshot sees. The gate is held.</summary>
    WriteResult Check(Chunk chunk, int index, Snapshot snapshot, RowLockMode wanted, out RowVersion newest)
    {
        newest = chunk.Newest(index);
        if (newest.Begin == 0) return new(WriteStatus.DeletedSince);

        if (newest.Begin < 0)
        {
            var writer = Stamp.TransactionOf(newest.Begin);
            if (writer == _transaction.Id)
            {
                if (newest.Command >= snapshot.Command) return new(WriteStatus.SelfModified);
            }
            else if (wanted != RowLockMode.KeyShare || newest.Position.KeyChanged)
            {
                // Found: he leaves the register after his stamps are gone, and those go under the gate.
                return new(WriteStatus.Busy, Store.FindWriter(writer)!.AsHolder, HasLock(chunk, index));
            }
            else
            {
                // An UPDATE in progress that leaves the key alone does not stop FOR KEY SHARE; what counts is the version below it.
                newest = chunk.NewestCommitted(index);
            }
        }
        if (newest.Begin > snapshot.ReadCsn) return new(newest.Position.IsDeletion ? WriteStatus.DeletedSince : WriteStatus.ChangedSince);
        if (newest.Begin == 0 || newest.Position.IsDeletion) return new(WriteStatus.DeletedSince);

        if (chunk.Locks?.Blocker(index, _transaction, wanted) is { } blocker)
            return new(WriteStatus.Busy, blocker.AsHolder, HasLock(chunk, index));
        return WriteResult.Done;
    }

    bool HasLock(Chunk chunk, int index) => chunk.Locks?.ModeOf(index, _transaction) is not null;

    /// <summary>
    /// A commit stamps its rows a moment before snapshots see it; whoever met such a stamp waits out the moment, so that the snapshot
    /// he takes next sees the change.
    /// </summary>
    WriteResult Settled(WriteResult result, long changedBy)
    {
        if (result.Status is WriteStatus.ChangedSince or WriteStatus.DeletedSince) Store.AwaitPublished(changedBy);
        return result;
    }

    void Replace(Table table, Chunk chunk, long row, RowVersion newest, RowVersion version)
    {
        chunk.Push(RowDirectory.IndexOf(row), version, Store.OldVersions);
        if (newest.Begin < 0) Writes.HasRewrites = true;
        Writes.Add(table, row);
    }

    /// <summary>Writes vectors and record; nothing stays taken when it fails.</summary>
    RowVersion WriteVersion(Table table, long row, ReadOnlySpan<byte> image, VectorValues vectors, RowVersion? replaced, bool keyChanged)
    {
        var columns = table.Columns;
        CheckSources(columns, vectors, replaced is not null);
        var writer = _transaction.Id;
        var form = RowRecord.FormOf(row, writer, image.Length);
        var size = RowRecord.SizeOf(form, columns.Length);
        var segment = Writes.Append(table, size, out var offset);
        var record = segment.At(offset);
        RowRecord.Begin(record, form);
        var written = 0;
        var firstSlot = -1;
        try
        {
            var rest = vectors.Bytes;
            for (; written < columns.Length; written++)
            {
                var column = columns[written];
                var (slot, checksum) = (-1, 0u);
                switch (vectors.Sources[written])
                {
                    case VectorSource.Present:
                        slot = column.Write(rest[..column.ValueBytes], out var file);
                        checksum = Crc32C.Of(rest[..column.ValueBytes]);
                        rest = rest[column.ValueBytes..];
                        Writes.TouchVectors(file);
                        Writes.Bytes += column.ValueBytes;
                        break;
                    case VectorSource.Unchanged:
                        var old = table.Segments.Record(replaced!.Value.Position);
                        (slot, checksum) = (RowRecord.Slot(old, written), RowRecord.VectorChecksum(old, written));
                        break;
                }
                RowRecord.SetSlot(record, written, slot, checksum);
                if (written == 0) firstSlot = slot;
            }
        }
        catch
        {
            for (var i = 0; i < written; i++)
                if (vectors.Sources[i] == VectorSource.Present) columns[i].Free(RowRecord.Slot(record, i));
            segment.AddLive(-1, -size);
            throw;
        }
        RowRecord.Finish(record, columns.Length, row, writer, image);
        segment.File.MarkWritten();
        Writes.TouchRows(segment.File);
        Writes.Bytes += size;
        return new(Stamp.Of(writer), new(segment.Number, offset, keyChanged), _transaction.Command, firstSlot);
    }

    static void CheckSources(ReadOnlySpan<VectorColumn> columns, VectorValues vectors, bool mayKeep)
    {
        if (vectors.Sources.Length != columns.Length) throw new ArgumentException("one source per vector column", nameof(vectors));
        var bytes = 0L;
        for (var i = 0; i < columns.Length; i++)
        {
            if (vectors.Sources[i] == VectorSource.Present) bytes += columns[i].ValueBytes;
            if (vectors.Sources[i] == VectorSource.Unchanged && !mayKeep) throw new ArgumentException("a new row has no vector to keep", nameof(vectors));
        }
        if (bytes != vectors.Bytes.Length) throw new ArgumentException("vector bytes do not fit the columns", nameof(vectors));
    }

    /// <summary>Takes back every version written since the set had <paramref name="ranges"/> ranges, newest first.</summary>
    public void UndoRows(int ranges)
    {
        while (Writes.Rows.Count > ranges)
        {
            var range = Writes.Rows.RemoveLast();
            for (var row = range.First + range.Count - 1; row >= range.First; row--) UndoRow(range.Table, row);
        }
    }

    void UndoRow(Table table, long row)
    {
        var chunk = table.Directory.Find(row)!;
        var index = RowDirectory.IndexOf(row);
        RowVersion version;
        ulong freeColumns;
        bool wasInsert;
        lock (chunk.Gate)
        {
            version = chunk.Newest(index);
            Debug.Assert(version.Begin == Stamp.Of(_transaction.Id));
            var older = chunk.OlderOf(index);
            wasInsert = older == 0;
            freeColumns = version.Position.IsDeletion ? 0 : table.ColumnsNotShared(version, wasInsert ? null : chunk.Older(older));
            chunk.Pop(index);
        }
        if (!version.Position.IsDeletion)
        {
            Writes.UndoneBytes += UsedBytes(table, version, freeColumns);
            Writes.UndoneTables.Add(table);
            Store.Drop(table, new(row, version, freeColumns));
        }
        if (wasInsert) table.Directory.Free(row);
    }

    /// <summary>Bytes of a version's record and of the vectors that are its own.</summary>
    static long UsedBytes(Table table, in RowVersion version, ulong ownColumns)
    {
        var bytes = RowRecord.Size(table.Segments.Record(version.Position), table.Columns.Length);
        for (var i = 0; i < table.Columns.Length; i++)
            if ((ownColumns & (1ul << i)) != 0) bytes += table.Columns[i].ValueBytes;
        return bytes;
    }
}
