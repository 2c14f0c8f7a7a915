namespace PgVectorCompat.Storage;

/// <summary>
/// Writes a file front to back without knowing its length beforehand: buffered, behind a header that is written last. Without
/// <see cref="Finish"/> the file has no valid header, so nothing takes it for whole.
/// </summary>
sealed class FileWriter : IDisposable
{
    const int BufferBytes = 256 << 10;
    const long LargestStep = 64L << 20;

    readonly IFile _file;
    readonly byte[] _buffer = new byte[BufferBytes];
    long _written = FileHeader.Size;
    int _buffered;

    public FileWriter(IFileSystem files, string name) => _file = files.Create(name, FileHeader.Size);

    /// <summary>Where the next byte goes, from the start of the file.</summary>
    public long Position => _written + _buffered;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes - _buffered) WriteBuffered();
        if (bytes.Length >= BufferBytes)
        {
            WriteThrough(bytes);
            return;
        }
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    /// <summary>Completes the file: its length, its sealed header, and, if asked, all of it on disk.</summary>
    public void Finish(ReadOnlySpan<byte> header, bool sync)
    {
        WriteBuffered();
        if (_file.Length != _written) _file.SetLength(_written);
        _file.Write(0, header);
        if (sync) _file.Flush();
    }

    void WriteBuffered()
    {
        if (_buffered > 0) WriteThrough(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    void WriteThrough(ReadOnlySpan<byte> bytes)
    {
        var end = _written + bytes.Length;
        if (end > _file.Length) _file.SetLength(Math.Max(end, Math.Min(_file.Length * 2, _file.Length + LargestStep)));
        _file.Write(_written, bytes);
        _written = end;
    }

    public void Dispose() => _file.Dispose();
}
