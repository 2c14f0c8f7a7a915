using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>Records and lists of differences say again what was written, whatever its size, and damage does not go unseen.</summary>
public sealed unsafe class RecordTests
{
    static byte[] Write(long row, long writer, int columns, ReadOnlySpan<byte> image)
    {
        var form = RowRecord.FormOf(row, writer, image.Length);
        var bytes = new byte[RowRecord.SizeOf(form, columns)];
        fixed (byte* record = bytes)
        {
            RowRecord.Begin(record, form);
            for (var column = 0; column < columns; column++) RowRecord.SetSlot(record, column, column * 1000 - 1, (uint)column + 7);
            RowRecord.Finish(record, columns, row, writer, image);
        }
        return bytes;
    }

    public static TheoryData<long, long, int, int> Records()
    {
        var data = new TheoryData<long, long, int, int>();
        foreach (var row in (long[])[0, 1, 255, 256, 65535, 65536, (1L << 24) - 1, 1L << 24, (1L << 40) + 5, long.MaxValue])
            foreach (var writer in (long[])[1, 255, 65536, long.MaxValue])
                data.Add(row, writer, (int)(row % 3), (int)(writer % 100));
        data.Add(5, 6, 1, (1 << 24) - 1);
        data.Add(5, 6, 1, 1 << 24);
        return data;
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_says_what_was_written(long row, long writer, int columns, int length)
    {
        var image = new byte[length];
        new Random(length).NextBytes(image);
        var bytes = Write(row, writer, columns, image);
        fixed (byte* record = bytes)
        {
            Assert.Equal(0, bytes.Length % 8);
            Assert.True(RowRecord.IsValid(record, columns, bytes.Length));
            Assert.False(RowRecord.IsValid(record, columns, bytes.Length - 8));
            Assert.Equal(bytes.Length, RowRecord.Size(record, columns));
            Assert.Equal(row, RowRecord.Row(record));
            Assert.Equal(writer, RowRecord.Writer(record));
            Assert.True(RowRecord.Image(record, columns).SequenceEqual(image));
            for (var column = 0; column < columns; column++)
            {
                Assert.Equal(column * 1000 - 1, RowRecord.Slot(record, column));
                Assert.Equal((uint)column + 7, RowRecord.VectorChecksum(record, column));
            }
        }
    }

    [Fact]
    public void Two_integers_take_twenty_four_bytes() => Assert.Equal(24, Write(5_000_000, 60_000, 0, new byte[11]).Length);

    [Fact]
    public void A_change_of_any_bit_is_seen()
    {
        var bytes = Write(70_000, 300, 2, new byte[14]);
        // 8 bytes, row id, writer, slots, image; what is behind is padding.
        var used = 8 + 3 + 2 + 16 + 14;
        fixed (byte* record = bytes)
        {
            for (var bit = 0; bit < used * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(RowRecord.IsValid(record, 2, bytes.Length), $"bit {bit}");
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Theory]
    [InlineData(new long[] { })]
    [InlineData(new long[] { 7 })]
    [InlineData(new long[] { 3, 6, 9, 12, 5, 5, 5, 0, 0 })]
    [InlineData(new long[] { 1L << 61, 0, 1L << 61, -1, -1, 40 })]
    public void Differences_give_the_numbers_again(long[] numbers)
    {
        using var buffer = new ByteBuffer();
        var writer = new DifferenceWriter(buffer, -1);
        foreach (var number in numbers) writer.Add(number);
        writer.Finish();
        buffer.WriteByte(99);

        var rest = new ByteSpanReader(buffer.Written);
        var reader = new DifferenceReader(-1, hasRuns: true);
        foreach (var number in numbers) Assert.Equal(number, reader.Next(ref rest));
        Assert.Equal(99, rest.ReadByte());
    }
}
