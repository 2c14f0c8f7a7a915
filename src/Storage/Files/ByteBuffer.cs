using System.Buffers;
using System.Buffers.Binary;

namespace PgVectorCompat.Storage;

/// <summary>A growing buffer written front to back, little-endian. Dispose gives its memory back.</summary>
sealed class ByteBuffer : IDisposable
{
    byte[] _bytes = ArrayPool<byte>.Shared.Rent(1024);

    public int Length { get; set; }

    public Span<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>The next <paramref name="count"/> bytes, to be filled by the caller.</summary>
    public Span<byte> Take(int count)
    {
        var end = checked(Length + count);
        if (end > _bytes.Length) Grow(end);
        var span = _bytes.AsSpan(Length, count);
        Length = end;
        return span;
    }

    public void WriteByte(byte value) => Take(1)[0] = value;
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Seven bits a byte, low first, the eighth says that more follow.</summary>
    public void WriteVarint(ulong value)
    {
        var span = Take(10);
        var count = 0;
        for (; value >= 0x80; value >>= 7) span[count++] = (byte)(value | 0x80);
        span[count++] = (byte)value;
        Length -= 10 - count;
    }

    /// <summary>A signed number as a varint: small magnitudes stay small.</summary>
    public void WriteZigzag(long value) => WriteVarint((ulong)((value << 1) ^ (value >> 63)));

    public void PadTo(int alignment)
    {
        var padding = -Length & (alignment - 1);
        if (padding > 0) Take(padding).Clear();
    }

    void Grow(int needed)
    {
        var bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, _bytes.Length * 2L), Array.MaxLength));
        _bytes.AsSpan(0, Length).CopyTo(bytes);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }
}

/// <summary>Reads what <see cref="ByteBuffer"/> wrote. Running past the end throws <see cref="ArgumentOutOfRangeException"/>.</summary>
ref struct ByteSpanReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        var result = _rest[..count];
        _rest = _rest[count..];
        return result;
    }

    public byte ReadByte() => ReadBytes(1)[0];
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2));
    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(4));
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));
    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadBytes(8));

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < _rest.Length && i < 10; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] >= 0x80) continue;
            _rest = _rest[(i + 1)..];
            return value;
        }
        throw new ArgumentOutOfRangeException(nameof(bytes), "a number runs past the end");
    }

    public long ReadZigzag()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }
}
