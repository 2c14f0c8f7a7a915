using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>SQL values as JSON, as to_json, row_to_json and the json aggregates write them.</summary>
static class DatumJson
{
    public static void Write(Datum value, PgType type, ByteWriter output, TypeSettings settings)
    {
        if (type.BaseType is { } baseType)
            type = baseType;
        if (value.IsNull)
            output.WriteBytes("null"u8);
        else if (type == PgTypes.Bool)
            output.WriteBytes(value.AsBool ? "true"u8 : "false"u8);
        else if (type == PgTypes.Json || type == PgTypes.Jsonb)
            type.Codec.Write(value, output, settings);
        else if (type.IsArray)
            WriteArray(value.As<PgArray>(), 0, 0, output, settings);
        else if (value.Reference is PgRecord record)
            WriteRecord(record, output, settings);
        else if (type.Category == TypeCategory.Numeric && !type.Name.StartsWith("reg", StringComparison.Ordinal))
            WriteNumber(type.Codec.ToText(value, settings), output);
        else
            JsonWriter.WriteString(Text(value, type, settings), output);
    }

    /// <summary>A value as the name of an object's field. Raises 22023 for structured types.</summary>
    public static string Key(Datum value, PgType type, TypeSettings settings)
        => type.IsArray || value.Reference is PgRecord || type == PgTypes.Json || type == PgTypes.Jsonb
            ? throw new PgError(SqlState.InvalidParameterValue, "key value must be scalar, not array, composite, or json")
            : type == PgTypes.Bool ? (value.AsBool ? "true" : "false") : Text(value, type, settings);

    // Dates and times always in ISO 8601's form, whatever DateStyle says.
    static string Text(Datum value, PgType type, TypeSettings settings)
    {
        if (type.Category != TypeCategory.DateTime)
            return type.Codec.ToText(value, settings);
        var text = type.Codec.ToText(value, settings with { DateStyle = DateStyle.Iso });
        return type == PgTypes.Timestamp || type == PgTypes.TimestampTz ? IsoTimestamp(text) : text;
    }

    static string IsoTimestamp(string text)
    {
        var blank = text.IndexOf(' ');
        if (blank < 0)
            return text;
        text = string.Concat(text.AsSpan(0, blank), "T", text.AsSpan(blank + 1));
        // +00 is written with its minutes.
        var sign = text.LastIndexOfAny(['+', '-']);
        return sign > blank && text.Length - sign == 3 ? text + ":00" : text;
    }

    static void WriteNumber(string text, ByteWriter output)
    {
        if (text is "NaN" or "Infinity" or "-Infinity")
            JsonWriter.WriteString(text, output);
        else
            output.WriteText(text);
    }

    static int WriteArray(PgArray array, int dimension, int next, ByteWriter output, TypeSettings settings)
    {
        output.WriteByte((byte)'[');
        var count = array.Dimensions == 0 ? 0 : array.Lengths[dimension];
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                output.WriteByte((byte)',');
            if (dimension + 1 < array.Dimensions)
                next = WriteArray(array, dimension + 1, next, output, settings);
            else
                Write(array.Items[next++], array.ElementType, output, settings);
        }
        output.WriteByte((byte)']');
        return next;
    }

    static void WriteRecord(PgRecord record, ByteWriter output, TypeSettings settings)
    {
        output.WriteByte((byte)'{');
        for (var i = 0; i < record.Values.Length; i++)
        {
            if (i > 0)
                output.WriteByte((byte)',');
            JsonWriter.WriteString(record.Fields[i].Name, output);
            output.WriteByte((byte)':');
            Write(record.Values[i], record.Fields[i].Type, output, settings);
        }
        output.WriteByte((byte)'}');
    }
}
