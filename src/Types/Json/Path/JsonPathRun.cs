using System.Globalization;
using System.Text.RegularExpressions;

namespace PgVectorCompat.Types;

/// <summary>One run of a path over a document, with the rules of SQL/JSON as PostgreSQL has them.</summary>
/// <remarks>
/// Lax mode unwraps arrays where an object or a number is asked for, takes a single item for an array of one, and passes over what is not
/// there; strict mode raises errors. A condition over items that cannot be compared is unknown, never an error.
/// </remarks>
public sealed class JsonPathRun(JsonPath path, JsonbValue document, JsonbValue variables)
{
    // Only filters set it, and the parser lets @ stand only there.
    JsonbValue _current = JsonbValue.Null;
    int _last = -1;
    int _steps;

    /// <summary>All items the path leads to. Raises 2203x, 22012, 42704.</summary>
    public List<JsonbValue> Items() => Evaluated(path.Root);

    void CheckStep()
    {
        StackDepth.Check();
        if ((++_steps & 0xFFF) == 0)
            Interruption.Check();
    }

    // ---- Values

    void Evaluate(PathNode node, List<JsonbValue> output)
    {
        CheckStep();
        switch (node)
        {
            case PathChain chain:
                var starts = new List<JsonbValue>();
                Evaluate(chain.Start, starts);
                foreach (var start in starts) Walk(chain, 0, start, path.IsLax, output);
                break;
            case PathRoot:
                output.Add(document);
                break;
            case PathCurrent:
                output.Add(_current);
                break;
            case PathLast:
                output.Add(JsonbValue.Of(PgNumeric.Of(_last)));
                break;
            case PathLiteral { Value: var value }:
                output.Add(value);
                break;
            case PathVariable { Name: var name }:
                output.Add(variables.Find(name) ?? throw new PgError(SqlState.UndefinedObject, $"could not find jsonpath variable \"{name}\""));
                break;
            case PathArithmetic e:
                output.Add(JsonbValue.Of(Compute(e)));
                break;
            case PathSign e:
                foreach (var item in Unwrapped(e.Operand))
                    output.Add(item.Kind == JsonKind.Number
                        ? e.IsMinus ? JsonbValue.Of(NumericArithmetic.Negate(item.Number)) : item
                        : throw new PgError("2203B", $"operand of unary jsonpath operator {(e.IsMinus ? '-' : '+')} is not a numeric value"));
                break;
            default:
                output.Add(Holds(node) is { } truth ? JsonbValue.Of(truth) : JsonbValue.Null);
                break;
        }
    }

    PgNumeric Compute(PathArithmetic e)
    {
        var (left, right) = (Operand(e.Left, "left"), Operand(e.Right, "right"));
        return e.Operator switch
        {
            '+' => NumericArithmetic.Add(left, right),
            '-' => NumericArithmetic.Subtract(left, right),
            '*' => NumericArithmetic.Multiply(left, right),
            '/' => NumericArithmetic.Divide(left, right),
            _ => NumericArithmetic.Modulo(left, right),
        };

        PgNumeric Operand(PathNode node, string side) => Unwrapped(node) is [{ Kind: JsonKind.Number } item]
            ? item.Number
            : throw new PgError("22038", $"{side} operand of jsonpath operator {e.Operator} is not a single numeric value");
    }

    /// <summary>A value's items; lax mode takes arrays apart.</summary>
    List<JsonbValue> Unwrapped(PathNode node)
    {
        var items = Evaluated(node);
        return path.IsLax && items.Exists(item => item.Kind == JsonKind.Array) ? [.. items.SelectMany(item => item.Kind == JsonKind.Array ? item.Items : [item])] : items;
    }

    List<JsonbValue> Evaluated(PathNode node)
    {
        var items = new List<JsonbValue>();
        Evaluate(node, items);
        return items;
    }

    // ---- Steps

