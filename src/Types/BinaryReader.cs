using System.Buffers.Binary;

namespace PgVectorCompat.Types;

/// <summary>Reads a value's binary form front to back. Reading past its end raises 08P01, as PostgreSQL's pq_getmsg functions do.</summary>
public ref struct BinaryReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    public byte ReadByte()
        => _rest.Length > 0 ? Take(1)[0] : throw new PgError(SqlState.ProtocolViolation, "no data left in message");

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));
    public float ReadSingle() => BinaryPrimitives.ReadSingleBigEndian(Take(4));
    public double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>The next <paramref name="count"/> bytes; they live as long as the message they are in.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
            throw new PgError(SqlState.ProtocolViolation, "insufficient data left in message");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>All bytes not read yet.</summary>
    public ReadOnlySpan<byte> TakeRest() => Take(_rest.Length);
}
