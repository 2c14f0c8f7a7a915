namespace PgVectorCompat.Types;

/// <summary>Makes a <see cref="JsonbValue"/> of JSON text.</summary>
public sealed class JsonbBuilder : IJsonHandler
{
    readonly Stack<(List<JsonbValue> Items, List<string>? Keys)> _open = new();
    JsonbValue? _result;

    /// <summary>Raises 22P02, 22P05.</summary>
    public static JsonbValue Parse(string text)
    {
        var builder = new JsonbBuilder();
        new JsonReader(text, builder).Read();
        return builder._result!;
    }

    void Add(JsonbValue value)
    {
        if (_open.TryPeek(out var container))
            container.Items.Add(value);
        else
            _result = value;
    }

    void IJsonHandler.BeginObject() => _open.Push(([], []));
    void IJsonHandler.Key(string name) => _open.Peek().Keys!.Add(name);

    void IJsonHandler.EndObject()
    {
        var (items, keys) = _open.Pop();
        var pairs = new KeyValuePair<string, JsonbValue>[items.Count];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = new(keys![i], items[i]);
        Add(JsonbValue.OfObject(pairs));
    }

    void IJsonHandler.BeginArray() => _open.Push(([], null));
    void IJsonHandler.EndArray() => Add(JsonbValue.Of([.. _open.Pop().Items]));
    void IJsonHandler.String(string value) => Add(JsonbValue.Of(value));
    void IJsonHandler.Number(ReadOnlySpan<char> literal) => Add(JsonbValue.Of(PgNumeric.Parse(literal)));
    void IJsonHandler.Boolean(bool value) => Add(JsonbValue.Of(value));
    void IJsonHandler.Null() => Add(JsonbValue.Null);
}