    /// <param name="unwraps">Whether an array here may be taken apart; its elements are not taken apart again.</param>
    void Walk(PathChain chain, int at, JsonbValue item, bool unwraps, List<JsonbValue> output)
    {
        CheckStep();
        if (at == chain.Steps.Length)
        {
            output.Add(item);
            return;
        }
        var isArray = item.Kind == JsonKind.Array;
        switch (chain.Steps[at])
        {
            case PathKey { Name: var name }:
                if (item.Kind == JsonKind.Object)
                {
                    if (item.Find(name) is { } value) Next(value);
                    else if (!path.IsLax) throw new PgError("2203A", $"JSON object does not contain key {JsonbValue.Of(name)}");
                }
                else if (!Unwrap() && !path.IsLax) throw new PgError("2203A", "jsonpath member accessor can only be applied to an object");
                break;
            case PathAnyKey:
                if (item.Kind == JsonKind.Object) foreach (var value in item.Items) Next(value);
                else if (!Unwrap() && !path.IsLax) throw new PgError("2203C", "jsonpath wildcard member accessor can only be applied to an object");
                break;
            case PathAnyElement:
                if (isArray) foreach (var element in item.Items) Next(element);
                else if (path.IsLax) Next(item);
                else throw new PgError("22039", "jsonpath wildcard array accessor can only be applied to an array");
                break;
            case PathSubscripts subscripts:
                if (!isArray && !path.IsLax) throw new PgError("22039", "jsonpath array accessor can only be applied to an array");
                foreach (var element in Elements(subscripts, isArray ? item.Items : [item])) Next(element);
                break;
            case PathDescent descent:
                Descend(item, 0, descent, Next);
                break;
            case PathFilter filter:
                if (Unwrap()) break;
                var outer = _current;
                _current = item;
                var holds = Holds(filter.Condition);
                _current = outer;
                if (holds == true) Next(item);
                break;
            case PathMethod { Name: "type" }:
                Next(JsonbValue.Of(item.Kind.ToString().ToLowerInvariant()));
                break;
            case PathMethod { Name: "size" }:
                if (!isArray && !path.IsLax) throw new PgError("22039", "jsonpath item method .size() can only be applied to an array");
                Next(JsonbValue.Of(PgNumeric.Of(isArray ? item.Items.Length : 1)));
                break;
            case PathMethod { Name: "keyvalue" }:
                if (Unwrap()) break;
                if (item.Kind != JsonKind.Object) throw new PgError("2203C", "jsonpath item method .keyvalue() can only be applied to an object");
                for (var i = 0; i < item.Keys.Length; i++)
                    Next(JsonbValue.OfObject([new("key", JsonbValue.Of(item.Keys[i])), new("value", item.Items[i]), new("id", JsonbValue.Of(PgNumeric.Zero))]));
                break;
            case PathMethod { Name: "double" }:
                if (!Unwrap()) Next(ToDouble(item));
                break;
            case PathMethod { Name: var name }:
                if (Unwrap()) break;
                if (item.Kind != JsonKind.Number) throw new PgError("22036", $"jsonpath item method .{name}() can only be applied to a numeric value");
                Next(JsonbValue.Of(name switch
                {
                    "abs" => NumericArithmetic.Abs(item.Number),
                    "floor" => NumericArithmetic.Floor(item.Number),
                    _ => NumericArithmetic.Ceiling(item.Number),
                }));
                break;
        }

        void Next(JsonbValue value) => Walk(chain, at + 1, value, path.IsLax, output);

        bool Unwrap()
        {
            if (!isArray || !unwraps) return false;
            foreach (var element in item.Items) Walk(chain, at, element, false, output);
            return true;
        }
    }

    IEnumerable<JsonbValue> Elements(PathSubscripts subscripts, JsonbValue[] items)
    {
        foreach (var (from, to) in subscripts.Ranges)
        {
            var first = Index(from, items.Length);
            var last = to is null ? first : Index(to, items.Length);
            if (!path.IsLax && (first < 0 || first > last || last >= items.Length))
                throw new PgError("22033", "jsonpath array subscript is out of bounds");
            for (var i = Math.Max(0, first); i <= Math.Min(last, items.Length - 1); i++)
                yield return items[i];
        }
    }

    int Index(PathNode node, int count)
    {
        var outer = _last;
        _last = count - 1;
        var items = Evaluated(node);
        _last = outer;
        if (items is not [{ Kind: JsonKind.Number } item])
            throw new PgError("22033", "jsonpath array subscript is not a single numeric value");
        var index = NumericFunctions.ToDouble(item.Number);
        return index is > int.MinValue and < int.MaxValue ? (int)index : throw new PgError("22033", "jsonpath array subscript is out of integer range");
    }

    static void Descend(JsonbValue item, int depth, PathDescent descent, Action<JsonbValue> give)
    {
        StackDepth.Check();
        var isLeaf = !item.IsContainer;
        if (descent.First == int.MaxValue ? isLeaf : depth >= descent.First && depth <= descent.Last) give(item);
        if (depth >= descent.Last) return;
        foreach (var inner in item.Items) Descend(inner, depth + 1, descent, give);
    }

