using System.Collections.Immutable;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>Row values: <c>(1,"a b",)</c>. Without <paramref name="fields"/> it is the pseudo-type record, which cannot be read.</summary>
/// <param name="fields">Columns of a composite type; null for record.</param>
public sealed class RecordCodec(ImmutableArray<RecordField>? fields) : TypeCodec
{
    /// <summary>Columns of a composite type; null for record.</summary>
    public ImmutableArray<RecordField>? Fields => fields;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        if (fields is not { } columns)
            throw new PgError(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");
        var texts = RecordTextReader.Split(text, columns.Length);
        var values = new Datum[columns.Length];
        for (var i = 0; i < values.Length; i++)
            if (texts[i] is { } one)
                values[i] = columns[i].Type.Codec.Parse(one, columns[i].Typmod, settings);
        return Datum.Of(new PgRecord(columns, values));
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        var record = value.As<PgRecord>();
        output.WriteByte((byte)'(');
        for (var i = 0; i < record.Values.Length; i++)
        {
            if (i > 0)
                output.WriteByte((byte)',');
            if (record.Values[i].IsNull)
                continue;
            var start = output.Length;
            record.Fields[i].Type.Codec.Write(record.Values[i], output, settings);
            QuoteIfNeeded(output, start);
        }
        output.WriteByte((byte)')');
    }

    static void QuoteIfNeeded(ByteWriter output, int start)
    {
        var text = output.Written[start..];
        var isPlain = !text.IsEmpty;
        foreach (var b in text)
            if (b is (byte)'"' or (byte)'\\' or (byte)'(' or (byte)')' or (byte)',' || Utf8Text.IsSpace(b))
                isPlain = false;
        if (isPlain)
            return;
        var plain = text.ToArray();
        output.Truncate(start);
        output.WriteByte((byte)'"');
        foreach (var b in plain)
        {
            if (b is (byte)'"' or (byte)'\\')
                output.WriteByte(b);
            output.WriteByte(b);
        }
        output.WriteByte((byte)'"');
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        if (fields is not { } known)
            throw new PgError(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");
        var count = input.ReadInt32();
        if (count != known.Length)
            throw new PgError(SqlState.DatatypeMismatch, $"wrong number of columns: {count}, expected {known.Length}");
        var values = new Datum[count];
        for (var i = 0; i < count; i++)
        {
            var oid = (uint)input.ReadInt32();
            var field = known[i];
            if (oid != field.Type.Oid)
                throw new PgError(SqlState.DatatypeMismatch, $"binary data has type {oid} ({PgTypes.Find(oid)?.DisplayName ?? "unknown"}) instead of expected {field.Type.Oid} ({field.Type.DisplayName}) in record column {i + 1}");
            var length = input.ReadInt32();
            if (length == -1)
                continue;
            var one = new BinaryReader(input.Take(length));
            values[i] = field.Type.Codec.ReadBinary(ref one, field.Typmod);
            if (one.Remaining != 0)
                throw PgError.InvalidBinary($"improper binary format in record column {i + 1}");
        }
        return Datum.Of(new PgRecord(known, values));
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        var record = value.As<PgRecord>();
        output.WriteInt32(record.Values.Length);
        for (var i = 0; i < record.Values.Length; i++)
        {
            output.WriteInt32((int)record.Fields[i].Type.Oid);
            var at = output.ReserveInt32();
            if (!record.Values[i].IsNull)
                record.Fields[i].Type.Codec.WriteBinary(record.Values[i], output);
            output.SetInt32(at, record.Values[i].IsNull ? -1 : output.Length - at - 4);
        }
    }

    /// <summary>Column by column, NULL above all else. Raises 42804 for columns of different types.</summary>
    public override int Compare(Datum left, Datum right)
    {
        PgRecord a = left.As<PgRecord>(), b = right.As<PgRecord>();
        for (var i = 0; i < a.Values.Length && i < b.Values.Length; i++)
        {
            var type = a.Fields[i].Type;
            if (type != b.Fields[i].Type)
                throw new PgError(SqlState.DatatypeMismatch, $"cannot compare dissimilar column types {type} and {b.Fields[i].Type} at record column {i + 1}");
            Datum x = a.Values[i], y = b.Values[i];
            var order = x.IsNull || y.IsNull ? x.IsNull.CompareTo(y.IsNull) : type.Codec.Compare(x, y);
            if (order != 0)
                return order;
        }
        return a.Values.Length == b.Values.Length ? 0
            : throw new PgError(SqlState.DatatypeMismatch, "cannot compare record types with different numbers of columns");
    }

    public override int Hash(Datum value)
    {
        var record = value.As<PgRecord>();
        var hash = new HashCode();
        for (var i = 0; i < record.Values.Length; i++)
            hash.Add(record.Values[i].IsNull ? 0 : record.Fields[i].Type.Codec.Hash(record.Values[i]));
        return hash.ToHashCode();
    }

    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        var record = value.As<PgRecord>();
        for (var i = 0; i < record.Values.Length; i++)
        {
            output.WriteByte(record.Values[i].IsNull ? (byte)2 : (byte)1);
            if (!record.Values[i].IsNull)
                record.Fields[i].Type.Codec.WriteSortKey(record.Values[i], output);
        }
        output.WriteByte(0);
    }

