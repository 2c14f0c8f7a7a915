namespace PgVectorCompat.Storage;

/// <summary>
/// Applies log batches to what a checkpoint left. Applying a batch again, or over something newer, changes nothing: a row already
/// at this commit or a later one is skipped, and a place in a file is written only with the bytes it always had.
/// </summary>
sealed unsafe class LogReplay(Store store, Manifest manifest, Dictionary<uint, Table> tables)
{
    readonly HashSet<uint> _missing = [];

    // Tables that have placed records but were not made yet; those that never are leave files nothing refers to.
    readonly Dictionary<uint, Table> _unborn = [];

    public Dictionary<CatalogKey, byte[]> Catalog { get; } = new(manifest.Catalog);
    public Dictionary<CatalogKey, byte[]> Sequences { get; } = new(manifest.Sequences);
    public List<Table> Dropped { get; } = [];
    public long Csn { get; private set; } = manifest.Csn;
    public long NextTransaction { get; private set; } = manifest.NextTransaction;
    public long Batches { get; private set; }

    public void Apply(BatchHeader header, ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new ByteSpanReader(payload);
            while (!reader.AtEnd) ApplyNext(ref reader, header.Csn);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new StoreDamagedException($"the batch at {header.Lsn} of the redo log ends inside an operation");
        }
        Csn = Math.Max(Csn, header.Csn);
        Batches++;
    }

    /// <summary>Called at the end of the log.</summary>
    /// <exception cref="StoreDamagedException">Rows were logged for a table that was never made.</exception>
    public void Finish()
    {
        Dropped.AddRange(_unborn.Values);
        foreach (var table in _missing) throw new StoreDamagedException($"the redo log has rows of table {table}, which does not exist");
    }

    void ApplyNext(ref ByteSpanReader reader, long csn)
    {
        switch ((LogOperation)reader.ReadByte())
        {
            case LogOperation.Transaction:
                NextTransaction = Math.Max(NextTransaction, reader.ReadInt64() + 1);
                break;
            case LogOperation.TransactionAt:
                NextTransaction = Math.Max(NextTransaction, reader.ReadInt64() + 1);
                reader.ReadInt64();
                break;
            case LogOperation.Place:
                Place(ref reader, csn);
                break;
            case LogOperation.CreateTable:
                CreateTable(ref reader);
                break;
            case LogOperation.DropTable:
                var id = reader.ReadUInt32();
                _missing.Remove(id);
                if (tables.Remove(id, out var dropped)) Dropped.Add(dropped);
                break;
            case LogOperation.Put:
                Put(ref reader, csn);
                break;
            case LogOperation.Reference:
                Reference(ref reader, csn);
                break;
            case LogOperation.Delete:
                Delete(Find(reader.ReadUInt32()), reader.ReadInt64(), reader.ReadInt32(), csn);
                break;
            case LogOperation.DeleteRuns:
                DeleteRuns(ref reader, csn);
                break;
            case LogOperation.PutCatalog:
                Catalog[ReadKey(ref reader)] = reader.ReadBytes(reader.ReadInt32()).ToArray();
                break;
            case LogOperation.DeleteCatalog:
                Catalog.Remove(ReadKey(ref reader));
                break;
            case LogOperation.Sequence:
                var key = ReadKey(ref reader);
                var state = reader.ReadBytes(reader.ReadInt32());
                if (state.IsEmpty) Sequences.Remove(key);
                else Sequences[key] = state.ToArray();
                break;
            case var unknown:
                throw new StoreDamagedException($"the redo log has an operation {(byte)unknown}");
        }
    }

    static CatalogKey ReadKey(ref ByteSpanReader reader) => new(reader.ReadUInt32(), reader.ReadUInt32());

    void CreateTable(ref ByteSpanReader reader)
    {
        var id = reader.ReadUInt32();
        var lengths = new int[reader.ReadUInt16()];
        for (var i = 0; i < lengths.Length; i++) lengths[i] = reader.ReadInt32();
        if (!tables.ContainsKey(id)) tables.Add(id, _unborn.Remove(id, out var unborn) ? unborn : new(store, id, new([.. lengths])));
    }

    /// <summary>A table dropped before the checkpoint looked may still be named by batches before its drop.</summary>
    Table? Find(uint id)
    {
        if (tables.TryGetValue(id, out var table)) return table;
        _missing.Add(id);
        return null;
    }

    void Place(ref ByteSpanReader reader, long csn)
    {
        var id = reader.ReadUInt32();
        var lengths = new int[reader.ReadUInt16()];
        for (var i = 0; i < lengths.Length; i++) lengths[i] = reader.ReadInt32();
        if (!tables.TryGetValue(id, out var table) && !_unborn.TryGetValue(id, out table)) _unborn.Add(id, table = new(store, id, new([.. lengths])));
        Write(ref reader, table, csn, isPlaced: true);
    }

    void Put(ref ByteSpanReader reader, long csn) => Write(ref reader, Find(reader.ReadUInt32()), csn, isPlaced: false);

    static void Write(ref ByteSpanReader reader, Table? table, long csn, bool isPlaced)
    {
        var number = reader.ReadInt32();
        var fileLength = (long)reader.ReadUInt32() << 3;
        var offset = (long)reader.ReadUInt32() << 3;
        var record = reader.ReadBytes(reader.ReadInt32());
        var logged = (ulong)reader.ReadInt64();
        if (table is null)
        {
            reader.ReadBytes(reader.ReadInt32());
            return;
        }
        var values = new ByteSpanReader(reader.ReadBytes(reader.ReadInt32()));

        fixed (byte* start = record)
        {
            var row = RowRecord.Row(start);
            table.Segments.Reserve(number + 1);
            Chunk? chunk = null;
            var isNews = isPlaced || IsNews(table, row, csn, out chunk);
            if (isNews)
            {
                var segment = table.Segments.OpenOrCreate(number, fileLength);
                record.CopyTo(new Span<byte>(segment.At(offset), record.Length));
                segment.File.MarkWritten();
                segment.Tail = Math.Max(segment.Tail, offset + record.Length);
            }
            for (var i = 0; i < table.Columns.Length; i++)
            {
                if ((logged & (1ul << i)) == 0) continue;
                var value = values.ReadBytes(table.Columns[i].ValueBytes);
                if (isNews) table.Columns[i].Restore(RowRecord.Slot(start, i), value);
            }
            if (isNews && !isPlaced) Set(table, chunk!, start, csn, number, offset);
        }
    }

    void Reference(ref ByteSpanReader reader, long csn)
    {
        var table = Find(reader.ReadUInt32());
        var number = reader.ReadInt32();
        var offset = (long)reader.ReadUInt32() << 3;
        var count = reader.ReadInt32();
        if (table is null) return;

        table.Segments.Reserve(number + 1);
        var segment = table.Segments.OpenSynced(number);
        var columns = table.Columns.Length;
        for (var i = 0; i < count; i++)
        {
            var record = segment.At(offset);
            if (!RowRecord.IsValid(record, columns, segment.File.Length - offset))
                throw new StoreDamagedException($"a record in {segment.File.Name} at {offset}, synced before its commit, is damaged");
            if (IsNews(table, RowRecord.Row(record), csn, out var chunk))
            {
                for (var column = 0; column < columns; column++)
                    if (RowRecord.Slot(record, column) is >= 0 and var slot) table.Columns[column].Require(slot);
                Set(table, chunk, record, csn, number, offset);
            }
            offset += RowRecord.Size(record, columns);
        }
        segment.Tail = Math.Max(segment.Tail, offset);
    }

    void DeleteRuns(ref ByteSpanReader reader, long csn)
    {
        var table = Find(reader.ReadUInt32());
        var runs = new ByteSpanReader(reader.ReadBytes(reader.ReadInt32()));
        for (var end = 0L; !runs.AtEnd;)
        {
            var first = end + runs.ReadZigzag();
            var count = (int)runs.ReadVarint();
            Delete(table, first, count, csn);
            end = first + count;
        }
    }

    static void Delete(Table? table, long first, int count, long csn)
    {
        if (table is null) return;
        for (var row = first; row < first + count; row++)
            if (IsNews(table, row, csn, out var chunk)) chunk.Set(RowDirectory.IndexOf(row), default);
    }

    static bool IsNews(Table table, long row, long csn, out Chunk chunk)
    {
        chunk = table.Directory.Ensure(row, recovering: true);
        return chunk.Newest(RowDirectory.IndexOf(row)).Begin < csn;
    }

    static void Set(Table table, Chunk chunk, byte* record, long csn, int segment, long offset)
    {
        var slot = table.Columns.Length > 0 ? RowRecord.Slot(record, 0) : -1;
        chunk.Set(RowDirectory.IndexOf(RowRecord.Row(record)), new(csn, new(segment, offset), 0, slot));
        table.Segments[segment].AddLive(0, RowRecord.Size(record, table.Columns.Length));
    }
}
