namespace PgVectorCompat.Storage;

/// <summary>
/// Writes checkpoints while everything else goes on.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Write the snapshots of indexes that are due; they may take long.</item>
/// <item>The log starts a new file; C is the last commit before it. Wait until C is visible and stamped.</item>
/// <item>Copy each changed chunk, one at a time. A copy may hold commits after C: replay knows them by their number and skips them.</item>
/// <item>Take tables, ends of segments and columns, catalog, sequences: never older than the chunks.</item>
/// <item>Sync the data files, write and sync the checkpoint file, flush the log up to here (a copy may hold a commit that did not wait).</item>
/// <item>Switch the control file. Only now delete what the old checkpoint needed and the new one does not: older log files, checkpoint
/// files, index snapshots, files of dropped tables and dead segments; and let freed vector slots be given out again.</item>
/// </list>
/// A crash before the switch leaves the old checkpoint whole; after it, the new one.
/// </remarks>
sealed class Checkpointer(Store store, ControlFile control)
{
    readonly Lock _running = new();
    readonly Lock _gate = new();
    readonly RowVersion[] _scratch = new RowVersion[Chunk.Rows];
    readonly Queue<(long Epoch, Table Table, VectorColumn Column, NumberSet Slots)> _resting = [];
    ControlFile _control = control;
    int _backups;

    /// <summary>The first log file that recovery would read.</summary>
    public long FirstLogFile => _control.LogFile;

    public long LastLsn { get; private set; } = control.StartLsn;

    /// <summary>Bytes written by checkpoints, how many, the time they took, and how much of it they waited for the data files to be synced.</summary>
    public long Bytes { get; private set; }
    public long Count { get; private set; }
    public TimeSpan Time { get; private set; }
    public TimeSpan SyncTime { get; private set; }

    public void Run(bool closing)
    {
        lock (_running)
        {
            store.Log.ThrowIfFailed();
            var started = store.Options.Time.GetTimestamp();
            // Pinned like a reader: no file is closed under the checkpoint.
            var pin = store.Snapshots.EnterWithoutCsn();
            try
            {
                RunPinned(closing);
            }
            catch (Exception cause)
            {
                // A full disk leaves the old checkpoint in force. Anything else leaves unknown what the disk has, the control file included.
                if (cause is not StoreFullException) store.Log.Fail(cause);
                throw;
            }
            finally
            {
                store.Snapshots.Leave(pin);
            }
            store.Log.EnsureReserve();
            Count++;
            Time += store.Options.Time.GetElapsedTime(started);
        }
    }

