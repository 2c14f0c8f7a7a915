using System.Runtime.InteropServices;
using System.Text;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>array_agg, string_agg, json_agg, jsonb_agg, json_object_agg, jsonb_object_agg.</summary>
static class AggregateCollections
{
    public static readonly FunctionTable Table = new(
    [
        Collecting("array_agg", PgTypes.AnyArray, PgTypes.AnyNonArray, (values, site, _)
            => Datum.Of(new PgArray(site.ArgumentTypes[0], [.. values]))),
        Collecting("array_agg", PgTypes.AnyArray, PgTypes.AnyArray, (values, site, _) => Stack(values, site.ArgumentTypes[0].Element!)),
        NotStrict("string_agg", PgTypes.Text, [PgTypes.Text, PgTypes.Text], (_, context) => new TextState(context)),
        NotStrict("string_agg", PgTypes.Bytea, [PgTypes.Bytea, PgTypes.Bytea], (_, context) => new BytesState(context)),
        Collecting("json_agg", PgTypes.Json, PgTypes.AnyElement, (values, site, context) => Datum.Of(JsonList(values, site.ArgumentTypes[0], context))),
        Collecting("jsonb_agg", PgTypes.Jsonb, PgTypes.AnyElement, (values, site, context)
            => Datum.Of(JsonbBuilder.Parse(JsonList(values, site.ArgumentTypes[0], context)))),
        NotStrict("json_object_agg", PgTypes.Json, [PgTypes.Any, PgTypes.Any], (site, context) => new ObjectState(site, context, isBinary: false)),
        NotStrict("jsonb_object_agg", PgTypes.Jsonb, [PgTypes.Any, PgTypes.Any], (site, context) => new ObjectState(site, context, isBinary: true)),
    ]);

    static Function NotStrict(string name, PgType result, PgType[] arguments, Func<CallSite, EvaluationContext, AggregateState> state)
        => Define.Aggregate(name, result, arguments, state) with { IsStrict = false };

    static Function Collecting(string name, PgType result, PgType argument, Func<List<Datum>, CallSite, EvaluationContext, Datum> finish)
        => NotStrict(name, result, [argument], (site, context) => new CollectState(context, values => finish(values, site, context)));

    static Datum Stack(List<Datum> values, PgType elementType)
    {
        foreach (var value in values)
        {
            if (value.IsNull)
                throw new PgError(SqlState.NullValueNotAllowed, "cannot accumulate null arrays");
            if (value.As<PgArray>().Dimensions == 0)
                throw new PgError(SqlState.ArraySubscriptError, "cannot accumulate empty arrays");
        }
        try
        {
            return NestedArrayEvaluator.Combine(CollectionsMarshal.AsSpan(values), elementType);
        }
        catch (PgError error) when (error.SqlState == SqlState.ArraySubscriptError)
        {
            throw new PgError(SqlState.ArraySubscriptError, "cannot accumulate arrays of different dimensionality");
        }
    }

    static string JsonList(List<Datum> values, PgType type, EvaluationContext context)
    {
        var output = new ByteWriter();
        output.WriteByte((byte)'[');
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                output.WriteBytes(type.IsArray || type.Kind == TypeKind.Composite || type == PgTypes.Record ? ", \n "u8 : ", "u8);
            JsonConversion.Write(values[i], type, output, context.Settings);
        }
        output.WriteByte((byte)']');
        return Encoding.UTF8.GetString(output.Written);
    }

    /// <summary>string_agg of text: the delimiter comes before each value but the first.</summary>
    sealed class TextState(EvaluationContext context) : CollectingState(context)
    {
        const int LongText = 1 << 16;

        StringBuilder? _text;

        public override void Add(ReadOnlySpan<Datum> arguments)
        {
            if (arguments[0].IsNull)
                return;
            var delimiter = _text is null || arguments[1].IsNull ? 0 : arguments[1].AsString.Length;
            Grow((arguments[0].AsString.Length + delimiter) * (long)sizeof(char));
            // Rows are counted elsewhere; these may be long.
            if (arguments[0].AsString.Length > LongText)
                Interruption.Check();
            if (_text is null)
                _text = new StringBuilder();
            else if (!arguments[1].IsNull)
                _text.Append(arguments[1].AsString);
            _text.Append(arguments[0].AsString);
        }

        public override Datum Finish() => Datum.Of(_text?.ToString());
    }

    sealed class BytesState(EvaluationContext context) : CollectingState(context)
    {
        ByteWriter? _bytes;

        public override void Add(ReadOnlySpan<Datum> arguments)
        {
            if (arguments[0].IsNull)
                return;
            Grow(arguments[0].AsBytes.Length + (_bytes is null || arguments[1].IsNull ? 0 : arguments[1].AsBytes.Length));
            if (_bytes is null)
                _bytes = new ByteWriter();
            else if (!arguments[1].IsNull)
                _bytes.WriteBytes(arguments[1].AsBytes);
            _bytes.WriteBytes(arguments[0].AsBytes);
        }

        public override Datum Finish() => Datum.Of(_bytes?.Written.ToArray());
    }

    sealed class ObjectState(CallSite site, EvaluationContext context, bool isBinary) : CollectingState(context)
    {
        readonly EvaluationContext _context = context;
        readonly ByteWriter _json = new();

        public override void Add(ReadOnlySpan<Datum> arguments)
        {
            if (arguments[0].IsNull)
                throw new PgError(SqlState.InvalidParameterValue, "field name must not be null");
            var before = _json.Length;
            _json.WriteBytes(_json.Length == 0 ? "{ "u8 : ", "u8);
            JsonWriter.WriteString(JsonConversion.Key(arguments[0], site.ArgumentTypes[0], _context.Settings), _json);
            _json.WriteBytes(" : "u8);
            JsonConversion.Write(arguments[1], site.ArgumentTypes[1], _json, _context.Settings);
            Grow(_json.Length - before);
        }

        public override Datum Finish()
        {
            if (_json.Length == 0)
                return Datum.Null;
            var text = Encoding.UTF8.GetString(_json.Written) + " }";
            return Datum.Of(isBinary ? JsonbBuilder.Parse(text) : text);
        }
    }
}
