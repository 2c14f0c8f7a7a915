using System.Collections.Immutable;
using PgVectorCompat.Types;
using BinaryReader = PgVectorCompat.Types.BinaryReader;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>
/// Statistics as bytes: a version, the rows, then each column with its type. A column whose type is another one by now is left out when
/// they are read, and so is everything when the version is another one.
/// </summary>
static class StatisticsRecord
{
    const byte Version = 1;

    public static byte[] Write(RelationStatistics statistics)
    {
        var output = new ByteWriter();
        output.WriteByte(Version);
        WriteDouble(output, statistics.Rows);
        foreach (var (number, column) in statistics.Columns)
        {
            output.WriteInt16(number);
            output.WriteInt32((int)column.Type.Oid);
            WriteDouble(output, column.NullFraction);
            output.WriteInt32(column.Width);
            WriteDouble(output, column.Distinct);
            WriteDouble(output, column.Correlation ?? double.NaN);
            WriteValues(output, column.Type, column.MostCommon);
            foreach (var frequency in column.Frequencies)
                WriteDouble(output, frequency);
            WriteValues(output, column.Type, column.Histogram);
        }
        return output.Written.ToArray();
    }

    static void WriteDouble(ByteWriter output, double value) => output.WriteInt64(BitConverter.DoubleToInt64Bits(value));

    static void WriteValues(ByteWriter output, PgType type, ImmutableArray<Datum> values)
    {
        output.WriteInt32(values.Length);
        foreach (var value in values)
        {
            var length = output.ReserveInt32();
            type.Codec.WriteStored(value, output);
            output.SetInt32(length, output.Length - length - 4);
        }
    }

    /// <summary>What the bytes say; null when they are of another version.</summary>
    /// <param name="typeOf">Type of a column now; null when it is gone.</param>
    public static RelationStatistics? Read(ReadOnlySpan<byte> record, Func<short, PgType?> typeOf)
    {
        var input = new BinaryReader(record);
        if (input.ReadByte() != Version)
            return null;
        var rows = ReadDouble(ref input);
        var columns = ImmutableSortedDictionary.CreateBuilder<short, ColumnStatistics>();
        while (input.Remaining > 0)
        {
            var number = input.ReadInt16();
            var oid = (uint)input.ReadInt32();
            // Values can be skipped without their type, because each has its length.
            var type = typeOf(number) is { } now && now.Oid == oid ? now : null;
            var (nulls, width, distinct, correlation) = (ReadDouble(ref input), input.ReadInt32(), ReadDouble(ref input), ReadDouble(ref input));
            var common = ReadValues(ref input, type);
            var frequencies = ImmutableArray.CreateBuilder<double>(common.Length);
            for (var i = 0; i < common.Length; i++)
                frequencies.Add(ReadDouble(ref input));
            var histogram = ReadValues(ref input, type);
            if (type is not null)
                columns[number] = new ColumnStatistics
                {
                    Type = type,
                    NullFraction = nulls,
                    Width = width,
                    Distinct = distinct,
                    Correlation = double.IsNaN(correlation) ? null : correlation,
                    MostCommon = common,
                    Frequencies = frequencies.ToImmutable(),
                    Histogram = histogram,
                };
        }
        return new RelationStatistics(rows, columns.ToImmutable());
    }

    static double ReadDouble(ref BinaryReader input) => BitConverter.Int64BitsToDouble(input.ReadInt64());

    static ImmutableArray<Datum> ReadValues(ref BinaryReader input, PgType? type)
    {
        var values = ImmutableArray.CreateBuilder<Datum>();
        for (var count = input.ReadInt32(); count > 0; count--)
        {
            var bytes = input.Take(input.ReadInt32());
            values.Add(type is null ? Datum.Null : type.Codec.ReadStored(bytes));
        }
        return values.ToImmutable();
    }
}