    /// <summary>
    /// Writes a checkpoint, then takes a backup of it and of the log since. Other checkpoints go on; until the backup is done, what they would delete
    /// of its files stays, and no vector slot is given out again.
    /// </summary>
    public BackupResult Backup(string target, string? basedOn, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _backups);
        try
        {
            StoreBackup backup;
            lock (_running)
            {
                Run(closing: false);
                backup = new(store, _control);
            }
            using (backup) return backup.Run(target, basedOn, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _backups);
        }
    }

    void RunPinned(bool closing)
    {
        var number = _control.Checkpoint + 1;
        var indexes = store.IndexSnapshots.Write(number, closing);
        foreach (var table in store.CommittedTables()) Compactor.Run(table, store.Options.Time.GetUtcNow());
        var condemned = store.TakeCondemned();
        var freedSlots = new List<(Table Table, VectorColumn Column, NumberSet Slots)>();
        var captured = new List<(Chunk Chunk, ChunkLocation Before)>();
        var finished = false;
        try
        {
            TakeFreedSlots(freedSlots);
            var logFile = store.Log.Switch(out var csn);
            var startLsn = logFile.StartLsn;
            store.Log.Flush(startLsn);
            store.Publisher.StampThrough(csn);

            var manifest = new Manifest();
            using var file = new FileWriter(store.Files, CheckpointFile.NameOf(number));
            using var buffer = new ByteBuffer();
            var tables = store.CommittedTables();
            var rewrite = FilesToRewrite(tables);
            foreach (var table in tables)
                manifest.Tables.Add(Capture(table, number, file, buffer, rewrite, captured));
            store.CopyDefinitions(manifest);
            store.IndexSnapshots.List(manifest, indexes);
            buffer.Length = 0;
            manifest.Write(buffer);

            var syncing = store.Options.Time.GetTimestamp();
            store.FlushData(tables);
            SyncTime += store.Options.Time.GetElapsedTime(syncing);
            store.Log.Flush(store.Log.EndLsn);
            if (store.Options.Sync)
            {
                logFile.File.Flush();
                store.Files.FlushFolder("log");
            }
            CheckpointFile.Finish(store.Files, file, store.Identity, number, buffer.Written, store.Options.Sync);
            Bytes += file.Position;

            var next = new ControlFile(store.Identity, _control.Generation + 1, number, logFile.Number, startLsn);
            next.Write(store.Files, store.Options.Sync);
            _control = next;
            LastLsn = startLsn;
            finished = true;

            Clean(manifest, condemned);
            store.IndexSnapshots.Accept(manifest, indexes);
            var epoch = store.Snapshots.EndEpoch();
            lock (_gate)
            {
                foreach (var (table, column, slots) in freedSlots) _resting.Enqueue((epoch, table, column, slots));
            }
        }
        catch (Exception cause) when (!finished)
        {
            store.Condemn(condemned);
            foreach (var (chunk, before) in captured)
            {
                lock (chunk.Gate) chunk.IsDirty = true;
                chunk.Location = before;
            }
            // After another failure the control file may name it.
            if (cause is StoreFullException) store.Files.Delete(CheckpointFile.NameOf(number));
            foreach (var (_, column, slots) in freedSlots) column.ReturnFreed(slots);
            throw;
        }
    }

    /// <summary>Gives freed slots out again, once all who lived when the log forgot them have gone.</summary>
    public void ReuseRested()
    {
        lock (_gate)
        {
            // A slot freed since the backup began still has its value there.
            if (_resting.Count == 0 || Volatile.Read(ref _backups) > 0) return;
            var oldestEpoch = store.Snapshots.OldestEpoch();
            while (_resting.TryPeek(out var rest) && rest.Epoch < oldestEpoch)
            {
                store.Discard(rest.Table, rest.Column.Reuse(rest.Slots));
                _resting.Dequeue();
            }
        }
    }

    void TakeFreedSlots(List<(Table, VectorColumn, NumberSet)> freed)
    {
        foreach (var table in store.CommittedTables())
        {
            foreach (var column in table.Columns)
                if (column.TakeFreed() is { Count: > 0 } slots) freed.Add((table, column, slots));
        }
    }

    Manifest.TableEntry Capture(Table table, long number, FileWriter file, ByteBuffer buffer, HashSet<long> rewrite, List<(Chunk, ChunkLocation)> captured)
    {
        var locations = new ChunkLocation[table.Directory.ChunkCount];
        for (var i = 0; i < locations.Length; i++)
        {
            if (table.Directory.ChunkAt(i) is not { } chunk) continue;
            var count = -1;
            lock (chunk.Gate)
            {
                if (chunk.IsDirty || rewrite.Contains(chunk.Location.File))
                {
                    count = ChunkImage.Capture(chunk, _scratch);
                    chunk.IsDirty = false;
                    captured.Add((chunk, chunk.Location));
                }
            }
            if (count >= 0) chunk.Location = CheckpointFile.AddImage(file, number, _scratch.AsSpan(0, count), buffer);
            locations[i] = chunk.Location;
        }
        var segments = new List<Segment>();
        table.Segments.CopyTo(segments);
        var entries = new List<Manifest.SegmentEntry>();
        // What only transactions in progress wrote to is not listed: whoever of them commits says so in the log behind.
        foreach (var segment in segments)
            if (segment.File.IsNamed) entries.Add(new(segment.Number, segment.Tail, segment.LiveBytes));
        var nextSlots = new int[table.Columns.Length];
        for (var i = 0; i < nextSlots.Length; i++) nextSlots[i] = table.Columns[i].NextSlot;
        return new(table.Id, table.Shape, table.NextRowId, locations, table.Segments.Count, entries, nextSlots);
    }

    /// <summary>Older checkpoint files more than half of whose bytes nothing refers to: their last chunks are written again.</summary>
    HashSet<long> FilesToRewrite(List<Table> tables)
    {
        var used = UsedBytes(tables);
        var rewrite = new HashSet<long>();
        foreach (var (file, bytes) in used)
            if (file > 0 && bytes * 2 < LengthOf(CheckpointFile.NameOf(file))) rewrite.Add(file);
        return rewrite;
    }

    long LengthOf(string name)
    {
        using var file = store.Files.Open(name);
        return file.Length;
    }

    static Dictionary<long, long> UsedBytes(List<Table> tables)
    {
        var used = new Dictionary<long, long>();
        foreach (var table in tables)
        {
            for (var i = 0; i < table.Directory.ChunkCount; i++)
            {
                if (table.Directory.ChunkAt(i) is not { } chunk) continue;
                used[chunk.Location.File] = used.GetValueOrDefault(chunk.Location.File) + chunk.Location.Length;
            }
        }
        return used;
    }

    void Clean(Manifest manifest, List<string> condemned)
    {
        foreach (var name in condemned) store.Pinned.Delete(name);
        store.Log.CloseBefore(_control.LogFile);
        foreach (var name in store.Files.List("log"))
            if (LogFile.NumberOf(name) is >= 0 and var number && number < _control.LogFile && number <= (store.Archiver?.Through ?? long.MaxValue)) store.Pinned.Delete(name);

        var needed = new HashSet<string> { CheckpointFile.NameOf(_control.Checkpoint) };
        foreach (var table in manifest.Tables)
        {
            foreach (var chunk in table.Chunks)
                if (chunk.File > 0) needed.Add(CheckpointFile.NameOf(chunk.File));
        }
        foreach (var name in store.Files.List("checkpoint"))
            if (!needed.Contains(name)) store.Pinned.Delete(name);
    }
}
