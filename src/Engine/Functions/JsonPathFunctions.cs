using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>jsonb_path_exists and kin, <c>@?</c> and <c>@@</c>. The _tz forms are the same: no method here depends on the time zone.</summary>
static class JsonPathFunctions
{
    public static readonly FunctionTable Table = new([.. Functions()], [.. Operators()]);

    static IEnumerable<Operator> Operators()
    {
        yield return Define.Operator("@?", Bool, PgTypes.Jsonb, PgTypes.Jsonpath, "jsonb_path_exists_opr", static (a, b) => Exists(a, b, default, isSilent: true));
        yield return Define.Operator("@@", Bool, PgTypes.Jsonb, PgTypes.Jsonpath, "jsonb_path_match_opr", static (a, b) => Match(a, b, default, isSilent: true));
    }

    static IEnumerable<Function> Functions()
    {
        foreach (var suffix in (string[])["", "_tz"])
        {
            yield return With(Define.Function("jsonb_path_exists" + suffix, Bool, Arguments, static (a, _, _) => Exists(a[0], a[1], a[2], a[3].AsBool)));
            yield return With(Define.Function("jsonb_path_match" + suffix, Bool, Arguments, static (a, _, _) => Match(a[0], a[1], a[2], a[3].AsBool)));
            yield return With(Define.Function("jsonb_path_query_array" + suffix, PgTypes.Jsonb, Arguments, static (a, _, _) => Datum.Of(JsonbValue.Of([.. Items(a[0], a[1], a[2], a[3].AsBool) ?? []]))));
            yield return With(Define.Function("jsonb_path_query_first" + suffix, PgTypes.Jsonb, Arguments, static (a, _, _) => Items(a[0], a[1], a[2], a[3].AsBool) is [var first, ..] ? Datum.Of(first) : Datum.Null));
            yield return With(Define.Set("jsonb_path_query" + suffix, PgTypes.Jsonb, Arguments, static (a, _, _) => (Items(a[0], a[1], a[2], a[3].AsBool) ?? []).Select(item => new[] { Datum.Of(item) })));
        }
    }

    static PgType[] Arguments => [PgTypes.Jsonb, PgTypes.Jsonpath, PgTypes.Jsonb, Bool];

    static Function With(Function function) => function with { ArgumentNames = ["target", "path", "vars", "silent"], Defaults = [Datum.Of(JsonbValue.EmptyObject), Datum.False] };

    /// <summary>The items a path leads to; null for an error that is not to be raised.</summary>
    static List<JsonbValue>? Items(Datum target, Datum path, Datum variables, bool isSilent)
    {
        var values = variables.IsNull ? JsonbValue.EmptyObject : variables.As<JsonbValue>();
        if (values.Kind != JsonKind.Object)
            throw new PgError(SqlState.InvalidParameterValue, "\"vars\" argument is not an object") { Detail = "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object." };
        try
        {
            return new JsonPathRun(JsonPath.Parse(path.AsString), target.As<JsonbValue>(), values).Items();
        }
        catch (PgError error) when (isSilent && error.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            return null;
        }
    }

    static Datum Exists(Datum target, Datum path, Datum variables, bool isSilent)
        => Items(target, path, variables, isSilent) is { } items ? Datum.Of(items.Count > 0) : Datum.Null;

    static Datum Match(Datum target, Datum path, Datum variables, bool isSilent) => Items(target, path, variables, isSilent) switch
    {
        [{ Kind: JsonKind.Boolean } item] => Datum.Of(item.Flag),
        [{ Kind: JsonKind.Null }] => Datum.Null,
        null => Datum.Null,
        _ => isSilent ? Datum.Null : throw new PgError("22038", "single boolean result is expected"),
    };
}
