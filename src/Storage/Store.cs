using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace PgVectorCompat.Storage;

/// <summary>
/// One data directory: the rows, catalog records and sequences of a whole cluster, as bytes. Storage never hears of SQL.
/// </summary>
/// <remarks>
/// <code>
/// data/        row segments and vector columns of all tables
/// log/         the redo log
/// checkpoint/  images of the row directory, and manifests
/// index/       snapshots of indexes
/// temp/        working space of running statements, emptied at the start
/// control.0, control.1   which checkpoint is the newest
/// lock, lock.pid         held while the store is open, and by which process
/// </code>
/// Threads: a transaction is used by one thread at a time; everything else by any. Locks are taken in the order publisher, chunk,
/// table's files or ids, log.
/// </remarks>
public sealed class Store : IDisposable
{
    /// <summary>A file of the engine beside the store's: settings of the server, copied by a backup.</summary>
    public const string SettingsFileName = "postgresql.auto.conf";

    /// <summary>What a store has in its directory.</summary>
    public static readonly IReadOnlySet<string> OwnNames = new HashSet<string>
    {
        "data", "log", "checkpoint", "index", "temp", "control.0", "control.1", "lock", "lock.pid", SettingsFileName,
    };

    /// <summary>Whether a store has been made in a directory.</summary>
    public static bool Exists(string directory)
        => File.Exists(Path.Combine(directory, ControlFile.NameOf(0))) || File.Exists(Path.Combine(directory, ControlFile.NameOf(1)));

    readonly IDisposable _lock;
    readonly ConcurrentDictionary<uint, Table> _tables = new();
    readonly ConcurrentDictionary<long, Transaction> _writers = new();
    readonly ConcurrentDictionary<CatalogKey, byte[]> _sequences = new();
    readonly DataFolder _folder;
    readonly Checkpointer _checkpointer;
    readonly BackgroundWork? _background;
    ImmutableDictionary<CatalogKey, byte[]> _catalog = ImmutableDictionary<CatalogKey, byte[]>.Empty;
    long _nextTransaction;
    long _temporaryFiles;
    long _sequenceLsn;
    long _checkpointsRequested;
    long _commits;
    long _rollbacks;
    long _dataBytes;
    long _bulkBytes;
    long _bulkBytesAtCheckpoint;
    long _undoneBytes;
    long _undoneBytesAtCheckpoint;
    readonly TimeSpan _recoveryTime;
    readonly long _recoveredBatches;
    bool _disposed;

    Store(IFileSystem files, StoreOptions options, IDisposable fileLock)
    {
        _lock = fileLock;
        Files = files;
        Pinned = new(files);
        Options = options;
        Locks = new(options.Time);
        Publisher = new(this);
        Snapshots = new(() => Publisher.Csn, Publisher.Unstamped);
        OldVersions = new(this);
        Garbage = new(this);
        _folder = new(this);

        var started = options.Time.GetTimestamp();
        var control = ControlFile.Read(files);
        IsNew = control is null;
        control ??= Recovery.Create(files, options);
        Identity = control.Value.Identity;

        var recovered = Recovery.Run(this, control.Value);
        foreach (var (id, table) in recovered.Tables)
        {
            table.IsCommitted = true;
            _tables[id] = table;
        }
        _catalog = recovered.Replay.Catalog.ToImmutableDictionary();
        foreach (var (key, state) in recovered.Replay.Sequences) _sequences[key] = state;
        _nextTransaction = recovered.Replay.NextTransaction;
        Publisher.Start(recovered.Replay.Csn);
        Log = new(this, recovered.LogFile, recovered.EndLsn, recovered.Replay.Csn);
        _checkpointer = new(this, control.Value);
        IndexSnapshots = new(this, recovered.Manifest, _tables.ContainsKey);
        if (options.ArchiveLog is { } archive) Archiver = new(this, archive);
        foreach (var name in files.List(TemporaryFile.Folder)) files.Delete(name);
        if (!options.IsReadOnly) Log.EnsureReserve();
        _folder.CondemnLeftovers(recovered.Tables, recovered.Replay.Dropped);
        _recoveryTime = options.Time.GetElapsedTime(started);
        _recoveredBatches = recovered.Replay.Batches;
        if (options.BackgroundWork) _background = new(this);
    }

