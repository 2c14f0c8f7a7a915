using System.Text;
using System.Text.RegularExpressions;
using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;
using Group = System.Text.RegularExpressions.Group;

namespace PgVectorCompat.Engine.Functions;

/// <summary>LIKE, SIMILAR TO and regular expressions.</summary>
static class PatternFunctions
{
    public static FunctionTable Table { get; } = new([.. Likes(), .. Replacing(), .. Matching(), .. Splitting(), .. Counting()], [.. Operators()]);

    static bool Like(Datum text, Datum pattern) => LikePattern.Matches(text.AsString, pattern.AsString);
    static bool ILike(Datum text, Datum pattern) => LikePattern.Matches(text.AsString.ToLowerInvariant(), pattern.AsString.ToLowerInvariant());
    static bool Regex(Datum text, Datum pattern) => RegexPattern.Get(pattern.AsString).IsMatch(text.AsString);
    static bool IRegex(Datum text, Datum pattern) => RegexPattern.Get(pattern.AsString, "i").IsMatch(text.AsString);

    static IEnumerable<Operator> Operators()
    {
        foreach (var (type, prefix) in new[] { (Text, "text"), (Bpchar, "bpchar"), (Name, "name") })
        {
            (string Symbol, string Negator, string Function, string NotFunction, Func<Datum, Datum, bool> Test)[] pairs =
            [
                ("~~", "!~~", prefix + "like", prefix + "nlike", Like),
                ("~~*", "!~~*", prefix + "iclike", prefix + "icnlike", ILike),
                ("~", "!~", prefix + "regexeq", prefix + "regexne", Regex),
                ("~*", "!~*", prefix + "icregexeq", prefix + "icregexne", IRegex),
            ];
            foreach (var (symbol, negator, function, notFunction, test) in pairs)
            {
                yield return Define.Operator(symbol, Bool, type, Text, function, (a, b) => Datum.Of(test(a, b))) with { Negator = negator };
                yield return Define.Operator(negator, Bool, type, Text, notFunction, (a, b) => Datum.Of(!test(a, b))) with { Negator = symbol };
            }
        }
        yield return Define.Operator("~~", Bool, Bytea, Bytea, "bytealike", static (a, b) => Datum.Of(ByteaLike(a, b))) with { Negator = "!~~" };
        yield return Define.Operator("!~~", Bool, Bytea, Bytea, "byteanlike", static (a, b) => Datum.Of(!ByteaLike(a, b))) with { Negator = "~~" };
    }

    // Bytes as Latin-1, so that every byte is one character.
    static bool ByteaLike(Datum value, Datum pattern) => LikePattern.Matches(Encoding.Latin1.GetString(value.AsBytes), Encoding.Latin1.GetString(pattern.AsBytes));

    static IEnumerable<Function> Likes() =>
    [
        Define.Function("like", Bool, Text, Text, static (a, b) => Datum.Of(Like(a, b))),
        Define.Function("notlike", Bool, Text, Text, static (a, b) => Datum.Of(!Like(a, b))),
        Define.Function("like_escape", Text, Text, Text, static (a, b) => Datum.Of(LikePattern.WithEscape(a.AsString, b.AsString))),
        Define.Function("similar_to_escape", Text, Text, static a => Datum.Of(SimilarPattern.ToRegex(a.AsString, null))),
        Define.Function("similar_to_escape", Text, Text, Text, static (a, b) => Datum.Of(SimilarPattern.ToRegex(a.AsString, b.AsString))),
        Define.Function("similar_escape", Text, [Text, Text], static (a, _, _) => a[0].IsNull ? Datum.Null : Datum.Of(SimilarPattern.ToRegex(a[0].AsString, a[1].IsNull ? null : a[1].AsString)))
            with { IsStrict = false },
        Define.Function("substring", Text, Text, Text, static (a, b) => Substring(a.AsString, b.AsString)),
        Define.Function("substring", Text, [Text, Text, Text], static (a, _, _) => Substring(a[0].AsString, SimilarPattern.ToRegex(a[1].AsString, a[2].AsString))),
    ];

    /// <summary>The first parenthesized part of the first match, or all of it; NULL without a match.</summary>
    static Datum Substring(string text, string pattern)
    {
        var match = RegexPattern.Get(pattern).Match(text);
        return !match.Success ? Datum.Null : GroupValue(match.Groups.Count > 1 ? match.Groups[1] : match);
    }

    static Datum GroupValue(Group group) => group.Success ? Datum.Of(group.Value) : Datum.Null;

