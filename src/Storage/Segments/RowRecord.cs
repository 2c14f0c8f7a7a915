using System.Runtime.CompilerServices;

namespace PgVectorCompat.Storage;

/// <summary>
/// One row version in a segment, at a multiple of eight bytes.
/// <code>
///  0  4  length of the image
///  4  4  CRC-32C of the length and of everything from byte 8 to the end of the image
///  8  8  row id
/// 16  8  id of the transaction that wrote it
/// 24  8  per vector column: slot (4; -1 for NULL), CRC-32C of the value (4; 0 for NULL)
///     n  image
/// </code>
/// A record says by itself which row it is and where its vectors are, so a log reference needs only its place.
/// </summary>
static unsafe class RowRecord
{
    const int FixedSize = 24;
    const int PerColumn = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeaderSize(int columns) => FixedSize + columns * PerColumn;

    /// <summary>Bytes a record takes, padding included.</summary>
    public static long Size(int columns, long imageLength) => (HeaderSize(columns) + imageLength + 7) & ~7L;

    public static int ImageLength(byte* record) => Unsafe.ReadUnaligned<int>(record);
    public static uint Checksum(byte* record) => Unsafe.ReadUnaligned<uint>(record + 4);
    public static long Row(byte* record) => Unsafe.ReadUnaligned<long>(record + 8);
    public static long Writer(byte* record) => Unsafe.ReadUnaligned<long>(record + 16);
    public static int Slot(byte* record, int column) => Unsafe.ReadUnaligned<int>(record + FixedSize + column * PerColumn);
    public static uint VectorChecksum(byte* record, int column) => Unsafe.ReadUnaligned<uint>(record + FixedSize + column * PerColumn + 4);

    public static ReadOnlySpan<byte> Image(byte* record, int columns) => new(record + HeaderSize(columns), ImageLength(record));

    public static void SetSlot(byte* record, int column, int slot, uint checksum)
    {
        Unsafe.WriteUnaligned(record + FixedSize + column * PerColumn, slot);
        Unsafe.WriteUnaligned(record + FixedSize + column * PerColumn + 4, checksum);
    }

    /// <summary>Writes everything but the slots, which must be set before, and seals it.</summary>
    public static void Write(byte* record, int columns, long row, long writer, ReadOnlySpan<byte> image)
    {
        Unsafe.WriteUnaligned(record, image.Length);
        Unsafe.WriteUnaligned(record + 8, row);
        Unsafe.WriteUnaligned(record + 16, writer);
        image.CopyTo(new Span<byte>(record + HeaderSize(columns), image.Length));
        Unsafe.WriteUnaligned(record + 4, ChecksumOf(record, columns));
    }

    /// <summary>Whether the record ends within <paramref name="available"/> bytes and is what was written.</summary>
    public static bool IsValid(byte* record, int columns, long available)
    {
        if (available < HeaderSize(columns)) return false;
        var length = ImageLength(record);
        return length >= 0 && Size(columns, length) <= available && Checksum(record) == ChecksumOf(record, columns);
    }

    static uint ChecksumOf(byte* record, int columns)
        => Crc32C.Of(new ReadOnlySpan<byte>(record, 4), new ReadOnlySpan<byte>(record + 8, HeaderSize(columns) - 8 + ImageLength(record)));
}
