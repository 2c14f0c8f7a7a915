using System.Collections.Immutable;
using System.Runtime.InteropServices;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// How rows of a table lie in storage. The image has, in the order of attribute numbers:
/// <code>
/// uint16  number of attributes when the row was written (later columns are missing: they have their MissingValue)
/// bytes   null bitmap, bit i of byte i/8 set when attribute i+1 is NULL (or dropped, or in a vector column)
/// values  for each other attribute: its codec's stored form; with a length before it (LEB128) unless that is fixed
/// </code>
/// Fixed-size vectors lie in storage's vector columns instead (<see cref="Column.VectorColumn"/>), as raw little-endian elements.
/// </summary>
public static class RowFormat
{
    /// <summary>Bytes of a value of the column's type when all have the same size and belong into a vector column; 0 otherwise.</summary>
    public static int VectorBytes(PgType type, int typmod)
        => typmod < 1 ? 0
            : type == PgTypes.Vector || type == PgTypes.RuVector ? typmod * sizeof(float)
            : type == PgTypes.HalfVec ? typmod * 2
            : type == PgTypes.Bit && typmod >= MinBitVector ? (typmod + 7) / 8
            : 0;

    /// <summary>Shorter bit strings are flags rather than vectors, and stay in the row image.</summary>
    const int MinBitVector = 64;

    /// <summary>
    /// Gives each column that belongs into a vector column its number: for rows that are about to be made anew. Columns beyond storage's
    /// limit stay in the row image.
    /// </summary>
    public static ImmutableArray<Column> AssignVectorColumns(ImmutableArray<Column> columns)
    {
        short next = 0;
        return [.. columns.Select(column => column with
        {
            VectorColumn = !column.IsDropped && next < TableShape.MaxVectorColumns && VectorBytes(column.Type, column.Typmod) is > 0 and <= TableShape.MaxVectorBytes ? next++ : (short)-1,
        })];
    }

    /// <summary>What storage must know to make the table.</summary>
    public static TableShape Shape(Relation relation)
        => new([.. relation.Columns.Where(column => column.VectorColumn >= 0).OrderBy(column => column.VectorColumn).Select(column => VectorBytes(column.Type, column.Typmod))]);

    /// <summary>A value of a vector column from its bytes, which it does not refer to.</summary>
    public static Datum ReadVector(PgType type, int typmod, ReadOnlySpan<byte> bytes)
        => type == PgTypes.HalfVec ? Datum.Of(MemoryMarshal.Cast<byte, Half>(bytes).ToArray())
            : type == PgTypes.Bit ? Datum.Of(new BitString(typmod, bytes.ToArray()))
            : Datum.Of(MemoryMarshal.Cast<byte, float>(bytes).ToArray());

    /// <summary>The bytes that <see cref="ReadVector"/> reads.</summary>
    public static ReadOnlySpan<byte> VectorValue(PgType type, Datum value)
        => type == PgTypes.HalfVec ? MemoryMarshal.AsBytes(value.As<Half[]>().AsSpan())
            : type == PgTypes.Bit ? value.As<BitString>().Bytes
            : MemoryMarshal.AsBytes(value.As<float[]>().AsSpan());

    internal static int ReadLength(ReadOnlySpan<byte> image, ref int at)
    {
        int length = image[at++];
        if (length < 0x80) return length;
        length &= 0x7F;
        for (var shift = 7; ; shift += 7)
        {
            int next = image[at++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80) return length;
        }
    }

    internal static void WriteLength(ByteWriter output, int length)
    {
        for (; length >= 0x80; length >>= 7)
            output.WriteByte((byte)(length | 0x80));
        output.WriteByte((byte)length);
    }
}
