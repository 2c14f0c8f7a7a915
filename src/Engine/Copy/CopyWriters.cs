using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>Writes rows in one of COPY's formats.</summary>
internal abstract class CopyWriter
{
    /// <summary>Writes what stands before the rows; false when nothing does.</summary>
    public abstract bool Header(ByteWriter output);

    public abstract void Row(ReadOnlySpan<Datum> values, ByteWriter output);

    /// <summary>Writes what stands behind the rows; false when nothing does.</summary>
    public virtual bool Trailer(ByteWriter output) => false;
}

/// <summary>What the text and CSV formats share: lines of fields between delimiters.</summary>
internal abstract class LineWriter(IReadOnlyList<ResultColumn> columns, CopyOptions options, TypeSettings settings) : CopyWriter
{
    readonly ResultColumn[] _columns = [.. columns];
    readonly ByteWriter _value = new();

    protected CopyOptions Options => options;
    protected bool IsSingle => _columns.Length == 1;

    public override bool Header(ByteWriter output)
    {
        if (options.Header == CopyHeader.None) return false;
        for (var i = 0; i < _columns.Length; i++)
        {
            if (i > 0) output.WriteByte(options.Delimiter);
            _value.Clear();
            _value.WriteText(_columns[i].Name);
            Field(-1, _value.Written, output);
        }
        output.WriteByte((byte)'\n');
        return true;
    }

    public override void Row(ReadOnlySpan<Datum> values, ByteWriter output)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            if (i > 0) output.WriteByte(options.Delimiter);
            if (values[i].IsNull)
            {
                output.WriteBytes(options.Null);
                continue;
            }
            _value.Clear();
            _columns[i].Type.Codec.Write(values[i], _value, settings);
            Field(i, _value.Written, output);
        }
        output.WriteByte((byte)'\n');
    }

    /// <summary>Writes one value's text; <paramref name="column"/> is -1 in the header.</summary>
    protected abstract void Field(int column, ReadOnlySpan<byte> text, ByteWriter output);
}

/// <summary>The text format: control characters, backslashes and delimiters are escaped.</summary>
internal sealed class TextWriter(IReadOnlyList<ResultColumn> columns, CopyOptions options, TypeSettings settings) : LineWriter(columns, options, settings)
{
    readonly System.Buffers.SearchValues<byte> _special = System.Buffers.SearchValues.Create([(byte)'\\', (byte)'\b', (byte)'\f', (byte)'\n', (byte)'\r', (byte)'\t', (byte)'\v', options.Delimiter]);

    protected override void Field(int column, ReadOnlySpan<byte> text, ByteWriter output)
    {
        while (text.IndexOfAny(_special) is >= 0 and var at)
        {
            output.WriteBytes(text[..at]);
            output.WriteByte((byte)'\\');
            output.WriteByte(Letter(text[at]));
            text = text[(at + 1)..];
        }
        output.WriteBytes(text);
    }

    static byte Letter(byte c) => c switch
    {
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        (byte)'\v' => (byte)'v',
        _ => c,
    };
}

/// <summary>The CSV format: values are quoted when they must be, or when FORCE_QUOTE says so.</summary>
internal sealed class CsvWriter : LineWriter
{
    readonly System.Buffers.SearchValues<byte> _special;
    readonly bool[] _force;

    public CsvWriter(IReadOnlyList<ResultColumn> columns, CopyOptions options, TypeSettings settings)
        : base(columns, options, settings)
    {
        _special = System.Buffers.SearchValues.Create([options.Delimiter, options.Quote, (byte)'\n', (byte)'\r']);
        _force = [.. columns.Select(column => options.ForceQuoteAll || options.ForceQuote.Contains(column.Name))];
        foreach (var name in options.ForceQuote)
            if (!columns.Any(column => column.Name == name))
                throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" does not exist");
    }

    protected override void Field(int column, ReadOnlySpan<byte> text, ByteWriter output)
    {
        var mustQuote = (column >= 0 && (_force[column] || text.SequenceEqual(Options.Null)))
            || text.ContainsAny(_special)
            || (IsSingle && text.SequenceEqual("\\."u8));
        if (!mustQuote)
        {
            output.WriteBytes(text);
            return;
        }
        output.WriteByte(Options.Quote);
        while (text.IndexOfAny(Options.Quote, Options.Escape) is >= 0 and var at)
        {
            output.WriteBytes(text[..at]);
            output.WriteByte(Options.Escape);
            output.WriteByte(text[at]);
            text = text[(at + 1)..];
        }
        output.WriteBytes(text);
        output.WriteByte(Options.Quote);
    }
}

/// <summary>The binary format (<see cref="BinaryRows"/>).</summary>
internal sealed class BinaryWriter(IReadOnlyList<ResultColumn> columns) : CopyWriter
{
    readonly ResultColumn[] _columns = [.. columns];

    public override bool Header(ByteWriter output)
    {
        output.WriteBytes(BinaryRows.Signature);
        output.WriteInt32(0);
        output.WriteInt32(0);
        return true;
    }

    public override void Row(ReadOnlySpan<Datum> values, ByteWriter output)
    {
        output.WriteInt16(_columns.Length);
        for (var i = 0; i < _columns.Length; i++)
        {
            if (values[i].IsNull)
            {
                output.WriteInt32(-1);
                continue;
            }
            var at = output.ReserveInt32();
            _columns[i].Type.Codec.WriteBinary(values[i], output);
            output.SetInt32(at, output.Length - at - sizeof(int));
        }
    }

    public override bool Trailer(ByteWriter output)
    {
        output.WriteInt16(-1);
        return true;
    }
}
