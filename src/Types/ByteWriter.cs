using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>A growing buffer of bytes to be sent or stored: big-endian numbers, UTF-8 text, reserved spans.</summary>
/// <remarks>Not safe for use from two threads at once. Numbers are in network order, as everywhere in PostgreSQL's protocol.</remarks>
public sealed class ByteWriter(int capacity = 256)
{
    byte[] _bytes = new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written and keeps the memory, unless it grew past <paramref name="keepAtMost"/> bytes.</summary>
    public void Clear(int keepAtMost = 1 << 20)
    {
        Length = 0;
        if (_bytes.Length > keepAtMost)
            _bytes = new byte[Math.Min(keepAtMost, 8192)];
    }

    /// <summary>Cuts what was written back to its first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>At least <paramref name="size"/> bytes to write into; <see cref="Advance"/> says how many were used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int size)
    {
        if (_bytes.Length - Length < size)
            Grow(size);
        return _bytes.AsSpan(Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count) => Length += count;

    void Grow(int size) => Array.Resize(ref _bytes, checked((int)Math.Max((long)Length + size, Math.Min(_bytes.Length * 2L, Array.MaxLength))));

    public void WriteByte(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void WriteInt16(int value)
    {
        BinaryPrimitives.WriteInt16BigEndian(GetSpan(2), (short)value);
        Length += 2;
    }

    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(GetSpan(4), value);
        Length += 4;
    }

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(GetSpan(8), value);
        Length += 8;
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(GetSpan(value.Length));
        Length += value.Length;
    }

    /// <summary>Text as UTF-8, without length or terminator.</summary>
    public void WriteText(ReadOnlySpan<char> value)
        => Length += Encoding.UTF8.GetBytes(value, GetSpan(value.Length * 3));

    /// <summary>Text as UTF-8 with a closing zero byte.</summary>
    public void WriteCString(ReadOnlySpan<char> value)
    {
        WriteText(value);
        WriteByte(0);
    }

    /// <summary>A number formatted in the invariant culture.</summary>
    public void WriteFormatted<T>(T value, ReadOnlySpan<char> format = default) where T : IUtf8SpanFormattable
    {
        int written;
        for (var size = 32; !value.TryFormat(GetSpan(size), out written, format, null); size *= 2) { }
        Length += written;
    }

    /// <summary>Leaves four bytes for a length that is known later; give the result to <see cref="SetInt32"/>.</summary>
    public int ReserveInt32()
    {
        var at = Length;
        GetSpan(4);
        Length += 4;
        return at;
    }

    public void SetByte(int at, byte value) => _bytes[at] = value;

    public void SetInt32(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(at), value);

    /// <summary>Inverts the top bit of the byte at <paramref name="at"/>: signed big-endian numbers then sort as bytes.</summary>
    public void Flip(int at) => _bytes[at] ^= 0x80;

    /// <summary>Inverts every bit from <paramref name="at"/> to the end: bytes then sort in the opposite order.</summary>
    public void Complement(int at)
    {
        foreach (ref var b in _bytes.AsSpan(at, Length - at))
            b = (byte)~b;
    }
}
