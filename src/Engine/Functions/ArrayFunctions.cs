using System.Text;
using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions and operators of arrays of any type.</summary>
static class ArrayFunctions
{
    public static FunctionTable Table { get; } = new([.. Shape(), .. Building(), .. Searching(), .. Texts(), .. Sets()], [.. Operators()]);

    static PgArray Of(Datum value) => value.As<PgArray>();
    static Datum Number(long value) => Datum.Of(value);

    static IEnumerable<Function> Shape() =>
    [
        Define.Function("array_ndims", Int4, AnyArray, static a => Of(a).Dimensions == 0 ? Datum.Null : Number(Of(a).Dimensions)),
        Define.Function("array_dims", Text, AnyArray, static a => Of(a).Dimensions == 0 ? Datum.Null : Datum.Of(Dimensions(Of(a)))),
        Define.Function("array_length", Int4, AnyArray, Int4, static (a, b) => Dimension(Of(a), b.AsInt32) is { } d ? Number(Of(a).Lengths[d]) : Datum.Null),
        Define.Function("array_lower", Int4, AnyArray, Int4, static (a, b) => Dimension(Of(a), b.AsInt32) is { } d ? Number(Of(a).LowerBounds[d]) : Datum.Null),
        Define.Function("array_upper", Int4, AnyArray, Int4, static (a, b)
            => Dimension(Of(a), b.AsInt32) is { } d ? Number(Of(a).LowerBounds[d] + (long)Of(a).Lengths[d] - 1) : Datum.Null),
        Define.Function("cardinality", Int4, AnyArray, static a => Number(Of(a).Items.Length)),
    ];

    /// <summary>Index of a dimension given from 1, null when the array has none such.</summary>
    static int? Dimension(PgArray array, int number) => number >= 1 && number <= array.Dimensions ? number - 1 : null;

    static string Dimensions(PgArray array)
        => string.Concat(array.Lengths.Zip(array.LowerBounds, static (length, lower) => $"[{lower}:{lower + length - 1}]"));

    static IEnumerable<Operator> Operators() =>
    [
        new("||", AnyCompatibleArray, AnyCompatible, Append()),
        new("||", AnyCompatible, AnyCompatibleArray, Prepend()),
        new("||", AnyCompatibleArray, AnyCompatibleArray, Concatenate()),
        Comparing("@>", "arraycontains", static (a, b, codec) => ContainsAll(Of(a), Of(b), codec)) with { Commutator = "<@" },
        Comparing("<@", "arraycontained", static (a, b, codec) => ContainsAll(Of(b), Of(a), codec)) with { Commutator = "@>" },
        Comparing("&&", "arrayoverlap", static (a, b, codec) => Array.Exists(Of(b).Items, item => !item.IsNull && Contains(Of(a), item, codec))) with { Commutator = "&&" },
    ];

    static Operator Comparing(string name, string function, Func<Datum, Datum, TypeCodec, bool> test)
        => new(name, AnyArray, AnyArray, Define.Function(function, Bool, [AnyArray, AnyArray], (a, site, _) => Datum.Of(test(a[0], a[1], ElementOf(site.ArgumentTypes[0]).Codec))));

    static PgType ElementOf(PgType array) => array.Element ?? array.SubscriptType ?? throw new PgError(SqlState.DatatypeMismatch, $"could not determine element type of {array}");

    // NULLs are contained in nothing.
    static bool ContainsAll(PgArray whole, PgArray part, TypeCodec codec) => Array.TrueForAll(part.Items, item => !item.IsNull && Contains(whole, item, codec));
    static bool Contains(PgArray array, Datum value, TypeCodec codec) => Array.Exists(array.Items, item => !item.IsNull && codec.Equal(item, value));

    static Function Append() => Define.Function("array_append", AnyCompatibleArray, [AnyCompatibleArray, AnyCompatible], static (a, site, _) =>
    {
        if (a[0].IsNull)
            return Datum.Of(new PgArray(ElementOf(site.ResultType), [a[1]]));
        var array = Of(a[0]);
        return array.Dimensions > 1 ? throw OneDimension()
            : Datum.Of(new PgArray(array.ElementType, [.. array.Items, a[1]], array.Dimensions == 0 ? 1 : array.LowerBounds[0]));
    }) with { IsStrict = false };

