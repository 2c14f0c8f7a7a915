using System.Text;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.Functions.JsonOperators;
using static PgVectorCompat.Types.PgTypes;
using Jb = PgVectorCompat.Types.JsonbValue;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions of json and jsonb: inspection, taking apart, construction, modification.</summary>
static class JsonFunctions
{
    static readonly PgType Jsonb = PgTypes.Jsonb;

    public static FunctionTable Table { get; } = new([.. Inspection(), .. Sets(), .. Construction(), .. Modification(), .. Population()]);

    static Function Stable(Function function) => function with { Volatility = Volatility.Stable };
    static PgError InvalidParameter(string message) => new(SqlState.InvalidParameterValue, message);

    static string KindName(JsonKind kind) => kind switch
    {
        JsonKind.Null => "null",
        JsonKind.String => "string",
        JsonKind.Number => "number",
        JsonKind.Boolean => "boolean",
        JsonKind.Array => "array",
        _ => "object",
    };

    static IEnumerable<Function> Inspection() =>
    [
        Define.Function("json_typeof", Text, Json, static a => Datum.Of(KindName(JsonText.KindOf(a.AsString)))),
        Define.Function("jsonb_typeof", Text, Jsonb, static a => Datum.Of(KindName(JsonOperators.Jsonb(a).Kind))),
        Define.Function("json_array_length", Int4, Json, static a => JsonText.KindOf(a.AsString) switch
        {
            JsonKind.Array => Datum.Of((long)JsonText.Items(a.AsString).Count()),
            var kind => throw InvalidParameter(kind == JsonKind.Object ? "cannot get array length of a non-array" : "cannot get array length of a scalar"),
        }),
        Define.Function("jsonb_array_length", Int4, Jsonb, static a => JsonOperators.Jsonb(a) switch
        {
            { Kind: JsonKind.Array } array => Datum.Of((long)array.Items.Length),
            var other => throw InvalidParameter(other.Kind == JsonKind.Object ? "cannot get array length of a non-array" : "cannot get array length of a scalar"),
        }),
        Define.Function("jsonb_pretty", Text, Jsonb, static a =>
        {
            var output = new ByteWriter();
            JsonWriter.WritePretty(JsonOperators.Jsonb(a), output);
            return Datum.Of(Encoding.UTF8.GetString(output.Written));
        }),
    ];

    static IEnumerable<Function> Sets()
    {
        foreach (var isText in (bool[])[false, true])
        {
            var suffix = isText ? "_text" : "";
            yield return Define.Set("json_each" + suffix, Record, [Json], (a, _, _) => JsonMembers(a[0].AsString, "json_each" + suffix).Select(item => new[] { Datum.Of(item.Key), JsonItem(item.Value, isText) }))
                with { OutputColumns = [("key", Text), ("value", isText ? Text : Json)] };
            yield return Define.Set("jsonb_each" + suffix, Record, [Jsonb], (a, _, _) => JsonbMembers(JsonOperators.Jsonb(a[0]), "jsonb_each" + suffix).Select(item => new[] { Datum.Of(item.Key), JsonbItem(item.Value, isText) }))
                with { OutputColumns = [("key", Text), ("value", isText ? Text : Jsonb)] };
            yield return Define.Set("json_array_elements" + suffix, isText ? Text : Json, [Json], (a, _, _) => JsonElements(a[0].AsString).Select(item => new[] { JsonItem(item, isText) }))
                with { OutputColumns = [("value", isText ? Text : Json)] };
            yield return Define.Set("jsonb_array_elements" + suffix, isText ? Text : Jsonb, [Jsonb], (a, _, _) => JsonbElements(JsonOperators.Jsonb(a[0])).Select(item => new[] { JsonbItem(item, isText) }))
                with { OutputColumns = [("value", isText ? Text : Jsonb)] };
        }
        yield return Define.Set("json_object_keys", Text, [Json], static (a, _, _) => JsonMembers(a[0].AsString, "json_object_keys").Select(item => new[] { Datum.Of(item.Key) }));
        yield return Define.Set("jsonb_object_keys", Text, [Jsonb], static (a, _, _) => JsonbMembers(JsonOperators.Jsonb(a[0]), "jsonb_object_keys").Select(item => new[] { Datum.Of(item.Key) }));
    }

    static Datum JsonItem(string json, bool isText) => isText ? OrNull(JsonText.AsText(json)) : Datum.Of(json);
    static Datum JsonbItem(Jb value, bool isText) => isText ? AsText(value) : Datum.Of(value);