    /// <summary>Flags without <c>g</c>, and whether it was there. Functions that always or never repeat raise 22023 for it.</summary>
    static (string Flags, bool IsGlobal) Flags(string flags, string? noGlobalIn = null)
    {
        var isGlobal = flags.Contains('g', StringComparison.Ordinal);
        if (isGlobal && noGlobalIn is not null)
            throw new PgError(SqlState.InvalidParameterValue, $"{noGlobalIn} does not support the \"global\" option")
            {
                Hint = noGlobalIn == "regexp_match()" ? "Use the regexp_matches function instead." : null,
            };
        return (isGlobal ? flags.Replace("g", "", StringComparison.Ordinal) : flags, isGlobal);
    }

    static IEnumerable<Function> Replacing() =>
    [
        Define.Function("regexp_replace", Text, [Text, Text, Text], static (a, _, _) => Replace(a[0].AsString, a[1].AsString, a[2].AsString, "", 1, 1)),
        Define.Function("regexp_replace", Text, [Text, Text, Text, Text], static (a, _, _) =>
        {
            var (flags, isGlobal) = Flags(a[3].AsString);
            return Replace(a[0].AsString, a[1].AsString, a[2].AsString, flags, 1, isGlobal ? 0 : 1);
        }),
        Define.Function("regexp_replace", Text, [Text, Text, Text, Int4], static (a, _, _) => Replace(a[0].AsString, a[1].AsString, a[2].AsString, "", a[3].AsInt32, 1)),
        Define.Function("regexp_replace", Text, [Text, Text, Text, Int4, Int4], static (a, _, _) => Replace(a[0].AsString, a[1].AsString, a[2].AsString, "", a[3].AsInt32, a[4].AsInt32)),
        Define.Function("regexp_replace", Text, [Text, Text, Text, Int4, Int4, Text], static (a, _, _)
            => Replace(a[0].AsString, a[1].AsString, a[2].AsString, Flags(a[5].AsString).Flags, a[3].AsInt32, a[4].AsInt32)),
    ];

    /// <summary>Replaces match number <paramref name="n"/> (all for 0) from character <paramref name="start"/> on.</summary>
    static Datum Replace(string text, string pattern, string replacement, string flags, int start, int n)
    {
        var from = StartIndex(text, start);
        if (n < 0)
            throw BadParameter("n", n);
        var result = new StringBuilder();
        int copied = 0, count = 0;
        foreach (var match in RegexPattern.Get(pattern, flags).Matches(text, from))
        {
            if (n != 0 && ++count != n)
                continue;
            result.Append(text, copied, match.Index - copied).Append(RegexPattern.Expand(replacement, match));
            copied = match.Index + match.Length;
            if (n != 0)
                break;
        }
        return Datum.Of(result.Append(text, copied, text.Length - copied).ToString());
    }

    static int StartIndex(string text, int start)
        => start > 0 ? Utf8Text.IndexOfCodePoint(text, start - 1) : throw BadParameter("start", start);

