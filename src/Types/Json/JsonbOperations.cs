using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>What the jsonb operators and functions do: containment, concatenation, deletion and replacement.</summary>
public static class JsonbOperations
{
    /// <summary><c>@&gt;</c>: whether all of <paramref name="part"/> is in <paramref name="whole"/>, at the same places. An array also contains a bare scalar.</summary>
    public static bool Contains(JsonbValue whole, JsonbValue part)
        => whole.Kind == JsonKind.Array && !part.IsContainer
            ? Array.Exists(whole.Items, item => item.Equals(part))
            : ContainsNested(whole, part);

    static bool ContainsNested(JsonbValue whole, JsonbValue part)
    {
        StackDepth.Check();
        if (whole.Kind != part.Kind)
            return false;
        switch (part.Kind)
        {
            case JsonKind.Object:
                for (var i = 0; i < part.Keys.Length; i++)
                    if (whole.Find(part.Keys[i]) is not { } value || !ContainsNested(value, part.Items[i]))
                        return false;
                return true;
            case JsonKind.Array:
                foreach (var item in part.Items)
                    if (!Array.Exists(whole.Items, candidate => ContainsNested(candidate, item)))
                        return false;
                return true;
            default:
                return whole.Equals(part);
        }
    }

    /// <summary><c>?</c>: whether the string is a key of the object, an element of the array, or the value itself.</summary>
    public static bool Exists(JsonbValue value, string key) => value.Kind switch
    {
        JsonKind.Object => value.Find(key) is not null,
        JsonKind.Array => Array.Exists(value.Items, item => item.Kind == JsonKind.String && item.Text == key),
        JsonKind.String => value.Text == key,
        _ => false,
    };

    /// <summary><c>||</c>: two objects become one, of equal keys the right one's value counts; anything else becomes one array.</summary>
    public static JsonbValue Concat(JsonbValue left, JsonbValue right)
    {
        if (left.Kind == JsonKind.Object && right.Kind == JsonKind.Object)
            return JsonbValue.OfObject([.. Pairs(left), .. Pairs(right)]);
        return JsonbValue.Of([.. Elements(left), .. Elements(right)]);
    }

    static JsonbValue[] Elements(JsonbValue value) => value.Kind == JsonKind.Array ? value.Items : [value];

    static IEnumerable<KeyValuePair<string, JsonbValue>> Pairs(JsonbValue value)
        => value.Keys.Zip(value.Items, static (key, item) => KeyValuePair.Create(key, item));

    static PgError InvalidParameter(string message, string? hint = null) => new(SqlState.InvalidParameterValue, message) { Hint = hint };

    /// <summary><c>- text</c> and <c>- text[]</c>: without these keys or string elements. Raises 22023 for scalars.</summary>
    public static JsonbValue Delete(JsonbValue value, IReadOnlyCollection<string> keys) => value.Kind switch
    {
        JsonKind.Object => JsonbValue.OfObject([.. Pairs(value).Where(pair => !keys.Contains(pair.Key))]),
        JsonKind.Array => JsonbValue.Of([.. value.Items.Where(item => item.Kind != JsonKind.String || !keys.Contains(item.Text))]),
        _ => throw InvalidParameter("cannot delete from scalar"),
    };

    /// <summary><c>- integer</c>: without the element at this index. Raises 22023.</summary>
    public static JsonbValue Delete(JsonbValue value, int index)
    {
        if (value.Kind == JsonKind.Object)
            throw InvalidParameter("cannot delete from object using integer index");
        if (value.Kind != JsonKind.Array)
            throw InvalidParameter("cannot delete from scalar");
        return value.Find(index) is null ? value : Without(value, index < 0 ? value.Items.Length + index : index);
    }

    static JsonbValue Without(JsonbValue array, int at) => JsonbValue.Of([.. array.Items[..at], .. array.Items[(at + 1)..]]);

    /// <summary><c>#-</c>. Raises 22023, 22P02.</summary>
    public static JsonbValue DeletePath(JsonbValue value, IReadOnlyList<string?> path)
    {
        if (!value.IsContainer)
            throw InvalidParameter("cannot delete path in scalar");
        return value.Items.Length == 0 || path.Count == 0 ? value : Change(value, path, 0, new(ChangeKind.Delete, JsonbValue.Null));
    }

    /// <summary>jsonb_set. Raises 22023, 22004, 22P02.</summary>
    public static JsonbValue Set(JsonbValue value, IReadOnlyList<string?> path, JsonbValue newValue, bool createMissing)
    {
        if (!value.IsContainer)
            throw InvalidParameter("cannot set path in scalar");
        return path.Count == 0 || (value.Items.Length == 0 && !createMissing) ? value
            : Change(value, path, 0, new(createMissing ? ChangeKind.SetOrCreate : ChangeKind.Set, newValue));
    }

    /// <summary>jsonb_insert. Raises 22023, 22004, 22P02.</summary>
    public static JsonbValue Insert(JsonbValue value, IReadOnlyList<string?> path, JsonbValue newValue, bool isAfter)
    {
        if (!value.IsContainer)
            throw InvalidParameter("cannot set path in scalar");
        return path.Count == 0 ? value : Change(value, path, 0, new(isAfter ? ChangeKind.InsertAfter : ChangeKind.InsertBefore, newValue));
    }

    enum ChangeKind { Delete, Set, SetOrCreate, InsertBefore, InsertAfter }

    readonly record struct ChangeRequest(ChangeKind Kind, JsonbValue Value);