    static PgError NotAnObject(JsonKind kind, string function)
        => InvalidParameter(function.EndsWith("keys", StringComparison.Ordinal)
            ? $"cannot call {function} on {(kind == JsonKind.Array ? "an array" : "a scalar")}"
            : kind == JsonKind.Array && !function.StartsWith("jsonb", StringComparison.Ordinal) ? "cannot deconstruct an array as an object"
            : function.StartsWith("jsonb", StringComparison.Ordinal) ? $"cannot call {function} on a non-object" : "cannot deconstruct a scalar");

    static IEnumerable<(string Key, string Value)> JsonMembers(string json, string function)
        => JsonText.KindOf(json) == JsonKind.Object ? JsonText.Items(json).Select(item => (item.Key!, item.Value)) : throw NotAnObject(JsonText.KindOf(json), function);

    static IEnumerable<(string Key, Jb Value)> JsonbMembers(Jb value, string function)
        => value.Kind == JsonKind.Object ? value.Keys.Zip(value.Items) : throw NotAnObject(value.Kind, function);

    static IEnumerable<string> JsonElements(string json) => JsonText.KindOf(json) switch
    {
        JsonKind.Array => JsonText.Items(json).Select(item => item.Value),
        JsonKind.Object => throw InvalidParameter("cannot call json_array_elements on a non-array"),
        _ => throw InvalidParameter("cannot call json_array_elements on a scalar"),
    };

    static Jb[] JsonbElements(Jb value) => value.Kind switch
    {
        JsonKind.Array => value.Items,
        JsonKind.Object => throw InvalidParameter("cannot extract elements from an object"),
        _ => throw InvalidParameter("cannot extract elements from a scalar"),
    };

    static Datum ToJson(Datum value, PgType type, EvaluationContext context, bool pretty = false)
    {
        var output = new ByteWriter();
        JsonConversion.Write(value, type, output, context.Settings, pretty);
        return Datum.Of(Encoding.UTF8.GetString(output.Written));
    }

    static IEnumerable<Function> Construction() =>
    [
        Stable(Define.Function("to_json", Json, [AnyElement], static (a, site, context) => ToJson(a[0], site.ArgumentTypes[0], context))),
        Stable(Define.Function("to_jsonb", Jsonb, [AnyElement], static (a, site, context) => Datum.Of(JsonConversion.ToJsonb(a[0], site.ArgumentTypes[0], context.Settings)))),
        Stable(Define.Function("row_to_json", Json, [Record], static (a, site, context) => ToJson(a[0], site.ArgumentTypes[0], context))),
        Stable(Define.Function("row_to_json", Json, [Record, Bool], static (a, site, context) => ToJson(a[0], site.ArgumentTypes[0], context, a[1].AsBool))),
        Stable(Define.Function("array_to_json", Json, [AnyArray], static (a, site, context) => ToJson(a[0], site.ArgumentTypes[0], context))),
        Stable(Define.Function("array_to_json", Json, [AnyArray, Bool], static (a, site, context) => ToJson(a[0], site.ArgumentTypes[0], context, a[1].AsBool))),
        .. Builders("json", Json, static (a, site, context, isObject) => BuildJson(a, site, context, isObject)),
        .. Builders("jsonb", Jsonb, static (a, site, context, isObject) => BuildJsonb(a, site, context, isObject)),
        Define.Function("json_object", Json, Text.Array!, static a => Datum.Of(JsonObject(PairsOf(a)))),
        Define.Function("json_object", Json, Text.Array!, Text.Array!, static (a, b) => Datum.Of(JsonObject(PairsOf(a, b)))),
        Define.Function("jsonb_object", Jsonb, Text.Array!, static a => Datum.Of(JsonbObject(PairsOf(a)))),
        Define.Function("jsonb_object", Jsonb, Text.Array!, Text.Array!, static (a, b) => Datum.Of(JsonbObject(PairsOf(a, b)))),
    ];

    delegate Datum Builder(ReadOnlySpan<Datum> arguments, CallSite site, EvaluationContext context, bool isObject);

    static IEnumerable<Function> Builders(string prefix, PgType result, Builder build)
    {
        foreach (var isObject in (bool[])[false, true])
        {
            var name = prefix + (isObject ? "_build_object" : "_build_array");
            yield return Stable(Define.Function(name, result, [], (a, site, context) => build(a, site, context, isObject)) with { IsStrict = false });
            yield return Stable(Define.Function(name, result, [Any], (a, site, context) => build(a, site, context, isObject)) with { IsStrict = false, IsVariadic = true });
        }
    }

