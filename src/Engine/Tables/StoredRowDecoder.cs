using System.Buffers.Binary;
using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>Decodes chosen columns of stored rows: one pass over the image, skipping what nobody asked for.</summary>
internal sealed class StoredRowDecoder : RowDecoder
{
    /// <summary>What to do with one attribute of the image. Target is the output position, -1 to skip.</summary>
    readonly record struct Step(TypeCodec Codec, int StoredLength, int Target);

    /// <summary>An output that does not come from the image.</summary>
    readonly record struct Other(int Target, int SystemColumn, int VectorColumn, PgType Type, int Typmod);

    readonly Step[] _steps;
    readonly Other[] _others;
    readonly (int Target, int Source)[] _copies;
    readonly Datum[] _missing;
    readonly uint _tableOid;

    public StoredRowDecoder(Relation relation, ImmutableArray<int> columns)
    {
        _tableOid = relation.Oid;
        var live = relation.LiveColumns.ToArray();
        var targetOf = new Dictionary<int, int>();
        var others = new List<Other>();
        var copies = new List<(int, int)>();
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] < 0)
            {
                others.Add(new(i, columns[i], -1, PgTypes.Oid, -1));
                continue;
            }
            var column = live[columns[i]];
            if (column.VectorColumn >= 0)
                others.Add(new(i, 0, column.VectorColumn, column.Type, column.Typmod));
            else if (!targetOf.TryAdd(column.Number - 1, i))
                copies.Add((i, targetOf[column.Number - 1]));
        }
        var last = targetOf.Count == 0 ? 0 : targetOf.Keys.Max() + 1;
        _steps = [.. relation.Columns.Take(last).Select((column, i) => new Step(column.Type.Codec, column.Type.Codec.StoredLength, targetOf.GetValueOrDefault(i, -1)))];
        _missing = [.. relation.Columns.Take(last).Select(column => column.MissingValue is { } text && !column.IsDropped ? column.Type.Codec.Parse(text, column.Typmod, TypeSettings.Default) : Datum.Null)];
        _others = [.. others];
        _copies = [.. copies];
    }

    public override void Decode(RowView row, Span<Datum> values)
    {
        if (_steps.Length > 0)
            DecodeImage(row.Image, values);
        foreach (var other in _others)
            values[other.Target] = other.VectorColumn >= 0
                ? row.IsNull(other.VectorColumn) ? Datum.Null : RowFormat.ReadVector(other.Type, other.Typmod, row.Vector(other.VectorColumn))
                : System(row, other.SystemColumn);
        foreach (var (target, source) in _copies)
            values[target] = values[source];
    }

    void DecodeImage(ReadOnlySpan<byte> image, Span<Datum> values)
    {
        int written = BinaryPrimitives.ReadUInt16LittleEndian(image);
        var at = 2 + (written + 7) / 8;
        var steps = _steps;
        for (var i = 0; i < steps.Length; i++)
        {
            ref readonly var step = ref steps[i];
            if (i >= written)
            {
                if (step.Target >= 0) values[step.Target] = _missing[i];
                continue;
            }
            if ((image[2 + (i >> 3)] & (1 << (i & 7))) != 0)
            {
                if (step.Target >= 0) values[step.Target] = Datum.Null;
                continue;
            }
            var length = step.StoredLength >= 0 ? step.StoredLength : RowFormat.ReadLength(image, ref at);
            if (step.Target >= 0)
                values[step.Target] = step.Codec.ReadStored(image.Slice(at, length));
            at += length;
        }
    }

    Datum System(RowView row, int column) => column switch
    {
        SystemColumns.Ctid => Datum.Of(StoredTable.ToTid(row.Row)),
        _ => System(column, row.Writer, _tableOid),
    };

    /// <summary>A system column other than ctid of a row that a transaction wrote; 0 for those that nothing is kept of.</summary>
    public static Datum System(int column, long writer, uint table) => column switch
    {
        SystemColumns.Xmin => Datum.Of((long)(uint)writer),
        SystemColumns.TableOid => Datum.Of((long)table),
        _ => Datum.Of(0L),
    };
}
