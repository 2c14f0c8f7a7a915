using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>Reads the body of a message front to back. Raises 08P01 where the body is not what the message's layout says.</summary>
/// <remarks>Spans it returns lie in the body and live as long as it does.</remarks>
public ref struct MessageReader(ReadOnlySpan<byte> body)
{
    ReadOnlySpan<byte> _rest = body;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public int ReadInt32() => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
            throw new PgError(SqlState.ProtocolViolation, "insufficient data left in message");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>Text up to a zero byte, without it.</summary>
    public ReadOnlySpan<byte> ReadCString()
    {
        var length = _rest.IndexOf((byte)0);
        if (length < 0)
            throw new PgError(SqlState.ProtocolViolation, "invalid string in message");
        var text = _rest[..length];
        _rest = _rest[(length + 1)..];
        return text;
    }

    /// <summary>Checks that nothing follows.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new PgError(SqlState.ProtocolViolation, "invalid message format");
    }
}
