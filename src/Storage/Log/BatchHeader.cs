using System.Buffers.Binary;

namespace PgVectorCompat.Storage;

/// <summary>
/// The 40 bytes before each batch of the redo log.
/// <code>
///  0  4  "BTCH"
///  4  4  length of the payload
///  8  8  LSN of this header: a batch is valid only where it was written
/// 16  8  commit number; 0 for a batch outside transactions
/// 24  8  durable LSN when the batch was appended
/// 32  4  CRC-32C of the payload
/// 36  4  CRC-32C of bytes 0 to 35
/// </code>
/// The payload follows, padded to eight bytes. The durable LSN tells a torn tail from damage: when a batch at P is bad but a later
/// one says that P was durable, synced bytes have changed.
/// </summary>
readonly record struct BatchHeader(int PayloadLength, long Lsn, long Csn, long DurableLsn, uint PayloadChecksum)
{
    public const int Size = 40;
    const uint Magic = 0x48435442;

    /// <summary>Bytes of header, payload and padding.</summary>
    public static long TotalSize(long payloadLength) => Size + ((payloadLength + 7) & ~7L);

    public long EndLsn => Lsn + TotalSize(PayloadLength);

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], PayloadLength);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Csn);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], DurableLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], PayloadChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(target[36..], Crc32C.Of(target[..36]));
    }

    /// <summary>Reads a header that must be of the batch at <paramref name="lsn"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, long lsn, out BatchHeader header)
    {
        header = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic) return false;
        if (BinaryPrimitives.ReadInt64LittleEndian(source[8..]) != lsn) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[36..]) != Crc32C.Of(source[..36])) return false;
        header = new(
            PayloadLength: BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            Lsn: lsn,
            Csn: BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            DurableLsn: BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            PayloadChecksum: BinaryPrimitives.ReadUInt32LittleEndian(source[32..]));
        return header.PayloadLength >= 0;
    }
}
