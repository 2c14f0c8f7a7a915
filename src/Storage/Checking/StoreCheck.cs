using System.Collections;

namespace PgVectorCompat.Storage;

/// <summary>
/// Reads everything a store has and holds it against everything else: checksums of records, vectors, directory chunks and index
/// snapshots; that the directory points to records of its own rows; that no slot has two owners and nothing in use counts as free.
/// Others may go on meanwhile.
/// </summary>
static unsafe class StoreCheck
{
    /// <param name="store">The store.</param>
    /// <param name="isQuiet">Nobody else uses it: counts must agree too.</param>
    /// <param name="report">Where problems are added.</param>
    /// <param name="cancellation">Stops the check.</param>
    public static void Run(Store store, bool isQuiet, CheckReport report, CancellationToken cancellation)
    {
        // Pinned like a reader: no file is unmapped and no freed slot given out again before the end.
        var pin = store.Snapshots.EnterWithoutCsn();
        try
        {
            foreach (var table in store.CommittedTables()) CheckTable(store, table, isQuiet, report, cancellation);
            store.IndexSnapshots.Check(report, cancellation);
        }
        finally
        {
            store.Snapshots.Leave(pin);
        }
    }

    static void CheckTable(Store store, Table table, bool isQuiet, CheckReport report, CancellationToken cancellation)
    {
        var owners = new SlotOwners(table);
        var liveRecords = new Dictionary<int, long>();
        var rows = 0L;
        var versions = new List<(long Row, RowVersion Version)>();
        for (var number = 0; number < table.Directory.ChunkCount; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (table.IsDropped) return;
            if (table.Directory.ChunkAt(number) is not { } chunk) continue;
            versions.Clear();
            rows += Gather(chunk, (long)number << Chunk.Shift, versions);
            foreach (var (row, version) in versions)
            {
                if (!version.Position.IsDeletion) liveRecords[version.Position.Segment] = liveRecords.GetValueOrDefault(version.Position.Segment) + 1;
                CheckVersion(table, row, version, owners, report);
            }
            report.Chunks++;
            CheckImage(store, table, chunk, report);
        }
        report.Rows += rows;
        owners.CheckFree(isQuiet, report);
        table.Directory.CheckFree(table.Id, report);
        if (!isQuiet) return;

        if (table.Directory.RowCount != rows) report.Add($"table {table.Id}", $"has {rows} rows, but counts {table.Directory.RowCount}");
        var segments = new List<Segment>();
        table.Segments.CopyTo(segments);
        foreach (var segment in segments)
            if (segment.LiveRecords != liveRecords.GetValueOrDefault(segment.Number))
                report.Add(segment.File.Name, $"has {liveRecords.GetValueOrDefault(segment.Number)} live records, but counts {segment.LiveRecords}");
    }

    /// <summary>All versions of a chunk at one moment; returns how many rows are committed and there.</summary>
    static int Gather(Chunk chunk, long firstRow, List<(long Row, RowVersion Version)> versions)
    {
        var rows = 0;
        lock (chunk.Gate)
        {
            var entries = chunk.Entries;
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Begin == 0) continue;
                versions.Add((firstRow + i, entries[i]));
                var committed = chunk.NewestCommitted(i);
                for (var older = chunk.OlderOf(i); older != 0; older = chunk.OlderThan(older)) versions.Add((firstRow + i, chunk.Older(older)));
                if (committed.Begin > 0 && !committed.Position.IsDeletion) rows++;
            }
        }
        return rows;
    }

    static void CheckVersion(Table table, long row, RowVersion version, SlotOwners owners, CheckReport report)
    {
        var position = version.Position;
        if (position.IsDeletion) return;
        var where = $"table {table.Id} row {row}";
        if (table.Segments.Find(position.Segment) is not { } segment)
        {
            report.Add(where, $"is in segment {position.Segment}, which does not exist");
            return;
        }
        if (position.Offset < FileHeader.Size || !RowRecord.IsValid(segment.At(position.Offset), table.Columns.Length, segment.File.Length - position.Offset))
        {
            report.Add(where, $"has a damaged record in {segment.File.Name} at {position.Offset}");
            return;
        }
        var record = segment.At(position.Offset);
        if (RowRecord.Row(record) != row) report.Add(where, $"points to a record of row {RowRecord.Row(record)} in {segment.File.Name} at {position.Offset}");
        if (position.Offset + RowRecord.Size(record, table.Columns.Length) > segment.Tail)
            report.Add(where, $"has its record in {segment.File.Name} at {position.Offset}, behind the end of what is given out");
        if (table.Columns.Length > 0 && RowRecord.Slot(record, 0) != version.Slot) report.Add(where, $"has slot {RowRecord.Slot(record, 0)} in its record and {version.Slot} in the directory");

        for (var i = 0; i < table.Columns.Length; i++)
        {
            var slot = RowRecord.Slot(record, i);
            if (slot < 0) continue;
            report.Vectors++;
            if (slot >= table.Columns[i].NextSlot) report.Add(where, $"has slot {slot} of vector column {i}, which was never given out");
            else if (Crc32C.Of(table.Columns[i].Bytes(slot)) != RowRecord.VectorChecksum(record, i)) report.Add(where, $"has a damaged value in slot {slot} of vector column {i}");
            else owners.Add(row, i, slot, report);
        }
    }

    static void CheckImage(Store store, Table table, Chunk chunk, CheckReport report)
    {
        var location = chunk.Location;
        if (location.File == 0) return;
        try
        {
            using var file = CheckpointFile.Open(store.Files, store.Identity, location.File);
            CheckpointFile.ReadImage(file, location);
        }
        catch (IOException error)
        {
            // A checkpoint may have written the chunk anew meanwhile and deleted the old file.
            if (chunk.Location == location) report.Add($"table {table.Id}", error.Message);
        }
    }

    /// <summary>The slots of a table that some row has.</summary>
    sealed class SlotOwners(Table table)
    {
        readonly BitArray[] _used = MakeBits(table);
        readonly HashSet<(int Column, int Slot)> _ofRow = [];
        long _row = -1;

        static BitArray[] MakeBits(Table table)
        {
            var bits = new BitArray[table.Columns.Length];
            for (var i = 0; i < bits.Length; i++) bits[i] = new(table.Columns[i].NextSlot);
            return bits;
        }

        /// <summary>Versions of a row come one after the other, and may share slots.</summary>
        public void Add(long row, int column, int slot, CheckReport report)
        {
            if (row != _row) _ofRow.Clear();
            _row = row;
            // A slot given out after the check began has no bit.
            if (slot >= _used[column].Length || !_ofRow.Add((column, slot))) return;
            if (_used[column][slot]) report.Add($"table {table.Id} row {row}", $"has slot {slot} of vector column {column}, which belongs to another row too");
            _used[column][slot] = true;
        }

        public void CheckFree(bool isQuiet, CheckReport report)
        {
            for (var i = 0; i < _used.Length; i++)
            {
                // What others free meanwhile may have been in use when it was looked at; it is not given out while the check is pinned.
                foreach (int slot in table.Columns[i].FreeSlots(withFreed: isQuiet))
                    if (slot < _used[i].Length && _used[i][slot]) report.Add($"table {table.Id}", $"slot {slot} of vector column {i} is in use and counts as free");
            }
        }
    }
}