    static Datum BuildJson(ReadOnlySpan<Datum> a, CallSite site, EvaluationContext context, bool isObject)
    {
        CheckPairs(a.Length, isObject);
        var output = new ByteWriter();
        output.WriteByte(isObject ? (byte)'{' : (byte)'[');
        for (var i = 0; i < a.Length; i++)
        {
            if (isObject && i % 2 == 0)
            {
                output.WriteText(i > 0 ? ", " : "");
                JsonWriter.WriteString(KeyOf(a, i, site, context), output);
                continue;
            }
            output.WriteText(isObject ? " : " : i > 0 ? ", " : "");
            JsonConversion.Write(a[i], site.ArgumentTypes[i], output, context.Settings);
        }
        output.WriteByte(isObject ? (byte)'}' : (byte)']');
        return Datum.Of(Encoding.UTF8.GetString(output.Written));
    }

    static Datum BuildJsonb(ReadOnlySpan<Datum> a, CallSite site, EvaluationContext context, bool isObject)
    {
        CheckPairs(a.Length, isObject);
        var items = new List<Jb>();
        var pairs = new List<KeyValuePair<string, Jb>>();
        for (var i = 0; i < a.Length; i++)
        {
            if (!isObject)
                items.Add(JsonConversion.ToJsonb(a[i], site.ArgumentTypes[i], context.Settings));
            else if (i % 2 == 1)
                pairs.Add(new(KeyOf(a, i - 1, site, context), JsonConversion.ToJsonb(a[i], site.ArgumentTypes[i], context.Settings)));
        }
        return Datum.Of(isObject ? Jb.OfObject(pairs) : Jb.Of([.. items]));
    }

    static void CheckPairs(int count, bool isObject)
    {
        if (isObject && count % 2 != 0)
            throw new PgError(SqlState.InvalidParameterValue, "argument list must have even number of elements")
            {
                Hint = "The arguments of json_build_object() must consist of alternating keys and values.",
            };
    }

    static string KeyOf(ReadOnlySpan<Datum> a, int index, CallSite site, EvaluationContext context)
        => a[index].IsNull ? throw InvalidParameter($"argument {index + 1}: key must not be null") : JsonConversion.Key(a[index], site.ArgumentTypes[index], context.Settings);

    static List<(string Key, string? Value)> PairsOf(Datum array)
    {
        var value = array.As<PgArray>();
        if (value.Dimensions > 2)
            throw new PgError(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        if (value.Dimensions == 2 && value.Lengths[1] != 2)
            throw new PgError(SqlState.ArraySubscriptError, "array must have two columns");
        if (value.Items.Length % 2 != 0)
            throw new PgError(SqlState.ArraySubscriptError, "array must have even number of elements");
        var texts = Texts(array);
        return [.. Enumerable.Range(0, texts.Length / 2).Select(i => (Key(texts[2 * i]), texts[2 * i + 1]))];
    }

    static List<(string Key, string? Value)> PairsOf(Datum keys, Datum values)
    {
        if (keys.As<PgArray>().Dimensions > 1 || values.As<PgArray>().Dimensions > 1)
            throw new PgError(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        string?[] names = Texts(keys), texts = Texts(values);
        return names.Length == texts.Length
            ? [.. names.Zip(texts, (name, text) => (Key(name), text))]
            : throw new PgError(SqlState.ArraySubscriptError, "mismatched array dimensions");
    }

    static string Key(string? key) => key ?? throw new PgError(SqlState.NullValueNotAllowed, "null value not allowed for object key");

    static string JsonObject(List<(string Key, string? Value)> pairs)
    {
        var output = new ByteWriter();
        output.WriteByte((byte)'{');
        foreach (var (index, (key, value)) in pairs.Index())
        {
            output.WriteText(index > 0 ? ", " : "");
            JsonWriter.WriteString(key, output);
            output.WriteBytes(" : "u8);
            if (value is null)
                output.WriteBytes("null"u8);
            else
                JsonWriter.WriteString(value, output);
        }
        output.WriteByte((byte)'}');
        return Encoding.UTF8.GetString(output.Written);
    }

    static Jb JsonbObject(List<(string Key, string? Value)> pairs)
        => Jb.OfObject([.. pairs.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is null ? Jb.Null : Jb.Of(pair.Value)))]);

