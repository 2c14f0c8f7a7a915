using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>
/// Chooses among functions or operators of one name by the types of the arguments: chapter 10 of PostgreSQL's manual ("Type
/// Conversion"), rule by rule.
/// </summary>
public sealed class OverloadResolver(BindingContext context)
{
    readonly Coercion _coercion = context.Coercion;

    /// <summary>A function with its arguments in order: defaults filled in, VARIADIC spread, polymorphic types resolved.</summary>
    /// <param name="Function">The function.</param>
    /// <param name="ArgumentTypes">Type that each argument must be coerced to; for spread variadic ones the element type.</param>
    /// <param name="Order">For each parameter the number of the written argument that fills it, or -1 for its default.</param>
    /// <param name="SpreadFrom">First argument that belongs into the variadic array, or -1.</param>
    public sealed record Match(Function Function, PgType[] ArgumentTypes, PgType Result, int[] Order, int SpreadFrom);

    sealed record Candidate(Function Function, PgType[] Declared, int[] Order, int SpreadFrom);

    /// <summary>The operator for these operand types; null when none or (with <paramref name="isAmbiguous"/>) several fit.</summary>
    public Operator? FindOperator(string? schema, string name, PgType? left, PgType right, out bool isAmbiguous)
    {
        isAmbiguous = false;
        var key = new OperatorKey(schema, name, left, right);
        if (context.Catalog.ChosenOperators.TryGetValue(key, out var known))
            return known;
        var chosen = ChooseOperator(schema, name, left, right, out isAmbiguous);
        if (chosen is not null)
            context.Catalog.ChosenOperators.Add(key, chosen);
        return chosen;
    }

    Operator? ChooseOperator(string? schema, string name, PgType? left, PgType right, out bool isAmbiguous)
    {
        isAmbiguous = false;
        var all = context.Catalog.FindOperators(schema, name).Where(op => op.Left is null == left is null).ToList();

        // An unknown operand is first taken to be of the other's type.
        var exactLeft = left == PgTypes.Unknown ? right : left;
        var exactRight = right == PgTypes.Unknown && left is not null ? left : right;
        if (all.Find(op => op.Left == exactLeft && op.Right == exactRight) is { } exact)
            return exact;
        var baseLeft = exactLeft is null ? null : BaseOf(exactLeft);
        var baseRight = BaseOf(exactRight);
        if (all.Find(op => op.Left == baseLeft && op.Right == baseRight) is { } based)
            return based;

        PgType[] arguments = left is null ? [right] : [left, right];
        var candidates = all
            .Select(op => (Operator: op, Candidate: new Candidate(op.Function, op.Left is null ? [op.Right] : [op.Left, op.Right], [], -1)))
            .ToList();
        var chosen = Choose(candidates.ConvertAll(pair => pair.Candidate), arguments, out isAmbiguous);
        return chosen is null ? null : candidates.Find(pair => ReferenceEquals(pair.Candidate, chosen)).Operator;
    }

    /// <summary>The function for these arguments; null when none or (with <paramref name="isAmbiguous"/>) several fit.</summary>
    /// <param name="names">Name of each argument, null for positional ones.</param>
    public Match? FindFunction(string? schema, string name, IReadOnlyList<PgType> arguments, IReadOnlyList<string?> names, bool isVariadic, out bool isAmbiguous)
    {
        var types = arguments.ToArray();
        var candidates = context.Catalog.FindFunctions(schema, name)
            .SelectMany(function => Expand(function, types.Length, names, isVariadic))
            .ToList();

        // A plain function hides a variadic one that would be called with the same types.
        candidates.RemoveAll(variadic => variadic.SpreadFrom >= 0
            && candidates.Exists(plain => plain.SpreadFrom < 0 && plain.Declared.AsSpan().SequenceEqual(variadic.Declared)));

        isAmbiguous = false;
        var byArgument = candidates.ConvertAll(candidate => candidate with { Declared = InWrittenOrder(candidate, types.Length) });
        var exact = byArgument.FindIndex(candidate => candidate.Declared.AsSpan().SequenceEqual(types));
        var chosen = exact >= 0 ? byArgument[exact] : Choose(byArgument, types, out isAmbiguous);
        // ruvector overloads names of pgvector's (vector_norm); a call that is plain without it stays so.
        if (isAmbiguous && byArgument.Exists(IsRuVectors))
            chosen = Choose(byArgument.FindAll(candidate => !IsRuVectors(candidate)), types, out isAmbiguous);
        if (chosen is null)
            return null;

        var original = candidates[byArgument.FindIndex(candidate => ReferenceEquals(candidate, chosen))];
        return Resolve(original, types);
    }

    static bool IsRuVectors(Candidate candidate) => candidate.Function.Extension == "ruvector";

