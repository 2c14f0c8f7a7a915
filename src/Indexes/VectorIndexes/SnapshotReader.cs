using System.Buffers.Binary;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Indexes;

/// <summary>Reads what a <see cref="SnapshotWriter"/> wrote; throws <see cref="IndexDamagedException"/> at the first byte that is not as written.</summary>
sealed unsafe class SnapshotReader
{
    readonly Stream _stream;
    readonly byte[] _block = new byte[SnapshotWriter.BlockBytes];
    int _at, _length;

    public SnapshotReader(Stream stream, ulong magic, int version)
    {
        _stream = stream;
        Span<byte> start = stackalloc byte[12];
        Fill(start);
        if (BinaryPrimitives.ReadUInt64LittleEndian(start) != magic) throw new IndexDamagedException("not a snapshot of this kind of index");
        var found = BinaryPrimitives.ReadInt32LittleEndian(start[8..]);
        if (found != version) throw new IndexDamagedException($"the snapshot has version {found}, this program reads {version}");
    }

    public void Read(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_at == _length) NextBlock();
            if (_length == 0) throw new IndexDamagedException("the snapshot ends early");
            var part = Math.Min(bytes.Length, _length - _at);
            _block.AsSpan(_at, part).CopyTo(bytes);
            _at += part;
            bytes = bytes[part..];
        }
    }

    public T Read<T>() where T : unmanaged
    {
        T value;
        Read(new Span<byte>(&value, sizeof(T)));
        return value;
    }

    /// <summary>A number that must be at least 0 and at most <paramref name="most"/>.</summary>
    public long ReadCount(long most)
    {
        var count = Read<long>();
        return count >= 0 && count <= most ? count : throw new IndexDamagedException($"a count of {count} in a snapshot");
    }

    public long ReadVariable()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Read<byte>();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw new IndexDamagedException("a number in a snapshot has no end");
    }

    /// <summary>What <see cref="SnapshotWriter.WritePart"/> wrote.</summary>
    public T ReadPart<T>(Func<BinaryReader, T> read)
    {
        var bytes = new byte[ReadCount(int.MaxValue)];
        Read(bytes);
        using var reader = new BinaryReader(new MemoryStream(bytes));
        try
        {
            return read(reader);
        }
        catch (EndOfStreamException)
        {
            throw new IndexDamagedException("a part of the snapshot ends early");
        }
    }

    /// <summary>Nothing may follow but the end.</summary>
    public void Complete()
    {
        if (_at == _length) NextBlock();
        if (_length != 0) throw new IndexDamagedException("the snapshot is longer than its index");
    }

    void NextBlock()
    {
        Span<byte> header = stackalloc byte[SnapshotWriter.BlockHeader];
        Fill(header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 0 or > SnapshotWriter.BlockBytes) throw new IndexDamagedException("a block of the snapshot has an impossible length");
        Fill(_block.AsSpan(0, length));
        if (Crc32C.Of(header[..4], _block.AsSpan(0, length)) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
            throw new IndexDamagedException("a block of the snapshot has another checksum");
        (_at, _length) = (0, length);
    }

    void Fill(Span<byte> bytes)
    {
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new IndexDamagedException("the snapshot ends early");
    }
}
