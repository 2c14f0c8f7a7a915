using System.Buffers.Binary;
using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>Makes row images and vector bytes of live-column values. Holds buffers: one per running statement.</summary>
public sealed class RowEncoder(RowShape shape)
{
    readonly ImmutableArray<Column> _columns = shape.Columns;
    readonly VectorSource[] _sources = shape.VectorOrder.Length == 0 ? [] : new VectorSource[shape.VectorOrder.Length];
    readonly int[] _vectorOrder = shape.VectorOrder;
    readonly int[] _livePosition = shape.LivePositions;
    readonly ByteWriter _image = new();
    readonly ByteWriter _vectors = new();

    public ReadOnlySpan<byte> Image => _image.Written;
    public VectorValues Vectors => _sources.Length == 0 ? VectorValues.None : new(_sources, _vectors.Written);

    /// <summary>Encodes a row; <paramref name="unchanged"/> says for live columns whether an UPDATE left them as they were (vectors are then not copied).</summary>
    public void Encode(ReadOnlySpan<Datum> values, ReadOnlySpan<bool> unchanged = default)
    {
        _image.Clear();
        _vectors.Clear();
        var bitmap = (_columns.Length + 7) / 8;
        var head = _image.GetSpan(2 + bitmap)[..(2 + bitmap)];
        head.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)_columns.Length);
        for (var i = 0; i < _columns.Length; i++)
            if (_livePosition[i] < 0 || _columns[i].VectorColumn >= 0 || values[_livePosition[i]].IsNull)
                head[2 + i / 8] |= (byte)(1 << (i % 8));
        _image.Advance(2 + bitmap);

        for (var i = 0; i < _columns.Length; i++)
        {
            var column = _columns[i];
            if (_livePosition[i] < 0 || column.VectorColumn >= 0) continue;
            var value = values[_livePosition[i]];
            if (value.IsNull) continue;
            var codec = column.Type.Codec;
            if (codec.StoredLength >= 0)
            {
                codec.WriteStored(value, _image);
                continue;
            }
            // Most values are shorter than 128 bytes: leave one byte for the length and move the value when it needs more.
            var at = _image.Length;
            _image.WriteByte(0);
            codec.WriteStored(value, _image);
            var length = _image.Length - at - 1;
            if (length < 0x80)
                _image.SetByte(at, (byte)length);
            else
                WidenLength(at, length);
        }

        for (var i = 0; i < _vectorOrder.Length; i++)
        {
            var column = _columns[_vectorOrder[i]];
            var position = _livePosition[_vectorOrder[i]];
            if (position < 0 || values[position].IsNull)
            {
                _sources[i] = VectorSource.Null;
            }
            else if (!unchanged.IsEmpty && unchanged[position])
            {
                _sources[i] = VectorSource.Unchanged;
            }
            else
            {
                _sources[i] = VectorSource.Present;
                _vectors.WriteBytes(RowFormat.VectorValue(column.Type, values[position]));
            }
        }
    }

    void WidenLength(int at, int length)
    {
        var value = _image.Written[(at + 1)..].ToArray();
        _image.Truncate(at);
        RowFormat.WriteLength(_image, length);
        _image.WriteBytes(value);
    }
}
