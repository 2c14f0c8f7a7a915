using System.Buffers.Binary;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Indexes;

/// <summary>
/// Writes a snapshot of an index: the magic number and version, then blocks of up to 1 MB, each with its length and CRC32C (of length and bytes), then
/// an empty block. <see cref="SnapshotReader"/> reads it back.
/// </summary>
sealed unsafe class SnapshotWriter : IDisposable
{
    internal const int BlockBytes = 1 << 20, BlockHeader = 8;

    readonly Stream _stream;
    readonly byte[] _block = new byte[BlockHeader + BlockBytes];
    int _length;

    public SnapshotWriter(Stream stream, ulong magic, int version)
    {
        _stream = stream;
        Span<byte> start = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(start, magic);
        BinaryPrimitives.WriteInt32LittleEndian(start[8..], version);
        stream.Write(start);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_length == BlockBytes) Flush();
            var part = Math.Min(bytes.Length, BlockBytes - _length);
            bytes[..part].CopyTo(_block.AsSpan(BlockHeader + _length));
            _length += part;
            bytes = bytes[part..];
        }
    }

    /// <summary>The bytes of one number.</summary>
    public void Write<T>(T value) where T : unmanaged => Write(new ReadOnlySpan<byte>(&value, sizeof(T)));

    /// <summary>Seven bits a byte, the lowest first; small numbers of either sign take one byte.</summary>
    public void WriteVariable(long value)
    {
        var rest = (ulong)(value << 1 ^ value >> 63);
        Span<byte> bytes = stackalloc byte[10];
        var count = 0;
        for (; rest >= 0x80; rest >>= 7)
            bytes[count++] = (byte)(rest | 0x80);
        bytes[count++] = (byte)rest;
        Write(bytes[..count]);
    }

    /// <summary>What <paramref name="write"/> writes, with its length before it.</summary>
    public void WritePart(Action<BinaryWriter> write)
    {
        using var part = new MemoryStream();
        using var writer = new BinaryWriter(part);
        write(writer);
        writer.Flush();
        Write(part.Length);
        Write(part.GetBuffer().AsSpan(0, (int)part.Length));
    }

    /// <summary>Writes the last block and the end. Without it a snapshot cannot be read.</summary>
    public void Complete()
    {
        if (_length > 0) Flush();
        Flush();
        _stream.Flush();
    }

    void Flush()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_block, _length);
        BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan(4), Crc32C.Of(_block.AsSpan(0, 4), _block.AsSpan(BlockHeader, _length)));
        _stream.Write(_block.AsSpan(0, BlockHeader + _length));
        _length = 0;
    }

    public void Dispose() => _stream.Flush();
}
