using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// Rows as bytes that only this statement reads again. A datum does not know its type, but the class of its object says how it is written;
/// what has no way of its own stays in memory and is written as its number in the list of kept objects.
/// </summary>
static class RowImage
{
    enum Kind : byte { Null, Bits, String, Bytes, Singles, Halves, Numeric, Interval, TimeTz, Uuid, BitString, Jsonb, Sparse, Array, Record, Kept }

    /// <summary>Bytes that a row takes in memory, its datums included, roughly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Memory(ReadOnlySpan<Datum> row)
    {
        var bytes = row.Length * (long)Unsafe.SizeOf<Datum>();
        foreach (ref readonly var value in row)
            if (!value.IsNull && !value.IsInBits)
                bytes += Memory(value.Reference!);
        return bytes;
    }

    static long Memory(object value)
    {
        const int header = 24;
        return value switch
        {
            string text => header + text.Length * 2,
            byte[] bytes => header + bytes.Length,
            float[] singles => header + singles.Length * 4L,
            Half[] halves => header + halves.Length * 2L,
            BitString bits => 2 * header + bits.Bytes.Length,
            SparseVector sparse => 3 * header + sparse.Values.Length * 8L,
            PgArray array => 5 * header + Memory(array.Items),
            PgRecord record => 2 * header + Memory(record.Values),
            _ => 4 * header,
        };
    }

    public static void Write(ReadOnlySpan<Datum> row, ByteWriter output, List<object> kept)
    {
        foreach (ref readonly var value in row)
        {
            if (value.IsNull)
                output.WriteByte((byte)Kind.Null);
            else if (value.IsInBits)
            {
                var bytes = output.GetSpan(1 + sizeof(long));
                bytes[0] = (byte)Kind.Bits;
                BinaryPrimitives.WriteInt64LittleEndian(bytes[1..], value.AsInt64);
                output.Advance(1 + sizeof(long));
            }
            else
                WriteObject(value, output, kept);
        }
    }

    static void WriteObject(Datum value, ByteWriter output, List<object> kept)
    {
        switch (value.Reference)
        {
            case string text:
                output.WriteByte((byte)Kind.String);
                var at = output.ReserveInt32();
                output.WriteText(text);
                output.SetInt32(at, output.Length - at - sizeof(int));
                break;
            case byte[] bytes: WriteBytes(Kind.Bytes, bytes, output); break;
            case float[] singles: WriteBytes(Kind.Singles, MemoryMarshal.AsBytes<float>(singles), output); break;
            case Half[] halves: WriteBytes(Kind.Halves, MemoryMarshal.AsBytes<Half>(halves), output); break;
            case PgNumeric: WriteStored(Kind.Numeric, value, output); break;
            case PgInterval: WriteStored(Kind.Interval, value, output); break;
            case PgTimeTz: WriteStored(Kind.TimeTz, value, output); break;
            case PgUuid: WriteStored(Kind.Uuid, value, output); break;
            case BitString: WriteStored(Kind.BitString, value, output); break;
            case JsonbValue: WriteStored(Kind.Jsonb, value, output); break;
            case SparseVector: WriteStored(Kind.Sparse, value, output); break;
            case PgArray array:
                output.WriteByte((byte)Kind.Array);
                output.WriteInt32(Keep(array.ElementType, kept));
                output.WriteByte((byte)array.Dimensions);
                for (var i = 0; i < array.Dimensions; i++)
                {
                    output.WriteInt32(array.Lengths[i]);
                    output.WriteInt32(array.LowerBounds[i]);
                }
                Write(array.Items, output, kept);
                break;
            case PgRecord record:
                output.WriteByte((byte)Kind.Record);
                output.WriteInt32(Keep(new RecordShape(record.Fields), kept));
                Write(record.Values, output, kept);
                break;
            case { } other:
                output.WriteByte((byte)Kind.Kept);
                output.WriteInt32(Keep(other, kept));
                break;
        }
    }

    // Types are few and come again and again; other objects mostly come once.
    static int Keep(object value, List<object> kept)
    {
        for (var i = kept.Count - 1; i >= Math.Max(0, kept.Count - 4); i--)
            if (kept[i].Equals(value))
                return i;
        kept.Add(value);
        return kept.Count - 1;
    }

    static void WriteBytes(Kind kind, ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        output.WriteByte((byte)kind);
        output.WriteInt32(bytes.Length);
        output.WriteBytes(bytes);
    }

    static void WriteStored(Kind kind, Datum value, ByteWriter output)
    {
        output.WriteByte((byte)kind);
        var at = output.ReserveInt32();
        CodecOf(kind).WriteStored(value, output);
        output.SetInt32(at, output.Length - at - sizeof(int));
    }

    static TypeCodec CodecOf(Kind kind) => kind switch
    {
        Kind.Numeric => PgTypes.Numeric.Codec,
        Kind.Interval => PgTypes.Interval.Codec,
        Kind.TimeTz => PgTypes.TimeTz.Codec,
        Kind.Uuid => PgTypes.Uuid.Codec,
        Kind.BitString => PgTypes.Varbit.Codec,
        Kind.Jsonb => PgTypes.Jsonb.Codec,
        _ => PgTypes.SparseVec.Codec,
    };

    /// <summary>Reads a row as long as <paramref name="row"/>.</summary>
    public static void Read(ref Types.BinaryReader input, Span<Datum> row, List<object> kept)
    {
        foreach (ref var value in row)
        {
            var kind = (Kind)input.ReadByte();
            value = kind switch
            {
                Kind.Null => Datum.Null,
                Kind.Bits => Datum.Of(BinaryPrimitives.ReadInt64LittleEndian(input.Take(sizeof(long)))),
                Kind.String => Datum.Of(Encoding.UTF8.GetString(input.Take(input.ReadInt32()))),
                Kind.Bytes => Datum.Of(input.Take(input.ReadInt32()).ToArray()),
                Kind.Singles => Datum.Of(MemoryMarshal.Cast<byte, float>(input.Take(input.ReadInt32())).ToArray()),
                Kind.Halves => Datum.Of(MemoryMarshal.Cast<byte, Half>(input.Take(input.ReadInt32())).ToArray()),
                Kind.Array => Datum.Of(ReadArray(ref input, kept)),
                Kind.Record => Datum.Of(ReadRecord(ref input, kept)),
                Kind.Kept => Datum.Of(kept[input.ReadInt32()]),
                _ => CodecOf(kind).ReadStored(input.Take(input.ReadInt32())),
            };
        }
    }

    // Records of one expression share their fields; equal by reference to the array.
    sealed record RecordShape(ImmutableArray<RecordField> Fields);

    static PgRecord ReadRecord(ref Types.BinaryReader input, List<object> kept)
    {
        var fields = ((RecordShape)kept[input.ReadInt32()]).Fields;
        var values = new Datum[fields.Length];
        Read(ref input, values, kept);
        return new PgRecord(fields, values);
    }

    static PgArray ReadArray(ref Types.BinaryReader input, List<object> kept)
    {
        var type = (PgType)kept[input.ReadInt32()];
        int dimensions = input.ReadByte();
        var (lengths, bounds) = (new int[dimensions], new int[dimensions]);
        for (var i = 0; i < dimensions; i++)
            (lengths[i], bounds[i]) = (input.ReadInt32(), input.ReadInt32());
        var items = new Datum[PgArray.CountItems(lengths)];
        Read(ref input, items, kept);
        return new PgArray(type, lengths, bounds, items);
    }
}
