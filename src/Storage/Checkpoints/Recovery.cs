using System.Collections;

namespace PgVectorCompat.Storage;

/// <summary>
/// Opens a data directory: the newest checkpoint, then the log behind it. Only committed work is in either, so nothing is undone.
/// </summary>
static class Recovery
{
    internal sealed record Result(Manifest Manifest, LogReplay Replay, Dictionary<uint, Table> Tables, LogFile LogFile, long EndLsn);

    /// <summary>Makes an empty data directory. A crash before its control file is there leaves nothing that counts.</summary>
    public static ControlFile Create(IFileSystem files, StoreOptions options)
    {
        if (files.List("data").Count > 0) throw new StoreDamagedException("there are data files, but no control file");
        var identity = options.Time.GetUtcNow().UtcTicks;
        foreach (var name in files.List("log")) files.Delete(name);
        foreach (var name in files.List("checkpoint")) files.Delete(name);

        foreach (var name in files.List(IndexSnapshotFile.Folder)) files.Delete(name);
        using (var file = new FileWriter(files, CheckpointFile.NameOf(1)))
        using (var manifest = new ByteBuffer())
        {
            new Manifest { NextTransaction = 1 }.Write(manifest);
            CheckpointFile.Finish(files, file, identity, 1, manifest.Written, options.Sync);
        }
        using (var log = LogFile.Create(files, identity, 1, 0, options.LogFileBytes))
        {
            if (options.Sync) log.File.Flush();
        }
        if (options.Sync) files.FlushFolder("log");
        var control = new ControlFile(identity, Generation: 1, Checkpoint: 1, LogFile: 1, StartLsn: 0);
        control.Write(files, options.Sync);
        return control;
    }

    public static Result Run(Store store, ControlFile control)
    {
        Manifest manifest;
        using (var file = CheckpointFile.Open(store.Files, control.Identity, control.Checkpoint)) manifest = CheckpointFile.ReadManifest(file);

        var tables = new Dictionary<uint, Table>();
        LoadTables(store, control.Identity, manifest, tables);

        using var reader = new LogReader(store.Files, control.Identity, control.LogFile, control.StartLsn);
        reader.Open();
        var replay = new LogReplay(store, manifest, tables);
        while (reader.TryRead(out var header, out var payload)) replay.Apply(header, payload);
        reader.CutTail(store.Options.Sync);
        replay.Finish();

        foreach (var table in tables.Values) Count(table);
        return new(manifest, replay, tables, reader.TakeLastFile(), reader.EndLsn);
    }

    static void LoadTables(Store store, long identity, Manifest manifest, Dictionary<uint, Table> tables)
    {
        var open = new Dictionary<long, IFile>();
        try
        {
            foreach (var entry in manifest.Tables)
            {
                var table = new Table(store, entry.Id, entry.Shape);
                tables.Add(entry.Id, table);
                LoadSegments(store, identity, entry, table);
                for (var i = 0; i < entry.NextSlots.Count; i++) table.Columns[i].OpenExtents(entry.NextSlots[i]);

                table.Directory.LoadNextRow(entry.NextRow);
                for (var i = 0; i < entry.Chunks.Count; i++)
                {
                    var location = entry.Chunks[i];
                    if (location.File == 0) continue;
                    if (!open.TryGetValue(location.File, out var file))
                        open.Add(location.File, file = CheckpointFile.Open(store.Files, identity, location.File));
                    var chunk = new Chunk { Location = location };
                    chunk.Load(CheckpointFile.ReadImage(file, location));
                    table.Directory.Load(entry.NextRow, i, chunk);
                }
                RequireExtents(table);
            }
        }
        finally
        {
            foreach (var file in open.Values) file.Dispose();
        }
    }

    /// <summary>A vector file may be missing only if no row needs it. Asked before the log is replayed, which may make it again.</summary>
    static void RequireExtents(Table table)
    {
        for (var i = 0; i < table.Columns.Length; i++)
        {
            if (!table.Columns[i].HasMissing) continue;
            for (var number = 0; number < table.Directory.ChunkCount; number++)
            {
                if (table.Directory.ChunkAt(number) is not { } chunk) continue;
                foreach (var version in chunk.Entries)
                    if (version.Begin != 0 && table.SlotOf(version, i) is >= 0 and var slot) table.Columns[i].RequireFile(slot);
            }
        }
    }

    static void LoadSegments(Store store, long identity, Manifest.TableEntry entry, Table table)
    {
        table.Segments.Reserve(entry.SegmentCount);
        foreach (var (number, tail, liveBytes) in entry.Segments)
        {
            var segment = Segment.Open(store.Files, identity, entry.Id, number);
            segment.Tail = tail;
            segment.AddLive(0, liveBytes);
            table.Segments.AddOpened(segment);
        }
    }

    /// <summary>Counts what lives where: rows, records per segment, slots; everything else is free.</summary>
    static void Count(Table table)
    {
        var columns = table.Columns;
        var used = new BitArray[columns.Length];
        for (var i = 0; i < used.Length; i++) used[i] = new(columns[i].NextSlot);

        var rows = 0L;
        // Rows of one segment mostly stand together.
        Segment? segment = null;
        var records = 0L;
        for (var number = 0; number < table.Directory.ChunkCount; number++)
        {
            if (table.Directory.ChunkAt(number) is not { } chunk) continue;
            foreach (var version in chunk.Entries)
            {
                if (version.Begin == 0) continue;
                rows++;
                if (version.Position.Segment != segment?.Number)
                {
                    segment?.AddLive(records, 0);
                    segment = table.Segments.Find(version.Position.Segment)
                        ?? throw new StoreDamagedException($"table {table.Id} has rows in segment {version.Position.Segment}, which is gone");
                    records = 0;
                }
                records++;
                for (var i = 0; i < used.Length; i++)
                    if (table.SlotOf(version, i) is >= 0 and var slot) used[i][slot] = true;
            }
        }
        segment?.AddLive(records, 0);
        table.Directory.FindFree(rows);
        for (var i = 0; i < used.Length; i++) table.Columns[i].FreeUnused(used[i]);
    }
}