    static JsonbValue Change(JsonbValue value, IReadOnlyList<string?> path, int depth, ChangeRequest change)
    {
        StackDepth.Check();
        if (path[depth] is not { } step)
            throw new PgError(SqlState.NullValueNotAllowed, $"path element at position {depth + 1} is null");
        return value.Kind switch
        {
            JsonKind.Object => ChangeObject(value, step, path, depth, change),
            JsonKind.Array => ChangeArray(value, step, path, depth, change),
            _ => value,
        };
    }

    static JsonbValue ChangeObject(JsonbValue value, string step, IReadOnlyList<string?> path, int depth, ChangeRequest change)
    {
        var isLast = depth == path.Count - 1;
        var current = value.Find(step);
        if (current is not null && !isLast)
            return With(value, step, Change(current, path, depth + 1, change));
        if (!isLast)
            return value;
        switch (change.Kind)
        {
            case ChangeKind.Delete:
                return current is null ? value : Delete(value, [step]);
            case ChangeKind.InsertBefore or ChangeKind.InsertAfter when current is not null:
                throw InvalidParameter("cannot replace existing key", "Try using the function jsonb_set to replace key value.");
            default:
                return current is null && change.Kind == ChangeKind.Set ? value : With(value, step, change.Value);
        }
    }

    static JsonbValue With(JsonbValue value, string key, JsonbValue item) => JsonbValue.OfObject([.. Pairs(value), KeyValuePair.Create(key, item)]);

    static JsonbValue ChangeArray(JsonbValue value, string step, IReadOnlyList<string?> path, int depth, ChangeRequest change)
    {
        if (!int.TryParse(step, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var index))
            throw new PgError(SqlState.InvalidTextRepresentation, $"path element at position {depth + 1} is not an integer: \"{step}\"");
        var items = value.Items;
        var at = index < 0 ? items.Length + index : index;
        var exists = at >= 0 && at < items.Length;
        if (depth < path.Count - 1)
            return exists ? JsonbValue.Of([.. items[..at], Change(items[at], path, depth + 1, change), .. items[(at + 1)..]]) : value;
        // New elements beyond either end go to that end.
        at = Math.Clamp(at, 0, items.Length);
        return change.Kind switch
        {
            ChangeKind.Delete => exists ? Without(value, at) : value,
            ChangeKind.Set when !exists => value,
            ChangeKind.Set or ChangeKind.SetOrCreate when exists => JsonbValue.Of([.. items[..at], change.Value, .. items[(at + 1)..]]),
            ChangeKind.InsertAfter when exists => JsonbValue.Of([.. items[..(at + 1)], change.Value, .. items[(at + 1)..]]),
            _ => JsonbValue.Of([.. items[..at], change.Value, .. items[at..]]),
        };
    }

    /// <summary>
    /// Assignment to a subscripted document: what the path lacks is made, arrays are filled up with nulls. A null <paramref name="value"/> is
    /// an empty document. Raises 22023.
    /// </summary>
    public static JsonbValue Assign(JsonbValue? value, ReadOnlySpan<JsonbStep> path, JsonbValue newValue) => Assign(value, path, 0, newValue);

    static JsonbValue Assign(JsonbValue? value, ReadOnlySpan<JsonbStep> path, int depth, JsonbValue newValue)
    {
        if (depth == path.Length)
            return newValue;
        StackDepth.Check();
        var (key, index) = path[depth];
        if (value is { IsContainer: false })
            throw new PgError(SqlState.InvalidParameterValue, "cannot replace existing key")
            {
                Detail = "The path assumes key is a composite object, but it is a scalar value.",
            };
        if (value?.Kind == JsonKind.Object || (value is null && key is not null))
        {
            var name = key ?? index.ToString(CultureInfo.InvariantCulture);
            return With(value ?? JsonbValue.EmptyObject, name, Assign(value?.Find(name), path, depth + 1, newValue));
        }
        if (key is not null && !int.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index))
            throw new PgError(SqlState.InvalidTextRepresentation, $"path element at position {depth + 1} is not an integer: \"{key}\"");
        var items = value?.Items ?? [];
        var at = index < 0 ? items.Length + index : index;
        if (at < 0)
            throw InvalidParameter($"path element at position {depth + 1} is out of range: {index}");
        var extended = new JsonbValue[Math.Max(items.Length, at + 1)];
        items.CopyTo(extended, 0);
        extended.AsSpan(items.Length).Fill(JsonbValue.Null);
        extended[at] = Assign(at < items.Length ? items[at] : null, path, depth + 1, newValue);
        return JsonbValue.Of(extended);
    }

    /// <summary>Without object members that are null, at every depth.</summary>
    public static JsonbValue StripNulls(JsonbValue value)
    {
        StackDepth.Check();
        return value.Kind switch
        {
            JsonKind.Object => JsonbValue.OfObject([.. Pairs(value).Where(pair => pair.Value.Kind != JsonKind.Null).Select(pair => KeyValuePair.Create(pair.Key, StripNulls(pair.Value)))]),
            JsonKind.Array => JsonbValue.Of(Array.ConvertAll(value.Items, StripNulls)),
            _ => value,
        };
    }

    /// <summary>The value at the end of a path of keys and indexes; null when it leads nowhere.</summary>
    public static JsonbValue? Follow(JsonbValue value, IEnumerable<string?> path)
    {
        JsonbValue? at = value;
        foreach (var step in path)
        {
            at = step is null ? null
                : at.Kind == JsonKind.Array ? (int.TryParse(step, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var index) ? at.Find(index) : null)
                : at.Find(step);
            if (at is null)
                return null;
        }
        return at;
    }
}

/// <summary>One subscript of a jsonb path: a key, or where that is null an index from 0 (negative: from the end).</summary>
public readonly record struct JsonbStep(string? Key, int Index);