    /// <summary>Opens a data directory, or makes it when there is none, and recovers what was committed.</summary>
    /// <exception cref="StoreLockedException">Another process has it open.</exception>
    /// <exception cref="StoreVersionException">It has another format version.</exception>
    /// <exception cref="StoreDamagedException">Synced bytes have changed.</exception>
    public static Store Open(IFileSystem files, StoreOptions options)
    {
        var fileLock = files.Lock("lock");
        try
        {
            return new(files, options, fileLock);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>Whether this Open made the data directory.</summary>
    public bool IsNew { get; }

    /// <summary>The committed catalog records; an immutable copy of the moment.</summary>
    public IReadOnlyDictionary<CatalogKey, byte[]> Catalog => Volatile.Read(ref _catalog);

    public LockManager Locks { get; }

    /// <summary>Snapshots of indexes, written by checkpoints.</summary>
    public IndexSnapshots IndexSnapshots { get; }

    /// <summary>
    /// Called for each row version that is dropped, because no snapshot can see it any more or because it was undone, before its
    /// space and (for a row that is gone) its row id are given out again: indexes remove their entries here. Called from any thread,
    /// never during recovery, under no lock that reading, writing or ending a transaction takes; but do not wait for
    /// <see cref="CollectGarbage"/> or <see cref="Checkpoint"/> while holding a lock that this call needs. The version is already unlinked, so <see cref="Table.AnyVersion"/> tells
    /// whether another version of the row still has the same key; an index that inserts entries after
    /// <see cref="Transaction.Update"/> must keep that and this call apart by a lock of its own per row.
    /// </summary>
    public VersionDroppedHandler? VersionDropped { get; set; }

    internal IFileSystem Files { get; }

    /// <summary>Deletes what a backup may need.</summary>
    internal PinnedFiles Pinned { get; }
    internal StoreOptions Options { get; }
    internal long Identity { get; }
    internal SnapshotRegistry Snapshots { get; }
    internal Publisher Publisher { get; }
    internal VersionSpace OldVersions { get; }
    internal GarbageCollector Garbage { get; }
    internal RedoLog Log { get; }
    internal LogArchiver? Archiver { get; }

    /// <summary>The first log file that recovery would read.</summary>
    internal long FirstLogFile => _checkpointer.FirstLogFile;

    /// <summary>
    /// Ends when a write or sync has failed, so that the store takes no more commits: whoever serves it should stop. Recovery at the next
    /// start says what is on disk.
    /// </summary>
    public Task<StoreFailedException> Failed => Log.Failed;

    /// <summary>Begins a transaction; <paramref name="owner"/> is the session, null for one of its own.</summary>
    public Transaction Begin(LockOwner? owner = null) => new(this, owner ?? new());

    /// <summary>
    /// A snapshot for reading a table without a lock on its name: the table's files stay as long as the snapshot, unless it is dropped already.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The table is dropped.</exception>
    public Snapshot TakeSnapshot(Table table)
    {
        var snapshot = TakeSnapshot();
        if (!table.IsDropped) return snapshot;
        snapshot.Dispose();
        throw new KeyNotFoundException($"table {table.Id} is dropped");
    }

    /// <summary>A snapshot of all commits published so far, without own writes.</summary>
    public Snapshot TakeSnapshot()
    {
        var place = Snapshots.Enter(out var csn);
        return new(Snapshots, place, csn, 0, 0);
    }

    /// <summary>Working space outside memory, which no crash or restart keeps. The caller disposes it.</summary>
    public TemporaryFile CreateTemporaryFile() => new(Files, Interlocked.Increment(ref _temporaryFiles));

    /// <summary>A file of working space that belongs to no statement.</summary>
    internal IFile CreateTemporary(long length) => Files.Create($"{TemporaryFile.Folder}/shared.{Interlocked.Increment(ref _temporaryFiles)}", length);

    /// <summary>The table of that id, also one still uncommitted. <see cref="KeyNotFoundException"/>.</summary>
    public Table GetTable(uint id) => _tables.TryGetValue(id, out var table) ? table : throw new KeyNotFoundException($"there is no table {id}");

    /// <summary>
    /// Sets a small state outside any transaction (high-water marks of sequences): durable with the next flush of any commit, so
    /// set it before the transaction that depends on it commits. An empty state removes it.
    /// </summary>
    public void SetSequence(uint database, uint id, ReadOnlySpan<byte> state)
    {
        // Known before it is logged: a checkpoint that leaves the log record behind has the state.
        var key = new CatalogKey(database, id);
        if (state.IsEmpty) _sequences.TryRemove(key, out _);
        else _sequences[key] = state.ToArray();

        using var buffer = new ByteBuffer();
        buffer.WriteByte((byte)LogOperation.Sequence);
        buffer.WriteUInt32(database);
        buffer.WriteUInt32(id);
        buffer.WriteInt32(state.Length);
        buffer.WriteBytes(state);
        var end = Log.Append(buffer.Written);
        for (var known = Volatile.Read(ref _sequenceLsn); known < end;)
            known = Interlocked.CompareExchange(ref _sequenceLsn, end, known) is var seen && seen == known ? end : seen;
    }

    /// <summary>Returns when everything set by <see cref="SetSequence"/> so far is durable.</summary>
    public void FlushSequences() => Log.Flush(Volatile.Read(ref _sequenceLsn));

    public bool TryGetSequence(uint database, uint id, out ReadOnlyMemory<byte> state)
    {
        var found = _sequences.TryGetValue(new(database, id), out var bytes);
        state = bytes;
        return found;
    }

    /// <summary>Writes a checkpoint now and drops the log before it. Others go on meanwhile.</summary>
    public void Checkpoint()
    {
        RunCheckpoint();
        Interlocked.Increment(ref _checkpointsRequested);
    }

    /// <summary>The same, because one is due.</summary>
    internal void RunCheckpoint()
    {
        var (bulkBytes, undoneBytes) = (Volatile.Read(ref _bulkBytes), Volatile.Read(ref _undoneBytes));
        _checkpointer.Run(closing: false);
        (_bulkBytesAtCheckpoint, _undoneBytesAtCheckpoint) = (bulkBytes, undoneBytes);
        CollectGarbage();
    }

    /// <summary>
    /// Copies everything committed by now into the new folder <paramref name="target"/>, while others go on; files that
    /// <paramref name="basedOn"/>, an older backup, has unchanged become second names of its.
    /// </summary>
    /// <exception cref="IOException">The target is not empty, or the base is no backup of this directory.</exception>
    public BackupResult Backup(string target, string? basedOn, CancellationToken cancellation)
    {
        var result = _checkpointer.Backup(target, basedOn, cancellation);
        Interlocked.Increment(ref _checkpointsRequested);
        return result;
    }

    /// <summary>Whether enough log or dead files have gathered for a checkpoint.</summary>
    internal bool IsCheckpointDue(TimeSpan sinceLast)
    {
        var log = Log.EndLsn - _checkpointer.LastLsn + ((Volatile.Read(ref _bulkBytes) - _bulkBytesAtCheckpoint) / 16);
        var undone = Volatile.Read(ref _undoneBytes) - _undoneBytesAtCheckpoint;
        return log >= Options.CheckpointLogBytes || _folder.CondemnedBytes + undone >= Options.CheckpointLogBytes
            || (_folder.WasFull && log + undone > 0) || (log > 0 && sinceLast >= Options.CheckpointInterval);
    }

    /// <summary>Drops old row versions no snapshot needs. Runs by itself in the background.</summary>
    public void CollectGarbage()
    {
        Garbage.Collect();
        _folder.CloseRetired();
        OldVersions.CloseRetired();
        _checkpointer.ReuseRested();
    }

    /// <summary>
    /// Reads everything there is and reports what is not as it must be; <paramref name="isQuiet"/>: nobody else uses the store, so that
    /// counts can be compared too. Others may go on otherwise.
    /// </summary>
    public void Check(bool isQuiet, CheckReport report, CancellationToken cancellation) => StoreCheck.Run(this, isQuiet, report, cancellation);

    /// <summary>End of the log in bytes since the data directory was made.</summary>
    public long CurrentLsn => Log.EndLsn;

    public StoreStatistics Statistics => new()
    {
        Commits = Volatile.Read(ref _commits),
        Rollbacks = Volatile.Read(ref _rollbacks),
        LogBatches = Log.BatchCount,
        LogBytes = Log.Bytes,
        LogFlushes = Log.Flushes,
        DataBytesWritten = Volatile.Read(ref _dataBytes),
        DataFlushes = _folder.Flushes,
        Checkpoints = _checkpointer.Count,
        CheckpointsRequested = Volatile.Read(ref _checkpointsRequested),
        CheckpointTime = _checkpointer.Time,
        CheckpointSyncTime = _checkpointer.SyncTime,
        CheckpointBytes = _checkpointer.Bytes,
        IndexSnapshotsWritten = IndexSnapshots.WrittenCount,
        IndexSnapshotsLoaded = IndexSnapshots.LoadedCount,
        LogFilesArchived = Archiver?.Count ?? 0,
        ArchiveFailures = Archiver?.Failures ?? 0,
        LastArchived = Archiver?.Last is { } last ? (last.Name, last.Time) : null,
        LastArchiveFailure = Archiver?.LastFailure is { } failed ? (failed.Name, failed.Time) : null,
        RecoveryTime = _recoveryTime,
        RecoveredBatches = _recoveredBatches,
        HeldRows = Garbage.HeldRows,
    };

    /// <summary>Writes a last checkpoint and closes the files. All transactions and snapshots must have ended.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _background?.Dispose();
        try
        {
            if (!Log.HasFailed && !Options.IsReadOnly) CloseCleanly();
        }
        finally
        {
            Log.Dispose();
            _folder.Close(_tables.Values);
            OldVersions.Dispose();
            _lock.Dispose();
        }
    }

    void CloseCleanly()
    {
        CollectGarbage();
        if (Log.EndLsn != _checkpointer.LastLsn || IndexSnapshots.IsAnyDue(closing: true)) _checkpointer.Run(closing: true);
        Archiver?.Run();
        Log.DropReserve();
    }

    internal long Register(Transaction transaction)
    {
        var id = Interlocked.Increment(ref _nextTransaction) - 1;
        _writers[id] = transaction;
        return id;
    }

    internal void Unregister(long id) => _writers.TryRemove(id, out _);

    /// <summary>The transaction in progress of that id; null when it has ended.</summary>
    internal Transaction? FindWriter(long id) => _writers.GetValueOrDefault(id);

    internal void CountRollback(long bytes)
    {
        Interlocked.Increment(ref _rollbacks);
        Interlocked.Add(ref _undoneBytes, bytes);
    }

    internal void AwaitPublished(long csn) => Publisher.Await(csn);

    /// <summary>Makes a file in <c>data/</c>. <see cref="StoreFullException"/>.</summary>
    internal IFile CreateData(string name, long length) => _folder.Create(name, length);

    /// <summary>There was no room for a file: the next checkpoint, which lets some go, is due as soon as there is something for it.</summary>
    internal void NoteFull() => _folder.NoteFull();

    /// <summary>Lets go at once what a rollback has left of these tables that nothing refers to.</summary>
    internal bool DiscardUnnamed(IEnumerable<Table> tables)
    {
        var any = false;
        foreach (var table in tables)
            if (!table.IsDropped) any |= _folder.DiscardUnnamed(table);
        return any;
    }

    /// <summary>Closes files whose last reader has gone.</summary>
    internal void CloseRetired() => _folder.CloseRetired();

    internal Table AddTable(uint id, TableShape shape)
    {
        var table = new Table(this, id, shape);
        return _tables.TryAdd(id, table) ? table : throw new ArgumentException($"there is a table {id}", nameof(id));
    }

    internal void RemoveUncommitted(Table table)
    {
        table.IsDropped = true;
        _tables.TryRemove(table.Id, out _);
        _folder.Discard(table);
        IndexSnapshots.RemoveTable(table.Id);
    }

    /// <summary>
    /// Logs a transaction and makes it visible. A small one is logged whole; of a big one the data files are synced first, so that
    /// the log only has to refer to them.
    /// </summary>
    internal void Commit(Transaction transaction, bool waitForFlush)
    {
        Log.ThrowIfFailed();
        var writes = transaction.Writes;
        var byReference = writes.Bytes > Options.BulkBytes;
        // Before anyone can see the commit, delete its rows and let the files go.
        foreach (var file in writes.Touched) file.AddName();
        if (byReference)
        {
            _folder.Flush(writes.Touched);
            if (Archiver is not null) PlacedRecords.Write(this, transaction);
            Interlocked.Add(ref _bulkBytes, writes.Bytes);
        }
        long csn;
        long endLsn;
        using (var buffer = new ByteBuffer())
        {
            new CommitBatch(transaction, buffer, byReference).Write();
            try
            {
                csn = Log.AppendCommit(buffer.Written, transaction, waitForFlush, out endLsn);
            }
            catch (StoreFullException) when (!byReference || Archiver is null)
            {
                // Nothing was logged; with an archive, places were.
                foreach (var file in writes.Touched) file.RemoveName();
                throw;
            }
        }
        if (waitForFlush) Log.Flush(endLsn);
        Publisher.PublishThrough(csn);
        if (Publisher.IsStampedLater(transaction)) Publisher.StampLater(transaction, csn);
        Interlocked.Increment(ref _commits);
        Interlocked.Add(ref _dataBytes, writes.Bytes);
        _background?.Hint();
    }

    /// <summary>Publishing: tables and catalog records of one commit.</summary>
    internal void ApplyDefinitions(WriteSet writes)
    {
        foreach (var (table, created) in writes.Tables)
        {
            if (created)
            {
                table.IsCommitted = true;
                continue;
            }
            table.IsDropped = true;
            _tables.TryRemove(table.Id, out _);
            _folder.Condemn(table);
            IndexSnapshots.RemoveTable(table.Id);
        }
        if (writes.Catalog.Count == 0) return;
        var catalog = _catalog.ToBuilder();
        foreach (var (key, record) in writes.Catalog)
        {
            if (record is null) catalog.Remove(key);
            else catalog[key] = record;
        }
        Volatile.Write(ref _catalog, catalog.ToImmutable());
    }

    /// <summary>Gives back what a dropped version used, after telling the indexes.</summary>
    internal void Drop(Table table, DroppedVersion dropped)
    {
        VersionDropped?.Invoke(table, table.ViewOf(dropped.Row, dropped.Version));
        for (var i = 0; i < table.Columns.Length; i++)
        {
            if ((dropped.FreeColumns & (1ul << i)) == 0) continue;
            if (table.SlotOf(dropped.Version, i) is >= 0 and var slot) table.Columns[i].Free(slot);
        }
        table.Segments.Release(dropped.Version.Position, table.Columns.Length);
    }

    internal List<Table> CommittedTables()
    {
        var tables = new List<Table>();
        foreach (var table in _tables.Values)
            if (table.IsCommitted) tables.Add(table);
        return tables;
    }

    internal void CopyDefinitions(Manifest manifest)
    {
        manifest.Csn = Publisher.Csn;
        manifest.NextTransaction = Volatile.Read(ref _nextTransaction);
        manifest.Catalog.AddRange(_catalog);
        manifest.Sequences.AddRange(_sequences);
    }

    /// <summary>Gives back vector files of which every slot is free.</summary>
    internal void Discard(Table table, List<DataFile> emptied)
    {
        // Those of a dropped table are condemned with it.
        if (!table.IsDropped) _folder.Discard(emptied);
    }

    internal List<string> TakeCondemned()
    {
        foreach (var table in CommittedTables()) _folder.CondemnDead(table);
        return _folder.TakeCondemned();
    }

    internal void Condemn(List<string> names) => _folder.Condemn(names);

    internal void FlushData(List<Table> tables)
    {
        foreach (var table in tables) _folder.Flush(table.DataFiles());
    }
}

/// <summary>Hears of a row version that is dropped; the view is valid during the call.</summary>
public delegate void VersionDroppedHandler(Table table, RowView version);
