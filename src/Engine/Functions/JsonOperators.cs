using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Operators of json and jsonb, and the casts from jsonb.</summary>
static class JsonOperators
{
    const CastContext A = CastContext.Assignment, E = CastContext.Explicit;

    public static FunctionTable Table { get; } = new([], [.. OfJson(), .. OfJsonb(), .. Tests(), .. Changes()], [.. Casts()]);

    internal static JsonbValue Jsonb(Datum value) => value.As<JsonbValue>();
    internal static Datum OrNull(string? value) => Datum.Of(value);

    /// <summary>The value as <c>-&gt;&gt;</c> gives it: strings without quotes, NULL for JSON's null.</summary>
    internal static Datum AsText(JsonbValue? value) => value?.Kind switch
    {
        null or JsonKind.Null => Datum.Null,
        JsonKind.String => Datum.Of(value.Text),
        _ => Datum.Of(value.ToString()),
    };

    /// <summary>Elements of a text array, null for NULL.</summary>
    internal static string?[] Texts(Datum array) => Array.ConvertAll(array.As<PgArray>().Items, item => item.IsNull ? null : item.AsString);

    /// <summary>The part of JSON text at the end of a path, null when it leads nowhere.</summary>
    internal static string? Follow(string json, IEnumerable<string?> path)
    {
        string? at = json;
        foreach (var step in path)
        {
            at = step is null ? null
                : JsonText.KindOf(at) == JsonKind.Array ? (int.TryParse(step, out var index) ? JsonText.Find(at, index) : null)
                : JsonText.Find(at, step);
            if (at is null)
                return null;
        }
        return at;
    }

    /// <summary>As a function, the operator takes the path's steps one by one.</summary>
    static Operator Path(Operator op) => op with { Function = op.Function with { IsVariadic = true } };

    static Datum TextOf(string? json) => json is null ? Datum.Null : OrNull(JsonText.AsText(json));

    static IEnumerable<Operator> OfJson() =>
    [
        Define.Operator("->", Json, Json, Text, "json_object_field", static (a, b) => OrNull(JsonText.Find(a.AsString, b.AsString))),
        Define.Operator("->>", Text, Json, Text, "json_object_field_text", static (a, b) => TextOf(JsonText.Find(a.AsString, b.AsString))),
        Define.Operator("->", Json, Json, Int4, "json_array_element", static (a, b) => OrNull(JsonText.Find(a.AsString, b.AsInt32))),
        Define.Operator("->>", Text, Json, Int4, "json_array_element_text", static (a, b) => TextOf(JsonText.Find(a.AsString, b.AsInt32))),
        Path(Define.Operator("#>", Json, Json, Text.Array!, "json_extract_path", static (a, b) => OrNull(Follow(a.AsString, Texts(b))))),
        Path(Define.Operator("#>>", Text, Json, Text.Array!, "json_extract_path_text", static (a, b) => TextOf(Follow(a.AsString, Texts(b))))),
    ];

    static IEnumerable<Operator> OfJsonb() =>
    [
        Define.Operator("->", PgTypes.Jsonb, PgTypes.Jsonb, Text, "jsonb_object_field", static (a, b) => Datum.Of(Jsonb(a).Find(b.AsString))),
        Define.Operator("->>", Text, PgTypes.Jsonb, Text, "jsonb_object_field_text", static (a, b) => AsText(Jsonb(a).Find(b.AsString))),
        Define.Operator("->", PgTypes.Jsonb, PgTypes.Jsonb, Int4, "jsonb_array_element", static (a, b) => Datum.Of(Jsonb(a).Find(b.AsInt32))),
        Define.Operator("->>", Text, PgTypes.Jsonb, Int4, "jsonb_array_element_text", static (a, b) => AsText(Jsonb(a).Find(b.AsInt32))),
        Path(Define.Operator("#>", PgTypes.Jsonb, PgTypes.Jsonb, Text.Array!, "jsonb_extract_path", static (a, b) => Datum.Of(JsonbOperations.Follow(Jsonb(a), Texts(b))))),
        Path(Define.Operator("#>>", Text, PgTypes.Jsonb, Text.Array!, "jsonb_extract_path_text", static (a, b) => AsText(JsonbOperations.Follow(Jsonb(a), Texts(b))))),
    ];