    static Function Prepend() => Define.Function("array_prepend", AnyCompatibleArray, [AnyCompatible, AnyCompatibleArray], static (a, site, _) =>
    {
        if (a[1].IsNull)
            return Datum.Of(new PgArray(ElementOf(site.ResultType), [a[0]]));
        var array = Of(a[1]);
        return array.Dimensions > 1 ? throw OneDimension()
            : Datum.Of(new PgArray(array.ElementType, [a[0], .. array.Items], array.Dimensions == 0 ? 1 : array.LowerBounds[0]));
    }) with { IsStrict = false };

    static PgError OneDimension() => new(SqlState.DataException, "argument must be empty or one-dimensional array");

    static Function Concatenate() => Define.Function("array_cat", AnyCompatibleArray, [AnyCompatibleArray, AnyCompatibleArray], static (a, _, _)
        => a[0].IsNull ? a[1] : a[1].IsNull ? a[0] : Datum.Of(Concat(Of(a[0]), Of(a[1])))) with { IsStrict = false };

    static PgArray Concat(PgArray left, PgArray right)
    {
        if (left.Dimensions == 0)
            return right;
        if (right.Dimensions == 0)
            return left;
        Datum[] items = [.. left.Items, .. right.Items];
        // Equal dimensions: the outer ones add up. One more on one side: the other is one of its elements.
        if (left.Dimensions == right.Dimensions && left.Lengths.AsSpan(1).SequenceEqual(right.Lengths.AsSpan(1)))
            return new(left.ElementType, [left.Lengths[0] + right.Lengths[0], .. left.Lengths[1..]], left.LowerBounds, items);
        if (left.Dimensions == right.Dimensions + 1 && left.Lengths.AsSpan(1).SequenceEqual(right.Lengths))
            return new(left.ElementType, [left.Lengths[0] + 1, .. left.Lengths[1..]], left.LowerBounds, items);
        if (right.Dimensions == left.Dimensions + 1 && right.Lengths.AsSpan(1).SequenceEqual(left.Lengths))
            return new(left.ElementType, [right.Lengths[0] + 1, .. right.Lengths[1..]], right.LowerBounds, items);
        throw new PgError(SqlState.ArraySubscriptError, "cannot concatenate incompatible arrays")
        {
            Detail = Math.Abs(left.Dimensions - right.Dimensions) > 1
                ? $"Arrays of {left.Dimensions} and {right.Dimensions} dimensions are not compatible for concatenation."
                : left.Dimensions == right.Dimensions ? "Arrays with differing element dimensions are not compatible for concatenation."
                : "Arrays with differing dimensions are not compatible for concatenation.",
        };
    }

    static IEnumerable<Function> Building() =>
    [
        Define.Function("array_remove", AnyCompatibleArray, [AnyCompatibleArray, AnyCompatible], static (a, site, _) =>
        {
            if (a[0].IsNull)
                return Datum.Null;
            var array = Of(a[0]);
            if (array.Dimensions > 1)
                throw new PgError(SqlState.FeatureNotSupported, "removing elements from multidimensional arrays is not supported");
            var unwanted = a[1];
            var codec = array.ElementType.Codec;
            return Datum.Of(new PgArray(array.ElementType, Array.FindAll(array.Items, item => !Same(item, unwanted, codec)), array.Dimensions == 0 ? 1 : array.LowerBounds[0]));
        }) with { IsStrict = false },
        Define.Function("array_replace", AnyCompatibleArray, [AnyCompatibleArray, AnyCompatible, AnyCompatible], static (a, _, _) =>
        {
            if (a[0].IsNull)
                return Datum.Null;
            var array = Of(a[0]);
            Datum from = a[1], to = a[2];
            var codec = array.ElementType.Codec;
            return Datum.Of(new PgArray(array.ElementType, array.Lengths, array.LowerBounds, Array.ConvertAll(array.Items, item => Same(item, from, codec) ? to : item)));
        }) with { IsStrict = false },
        Define.Function("array_fill", AnyArray, [AnyElement, Int4.Array!], static (a, site, _) => Fill(a[0], a[1], null, site)) with { IsStrict = false },
        Define.Function("array_fill", AnyArray, [AnyElement, Int4.Array!, Int4.Array!], static (a, site, _) => Fill(a[0], a[1], a[2], site)) with { IsStrict = false },
        Define.Function("trim_array", AnyArray, AnyArray, Int4, static (a, b) =>
        {
            var array = Of(a);
            var count = array.Dimensions == 0 ? 0 : array.Lengths[0];
            if (b.AsInt32 < 0 || b.AsInt32 > count)
                throw new PgError(SqlState.ArraySubscriptError, $"number of elements to trim must be between 0 and {count}");
            var kept = count - b.AsInt32;
            return kept == 0 ? Datum.Of(new PgArray(array.ElementType, []))
                : Datum.Of(new PgArray(array.ElementType, [kept, .. array.Lengths[1..]], array.LowerBounds, array.Items[..(array.Items.Length / count * kept)]));
        }),
        Define.Function("array_larger", AnyArray, [AnyArray, AnyArray], static (a, site, _) => site.ArgumentTypes[0].Codec.Compare(a[0], a[1]) >= 0 ? a[0] : a[1]),
        Define.Function("array_smaller", AnyArray, [AnyArray, AnyArray], static (a, site, _) => site.ArgumentTypes[0].Codec.Compare(a[0], a[1]) <= 0 ? a[0] : a[1]),
    ];

