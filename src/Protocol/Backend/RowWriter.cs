using System.Buffers.Binary;
using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>Writes the rows of one result as DataRow messages: what each column's type and format mean, decided once.</summary>
/// <remarks>Used again for the next result, so that a short query makes no garbage here.</remarks>
public sealed class RowWriter(ByteWriter output)
{
    Column[] _columns = [];
    int _count;
    TypeSettings _settings = TypeSettings.Default;

    readonly record struct Column(TypeCodec Codec, bool IsBinary, bool IsText);

    /// <summary>Forgets the columns of the result before.</summary>
    public void Begin(int columns, TypeSettings settings)
    {
        if (_columns.Length < columns)
            _columns = new Column[columns];
        _count = 0;
        _settings = settings;
    }

    public void AddColumn(PgType type, bool isBinary) => _columns[_count++] = new Column(type.Codec, isBinary, !isBinary || type.IsTextInBinary);

    /// <summary>
    /// Appends a DataRow. When a value's output function raises an error (42883 for a type without binary output, 54000 …),
    /// nothing of the row is left in the buffer.
    /// </summary>
    public void Write(ReadOnlySpan<Datum> values)
    {
        var start = output.Length;
        try
        {
            WriteRow(values);
            if (_settings.ClientEncoding is { } encoding)
                Recode(start, encoding);
        }
        catch
        {
            output.Truncate(start);
            throw;
        }
    }

    // Apart from writing, which most clients take as it is.
    void Recode(int start, ClientEncoding encoding)
    {
        var row = output.Written[start..].ToArray();
        output.Truncate(start + RowHeaderLength);
        var at = RowHeaderLength;
        foreach (var column in _columns.AsSpan(0, _count))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(at));
            at += sizeof(int);
            var value = row.AsSpan(at, Math.Max(length, 0));
            at += value.Length;
            if (column.IsText && length > 0)
                value = encoding.FromUtf8(value);
            output.WriteInt32(length < 0 ? -1 : value.Length);
            output.WriteBytes(value);
        }
        output.SetInt32(start + 1, output.Length - start - 1);
    }

    /// <summary>Type, length and number of columns.</summary>
    const int RowHeaderLength = 1 + sizeof(int) + sizeof(short);

    void WriteRow(ReadOnlySpan<Datum> values)
    {
        output.WriteByte((byte)'D');
        var lengthAt = output.ReserveInt32();
        output.WriteInt16(_count);
        var columns = _columns.AsSpan(0, _count);
        for (var i = 0; i < columns.Length; i++)
        {
            if (values[i].IsNull)
            {
                output.WriteInt32(-1);
                continue;
            }
            var valueAt = output.ReserveInt32();
            if (columns[i].IsBinary)
                columns[i].Codec.WriteBinary(values[i], output);
            else
                columns[i].Codec.Write(values[i], output, _settings);
            output.SetInt32(valueAt, output.Length - valueAt - 4);
        }
        output.SetInt32(lengthAt, output.Length - lengthAt);
    }
}
