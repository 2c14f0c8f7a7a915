using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>JSON objects as rows and JSON values as values of SQL types: the populate functions.</summary>
static class JsonPopulation
{
    /// <summary>A row of a composite type from an object's members; those missing come from <paramref name="defaults"/> or are NULL. Raises 22023, 42804.</summary>
    public static Datum ToRecord(JsonbValue json, PgType type, PgRecord? defaults, TypeSettings settings)
    {
        if (type.Codec is not RecordCodec { Fields: { } fields })
            throw new PgError(SqlState.DatatypeMismatch, "first argument of json_populate_record must be a row type");
        if (json.Kind != JsonKind.Object)
            throw new PgError(SqlState.InvalidParameterValue, json.Kind == JsonKind.Array ? "cannot call populate_composite on an array" : "cannot call populate_composite on a scalar");
        var values = new Datum[fields.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = json.Find(fields[i].Name) is { } member ? ToValue(member, fields[i].Type, fields[i].Typmod, settings)
                : defaults is null ? Datum.Null : defaults.Values[i];
        return Datum.Of(new PgRecord(fields, values));
    }

    /// <summary>A JSON value as a value of an SQL type: arrays and objects as arrays and rows, all else through its text.</summary>
    public static Datum ToValue(JsonbValue json, PgType type, int typmod, TypeSettings settings)
    {
        if (json.Kind == JsonKind.Null)
            return Datum.Null;
        if (type == PgTypes.Jsonb)
            return Datum.Of(json);
        if (type == PgTypes.Json)
            return Datum.Of(json.ToString());
        if (type.Element is { } element && json.Kind == JsonKind.Array)
            return Datum.Of(new PgArray(element, Array.ConvertAll(json.Items, item => ToValue(item, element, typmod, settings))));
        if (type.Codec is RecordCodec { Fields: not null } && json.Kind == JsonKind.Object)
            return ToRecord(json, type, null, settings);
        return type.Codec.Parse(json.Kind == JsonKind.String ? json.Text : json.ToString(), typmod, settings);
    }
}
