namespace PgVectorCompat.Storage;

/// <summary>
/// Reads the log from its first file to its end, and makes the end clean: what a crash tore off is overwritten with zeros, so that
/// it can never be taken for a batch later.
/// </summary>
sealed unsafe class LogReader(IFileSystem files, long identity, long firstFile, long startLsn) : IDisposable
{
    readonly long _startLsn = startLsn;
    LogFile _file = null!;

    public long EndLsn { get; private set; }

    /// <summary>The file the end is in, open for appending.</summary>
    public LogFile TakeLastFile()
    {
        var file = _file;
        _file = null!;
        return file;
    }

    public void Open()
    {
        _file = LogFile.Open(files, identity, firstFile);
        if (_file.StartLsn != _startLsn) throw new StoreDamagedException($"{_file.File.Name} begins at {_file.StartLsn}, not at {_startLsn}");
        EndLsn = _startLsn;
    }

    /// <summary>The next valid batch; its payload is valid until the next call. False at the end of the log.</summary>
    public bool TryRead(out BatchHeader header, out ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            if (TryReadAt(_file, EndLsn, out header, out payload))
            {
                EndLsn = header.EndLsn;
                return true;
            }
            if (TryOpen(_file.Number + 1) is not { } next) return false;
            if (next.StartLsn != EndLsn)
            {
                next.Dispose();
                return false;
            }
            _file.Dispose();
            _file = next;
        }
    }

    /// <summary>The batch at an LSN of a file, if it is valid.</summary>
    public static bool TryReadAt(LogFile file, long lsn, out BatchHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (lsn + BatchHeader.Size > file.LimitLsn) return false;
        var address = (byte*)file.File.Map() + file.OffsetOf(lsn);
        if (!BatchHeader.TryRead(new(address, BatchHeader.Size), lsn, out header) || header.EndLsn > file.LimitLsn) return false;
        payload = new(address + BatchHeader.Size, header.PayloadLength);
        return Crc32C.Of(payload) == header.PayloadChecksum;
    }

    LogFile? TryOpen(long number)
    {
        if (!files.Exists(LogFile.NameOf(number))) return null;
        try
        {
            return LogFile.Open(files, identity, number);
        }
        catch (StoreDamagedException)
        {
            // Made, but never synced: no batch in it was ever acknowledged.
            return null;
        }
    }

    /// <summary>
    /// Called at the end: stops when a later batch proves that what is bad here was once synced, else clears what follows.
    /// </summary>
    /// <exception cref="StoreDamagedException">The log is damaged in the middle.</exception>
    public void CutTail(bool sync)
    {
        CheckNotDamaged(_file, EndLsn);
        var later = new List<long>();
        foreach (var name in files.List("log"))
            if (LogFile.NumberOf(name) is var number && number > _file.Number) later.Add(number);
        foreach (var number in later)
        {
            if (TryOpen(number) is not { } file) continue;
            using (file) CheckNotDamaged(file, file.StartLsn);
        }

        Clear(later, sync);
    }

    /// <summary>Ends the log before a batch that was read: everything from there on is cleared.</summary>
    public void CutAt(long lsn)
    {
        EndLsn = lsn;
        var later = new List<long>();
        foreach (var name in files.List("log"))
            if (LogFile.NumberOf(name) is var number && number > _file.Number) later.Add(number);
        Clear(later, sync: true);
    }

    void Clear(List<long> later, bool sync)
    {
        foreach (var number in later) files.Delete(LogFile.NameOf(number));
        var rest = new Span<byte>((byte*)_file.File.Map(), (int)_file.File.Length)[(int)_file.OffsetOf(EndLsn)..];
        var lastByte = rest.LastIndexOfAnyExcept((byte)0);
        if (lastByte >= 0) _file.File.Write(_file.OffsetOf(EndLsn), new byte[lastByte + 1]);
        if (!sync) return;
        if (lastByte >= 0) _file.File.Flush();
        if (later.Count > 0) files.FlushFolder("log");
    }

    void CheckNotDamaged(LogFile file, long from)
    {
        for (var lsn = from; lsn + BatchHeader.Size <= file.LimitLsn; lsn += 8)
        {
            if (TryReadAt(file, lsn, out var header, out _) && header.DurableLsn > EndLsn)
                throw new StoreDamagedException(
                    $"the redo log is damaged at {EndLsn}: {file.File.Name} has a batch at {lsn} written when everything before {header.DurableLsn} was synced");
        }
    }

    public void Dispose() => _file?.Dispose();
}