    static PgType[] InWrittenOrder(Candidate candidate, int count)
    {
        var written = new PgType[count];
        for (var parameter = 0; parameter < candidate.Declared.Length; parameter++)
            if (candidate.Order[parameter] >= 0)
                written[candidate.Order[parameter]] = candidate.Declared[parameter];
        return written;
    }

    /// <summary>The ways in which a function can take this many arguments.</summary>
    static IEnumerable<Candidate> Expand(Function function, int count, IReadOnlyList<string?> names, bool isVariadic)
    {
        var declared = function.Arguments;
        var positional = names.TakeWhile(name => name is null).Count();
        if (positional < count)
        {
            // Named notation: every name must be known, none filled twice, the rest have defaults.
            var order = Enumerable.Repeat(-1, declared.Count).ToArray();
            for (var i = 0; i < count; i++)
            {
                var parameter = names[i] is { } name ? IndexOf(function.ArgumentNames, name) : i;
                if (parameter < 0 || parameter >= declared.Count || order[parameter] >= 0) yield break;
                order[parameter] = i;
            }
            for (var parameter = 0; parameter < declared.Count; parameter++)
                if (order[parameter] < 0 && parameter < declared.Count - function.Defaults.Count) yield break;
            yield return new(function, [.. declared], order, -1);
            yield break;
        }

        if (isVariadic)
        {
            if (function.IsVariadic && declared.Count == count)
                yield return new(function, [.. declared], [.. Enumerable.Range(0, count)], -1);
            yield break;
        }

        if (count <= declared.Count && count >= declared.Count - function.Defaults.Count && !(function.IsVariadic && declared[^1] == PgTypes.Any))
            yield return new(function, [.. declared], [.. Enumerable.Range(0, declared.Count).Select(i => i < count ? i : -1)], -1);

        if (function.IsVariadic && count >= declared.Count)
        {
            var element = ElementOf(declared[^1]);
            var spread = declared.Take(declared.Count - 1).Concat(Enumerable.Repeat(element, count - declared.Count + 1)).ToArray();
            yield return new(function, spread, [.. Enumerable.Range(0, count)], declared.Count - 1);
        }
    }

    static PgType ElementOf(PgType array)
        => array == PgTypes.AnyArray ? PgTypes.AnyElement
            : array == PgTypes.AnyCompatibleArray ? PgTypes.AnyCompatible
            : array == PgTypes.Any ? PgTypes.Any
            : array.Element ?? array;

