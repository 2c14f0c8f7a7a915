namespace PgVectorCompat.Storage;

/// <summary>
/// The redo log: batches are appended to memory in commit order, and one thread at a time writes and syncs all that has gathered, for
/// itself and everyone waiting (group commit).
/// </summary>
/// <remarks>
/// <c>DurableLsn ≤ written ≤ EndLsn</c>. A failed write or sync ends the log for good: what the disk holds then is unknown until
/// recovery reads it, so nothing is tried again.
/// </remarks>
sealed class RedoLog : IDisposable
{
    readonly Store _store;
    readonly Lock _append = new();
    readonly object _flush = new();
    readonly Lock _reserving = new();
    readonly TaskCompletionSource<StoreFailedException> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly List<Batches> _spare = [];
    readonly List<LogFile> _full = [];
    List<Batches> _pending = [];
    LogFile _file;
    long _end;
    long _durable;
    long _csn;
    bool _flushing;
    StoreFailedException? _failure;
    bool _folderChanged = true;
    string? _reserve;
    long _reserves;

    /// <summary>Appended bytes of one file not yet written.</summary>
    sealed class Batches : IDisposable
    {
        public required LogFile File { get; set; }
        public required long Offset { get; set; }
        public ByteBuffer Bytes { get; } = new();
        public void Dispose() => Bytes.Dispose();
    }

    public RedoLog(Store store, LogFile file, long endLsn, long csn)
    {
        _store = store;
        _file = file;
        _end = _durable = endLsn;
        _csn = csn;
    }

    public long EndLsn => Volatile.Read(ref _end);
    public long DurableLsn => Volatile.Read(ref _durable);

    /// <summary>Batches and bytes appended, flushes done.</summary>
    public long BatchCount { get; private set; }
    public long Bytes { get; private set; }
    public long Flushes { get; private set; }

    public bool HasUnflushed => EndLsn > DurableLsn;

    /// <summary>
    /// Appends a transaction's batch; the next commit number is its. <see cref="StoreFullException"/> leaves the log as it was.
    /// </summary>
    public long AppendCommit(ReadOnlySpan<byte> payload, Transaction transaction, bool waitsForFlush, out long endLsn)
    {
        var checksum = Crc32C.Of(payload);
        lock (_append)
        {
            ThrowIfFailed();
            MakeRoom(payload.Length);
            var csn = ++_csn;
            endLsn = Append(payload, checksum, csn);
            _store.Publisher.Enqueue(transaction, csn, endLsn, waitsForFlush);
            return csn;
        }
    }

    /// <summary>Appends a batch that belongs to no transaction.</summary>
    public long Append(ReadOnlySpan<byte> payload)
    {
        var checksum = Crc32C.Of(payload);
        lock (_append)
        {
            ThrowIfFailed();
            MakeRoom(payload.Length);
            return Append(payload, checksum, csn: 0);
        }
    }

    /// <summary>Starts a new file, and says where it begins: a checkpoint covers all before. <paramref name="csn"/> is the last commit before it.</summary>
    public LogFile Switch(out long csn)
    {
        lock (_append)
        {
            ThrowIfFailed();
            // A file without a batch is as good as a new one.
            if (_file.StartLsn != _end) StartFile(_store.Options.LogFileBytes);
            csn = _csn;
            return _file;
        }
    }

    void MakeRoom(int payloadLength)
    {
        var size = BatchHeader.TotalSize(payloadLength);
        if (_end + size > _file.LimitLsn) StartFile(Math.Max(_store.Options.LogFileBytes, size + FileHeader.Size));
    }

    void StartFile(long length)
    {
        LogFile next;
        try
        {
            next = LogFile.Create(_store.Files, _store.Identity, _file.Number + 1, _end, length, TakeReserve(length));
        }
        catch (StoreFullException)
        {
            _store.NoteFull();
            throw;
        }
        _full.Add(_file);
        _file = next;
        _folderChanged = true;
    }

    /// <summary>
    /// Has an empty file ready, so that on a full disk there is still room for the log of what makes room (a DELETE, a DROP), and for the
    /// checkpoint that follows. Without room for it there is none.
    /// </summary>
    public void EnsureReserve()
    {
        lock (_reserving)
        {
            if (Volatile.Read(ref _reserve) is not null || HasFailed) return;
            var name = $"{TemporaryFile.Folder}/log.{++_reserves}";
            try
            {
                _store.Files.Create(name, _store.Options.LogFileBytes).Dispose();
            }
            catch (StoreFullException)
            {
                return;
            }
            Volatile.Write(ref _reserve, name);
        }
    }

