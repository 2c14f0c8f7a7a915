using System.Buffers.Binary;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>
/// Rows of the binary format:
/// <code>
/// PGCOPY\n\377\r\n\0   int32 flags   int32 length of an extension (skipped)
/// row:  int16 number of fields, then for each: int32 length (-1 for NULL), bytes
/// end:  int16 -1
/// </code>
/// </summary>
internal sealed class BinaryRows(CopyBuffer buffer)
{
    public static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0];

    /// <summary>Flags from bit 16 on change the format; this one, of old versions, added OIDs.</summary>
    const int HasOids = 1 << 16;
    const int CriticalFlags = unchecked((int)0xFFFF0000);

    int _toConsume;

    /// <summary>Number of the row read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Reads what stands before the rows. Raises 22P04.</summary>
    public void ReadHeader()
    {
        if (!buffer.TryRequire(Signature.Length) || !buffer.Rest.StartsWith(Signature))
            throw Bad("COPY file signature not recognized");
        buffer.Consume(Signature.Length);
        if (!TryReadInt32(out var flags))
            throw Bad("invalid COPY file header (missing flags)");
        if ((flags & HasOids) != 0)
            throw Bad("invalid COPY file header (WITH OIDS)");
        if ((flags & CriticalFlags) != 0)
            throw Bad("unrecognized critical flags in COPY file header");
        if (!TryReadInt32(out var extension) || extension < 0)
            throw Bad("invalid COPY file header (missing length)");
        if (!buffer.TryRequire(extension))
            throw Bad("invalid COPY file header (wrong length)");
        buffer.Consume(extension);
    }

    /// <summary>Goes to the next row, which must have so many fields; false at the end. Raises 22P04.</summary>
    public bool MoveNext(int fields)
    {
        Release();
        Number++;
        if (!buffer.TryRequire(sizeof(short))) return false;
        var count = BinaryPrimitives.ReadInt16BigEndian(buffer.Rest);
        buffer.Consume(sizeof(short));
        if (count == -1)
            return buffer.TryRequire(1) ? throw Bad("received copy data after EOF marker") : false;
        return count == fields ? true : throw Bad($"row field count is {count}, expected {fields}");
    }

    /// <summary>The next field's bytes, valid until the next call; false for NULL. Raises 22P04.</summary>
    public bool TryReadField(out ReadOnlySpan<byte> bytes)
    {
        Release();
        bytes = default;
        if (!TryReadInt32(out var length))
            throw Bad("unexpected EOF in COPY data");
        if (length == -1) return false;
        if (length < 0)
            throw Bad("invalid field size");
        if (!buffer.TryRequire(length))
            throw Bad("unexpected EOF in COPY data");
        bytes = buffer.Rest[..length];
        _toConsume = length;
        return true;
    }

    void Release()
    {
        buffer.Consume(_toConsume);
        _toConsume = 0;
    }

    bool TryReadInt32(out int value)
    {
        var isThere = buffer.TryRequire(sizeof(int));
        value = isThere ? BinaryPrimitives.ReadInt32BigEndian(buffer.Rest) : 0;
        if (isThere)
            buffer.Consume(sizeof(int));
        return isThere;
    }

    static PgError Bad(string message) => new(SqlState.BadCopyFileFormat, message);
}