    static bool Same(Datum left, Datum right, TypeCodec codec) => left.IsNull || right.IsNull ? left.IsNull && right.IsNull : codec.Equal(left, right);

    static Datum Fill(Datum value, Datum lengths, Datum? lowerBounds, CallSite site)
    {
        if (lengths.IsNull || lowerBounds is { IsNull: true })
            throw new PgError(SqlState.NullValueNotAllowed, "dimension array or low bound array cannot be null");
        int[] sizes = Integers(lengths), bounds = lowerBounds is { } given ? Integers(given) : [.. Enumerable.Repeat(1, sizes.Length)];
        if (sizes.Length != bounds.Length)
            throw new PgError(SqlState.ArraySubscriptError, "wrong number of array subscripts") { Detail = "Low bound array has different size than dimensions array." };
        var count = PgArray.CountItems(sizes);
        var items = new Datum[count];
        Array.Fill(items, value);
        var element = ElementOf(site.ResultType);
        return Datum.Of(count == 0 ? new PgArray(element, []) : new PgArray(element, sizes, bounds, items));
    }

    static int[] Integers(Datum array)
        => Array.ConvertAll(Of(array).Items, item => item.IsNull ? throw new PgError(SqlState.NullValueNotAllowed, "dimension values cannot be null") : item.AsInt32);