    /// <summary>Each column's length (-1 for NULL) and stored form; types come from the composite type.</summary>
    public override void WriteStored(Datum value, ByteWriter output)
    {
        var record = value.As<PgRecord>();
        for (var i = 0; i < record.Values.Length; i++)
        {
            var at = output.ReserveInt32();
            if (!record.Values[i].IsNull)
                record.Fields[i].Type.Codec.WriteStored(record.Values[i], output);
            output.SetInt32(at, record.Values[i].IsNull ? -1 : output.Length - at - 4);
        }
    }

    public override Datum ReadStored(ReadOnlySpan<byte> stored)
    {
        if (fields is not { } columns)
            throw new PgError(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");
        var input = new BinaryReader(stored);
        var values = new Datum[columns.Length];
        // A column that was added to the type after the value was stored is NULL.
        for (var i = 0; i < values.Length && input.Remaining > 0; i++)
        {
            var length = input.ReadInt32();
            if (length >= 0)
                values[i] = columns[i].Type.Codec.ReadStored(input.Take(length));
        }
        return Datum.Of(new PgRecord(columns, values));
    }
}

/// <summary>Cuts the text form of a row into its columns' texts.</summary>
static class RecordTextReader
{
    /// <summary>One text for each column, null for NULL. Raises 22P02 <c>malformed record literal</c>.</summary>
    public static string?[] Split(string text, int columns)
    {
        PgError Malformed(string detail)
            => new(SqlState.InvalidTextRepresentation, $"malformed record literal: \"{text}\"") { Detail = detail };

        var at = 0;
        while (at < text.Length && Utf8Text.IsSpace(text[at]))
            at++;
        if (at == text.Length || text[at++] != '(')
            throw Malformed("Missing left parenthesis.");
        var texts = new string?[columns];
        for (var column = 0; column < columns; column++)
        {
            if (column > 0)
            {
                if (at >= text.Length || text[at] != ',')
                    throw Malformed("Too few columns.");
                at++;
            }
            if (at < text.Length && text[at] is ',' or ')')
                continue;
            var content = new StringBuilder();
            var inQuotes = false;
            for (; inQuotes || at >= text.Length || text[at] is not (',' or ')'); at++)
            {
                if (at >= text.Length)
                    throw Malformed("Unexpected end of input.");
                if (text[at] == '\\')
                {
                    if (++at >= text.Length)
                        throw Malformed("Unexpected end of input.");
                    content.Append(text[at]);
                }
                else if (text[at] != '"')
                    content.Append(text[at]);
                else if (inQuotes && at + 1 < text.Length && text[at + 1] == '"')
                    content.Append(text[at++]);
                else
                    inQuotes = !inQuotes;
            }
            texts[column] = content.ToString();
        }
        if (at < text.Length && text[at] == ',')
            throw Malformed("Too many columns.");
        if (at >= text.Length)
            throw Malformed("Unexpected end of input.");
        return Utf8Text.Trim(text.AsSpan(at + 1)).IsEmpty ? texts : throw Malformed("Junk after right parenthesis.");
    }
}
