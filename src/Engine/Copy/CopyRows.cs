using System.Text;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>Turns COPY's input into values, row by row, and says where it stands for the CONTEXT of errors.</summary>
internal abstract class CopyRows
{
    /// <summary>PostgreSQL's limit for a line or value in a CONTEXT.</summary>
    const int ShownBytes = 100;

    /// <summary>Goes to the next row; false at the end.</summary>
    public abstract bool MoveNext();

    /// <summary>Puts the row's fields in their places of <paramref name="values"/>.</summary>
    public abstract void Read(Datum[] values);

    /// <summary>The row has been taken in; what goes wrong from now on is told with its number only.</summary>
    public abstract void Written();

    /// <summary>What was being read: <c>line 3, column a: "x"</c>.</summary>
    public abstract string Place { get; }

    protected static Datum Checked(CopyColumn column, Datum[] values, ExecutionState state)
        => column.Domain is null ? values[column.Position] : column.Domain.Evaluate(values, state);

    protected static string Shorten(ReadOnlySpan<byte> text)
    {
        if (text.Length <= ShownBytes) return Encoding.UTF8.GetString(text);
        var length = ShownBytes;
        while (length > 0 && (text[length] & 0xC0) == 0x80) length--;
        return Encoding.UTF8.GetString(text[..length]) + "...";
    }
}

/// <summary>Rows of the text and CSV formats.</summary>
internal sealed class LineRows(CopyLines lines, CopyTarget target, CopyOptions options, ExecutionState state) : CopyRows
{
    readonly TypeSettings _settings = state.Settings;
    int _field = -1;
    bool _isNull;
    bool _showsLine;
    bool _isPastHeader;

    public override bool MoveNext()
    {
        _showsLine = false;
        if (!_isPastHeader)
        {
            _isPastHeader = true;
            if (options.Header != CopyHeader.None)
            {
                if (!lines.MoveNext()) return false;
                if (options.Header == CopyHeader.Match)
                    MatchHeader();
                _showsLine = false;
            }
        }
        return lines.MoveNext();
    }

    void MatchHeader()
    {
        _showsLine = true;
        lines.Split();
        if (lines.Count != target.Columns.Length)
            throw Bad($"wrong number of fields in header line: got {lines.Count}, expected {target.Columns.Length}");
        for (var i = 0; i < lines.Count; i++)
        {
            var expected = target.Columns[i].Name;
            if (lines.IsNull(i))
                throw Bad($"column name mismatch in header line field {i + 1}: got null value (\"{Encoding.UTF8.GetString(options.Null)}\"), expected \"{expected}\"");
            var name = Encoding.UTF8.GetString(lines[i]);
            if (name != expected)
                throw Bad($"column name mismatch in header line field {i + 1}: got \"{name}\", expected \"{expected}\"");
        }
    }

    public override void Read(Datum[] values)
    {
        Utf8Text.Require(lines.Line);
        _showsLine = true;
        var columns = target.Columns;
        if (columns.Length == 0 && lines.Line.IsEmpty) return;
        lines.Split();
        if (lines.Count > columns.Length)
            throw Bad("extra data after last expected column");
        for (var i = 0; i < columns.Length; i++)
        {
            var column = columns[i];
            if (i >= lines.Count)
                throw Bad($"missing data for column \"{column.Name}\"");
            if (lines.IsDefault(i))
            {
                values[column.Position] = column.Default?.Evaluate([], state)
                    ?? throw new PgError(SqlState.BadCopyFileFormat, "unexpected default marker in COPY data") { Detail = $"Column \"{column.Name}\" has no default value." };
                continue;
            }
            _isNull = lines.IsNull(i)
                ? !column.ForceNotNull
                : column.ForceNull && lines[i].SequenceEqual(options.Null);
            _field = i;
            values[column.Position] = _isNull ? Datum.Null : column.Type.Codec.Parse(lines[i], column.Typmod, _settings);
            if (column.Domain is not null)
                values[column.Position] = Checked(column, values, state);
            _field = -1;
        }
    }

    public override void Written() => _showsLine = target.IsVolatile;

    public override string Place
    {
        get
        {
            var line = $"line {lines.Number}";
            if (_field >= 0)
                return $"{line}, column {target.Columns[_field].Name}: {(_isNull ? "null input" : $"\"{Shorten(lines[_field])}\"")}";
            return _showsLine ? $"{line}: \"{Shorten(lines.Line)}\"" : line;
        }
    }

    static PgError Bad(string message) => new(SqlState.BadCopyFileFormat, message);
}

/// <summary>Rows of the binary format.</summary>
internal sealed class FieldRows(BinaryRows rows, CopyTarget target, ExecutionState state) : CopyRows
{
    int _field = -1;

    public override bool MoveNext() => rows.MoveNext(target.Columns.Length);

    public override void Read(Datum[] values)
    {
        for (var i = 0; i < target.Columns.Length; i++)
        {
            var column = target.Columns[i];
            _field = i;
            if (rows.TryReadField(out var bytes))
            {
                var reader = new Types.BinaryReader(bytes);
                values[column.Position] = column.Type.Codec.ReadBinary(ref reader, column.Typmod);
                if (reader.Remaining > 0)
                    throw PgError.InvalidBinary("incorrect binary data format");
            }
            else
            {
                values[column.Position] = Datum.Null;
            }
            if (column.Domain is not null)
                values[column.Position] = Checked(column, values, state);
        }
        _field = -1;
    }

    public override void Written()
    {
    }

    public override string Place => _field < 0 ? $"line {rows.Number}" : $"line {rows.Number}, column {target.Columns[_field].Name}";
}
