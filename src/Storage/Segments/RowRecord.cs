using System.Runtime.CompilerServices;

namespace PgVectorCompat.Storage;

/// <summary>
/// One row version in a segment, at a multiple of eight bytes. Its first four bytes are its form, which says how the rest is laid out.
/// <code>
/// compact (bit 31 of the form is set)              wide (bit 31 is clear)
///  0  4  form: 31 set | 30 clear                    0  4  length of the image
///          | 29..27 w - 1 | 26..24 r - 1
///          | 23..0 length of the image
///  4  4  CRC-32C                                    4  4  CRC-32C
///  8  r  row id                                     8  8  row id
///     w  id of the transaction that wrote it       16  8  id of the transaction that wrote it
///
///     8  per vector column: slot (4; -1 for NULL), CRC-32C of the value (4; 0 for NULL)
///     n  image
/// </code>
/// The CRC is of the form and of everything from byte 8 to the end of the image. Wide are records with images of 16 MB and more, and all of
/// formats 1 and 2. A record says by itself which row it is and where its vectors are, so a log reference needs only its place.
/// </summary>
static unsafe class RowRecord
{
    const int WideFixedSize = 24;
    const int PerColumn = 8;
    const int CompactImageLimit = 1 << 24;
    const int RowShift = 24;
    const int WriterShift = 27;
    const int ReservedBit = 1 << 30;

    /// <summary>The form that a record of these takes.</summary>
    public static int FormOf(long row, long writer, int imageLength)
        => imageLength < CompactImageLimit
            ? int.MinValue | (BytesOf(writer) - 1) << WriterShift | (BytesOf(row) - 1) << RowShift | imageLength
            : imageLength;

    static int BytesOf(long number) => (71 - System.Numerics.BitOperations.LeadingZeroCount((ulong)number | 1)) / 8;

    /// <summary>Bytes a record of this form takes, padding included.</summary>
    public static long SizeOf(int form, int columns) => ((long)HeaderSize(form, columns) + ImageLength(form) + 7) & ~7L;

    /// <summary>Bytes a record takes, padding included.</summary>
    public static long Size(byte* record, int columns) => SizeOf(Form(record), columns);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Image(byte* record, int columns)
    {
        var form = Form(record);
        return new(record + HeaderSize(form, columns), ImageLength(form));
    }

    public static long Row(byte* record)
    {
        var form = Form(record);
        return form < 0 ? ReadBefore(record + 8 + RowBytes(form), RowBytes(form)) : Unsafe.ReadUnaligned<long>(record + 8);
    }

    public static long Writer(byte* record)
    {
        var form = Form(record);
        return form < 0 ? ReadBefore(record + FixedSize(form), WriterBytes(form)) : Unsafe.ReadUnaligned<long>(record + 16);
    }

    public static int Slot(byte* record, int column) => Unsafe.ReadUnaligned<int>(record + HeaderSize(Form(record), column));
    public static uint VectorChecksum(byte* record, int column) => Unsafe.ReadUnaligned<uint>(record + HeaderSize(Form(record), column) + 4);

    /// <summary>Writes the form, which everything else depends on.</summary>
    public static void Begin(byte* record, int form) => Unsafe.WriteUnaligned(record, form);

    public static void SetSlot(byte* record, int column, int slot, uint checksum)
    {
        var place = record + HeaderSize(Form(record), column);
        Unsafe.WriteUnaligned(place, slot);
        Unsafe.WriteUnaligned(place + 4, checksum);
    }

    /// <summary>Writes everything but form and slots, which must be set before, and seals it.</summary>
    public static void Finish(byte* record, int columns, long row, long writer, ReadOnlySpan<byte> image)
    {
        var form = Form(record);
        if (form < 0)
        {
            Unsafe.CopyBlockUnaligned(record + 8, &row, (uint)RowBytes(form));
            Unsafe.CopyBlockUnaligned(record + 8 + RowBytes(form), &writer, (uint)WriterBytes(form));
        }
        else
        {
            Unsafe.WriteUnaligned(record + 8, row);
            Unsafe.WriteUnaligned(record + 16, writer);
        }
        image.CopyTo(new Span<byte>(record + HeaderSize(form, columns), image.Length));
        Unsafe.WriteUnaligned(record + 4, ChecksumOf(record, columns));
    }

    /// <summary>Whether the record ends within <paramref name="available"/> bytes and is what was written.</summary>
    public static bool IsValid(byte* record, int columns, long available)
    {
        if (available < sizeof(int)) return false;
        var form = Form(record);
        return (form >= 0 || (form & ReservedBit) == 0) && SizeOf(form, columns) <= available && Unsafe.ReadUnaligned<uint>(record + 4) == ChecksumOf(record, columns);
    }

    static uint ChecksumOf(byte* record, int columns)
    {
        var form = Form(record);
        return Crc32C.Of(new ReadOnlySpan<byte>(record, 4), new ReadOnlySpan<byte>(record + 8, HeaderSize(form, columns) - 8 + ImageLength(form)));
    }

    static int Form(byte* record) => Unsafe.ReadUnaligned<int>(record);

    static int ImageLength(int form) => form < 0 ? form & (CompactImageLimit - 1) : form;
    static int RowBytes(int form) => (form >> RowShift & 7) + 1;
    static int WriterBytes(int form) => (form >> WriterShift & 7) + 1;

    /// <summary>Bytes before the slots.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int FixedSize(int form) => form < 0 ? 8 + RowBytes(form) + WriterBytes(form) : WideFixedSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int HeaderSize(int form, int columns) => FixedSize(form) + columns * PerColumn;

    /// <summary>The number whose <paramref name="bytes"/> bytes end at a place with at least eight before it.</summary>
    static long ReadBefore(byte* end, int bytes) => (long)(Unsafe.ReadUnaligned<ulong>(end - 8) >> (64 - 8 * bytes));
}