    /// <summary>At the end of a clean stop.</summary>
    public void DropReserve()
    {
        if (TakeReserve(0) is { } name) _store.Files.Delete(name);
    }

    /// <summary>The name of the file that is ready, for a file of that length.</summary>
    string? TakeReserve(long length) => length > _store.Options.LogFileBytes ? null : Interlocked.Exchange(ref _reserve, null);

    long Append(ReadOnlySpan<byte> payload, uint checksum, long csn)
    {
        if (_pending.Count == 0 || _pending[^1].File != _file)
        {
            _pending.Add(TakeSpare());
        }
        var header = new BatchHeader(payload.Length, _end, csn, DurableLsn, checksum);
        var bytes = _pending[^1].Bytes;
        header.Write(bytes.Take(BatchHeader.Size));
        bytes.WriteBytes(payload);
        bytes.PadTo(8);
        BatchCount++;
        Bytes += header.EndLsn - _end;
        Volatile.Write(ref _end, header.EndLsn);
        return header.EndLsn;
    }

    Batches TakeSpare()
    {
        if (_spare.Count == 0) return new() { File = _file, Offset = _file.OffsetOf(_end) };
        var batches = _spare[^1];
        _spare.RemoveAt(_spare.Count - 1);
        batches.File = _file;
        batches.Offset = _file.OffsetOf(_end);
        batches.Bytes.Length = 0;
        return batches;
    }

    /// <summary>Returns when everything before <paramref name="lsn"/> is durable.</summary>
    public void Flush(long lsn)
    {
        while (DurableLsn < lsn)
        {
            lock (_flush)
            {
                while (_flushing && DurableLsn < lsn) Monitor.Wait(_flush);
                if (DurableLsn >= lsn) return;
                ThrowIfFailed();
                _flushing = true;
            }
            LeadFlush();
        }
    }

    void LeadFlush()
    {
        List<Batches> batches;
        long end;
        bool folderChanged;
        lock (_append)
        {
            batches = _pending;
            _pending = [];
            end = _end;
            folderChanged = _folderChanged;
            _folderChanged = false;
        }
        try
        {
            foreach (var batch in batches) batch.File.File.Write(batch.Offset, batch.Bytes.Written);
            if (_store.Options.Sync)
            {
                LogFile? last = null;
                foreach (var batch in batches)
                {
                    if (batch.File != last) batch.File.File.Flush();
                    last = batch.File;
                }
                if (folderChanged) _store.Files.FlushFolder("log");
            }
        }
        catch (Exception cause)
        {
            Fail(cause);
            ThrowIfFailed();
        }
        lock (_append)
        {
            foreach (var batch in batches)
            {
                if (_spare.Count < 2) _spare.Add(batch);
                else batch.Dispose();
            }
        }
        lock (_flush)
        {
            Volatile.Write(ref _durable, end);
            Flushes++;
            _flushing = false;
            Monitor.PulseAll(_flush);
        }
    }

    /// <summary>Closes the files before a number, which a checkpoint has made needless.</summary>
    public void CloseBefore(long number)
    {
        lock (_append)
        {
            foreach (var file in _full)
                if (file.Number < number) file.Dispose();
            _full.RemoveAll(file => file.Number < number);
        }
    }

    /// <summary>Ends the log: from now on nothing is appended or flushed.</summary>
    public void Fail(Exception cause)
    {
        lock (_flush)
        {
            _failure ??= new($"the store takes no more commits, because writing to disk failed: {cause.Message}", cause);
            _flushing = false;
            Monitor.PulseAll(_flush);
        }
        _failed.TrySetResult(_failure);
    }

    /// <summary>Ends when the log does.</summary>
    public Task<StoreFailedException> Failed => _failed.Task;

    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    public void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure) throw new StoreFailedException(failure.Message, failure.InnerException);
    }

    public void Dispose()
    {
        foreach (var batch in _pending) batch.Dispose();
        foreach (var batch in _spare) batch.Dispose();
        foreach (var file in _full) file.Dispose();
        _file.Dispose();
    }
}
