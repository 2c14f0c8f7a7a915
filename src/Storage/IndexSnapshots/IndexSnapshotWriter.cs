using System.Buffers.Binary;

namespace PgVectorCompat.Storage;

/// <summary>The stream an index writes its snapshot to: cut into checked blocks.</summary>
sealed class IndexSnapshotWriter(FileWriter file) : Stream
{
    readonly byte[] _block = new byte[IndexSnapshotFile.BlockHeaderSize + IndexSnapshotFile.BlockBytes];
    int _filled;
    long _bytes;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _bytes += buffer.Length;
        while (buffer.Length > 0)
        {
            if (_filled == IndexSnapshotFile.BlockBytes) EndBlock();
            var count = Math.Min(buffer.Length, IndexSnapshotFile.BlockBytes - _filled);
            buffer[..count].CopyTo(_block.AsSpan(IndexSnapshotFile.BlockHeaderSize + _filled));
            _filled += count;
            buffer = buffer[count..];
        }
    }

    /// <summary>Ends the last block; returns how many bytes there were.</summary>
    public long Finish()
    {
        if (_filled > 0) EndBlock();
        return _bytes;
    }

    void EndBlock()
    {
        var payload = _block.AsSpan(IndexSnapshotFile.BlockHeaderSize, _filled);
        BinaryPrimitives.WriteInt32LittleEndian(_block, _filled);
        BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan(4), Crc32C.Of(_block.AsSpan(0, 4), payload));
        file.Write(_block.AsSpan(0, IndexSnapshotFile.BlockHeaderSize + _filled));
        _filled = 0;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override void WriteByte(byte value) => Write([value]);
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => _bytes;
    public override long Position { get => _bytes; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