    static PgError BadParameter(string name, int value) => new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": {value}");

    static IEnumerable<Function> Matching()
    {
        yield return Define.Function("regexp_match", Text.Array!, Text, Text, static (a, b) => Match(a.AsString, b.AsString, ""));
        yield return Define.Function("regexp_match", Text.Array!, [Text, Text, Text], static (a, _, _) => Match(a[0].AsString, a[1].AsString, Flags(a[2].AsString, "regexp_match()").Flags));
        yield return Define.Set("regexp_matches", Text.Array!, [Text, Text], static (a, _, _) => Matches(a[0].AsString, a[1].AsString, ""));
        yield return Define.Set("regexp_matches", Text.Array!, [Text, Text, Text], static (a, _, _) => Matches(a[0].AsString, a[1].AsString, a[2].AsString));
        yield return Define.Function("regexp_like", Bool, Text, Text, static (a, b) => Datum.Of(Regex(a, b)));
        yield return Define.Function("regexp_like", Bool, [Text, Text, Text], static (a, _, _)
            => Datum.Of(RegexPattern.Get(a[1].AsString, Flags(a[2].AsString, "regexp_like()").Flags).IsMatch(a[0].AsString)));
    }

    static Datum Match(string text, string pattern, string flags)
    {
        var match = RegexPattern.Get(pattern, flags).Match(text);
        return match.Success ? Groups(match) : Datum.Null;
    }

    /// <summary>The parenthesized parts of a match, or all of it when there are none.</summary>
    static Datum Groups(Match match)
        => Datum.Of(new PgArray(Text, match.Groups.Count == 1 ? [Datum.Of(match.Value)] : [.. match.Groups.Cast<Group>().Skip(1).Select(GroupValue)]));

    static IEnumerable<Datum[]> Matches(string text, string pattern, string flags)
    {
        var (plain, isGlobal) = Flags(flags);
        foreach (var match in RegexPattern.Get(pattern, plain).Matches(text))
        {
            yield return [Groups(match)];
            if (!isGlobal)
                yield break;
        }
    }

    static IEnumerable<Function> Splitting() =>
    [
        Define.Function("regexp_split_to_array", Text.Array!, Text, Text, static (a, b) => Datum.Of(new PgArray(Text, [.. Split(a.AsString, b.AsString, "")]))),
        Define.Function("regexp_split_to_array", Text.Array!, [Text, Text, Text], static (a, _, _)
            => Datum.Of(new PgArray(Text, [.. Split(a[0].AsString, a[1].AsString, Flags(a[2].AsString, "regexp_split_to_array()").Flags)]))),
        Define.Set("regexp_split_to_table", Text, [Text, Text], static (a, _, _) => Split(a[0].AsString, a[1].AsString, "").Select(part => new[] { part })),
        Define.Set("regexp_split_to_table", Text, [Text, Text, Text], static (a, _, _)
            => Split(a[0].AsString, a[1].AsString, Flags(a[2].AsString, "regexp_split_to_table()").Flags).Select(part => new[] { part })),
    ];

    /// <summary>The text between matches. Empty matches at the start, at the end and right after another match do not count.</summary>
    static List<Datum> Split(string text, string pattern, string flags)
    {
        var parts = new List<Datum>();
        var from = 0;
        foreach (var match in RegexPattern.Get(pattern, flags).Matches(text))
        {
            if (match.Length == 0 && (match.Index == from || match.Index >= text.Length))
                continue;
            parts.Add(Datum.Of(text[from..match.Index]));
            from = match.Index + match.Length;
        }
        parts.Add(Datum.Of(text[from..]));
        return parts;
    }

    static IEnumerable<Function> Counting()
    {
        PgType[] all = [Text, Text, Int4, Text];
        for (var count = 2; count <= all.Length; count++)
            yield return Define.Function("regexp_count", Int4, all[..count], static (a, _, _)
                => Datum.Of((long)Find(a[0].AsString, a[1].AsString, a.Length > 2 ? a[2].AsInt32 : 1, a.Length > 3 ? Flags(a[3].AsString, "regexp_count()").Flags : "").Count()));

        PgType[] instr = [Text, Text, Int4, Int4, Int4, Text, Int4];
        for (var count = 2; count <= instr.Length; count++)
            yield return Define.Function("regexp_instr", Int4, instr[..count], static (a, _, _) => Instr(a));

        PgType[] substr = [Text, Text, Int4, Int4, Text, Int4];
        for (var count = 2; count <= substr.Length; count++)
            yield return Define.Function("regexp_substr", Text, substr[..count], static (a, _, _) =>
            {
                var flags = a.Length > 4 ? Flags(a[4].AsString, "regexp_substr()").Flags : "";
                return Nth(a, flags) is { } match && Part(match, a.Length > 5 ? a[5].AsInt32 : 0) is { Success: true } group ? Datum.Of(group.Value) : Datum.Null;
            });
    }

    static IEnumerable<Match> Find(string text, string pattern, int start, string flags)
        => RegexPattern.Get(pattern, flags).Matches(text, StartIndex(text, start));

    static Match? Nth(ReadOnlySpan<Datum> a, string flags)
    {
        var n = a.Length > 3 ? a[3].AsInt32 : 1;
        if (n <= 0)
            throw BadParameter("n", n);
        return Find(a[0].AsString, a[1].AsString, a.Length > 2 ? a[2].AsInt32 : 1, flags).Skip(n - 1).FirstOrDefault();
    }

    static Group? Part(Match match, int number)
        => number < 0 ? throw BadParameter("subexpr", number) : number < match.Groups.Count ? match.Groups[number] : null;

    static Datum Instr(ReadOnlySpan<Datum> a)
    {
        var end = a.Length > 4 ? a[4].AsInt32 : 0;
        if (end is not (0 or 1))
            throw BadParameter("endoption", end);
        var flags = a.Length > 5 ? Flags(a[5].AsString, "regexp_instr()").Flags : "";
        if (Nth(a, flags) is not { } match || Part(match, a.Length > 6 ? a[6].AsInt32 : 0) is not { Success: true } group)
            return Datum.Of(0L);
        return Datum.Of((long)Utf8Text.Length(a[0].AsString.AsSpan(0, group.Index + (end == 1 ? group.Length : 0))) + 1);
    }
}
