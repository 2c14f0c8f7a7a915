using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>SQL values as JSON: what to_json, to_jsonb, row_to_json, json_build_object and the aggregates do with each value.</summary>
public static class JsonConversion
{
    /// <summary>Appends the value as JSON text. <paramref name="pretty"/> puts line feeds between the parts at the top.</summary>
    public static void Write(Datum value, PgType type, ByteWriter output, TypeSettings settings, bool pretty = false)
    {
        type = BaseOf(type);
        if (value.IsNull)
            output.WriteBytes("null"u8);
        else if (type == PgTypes.Json || type == PgTypes.Jsonb)
            type.Codec.Write(value, output, settings);
        else if (type.IsArray)
            WriteArray(value.As<PgArray>(), output, settings, pretty);
        else if (value.Reference is PgRecord record)
            WriteRecord(record, output, settings, pretty);
        else
            WriteScalar(value, type, output, settings);
    }

    static PgType BaseOf(PgType type)
    {
        while (type.Kind == TypeKind.Domain)
            type = type.BaseType!;
        return type;
    }

    static void WriteScalar(Datum value, PgType type, ByteWriter output, TypeSettings settings)
    {
        if (type == PgTypes.Bool)
            output.WriteBytes(value.AsBool ? "true"u8 : "false"u8);
        else if (IsNumber(type) && IsFinite(value, type))
            type.Codec.Write(value, output, settings);
        else
            JsonWriter.WriteString(Text(value, type, settings), output);
    }

    static bool IsNumber(PgType type)
        => type == PgTypes.Int2 || type == PgTypes.Int4 || type == PgTypes.Int8 || type == PgTypes.Float4 || type == PgTypes.Float8 || type == PgTypes.Numeric;

    static bool IsFinite(Datum value, PgType type)
        => type == PgTypes.Numeric ? value.As<PgNumeric>().IsFinite : type.Category != TypeCategory.Numeric || value.IsInBits && (type.Codec is not FloatCodec || double.IsFinite(value.AsDouble));

    /// <summary>The text of a value in a JSON string: dates and times in ISO 8601, all else in the output form.</summary>
    static string Text(Datum value, PgType type, TypeSettings settings)
    {
        if (type != PgTypes.Date && type != PgTypes.Timestamp && type != PgTypes.TimestampTz)
            return type.Codec.ToText(value, settings);
        var text = type.Codec.ToText(value, settings with { DateStyle = DateStyle.Iso });
        if (type == PgTypes.Date || text.EndsWith("infinity", StringComparison.Ordinal))
            return text;
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        var iso = string.Concat(text.AsSpan(0, blank), "T", text.AsSpan(blank + 1));
        if (type != PgTypes.TimestampTz)
            return iso;
        // XML Schema wants minutes in the offset.
        var sign = iso.LastIndexOfAny(['+', '-']);
        var end = iso.IndexOf(' ', sign);
        end = end < 0 ? iso.Length : end;
        return end - sign == 3 ? iso.Insert(end, ":00") : iso;
    }

    static void WriteArray(PgArray array, ByteWriter output, TypeSettings settings, bool pretty)
    {
        var next = 0;
        if (array.Items.Length == 0)
            output.WriteBytes("[]"u8);
        else
            WriteDimension(array, 0, ref next, output, settings, pretty);
    }

    static void WriteDimension(PgArray array, int dimension, ref int next, ByteWriter output, TypeSettings settings, bool pretty)
    {
        output.WriteByte((byte)'[');
        for (var i = 0; i < array.Lengths[dimension]; i++)
        {
            if (i > 0)
                output.WriteText(pretty ? ",\n " : ",");
            if (dimension + 1 < array.Dimensions)
                WriteDimension(array, dimension + 1, ref next, output, settings, false);
            else
                Write(array.Items[next++], array.ElementType, output, settings);
        }
        output.WriteByte((byte)']');
    }

    static void WriteRecord(PgRecord record, ByteWriter output, TypeSettings settings, bool pretty)
    {
        output.WriteByte((byte)'{');
        for (var i = 0; i < record.Values.Length; i++)
        {
            if (i > 0)
                output.WriteText(pretty ? ",\n " : ",");
            JsonWriter.WriteString(record.Fields[i].Name, output);
            output.WriteByte((byte)':');
            Write(record.Values[i], record.Fields[i].Type, output, settings);
        }
        output.WriteByte((byte)'}');
    }

    /// <summary>The value as jsonb; SQL's NULL becomes JSON's.</summary>
    public static JsonbValue ToJsonb(Datum value, PgType type, TypeSettings settings)
    {
        type = BaseOf(type);
        if (value.IsNull)
            return JsonbValue.Null;
        if (type == PgTypes.Jsonb)
            return value.As<JsonbValue>();
        if (type == PgTypes.Json)
            return JsonbBuilder.Parse(value.AsString);
        if (type == PgTypes.Bool)
            return JsonbValue.Of(value.AsBool);
        if (type == PgTypes.Numeric && value.As<PgNumeric>().IsFinite)
            return JsonbValue.Of(value.As<PgNumeric>());
        if (type.IsArray || value.Reference is PgRecord || (IsNumber(type) && IsFinite(value, type)))
        {
            var output = new ByteWriter();
            Write(value, type, output, settings);
            return JsonbBuilder.Parse(System.Text.Encoding.UTF8.GetString(output.Written));
        }
        return JsonbValue.Of(Text(value, type, settings));
    }

    /// <summary>An object's key: any scalar that is not NULL. Raises 22023 for arrays, records and JSON.</summary>
    public static string Key(Datum value, PgType type, TypeSettings settings)
    {
        type = BaseOf(type);
        if (type.IsArray || value.Reference is PgRecord || type == PgTypes.Json || type == PgTypes.Jsonb)
            throw new PgError(SqlState.InvalidParameterValue, "key value must be scalar, not array, composite, or json");
        return type == PgTypes.Bool ? (value.AsBool ? "true" : "false") : Text(value, type, settings);
    }
}