    static IEnumerable<Function> Modification() =>
    [
        Define.Function("jsonb_set", Jsonb, [Jsonb, Text.Array!, Jsonb, Bool], static (a, _, _)
            => Datum.Of(JsonbOperations.Set(JsonOperators.Jsonb(a[0]), Texts(a[1]), JsonOperators.Jsonb(a[2]), a[3].AsBool)))
            with { ArgumentNames = ["jsonb_in", "path", "replacement", "create_if_missing"], Defaults = [Datum.True] },
        Define.Function("jsonb_set_lax", Jsonb, [Jsonb, Text.Array!, Jsonb, Bool, Text], static (a, _, _) => SetLax(a)) with
        {
            ArgumentNames = ["jsonb_in", "path", "replacement", "create_if_missing", "null_value_treatment"],
            Defaults = [Datum.True, Datum.Of("use_json_null")],
            IsStrict = false,
        },
        Define.Function("jsonb_insert", Jsonb, [Jsonb, Text.Array!, Jsonb, Bool], static (a, _, _)
            => Datum.Of(JsonbOperations.Insert(JsonOperators.Jsonb(a[0]), Texts(a[1]), JsonOperators.Jsonb(a[2]), a[3].AsBool)))
            with { ArgumentNames = ["jsonb_in", "path", "replacement", "insert_after"], Defaults = [Datum.False] },
        Define.Function("jsonb_strip_nulls", Jsonb, Jsonb, static a => Datum.Of(JsonbOperations.StripNulls(JsonOperators.Jsonb(a)))),
        Define.Function("json_strip_nulls", Json, Json, static a =>
        {
            var output = new ByteWriter();
            WriteWithoutNulls(a.AsString, output);
            return Datum.Of(Encoding.UTF8.GetString(output.Written));
        }),
    ];

    static Datum SetLax(ReadOnlySpan<Datum> a)
    {
        if (a[0].IsNull || a[1].IsNull || a[3].IsNull)
            return Datum.Null;
        if (a[4].IsNull)
            throw InvalidParameter("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
        var target = JsonOperators.Jsonb(a[0]);
        if (!a[2].IsNull)
            return Datum.Of(JsonbOperations.Set(target, Texts(a[1]), JsonOperators.Jsonb(a[2]), a[3].AsBool));
        return a[4].AsString switch
        {
            "raise_exception" => throw new PgError(SqlState.NullValueNotAllowed, "JSON value must not be null")
            {
                Detail = "Exception was raised because null_value_treatment is \"raise_exception\".",
                Hint = "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.",
            },
            "use_json_null" => Datum.Of(JsonbOperations.Set(target, Texts(a[1]), Jb.Null, a[3].AsBool)),
            "delete_key" => Datum.Of(JsonbOperations.DeletePath(target, Texts(a[1]))),
            "return_target" => a[0],
            _ => throw InvalidParameter("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\""),
        };
    }

    static void WriteWithoutNulls(string json, ByteWriter output)
    {
        StackDepth.Check();
        var kind = JsonText.KindOf(json);
        if (kind is not (JsonKind.Array or JsonKind.Object))
        {
            output.WriteText(json.AsSpan().Trim());
            return;
        }
        output.WriteByte(kind == JsonKind.Object ? (byte)'{' : (byte)'[');
        var isFirst = true;
        foreach (var (key, value) in JsonText.Items(json))
        {
            if (key is not null && JsonText.KindOf(value) == JsonKind.Null)
                continue;
            output.WriteText(isFirst ? "" : ",");
            isFirst = false;
            if (key is not null)
            {
                JsonWriter.WriteString(key, output);
                output.WriteByte((byte)':');
            }
            WriteWithoutNulls(value, output);
        }
        output.WriteByte(kind == JsonKind.Object ? (byte)'}' : (byte)']');
    }

    static IEnumerable<Function> Population()
    {
        foreach (var (prefix, type) in new[] { ("json", Json), ("jsonb", Jsonb) })
        {
            yield return Stable(Define.Function(prefix + "_populate_record", AnyElement, [AnyElement, type], static (a, site, context)
                => a[1].IsNull ? a[0] : JsonPopulation.ToRecord(AsJsonb(a[1]), site.ResultType, a[0].IsNull ? null : a[0].As<PgRecord>(), context.Settings)) with { IsStrict = false });
            yield return Stable(Define.Set(prefix + "_populate_recordset", AnyElement, [AnyElement, type], static (a, site, context)
                => a[1].IsNull ? [] : JsonbElements(AsJsonb(a[1])).Select(item => new[] { JsonPopulation.ToRecord(item, site.ResultType, a[0].IsNull ? null : a[0].As<PgRecord>(), context.Settings) }))
                with { IsStrict = false });
            yield return Stable(Define.Function(prefix + "_to_record", Record, [type], static (a, site, context) => JsonPopulation.ToRecord(AsJsonb(a[0]), site.ResultType, null, context.Settings)));
            yield return Stable(Define.Set(prefix + "_to_recordset", Record, [type], static (a, site, context)
                => JsonbElements(AsJsonb(a[0])).Select(item => new[] { JsonPopulation.ToRecord(item, site.ResultType, null, context.Settings) })));
        }
    }

    static Jb AsJsonb(Datum value) => value.Reference is Jb jsonb ? jsonb : JsonbBuilder.Parse(value.AsString);
}
