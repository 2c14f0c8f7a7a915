using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Storage;

/// <summary>Rows of one table. Reading takes no locks and never waits.</summary>
public sealed unsafe class Table
{
    readonly Store _store;
    readonly VectorColumn[] _vectors;

    internal Table(Store store, uint id, TableShape shape)
    {
        _store = store;
        Id = id;
        Shape = shape;
        Segments = new(store, id);
        _vectors = new VectorColumn[shape.VectorBytes.Length];
        for (var i = 0; i < _vectors.Length; i++) _vectors[i] = new(store, id, i, shape.VectorBytes[i]);
    }

    public uint Id { get; }
    public TableShape Shape { get; }

    /// <summary>Whether the transaction that made the table has committed.</summary>
    internal bool IsCommitted { get; set; }

    /// <summary>Whether its drop is committed, or its creation undone.</summary>
    internal bool IsDropped { get; set; }

    internal RowDirectory Directory { get; } = new();
    internal RowSegments Segments { get; }
    internal ReadOnlySpan<VectorColumn> Columns => _vectors;

    /// <summary>One above the largest row id ever used.</summary>
    public long NextRowId => Directory.NextRow;

    /// <summary>Committed rows, within what transactions in progress may add or remove.</summary>
    public long RowCountEstimate => Directory.RowCount;

    /// <summary>Bytes of the row segments on disk.</summary>
    public long RowFileBytes => Segments.FileBytes;

    /// <summary>Of <see cref="RowFileBytes"/>, those that records were written to: what a scan may read.</summary>
    public long WrittenRowBytes => Segments.WrittenBytes;

    /// <summary>How often files that were mostly garbage were emptied since the store was opened, and when last.</summary>
    public (long Count, DateTimeOffset? Last) Compactions { get; private set; }

    internal void CountCompaction(DateTimeOffset now) => Compactions = (Compactions.Count + 1, now);

    /// <summary>Bytes of the vector columns on disk.</summary>
    public long VectorFileBytes
    {
        get
        {
            var sum = 0L;
            foreach (var column in _vectors) sum += column.FileBytes;
            return sum;
        }
    }

    public VectorColumn Vectors(int column) => _vectors[column];

    /// <summary>The version of a row that <paramref name="snapshot"/> sees; false when it sees none.</summary>
    public bool TryRead(RowId row, Snapshot snapshot, out RowView view)
    {
        if (Directory.Find(row.Value) is { } chunk && chunk.TryFind(RowDirectory.IndexOf(row.Value), snapshot, out var version))
        {
            view = ViewOf(row.Value, version);
            return true;
        }
        view = default;
        return false;
    }

    /// <summary>
    /// Whether <paramref name="snapshot"/> sees a version of the row, and the slot of its vector column (-1: NULL), without touching
    /// the row image (for the first vector column). The check index searches make per candidate.
    /// </summary>
    public bool TryGetSlot(RowId row, int column, Snapshot snapshot, out int slot)
    {
        if (Directory.Find(row.Value) is { } chunk && chunk.TryFind(RowDirectory.IndexOf(row.Value), snapshot, out var version))
        {
            slot = SlotOf(version, column);
            return true;
        }
        slot = -1;
        return false;
    }

    /// <summary>Asks the memory for what tells which version of a row a snapshot sees.</summary>
    public void PrefetchVersion(RowId row) => Directory.Find(row.Value)?.Prefetch(RowDirectory.IndexOf(row.Value));

    /// <summary>Asks the memory for the newest record of a row, which the caller's snapshot sees a version of.</summary>
    public void PrefetchRecord(RowId row)
    {
        if (!Sse.IsSupported || Directory.Find(row.Value) is not { } chunk) return;
        chunk.ReadNewest(RowDirectory.IndexOf(row.Value), out var version, out _);
        if (version.Begin != 0 && !version.Position.IsDeletion) Sse.Prefetch0(Segments.Record(version.Position));
    }

    /// <summary>
    /// Dirty read for unique checks: the newest version, whoever wrote it. The caller must have a live snapshot or transaction.
    /// False, with an empty view, for <see cref="RowStatus.None"/> and <see cref="RowStatus.Deleted"/>.
    /// </summary>
    public bool TryReadNewest(RowId row, out RowView view, out RowState state)
    {
        view = default;
        state = default;
        if (Directory.Find(row.Value) is not { } chunk) return false;

        RowVersion version;
        RowHolder? writer = null;
        chunk.ReadNewest(RowDirectory.IndexOf(row.Value), out version);
        while (version.Begin < 0)
        {
            writer = _store.FindWriter(Stamp.TransactionOf(version.Begin))?.AsHolder;
            if (writer is null && IsDropped) return false;
            // A writer leaves the register after its stamps are gone: not found means that the stamp just read is out of date. And it must be
            // the same after it was asked how often it had rolled back.
            var before = version;
            chunk.ReadNewest(RowDirectory.IndexOf(row.Value), out version);
            if (writer is not null && version == before) break;
            writer = null;
        }

        if (version.Begin == 0) return false;
        if (!version.Position.IsDeletion)
        {
            state = new(writer is null ? RowStatus.Committed : RowStatus.Writing, writer);
            view = ViewOf(row.Value, version);
            return true;
        }
        state = new(writer is null ? RowStatus.Deleted : RowStatus.Deleting, writer);
        if (writer is null) return false;
        RowVersion[] versions = [];
        var all = chunk.ReadVersions(RowDirectory.IndexOf(row.Value), ref versions);
        // Meanwhile the writer may have ended, and the deletion or what is below it be gone.
        if (all.Length < 2 || all[0] != version) return TryReadNewest(row, out view, out state);
        view = ViewOf(row.Value, all[1]);
        return true;
    }

