namespace PgVectorCompat.Types;

/// <summary>Parts of JSON text as they were written: what the json type, which keeps its text, returns.</summary>
public static class JsonText
{
    /// <summary>The kind of the value that <paramref name="json"/> is.</summary>
    public static JsonKind KindOf(ReadOnlySpan<char> json) => json.TrimStart(" \t\r\n")[0] switch
    {
        '{' => JsonKind.Object,
        '[' => JsonKind.Array,
        '"' => JsonKind.String,
        't' or 'f' => JsonKind.Boolean,
        'n' => JsonKind.Null,
        _ => JsonKind.Number,
    };

    /// <summary>The members of an object (with their keys) or the elements of an array (with null for a key), as text; nothing for scalars.</summary>
    public static IEnumerable<(string? Key, string Value)> Items(string json)
    {
        var at = SkipSpace(json, 0);
        if (json[at] is not ('{' or '['))
            yield break;
        var isObject = json[at] == '{';
        at = SkipSpace(json, at + 1);
        while (json[at] is not ('}' or ']'))
        {
            string? key = null;
            if (isObject)
            {
                var keyEnd = SkipValue(json, at);
                key = StringValue(json[at..keyEnd]);
                at = SkipSpace(json, SkipSpace(json, keyEnd) + 1);
            }
            var end = SkipValue(json, at);
            yield return (key, json[at..end]);
            at = SkipSpace(json, end);
            if (json[at] == ',')
                at = SkipSpace(json, at + 1);
        }
    }

    /// <summary>The content of a JSON string. Raises 22P05 for <c>\u0000</c>.</summary>
    public static string StringValue(string json)
        => json.Contains('\\', StringComparison.Ordinal) ? JsonbBuilder.Parse(json).Text : json.Trim(' ', '\t', '\r', '\n')[1..^1];

    /// <summary>The value as <c>-&gt;&gt;</c> gives it: strings without quotes, null for JSON's null.</summary>
    public static string? AsText(string json) => KindOf(json) switch
    {
        JsonKind.Null => null,
        JsonKind.String => StringValue(json),
        _ => json,
    };

    /// <summary>The member with this key (the last of several) of an object; null when there is none.</summary>
    public static string? Find(string json, string key)
    {
        string? found = null;
        if (KindOf(json) == JsonKind.Object)
        {
            foreach (var (name, value) in Items(json))
                if (name == key)
                    found = value;
        }
        return found;
    }

    /// <summary>The element at an index (from the end when negative) of an array; null when there is none.</summary>
    public static string? Find(string json, int index)
    {
        if (KindOf(json) != JsonKind.Array)
            return null;
        if (index >= 0)
            return Items(json).Skip(index).Select(item => item.Value).FirstOrDefault();
        var items = Items(json).Select(item => item.Value).ToList();
        return items.Count + (long)index >= 0 ? items[items.Count + index] : null;
    }

    static int SkipSpace(string json, int at)
    {
        while (at < json.Length && json[at] is ' ' or '\t' or '\r' or '\n')
            at++;
        return at;
    }

    /// <summary>Where the value that begins at <paramref name="at"/> ends.</summary>
    static int SkipValue(string json, int at)
    {
        if (json[at] == '"')
        {
            for (at++; json[at] != '"'; at++)
                if (json[at] == '\\')
                    at++;
            return at + 1;
        }
        if (json[at] is not ('{' or '['))
        {
            while (at < json.Length && json[at] is not (',' or '}' or ']' or ':' or ' ' or '\t' or '\r' or '\n'))
                at++;
            return at;
        }
        var depth = 0;
        do
        {
            switch (json[at])
            {
                case '"': at = SkipValue(json, at) - 1; break;
                case '{' or '[': depth++; break;
                case '}' or ']': depth--; break;
            }
            at++;
        }
        while (depth > 0);
        return at;
    }
}