    static IEnumerable<Function> Searching() =>
    [
        Define.Function("array_position", Int4, [AnyCompatibleArray, AnyCompatible], static (a, _, _) => Position(a[0], a[1], null)) with { IsStrict = false },
        Define.Function("array_position", Int4, [AnyCompatibleArray, AnyCompatible, Int4], static (a, _, _)
            => a[2].IsNull ? throw new PgError(SqlState.NullValueNotAllowed, "initial position must not be null") : Position(a[0], a[1], a[2].AsInt32)) with { IsStrict = false },
        Define.Function("array_positions", Int4.Array!, [AnyCompatibleArray, AnyCompatible], static (a, _, _) =>
        {
            if (a[0].IsNull)
                return Datum.Null;
            var found = new List<Datum>();
            for (int? at = null; Position(a[0], a[1], at) is { IsNull: false } position; at = position.AsInt32 + 1)
                found.Add(position);
            return Datum.Of(new PgArray(Int4, [.. found]));
        }) with { IsStrict = false },
        Define.Function("width_bucket", Int4, [AnyCompatible, AnyCompatibleArray], static (a, site, _) =>
        {
            var array = Of(a[1]);
            if (array.Dimensions > 1)
                throw new PgError(SqlState.ArraySubscriptError, "thresholds must be one-dimensional array");
            if (array.HasNulls)
                throw new PgError(SqlState.NullValueNotAllowed, "thresholds array must not contain NULLs");
            int low = 0, high = array.Items.Length;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (array.ElementType.Codec.Compare(a[0], array.Items[middle]) < 0)
                    high = middle;
                else
                    low = middle + 1;
            }
            return Number(low);
        }),
    ];

    static Datum Position(Datum array, Datum value, int? from)
    {
        if (array.IsNull)
            return Datum.Null;
        var items = Of(array);
        if (items.Dimensions > 1)
            throw new PgError(SqlState.FeatureNotSupported, "searching for elements in multidimensional arrays is not supported");
        if (items.Dimensions == 0)
            return Datum.Null;
        var lower = items.LowerBounds[0];
        for (var i = Math.Max(0L, (from ?? lower) - (long)lower); i < items.Items.Length; i++)
            if (Same(items.Items[i], value, items.ElementType.Codec))
                return Number(i + lower);
        return Datum.Null;
    }

    static IEnumerable<Function> Texts() =>
    [
        Define.Function("array_to_string", Text, [AnyArray, Text], static (a, site, context) => Datum.Of(Join(Of(a[0]), a[1].AsString, null, context))) with { Volatility = Volatility.Stable },
        Define.Function("array_to_string", Text, [AnyArray, Text, Text], static (a, site, context)
            => a[0].IsNull || a[1].IsNull ? Datum.Null : Datum.Of(Join(Of(a[0]), a[1].AsString, a[2].IsNull ? null : a[2].AsString, context)))
            with { IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("string_to_array", Text.Array!, [Text, Text], static (a, _, _) => a[0].IsNull ? Datum.Null : Datum.Of(new PgArray(Text, Split(a[0], a[1], Datum.Null)))) with { IsStrict = false },
        Define.Function("string_to_array", Text.Array!, [Text, Text, Text], static (a, _, _) => a[0].IsNull ? Datum.Null : Datum.Of(new PgArray(Text, Split(a[0], a[1], a[2])))) with { IsStrict = false },
    ];

    static string Join(PgArray array, string separator, string? nullText, EvaluationContext context)
    {
        var result = new StringBuilder();
        var isFirst = true;
        foreach (var item in array.Items)
        {
            if (item.IsNull && nullText is null)
                continue;
            if (!isFirst)
                result.Append(separator);
            isFirst = false;
            result.Append(item.IsNull ? nullText : array.ElementType.Codec.ToText(item, context.Settings));
        }
        return result.ToString();
    }

    /// <summary>The parts between delimiters; a NULL delimiter separates every character, an empty one nothing.</summary>
    static Datum[] Split(Datum text, Datum delimiter, Datum nullText)
    {
        var value = text.AsString;
        if (value.Length == 0)
            return [];
        var separator = delimiter.IsNull ? null : delimiter.AsString;
        var stated = nullText.IsNull ? null : nullText.AsString;
        // Counted first: the array is made once, however long it gets.
        var parts = new Datum[separator is null ? Utf8Text.Length(value) : separator.Length == 0 ? 1 : value.AsSpan().Count(separator) + 1];
        var from = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if ((i & 0xFFFF) == 0xFFFF)
                Interruption.Check();
            var length = i == parts.Length - 1 ? value.Length - from
                : separator is not null ? value.AsSpan(from).IndexOf(separator)
                : char.IsHighSurrogate(value[from]) ? 2 : 1;
            var part = value.AsSpan(from, length);
            from += length + (separator?.Length ?? 0);
            if (stated is null || !part.SequenceEqual(stated))
                parts[i] = Datum.Of(length == 1 && part[0] < OneCharacter.Length ? OneCharacter[part[0]] : part.ToString());
        }
        return parts;
    }

    // Long texts of short parts have the same few again and again.
    static readonly string[] OneCharacter = [.. Enumerable.Range(0, 128).Select(code => ((char)code).ToString())];

    static IEnumerable<Function> Sets() =>
    [
        Define.Set("string_to_table", Text, [Text, Text], static (a, _, _) => a[0].IsNull ? [] : Split(a[0], a[1], Datum.Null).Select(part => new[] { part })) with { IsStrict = false },
        Define.Set("string_to_table", Text, [Text, Text, Text], static (a, _, _) => a[0].IsNull ? [] : Split(a[0], a[1], a[2]).Select(part => new[] { part })) with { IsStrict = false },
    ];
}
