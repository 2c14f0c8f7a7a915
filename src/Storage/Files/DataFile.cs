namespace PgVectorCompat.Storage;

/// <summary>
/// A mapped file of rows or vectors. Writers mark it after they wrote; whoever needs it durable flushes it if marked.
/// </summary>
sealed unsafe class DataFile : IDisposable
{
    readonly IFile _file;
    readonly Lock _flushing = new();
    int _dirty;
    long _names;

    public DataFile(IFile file)
    {
        _file = file;
        Address = (byte*)file.Map();
    }

    public string Name => _file.Name;
    public long Length => _file.Length;
    public byte* Address { get; }

    /// <summary>
    /// Whether a checkpoint or the log may refer to something in the file, so that only a checkpoint can let it go. What only transactions
    /// that were rolled back wrote to is not named, and goes with them.
    /// </summary>
    public bool IsNamed => Volatile.Read(ref _names) > 0;

    /// <summary>Said before a log batch refers to the file, a row's committed version moves to it, or recovery opens it.</summary>
    public void AddName() => Interlocked.Increment(ref _names);

    /// <summary>Takes <see cref="AddName"/> back: the batch was not written after all.</summary>
    public void RemoveName() => Interlocked.Decrement(ref _names);

    /// <summary>Says that bytes were written that no flush covers yet.</summary>
    public void MarkWritten() => Volatile.Write(ref _dirty, 1);

    /// <summary>Writes without touching the map, which shows the bytes at once: no page has to be made first, only to be overwritten.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        _file.Write(offset, bytes);
        MarkWritten();
    }

    /// <summary>Lets the disk begin with what a flush would have to write.</summary>
    public void BeginFlush()
    {
        if (Volatile.Read(ref _dirty) != 0) _file.BeginFlush();
    }

    /// <summary>Makes everything written before this call durable; returns whether there was something.</summary>
    public bool FlushWritten()
    {
        // The lock makes a second caller wait for the flush under way: it may cover what the second one needs.
        lock (_flushing)
        {
            if (Interlocked.Exchange(ref _dirty, 0) == 0) return false;
            _file.Flush();
            return true;
        }
    }

    public void Dispose() => _file.Dispose();
}