    static IEnumerable<Operator> Tests() =>
    [
        Define.Operator("@>", Bool, PgTypes.Jsonb, PgTypes.Jsonb, "jsonb_contains", static (a, b) => Datum.Of(JsonbOperations.Contains(Jsonb(a), Jsonb(b)))) with { Commutator = "<@" },
        Define.Operator("<@", Bool, PgTypes.Jsonb, PgTypes.Jsonb, "jsonb_contained", static (a, b) => Datum.Of(JsonbOperations.Contains(Jsonb(b), Jsonb(a)))) with { Commutator = "@>" },
        Define.Operator("?", Bool, PgTypes.Jsonb, Text, "jsonb_exists", static (a, b) => Datum.Of(JsonbOperations.Exists(Jsonb(a), b.AsString))),
        Define.Operator("?|", Bool, PgTypes.Jsonb, Text.Array!, "jsonb_exists_any", static (a, b)
            => Datum.Of(Array.Exists(Texts(b), key => key is not null && JsonbOperations.Exists(Jsonb(a), key)))),
        Define.Operator("?&", Bool, PgTypes.Jsonb, Text.Array!, "jsonb_exists_all", static (a, b)
            => Datum.Of(Array.TrueForAll(Texts(b), key => key is null || JsonbOperations.Exists(Jsonb(a), key)))),
    ];

    static IEnumerable<Operator> Changes() =>
    [
        Define.Operator("||", PgTypes.Jsonb, PgTypes.Jsonb, PgTypes.Jsonb, "jsonb_concat", static (a, b) => Datum.Of(JsonbOperations.Concat(Jsonb(a), Jsonb(b)))),
        Define.Operator("-", PgTypes.Jsonb, PgTypes.Jsonb, Text, "jsonb_delete", static (a, b) => Datum.Of(JsonbOperations.Delete(Jsonb(a), [b.AsString]))),
        Define.Operator("-", PgTypes.Jsonb, PgTypes.Jsonb, Text.Array!, "jsonb_delete", static (a, b) => Datum.Of(JsonbOperations.Delete(Jsonb(a), [.. Texts(b).OfType<string>()]))),
        Define.Operator("-", PgTypes.Jsonb, PgTypes.Jsonb, Int4, "jsonb_delete", static (a, b) => Datum.Of(JsonbOperations.Delete(Jsonb(a), b.AsInt32))),
        Define.Operator("#-", PgTypes.Jsonb, PgTypes.Jsonb, Text.Array!, "jsonb_delete_path", static (a, b) => Datum.Of(JsonbOperations.DeletePath(Jsonb(a), Texts(b)))),
    ];

    static IEnumerable<Cast> Casts()
    {
        yield return Define.Cast(Json, PgTypes.Jsonb, A, "jsonb", static a => Datum.Of(JsonbBuilder.Parse(a.AsString)));
        yield return Define.Cast(PgTypes.Jsonb, Json, A, "json", static a => Datum.Of(Jsonb(a).ToString()));
        yield return Define.Cast(PgTypes.Jsonb, Bool, E, "bool", static a => Jsonb(a).Kind == JsonKind.Boolean ? Datum.Of(Jsonb(a).Flag) : throw CannotCast(a, Bool));
        yield return Define.Cast(PgTypes.Jsonb, Numeric, E, "numeric", static a => Datum.Of(Number(a, Numeric)));
        yield return Define.Cast(PgTypes.Jsonb, Int2, E, "int2", static a => Datum.Of((long)NumericConversions.ToInt16(Number(a, Int2))));
        yield return Define.Cast(PgTypes.Jsonb, Int4, E, "int4", static a => Datum.Of((long)NumericConversions.ToInt32(Number(a, Int4))));
        yield return Define.Cast(PgTypes.Jsonb, Int8, E, "int8", static a => Datum.Of(NumericConversions.ToInt64(Number(a, Int8))));
        yield return Define.Cast(PgTypes.Jsonb, Float4, E, "float4", static a => Datum.Of((double)NumericConversions.ToSingle(Number(a, Float4))));
        yield return Define.Cast(PgTypes.Jsonb, Float8, E, "float8", static a => Datum.Of(NumericConversions.ToDouble(Number(a, Float8))));
    }

    static PgNumeric Number(Datum value, PgType to) => Jsonb(value).Kind == JsonKind.Number ? Jsonb(value).Number : throw CannotCast(value, to);

    static PgError CannotCast(Datum value, PgType to) => new(SqlState.InvalidParameterValue, Jsonb(value).Kind switch
    {
        JsonKind.Null => $"cannot cast jsonb null to type {to}",
        JsonKind.String => $"cannot cast jsonb string to type {to}",
        JsonKind.Number => $"cannot cast jsonb numeric to type {to}",
        JsonKind.Boolean => $"cannot cast jsonb boolean to type {to}",
        JsonKind.Array => $"cannot cast jsonb array to type {to}",
        _ => $"cannot cast jsonb object to type {to}",
    });
}