    static JsonbValue ToDouble(JsonbValue item)
    {
        if (item.Kind is not (JsonKind.Number or JsonKind.String))
            throw new PgError("22036", "jsonpath item method .double() can only be applied to a string or numeric value");
        var text = item.Kind == JsonKind.Number ? item.Number.ToString() : item.Text;
        if (!double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            throw new PgError("22036", $"argument \"{text}\" of jsonpath item method .double() is invalid for type double precision");
        return double.IsFinite(value)
            ? JsonbValue.Of(PgNumeric.Parse(value.ToString("R", CultureInfo.InvariantCulture)))
            : throw new PgError("22036", "NaN or Infinity is not allowed for jsonpath item method .double()");
    }

    // ---- Conditions

    /// <summary>Whether a condition holds; null when it is unknown.</summary>
    bool? Holds(PathNode node)
    {
        StackDepth.Check();
        switch (node)
        {
            case PathLogical { IsAnd: true } e:
                var left = Holds(e.Left);
                return left == false ? false : Holds(e.Right) is var right && right == false ? false : left is null ? null : right;
            case PathLogical e:
                var one = Holds(e.Left);
                return one == true ? true : Holds(e.Right) is var other && other == true ? true : one is null ? null : other;
            case PathNot e:
                return !Holds(e.Operand);
            case PathIsUnknown e:
                return Holds(e.Operand) is null;
            case PathExists e:
                return Try(() => Evaluated(e.Operand)) is { } found ? found.Count > 0 : null;
            case PathComparison e:
                return ForAny(e.Left, e.Right, (left, right) => Compare(e.Operator, left, right));
            case PathStartsWith e:
                return ForAny(e.Whole, e.Start, static (whole, start) => whole.Kind == JsonKind.String && start.Kind == JsonKind.String ? whole.Text.StartsWith(start.Text, StringComparison.Ordinal) : null);
            case PathLikeRegex e:
                var regex = RegexOf(e);
                return ForAny(e.Operand, null, (item, _) => item.Kind == JsonKind.String ? regex.IsMatch(item.Text) : null);
            default:
                throw new System.Diagnostics.UnreachableException($"no condition {node.GetType().Name}");
        }
    }

    static List<JsonbValue>? Try(Func<List<JsonbValue>> items)
    {
        try
        {
            return items();
        }
        catch (PgError)
        {
            return null;
        }
    }

    // True when some pair says so; unknown when some pair is, and in strict mode that counts more.
    bool? ForAny(PathNode leftNode, PathNode? rightNode, Func<JsonbValue, JsonbValue, bool?> test)
    {
        if (Try(() => Unwrapped(leftNode)) is not { } lefts) return null;
        var rights = rightNode is null ? [JsonbValue.Null] : Try(() => Unwrapped(rightNode));
        if (rights is null) return null;
        var isUnknown = false;
        var isFound = false;
        foreach (var left in lefts)
            foreach (var right in rights)
            {
                var result = test(left, right);
                if (result is null && !path.IsLax) return null;
                if (result == true && path.IsLax) return true;
                isUnknown |= result is null;
                isFound |= result == true;
            }
        return isFound ? true : isUnknown ? null : false;
    }

    static bool? Compare(string op, JsonbValue left, JsonbValue right)
    {
        if (left.Kind != right.Kind)
            return left.Kind == JsonKind.Null || right.Kind == JsonKind.Null ? op == "!=" : null;
        int order;
        switch (left.Kind)
        {
            case JsonKind.Null: order = 0; break;
            case JsonKind.Boolean: order = left.Flag.CompareTo(right.Flag); break;
            case JsonKind.Number: order = PgNumeric.Compare(left.Number, right.Number); break;
            case JsonKind.String: order = Utf8Text.Compare(left.Text, right.Text); break;
            default: return null;
        }
        return op switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    static Regex RegexOf(PathLikeRegex e)
    {
        // XQuery's flags in PostgreSQL's words: without s a dot does not match a newline; m lets ^ and $ match at lines.
        var flags = e.Flags.Contains('q') ? "q" : e.Flags.Contains('s') ? (e.Flags.Contains('m') ? "w" : "s") : e.Flags.Contains('m') ? "n" : "p";
        var (pattern, options) = RegexTranslator.Translate(e.Pattern, flags + (e.Flags.Contains('i') ? "i" : ""));
        return new(pattern, options);
    }
}
