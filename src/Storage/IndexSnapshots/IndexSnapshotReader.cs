using System.Buffers.Binary;

namespace PgVectorCompat.Storage;

/// <summary>
/// A snapshot being read, front to back. Every read may throw <see cref="StoreDamagedException"/>: then whatever was made of the
/// bytes before is to be thrown away and the index built from the rows.
/// </summary>
public sealed class IndexSnapshotReader : Stream
{
    readonly IFile _file;
    readonly long _bytes;
    readonly Action<string>? _damaged;
    readonly byte[] _block = new byte[IndexSnapshotFile.BlockBytes];
    long _offset = FileHeader.Size;
    long _position;
    int _used;
    int _filled;

    internal IndexSnapshotReader(IFile file, long csn, long bytes, Action<string>? damaged = null)
    {
        _damaged = damaged;
        _file = file;
        _bytes = bytes;
        Csn = csn;
    }

    /// <summary>The snapshot has every entry of row versions up to this commit.</summary>
    public long Csn { get; }

    public override int Read(Span<byte> buffer)
    {
        if (_used == _filled && !ReadBlock()) return 0;
        var count = Math.Min(buffer.Length, _filled - _used);
        _block.AsSpan(_used, count).CopyTo(buffer);
        _used += count;
        _position += count;
        return count;
    }

    public override int ReadByte()
    {
        if (_used == _filled && !ReadBlock()) return -1;
        _position++;
        return _block[_used++];
    }

    bool ReadBlock()
    {
        if (_position == _bytes) return false;
        Span<byte> header = stackalloc byte[IndexSnapshotFile.BlockHeaderSize];
        if (_offset + header.Length > _file.Length) throw Damaged();
        _file.Read(_offset, header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        _offset += header.Length;
        if (length is <= 0 or > IndexSnapshotFile.BlockBytes || length > _bytes - _position || length > _file.Length - _offset) throw Damaged();
        _file.Read(_offset, _block.AsSpan(0, length));
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != Crc32C.Of(header[..4], _block.AsSpan(0, length))) throw Damaged();
        _offset += length;
        _filled = length;
        _used = 0;
        return true;
    }

    StoreDamagedException Damaged()
    {
        var error = new StoreDamagedException($"{_file.Name} is damaged at {_offset}");
        _damaged?.Invoke(error.Message);
        return error;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;

    /// <summary>Bytes the index wrote.</summary>
    public override long Length => _bytes;
    public override long Position { get => _position; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
