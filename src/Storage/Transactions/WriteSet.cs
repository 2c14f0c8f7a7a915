namespace PgVectorCompat.Storage;

/// <summary>
/// What one transaction has done, in order, so that it can be undone back to any point, logged and published: one newest version
/// of each row of each range, tables made and dropped, catalog records.
/// </summary>
sealed class WriteSet
{
    readonly HashSet<DataFile> _touched = [];
    Dictionary<Table, SegmentRoom>? _rooms;
    DataFile? _lastRows;
    DataFile? _lastVectors;
    int _mergeFloor;

    internal readonly record struct TableChange(Table Table, bool Created);

    internal readonly record struct CatalogChange(CatalogKey Key, byte[]? Record);

    public RowRanges Rows { get; } = new();
    public List<TableChange> Tables { get; } = [];
    public List<CatalogChange> Catalog { get; } = [];

    /// <summary>Bytes of records and vectors written.</summary>
    public long Bytes { get; set; }

    /// <summary>Whether some row was written more than once, so that ranges may name it twice.</summary>
    public bool HasRewrites { get; set; }

    public bool IsEmpty => Rows.Count == 0 && Tables.Count == 0 && Catalog.Count == 0;

    /// <summary>Tables of rows that were undone.</summary>
    public HashSet<Table> UndoneTables { get; } = [];

    /// <summary>Bytes of their records and vectors.</summary>
    public long UndoneBytes { get; set; }

    /// <summary>Every data file written to.</summary>
    public HashSet<DataFile> Touched => _touched;

    public void Add(Table table, long row) => Rows.Add(table, row, _mergeFloor);

    /// <summary>Keeps what follows in ranges of its own, so that a savepoint is a number of ranges.</summary>
    public void Mark() => _mergeFloor = Rows.Count;

    public void TouchRows(DataFile file)
    {
        if (file == _lastRows) return;
        _touched.Add(file);
        _lastRows = file;
    }

    public void TouchVectors(DataFile file)
    {
        if (file == _lastVectors) return;
        _touched.Add(file);
        _lastVectors = file;
    }

    /// <summary>Room for one record: of the shared tail while the transaction is small, of its own stretch once it is not.</summary>
    public Segment Append(Table table, long size, out long offset)
    {
        if (Bytes < SegmentRoom.Bytes / 4 || size > SegmentRoom.Bytes / 4) return table.Segments.Append(size, out offset);

        _rooms ??= [];
        if (!_rooms.TryGetValue(table, out var room)) _rooms.Add(table, room = new());
        if (room.Segment is null || room.End - room.Offset < size)
        {
            room.Close();
            room.Segment = table.Segments.Append(SegmentRoom.Bytes, out var start);
            room.Offset = start;
            room.End = start + SegmentRoom.Bytes;
        }
        offset = room.Offset;
        room.Offset += size;
        room.Segment!.AddLive(1, 0);
        return room.Segment;
    }

    public void CloseRooms()
    {
        if (_rooms is null) return;
        foreach (var room in _rooms.Values) room.Close();
        _rooms = null;
    }

    public bool Dropped(Table table)
    {
        foreach (var change in Tables)
            if (!change.Created && change.Table == table) return true;
        return false;
    }
}