    static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name) return i;
        return -1;
    }

    /// <summary>Rules 4 and 5 of the manual's function type resolution, which operators share.</summary>
    Candidate? Choose(List<Candidate> candidates, PgType[] arguments, out bool isAmbiguous)
    {
        isAmbiguous = false;

        // 4.a: only those that can be reached by implicit casts, with polymorphic types that agree.
        candidates = candidates.FindAll(candidate =>
        {
            for (var i = 0; i < arguments.Length; i++)
                if (!_coercion.CanCoerce(arguments[i], candidate.Declared[i])) return false;
            return ResolvePolymorphic(candidate.Declared, arguments, candidate.Function.Result, out _, out _);
        });
        if (candidates.Count <= 1) return candidates.FirstOrDefault();

        var types = Array.ConvertAll(arguments, BaseOf);

        // 4.c: most exact matches; 4.d: most exact or preferred ones.
        candidates = Most(candidates, candidate => Count(types, i => types[i] != PgTypes.Unknown && candidate.Declared[i] == types[i]));
        if (candidates.Count == 1) return candidates[0];
        candidates = Most(candidates, candidate => Count(types, i => types[i] != PgTypes.Unknown
            && (candidate.Declared[i] == types[i] || (candidate.Declared[i].IsPreferred && candidate.Declared[i].Category == types[i].Category))));
        if (candidates.Count == 1) return candidates[0];

        // 4.e: unknown arguments: a category all accept (string first), then its preferred type.
        if (types.Contains(PgTypes.Unknown))
        {
            var resolvedAll = true;
            var categories = new TypeCategory?[types.Length];
            for (var i = 0; i < types.Length && resolvedAll; i++)
            {
                if (types[i] != PgTypes.Unknown) continue;
                var accepted = candidates.Select(candidate => candidate.Declared[i].Category).Distinct().ToList();
                categories[i] = accepted.Contains(TypeCategory.String) ? TypeCategory.String : accepted.Count == 1 ? accepted[0] : null;
                resolvedAll = categories[i] is not null;
            }
            if (resolvedAll)
            {
                var narrowed = candidates.FindAll(candidate =>
                {
                    for (var i = 0; i < types.Length; i++)
                    {
                        if (categories[i] is not { } category) continue;
                        if (candidate.Declared[i].Category != category) return false;
                        var preferredExists = candidates.Exists(other => other.Declared[i].Category == category && other.Declared[i].IsPreferred);
                        if (preferredExists && !candidate.Declared[i].IsPreferred) return false;
                    }
                    return true;
                });
                if (narrowed.Count > 0) candidates = narrowed;
                if (candidates.Count == 1) return candidates[0];
            }

            // 4.f: all known arguments of one type: take the unknown ones to be of it, too.
            var known = types.Where(type => type != PgTypes.Unknown).Distinct().ToList();
            if (known.Count == 1)
            {
                var assumed = Array.ConvertAll(types, type => type == PgTypes.Unknown ? known[0] : type);
                var same = candidates.FindAll(candidate => Enumerable.Range(0, types.Length).All(i =>
                        types[i] != PgTypes.Unknown || _coercion.CanCoerce(known[0], candidate.Declared[i]))
                    && ResolvePolymorphic(candidate.Declared, assumed, candidate.Function.Result, out _, out _));
                if (same.Count == 1) return same[0];
            }
        }

        isAmbiguous = true;
        return null;
    }

    static List<Candidate> Most(List<Candidate> candidates, Func<Candidate, int> score)
    {
        var best = candidates.Max(score);
        return candidates.FindAll(candidate => score(candidate) == best);
    }

    static int Count(PgType[] types, Func<int, bool> matches) => Enumerable.Range(0, types.Length).Count(matches);

    Match? Resolve(Candidate candidate, PgType[] arguments)
    {
        var actual = new PgType[candidate.Declared.Length];
        for (var parameter = 0; parameter < actual.Length; parameter++)
            actual[parameter] = candidate.Order[parameter] >= 0 ? arguments[candidate.Order[parameter]] : candidate.Declared[parameter];
        return ResolvePolymorphic(candidate.Declared, actual, candidate.Function.Result, out var resolved, out var result)
            ? new(candidate.Function, resolved, result, candidate.Order, candidate.SpreadFrom)
            : null;
    }

    /// <summary>
    /// Puts real types in place of anyelement and kin. All anyelement and anyarray of one call agree exactly; anycompatible ones agree
    /// on their common type. False when they do not.
    /// </summary>
    public bool ResolvePolymorphic(IReadOnlyList<PgType> declared, IReadOnlyList<PgType> actual, PgType result, out PgType[] resolved, out PgType resolvedResult)
    {
        resolved = [.. declared];
        resolvedResult = result;
        PgType? element = null;
        PgType? compatible = null;
        var hasExact = false;
        var hasCompatible = false;

        for (var i = 0; i < declared.Count; i++)
        {
            var type = i < actual.Count ? actual[i] : PgTypes.Unknown;
            if (IsExact(declared[i]))
            {
                hasExact = true;
                if (type == PgTypes.Unknown) continue;
                var of = declared[i] == PgTypes.AnyArray ? BaseOf(type).Element : type;
                if (of is null || (element is not null && element != of)) return false;
                element = of;
            }
            else if (IsCompatible(declared[i]))
            {
                hasCompatible = true;
                if (type == PgTypes.Unknown) continue;
                var of = declared[i] == PgTypes.AnyCompatibleArray ? BaseOf(type).Element : type;
                if (of is null) return false;
                if (compatible is null || compatible == of || (_coercion.CanCoerce(compatible, of) && !_coercion.CanCoerce(of, compatible)))
                    compatible = of;
                else if (!_coercion.CanCoerce(of, compatible))
                    return false;
            }
        }
        if (!hasExact && !hasCompatible)
            return true;

        if (hasExact && element is null)
            element = PgTypes.Text;
        if (hasCompatible && compatible is null)
            compatible = PgTypes.Text;

        for (var i = 0; i < resolved.Length; i++)
            if (Substitute(declared[i], element, compatible) is { } type) resolved[i] = type;
            else return false;
        return (resolvedResult = Substitute(result, element, compatible)!) is not null;
    }

    static PgType? Substitute(PgType declared, PgType? element, PgType? compatible)
        => declared == PgTypes.AnyArray ? element?.Array
            : declared == PgTypes.AnyCompatibleArray ? compatible?.Array
            : IsExact(declared) ? element
            : IsCompatible(declared) ? compatible
            : declared;

    static bool IsExact(PgType type) => type == PgTypes.AnyElement || type == PgTypes.AnyArray || type == PgTypes.AnyNonArray || type == PgTypes.AnyEnum;

    static bool IsCompatible(PgType type) => type == PgTypes.AnyCompatible || type == PgTypes.AnyCompatibleArray || type == PgTypes.AnyCompatibleNonArray;

    static PgType BaseOf(PgType type)
    {
        while (type.Kind == TypeKind.Domain)
            type = type.BaseType!;
        return type;
    }
}