    /// <summary>The newest committed version, below what a transaction in progress may have written; false when there is none or it is a deletion.</summary>
    public bool TryReadCommitted(RowId row, out RowView view)
    {
        view = default;
        if (Directory.Find(row.Value) is not { } chunk) return false;
        chunk.ReadNewest(RowDirectory.IndexOf(row.Value), out var version);
        if (version.Begin < 0)
            lock (chunk.Gate) version = chunk.NewestCommitted(RowDirectory.IndexOf(row.Value));
        if (version.Begin <= 0 || version.Position.IsDeletion) return false;
        view = ViewOf(row.Value, version);
        return true;
    }

    /// <summary>
    /// Calls <paramref name="visitor"/> for every version of the row still kept, newest first, deletions left out, until it returns
    /// true; returns whether it did. An index asks this in <see cref="Store.VersionDropped"/> whether another version still has the key.
    /// </summary>
    public bool AnyVersion(RowId row, RowVisitor visitor)
    {
        if (Directory.Find(row.Value) is not { } chunk) return false;
        chunk.ReadNewest(RowDirectory.IndexOf(row.Value), out var newest, out var hasOlder);
        if (!hasOlder) return newest.Begin != 0 && !newest.Position.IsDeletion && visitor(ViewOf(row.Value, newest));
        RowVersion[] versions = [];
        foreach (var version in chunk.ReadVersions(RowDirectory.IndexOf(row.Value), ref versions))
            if (!version.Position.IsDeletion && visitor(ViewOf(row.Value, version))) return true;
        return false;
    }

    /// <summary>
    /// Whether the row has one version only, committed at or before <paramref name="csn"/>: what an index snapshot that covers that
    /// commit has of the row is right.
    /// </summary>
    public bool IsUnchangedSince(RowId row, long csn)
    {
        if (Directory.Find(row.Value) is not { } chunk) return false;
        chunk.ReadNewest(RowDirectory.IndexOf(row.Value), out var version, out var hasOlder);
        return version.Begin > 0 && version.Begin <= csn && !hasOlder && !version.Position.IsDeletion;
    }

    /// <summary>
    /// Calls <paramref name="visitor"/> for every version still kept, deletions left out, of the rows for which
    /// <see cref="IsUnchangedSince"/> is false: what an index adds to a snapshot that covers commit <paramref name="csn"/>.
    /// </summary>
    public void VisitChanged(long csn, Action<RowView> visitor)
    {
        RowVisitor visit = view =>
        {
            visitor(view);
            return false;
        };
        for (long row = 0; row < NextRowId; row++)
            if (!IsUnchangedSince(new(row), csn)) AnyVersion(new(row), visit);
    }

    /// <summary>Visible rows from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    public RowScan Scan(Snapshot snapshot, RowId first, RowId end) => new(this, snapshot, first, end);

    /// <summary>All visible rows.</summary>
    public RowScan Scan(Snapshot snapshot) => Scan(snapshot, default, new(long.MaxValue));

    /// <summary>Row ids and slots of one vector column, for exact search.</summary>
    public VectorScan ScanVectors(int column, Snapshot snapshot, RowId first, RowId end) => new(this, column, snapshot, first, end);

    internal RowView ViewOf(long row, RowVersion version) => new(this, Segments.Record(version.Position), new(row));

    /// <summary>The slot of a vector column of a version that is no deletion.</summary>
    internal int SlotOf(in RowVersion version, int column)
        => column == 0 ? version.Slot : RowRecord.Slot(Segments.Record(version.Position), column);

    /// <summary>Vector columns in which two versions of a row have different slots, or one has none; bit i for column i.</summary>
    internal ulong ColumnsNotShared(in RowVersion version, RowVersion? other)
    {
        var bits = 0ul;
        for (var i = 0; i < _vectors.Length; i++)
            if (other is not { } shown || shown.Position.IsDeletion || SlotOf(shown, i) != SlotOf(version, i)) bits |= 1ul << i;
        return bits;
    }

    /// <summary>All its open files.</summary>
    internal List<DataFile> DataFiles()
    {
        var files = new List<DataFile>();
        var segments = new List<Segment>();
        Segments.CopyTo(segments);
        foreach (var segment in segments) files.Add(segment.File);
        foreach (var column in _vectors) column.CopyTo(files);
        return files;
    }
}

/// <summary>Looks at one row version; true stops the visit.</summary>
public delegate bool RowVisitor(RowView row);
