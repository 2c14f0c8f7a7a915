using System.Text;

namespace PgVectorCompat.Types;

/// <summary>In the order in which jsonb values of different kinds compare.</summary>
public enum JsonKind : byte { Null, String, Number, Boolean, Array, Object }

/// <summary>A jsonb value. Objects have each key once, sorted by length in bytes, then by bytes. Immutable.</summary>
public sealed class JsonbValue
{
    public static readonly JsonbValue Null = new(JsonKind.Null);
    public static readonly JsonbValue True = new(JsonKind.Boolean) { Flag = true };
    public static readonly JsonbValue False = new(JsonKind.Boolean);
    public static readonly JsonbValue EmptyArray = Of([]);
    public static readonly JsonbValue EmptyObject = OfObject([]);

    JsonbValue(JsonKind kind) => Kind = kind;

    public JsonKind Kind { get; }

    /// <summary>The value of a boolean.</summary>
    public bool Flag { get; private init; }

    /// <summary>The value of a string.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The value of a number.</summary>
    public PgNumeric Number { get; private init; } = PgNumeric.Zero;

    /// <summary>Elements of an array, or values of an object in the order of <see cref="Keys"/>.</summary>
    public JsonbValue[] Items { get; private init; } = [];

    /// <summary>Keys of an object.</summary>
    public string[] Keys { get; private init; } = [];

    public bool IsContainer => Kind is JsonKind.Array or JsonKind.Object;

    public static JsonbValue Of(bool value) => value ? True : False;
    public static JsonbValue Of(string value) => new(JsonKind.String) { Text = value };
    public static JsonbValue Of(PgNumeric value) => new(JsonKind.Number) { Number = value };
    public static JsonbValue Of(JsonbValue[] items) => new(JsonKind.Array) { Items = items };

    /// <summary>An object of these pairs in any order; of equal keys the last counts.</summary>
    public static JsonbValue OfObject(IReadOnlyList<KeyValuePair<string, JsonbValue>> pairs)
    {
        var sorted = new List<KeyValuePair<string, JsonbValue>>(pairs.Count);
        // A stable sort, so that the last of equal keys can be told.
        foreach (var pair in pairs.OrderBy(pair => pair.Key, Comparer<string>.Create(CompareKeys)))
        {
            if (sorted.Count > 0 && sorted[^1].Key == pair.Key)
                sorted[^1] = pair;
            else
                sorted.Add(pair);
        }
        return new(JsonKind.Object) { Keys = [.. sorted.Select(pair => pair.Key)], Items = [.. sorted.Select(pair => pair.Value)] };
    }

    internal static JsonbValue OfSorted(string[] keys, JsonbValue[] items) => new(JsonKind.Object) { Keys = keys, Items = items };

    /// <summary>Order of keys within an object: by length in UTF-8, then by bytes.</summary>
    public static int CompareKeys(string left, string right)
    {
        var order = Encoding.UTF8.GetByteCount(left) - Encoding.UTF8.GetByteCount(right);
        return order != 0 ? order : Utf8Text.Compare(left, right);
    }

    /// <summary>The value of a key; null when this is no object or has no such key.</summary>
    public JsonbValue? Find(string key)
    {
        if (Kind != JsonKind.Object)
            return null;
        var at = Array.BinarySearch(Keys, key, Comparer<string>.Create(CompareKeys));
        return at >= 0 ? Items[at] : null;
    }

    /// <summary>The element at <paramref name="index"/>, counted from the end when negative; null when this is no array or has none there.</summary>
    public JsonbValue? Find(int index)
    {
        if (Kind != JsonKind.Array)
            return null;
        var at = index < 0 ? (long)Items.Length + index : index;
        return at >= 0 && at < Items.Length ? Items[at] : null;
    }

    /// <summary>PostgreSQL's order of jsonb: by kind, then arrays and objects by size, then their contents.</summary>
    public static int Compare(JsonbValue left, JsonbValue right)
    {
        // An empty array at the top sorts below everything: a quirk that indexes on disk made permanent in PostgreSQL.
        bool isLeftEmpty = left.Kind == JsonKind.Array && left.Items.Length == 0, isRightEmpty = right.Kind == JsonKind.Array && right.Items.Length == 0;
        if (isLeftEmpty != isRightEmpty && left.Kind != JsonKind.Object && right.Kind != JsonKind.Object)
            return isLeftEmpty ? -1 : 1;
        return CompareNested(left, right);
    }

    static int CompareNested(JsonbValue left, JsonbValue right)
    {
        if (left.Kind != right.Kind)
            return left.Kind.CompareTo(right.Kind);
        switch (left.Kind)
        {
            case JsonKind.String: return Utf8Text.Compare(left.Text, right.Text);
            case JsonKind.Number: return PgNumeric.Compare(left.Number, right.Number);
            case JsonKind.Boolean: return left.Flag.CompareTo(right.Flag);
            case JsonKind.Null: return 0;
        }
        if (left.Items.Length != right.Items.Length)
            return left.Items.Length - right.Items.Length;
        for (var i = 0; i < left.Items.Length; i++)
        {
            var order = left.Kind == JsonKind.Object ? Utf8Text.Compare(left.Keys[i], right.Keys[i]) : 0;
            if (order == 0)
                order = CompareNested(left.Items[i], right.Items[i]);
            if (order != 0)
                return order;
        }
        return 0;
    }

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Kind);
        hash.Add(Text);
        hash.Add(Flag);
        hash.Add(Number);
        foreach (var key in Keys)
            hash.Add(key);
        foreach (var item in Items)
            hash.Add(item.GetHashCode());
        return hash.ToHashCode();
    }

    public override bool Equals(object? obj) => obj is JsonbValue other && CompareNested(this, other) == 0;

    public override string ToString()
    {
        var output = new ByteWriter();
        JsonWriter.Write(this, output);
        return Encoding.UTF8.GetString(output.Written);
    }
}
