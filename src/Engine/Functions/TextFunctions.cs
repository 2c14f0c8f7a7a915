using System.Buffers;
using System.Globalization;
using System.Text;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions and operators of text. Lengths and positions count code points, from 1.</summary>
static class TextFunctions
{
    public static FunctionTable Table { get; } = new([.. Lengths(), .. Cases(), .. Parts(), .. Padding(), .. Searching(), .. Characters(), .. Quoting()], [.. Operators()]);

    static Datum Of(string? value) => Datum.Of(value);
    static Datum Of(int value) => Datum.Of((long)value);

    static IEnumerable<Operator> Operators()
    {
        yield return Define.Operator("||", Text, Text, Text, "textcat", static (a, b) => Of(a.AsString + b.AsString));
        yield return new("||", Text, AnyNonArray, Concatenation("textanycat", Text, AnyNonArray));
        yield return new("||", AnyNonArray, Text, Concatenation("anytextcat", AnyNonArray, Text));
        yield return Define.Operator("^@", Bool, Text, Text, "starts_with", static (a, b) => Datum.Of(a.AsString.StartsWith(b.AsString, StringComparison.Ordinal)));
    }

    static Function Concatenation(string name, PgType left, PgType right)
        => Define.Function(name, Text, [left, right], static (a, site, context)
            => Of(TextCasts.ToText(a[0], site.ArgumentTypes[0], context.Settings) + TextCasts.ToText(a[1], site.ArgumentTypes[1], context.Settings)))
            with { Volatility = Volatility.Stable };

    static IEnumerable<Function> Lengths()
    {
        foreach (var name in (string[])["length", "char_length", "character_length"])
        {
            yield return Define.Function(name, Int4, Text, static a => Of(Utf8Text.Length(a.AsString)));
            yield return Define.Function(name, Int4, Bpchar, static a => Of(Utf8Text.Length(a.AsString.AsSpan().TrimEnd(' '))));
        }
        yield return Define.Function("octet_length", Int4, Text, static a => Of(Encoding.UTF8.GetByteCount(a.AsString)));
        yield return Define.Function("octet_length", Int4, Bpchar, static a => Of(Encoding.UTF8.GetByteCount(a.AsString)));
        yield return Define.Function("bit_length", Int4, Text, static a => Of(Encoding.UTF8.GetByteCount(a.AsString) * 8));
    }

    static IEnumerable<Function> Cases() =>
    [
        Define.Function("lower", Text, Text, static a => Of(a.AsString.ToLowerInvariant())),
        Define.Function("upper", Text, Text, static a => Of(a.AsString.ToUpperInvariant())),
        Define.Function("initcap", Text, Text, static a => Of(InitialCapitals(a.AsString))),
        Define.Function("reverse", Text, Text, static a => Of(Reverse(a.AsString))),
        Define.Function("normalize", Text, [Text, Text], static (a, _, _) => Of(Ascii(a[0].AsString).Normalize(Form(a[1].AsString)))) with { Defaults = [Datum.Of("NFC")] },
        Define.Function("is_normalized", Bool, [Text, Text], static (a, _, _) => Datum.Of(Ascii(a[0].AsString).IsNormalized(Form(a[1].AsString)))) with { Defaults = [Datum.Of("NFC")] },
    ];

    // The program runs without the ICU library, and with it goes .NET's knowledge of composed characters.
    static string Ascii(string text) => System.Text.Ascii.IsValid(text) ? text : throw PgError.Unsupported("normalization of text that is not ASCII");

    static NormalizationForm Form(string name) => name.ToUpperInvariant() switch
    {
        "NFC" => NormalizationForm.FormC,
        "NFD" => NormalizationForm.FormD,
        "NFKC" => NormalizationForm.FormKC,
        "NFKD" => NormalizationForm.FormKD,
        _ => throw new PgError(SqlState.InvalidParameterValue, $"invalid normalization form: {name}"),
    };

    static string InitialCapitals(string text) => string.Create(text.Length, text, static (result, text) =>
    {
        var inWord = false;
        for (var i = 0; i < text.Length; i++)
        {
            result[i] = inWord ? char.ToLowerInvariant(text[i]) : char.ToUpperInvariant(text[i]);
            inWord = char.IsLetterOrDigit(text[i]);
        }
    });

    static string Reverse(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (char.IsLowSurrogate(text[i]) && i > 0)
                result.Append(text[i - 1]).Append(text[i--]);
            else
                result.Append(text[i]);
        }
        return result.ToString();
    }

    static IEnumerable<Function> Parts()
    {
        foreach (var name in (string[])["substring", "substr"])
        {
            yield return Define.Function(name, Text, Text, Int4, static (a, b) => Of(Substring(a.AsString, b.AsInt32, null)));
            yield return Define.Function(name, Text, [Text, Int4, Int4], static (a, _, _) => Of(Substring(a[0].AsString, a[1].AsInt32, a[2].AsInt32)));
        }
        yield return Define.Function("left", Text, Text, Int4, static (a, b) => Of(Left(a.AsString, b.AsInt32)));
        yield return Define.Function("right", Text, Text, Int4, static (a, b) => Of(Right(a.AsString, b.AsInt32)));
        yield return Define.Function("overlay", Text, [Text, Text, Int4], static (a, _, _)
            => Of(Overlay(a[0].AsString, a[1].AsString, a[2].AsInt32, Utf8Text.Length(a[1].AsString))));
        yield return Define.Function("overlay", Text, [Text, Text, Int4, Int4], static (a, _, _) => Of(Overlay(a[0].AsString, a[1].AsString, a[2].AsInt32, a[3].AsInt32)));
        yield return Define.Function("split_part", Text, [Text, Text, Int4], static (a, _, _) => Of(SplitPart(a[0].AsString, a[1].AsString, a[2].AsInt32)));
        yield return Define.Function("repeat", Text, Text, Int4, static (a, b) => Of(Repeat(a.AsString, b.AsInt32)));
    }

    /// <summary>Characters from <paramref name="start"/> (from 1; may lie before the text) on. Raises 22011 for a negative length.</summary>
    internal static string Substring(string text, int start, int? length)
    {
        var end = length is { } count ? (long)start + count : long.MaxValue;
        if (length < 0)
            throw new PgError(SqlState.SubstringError, "negative substring length not allowed");
        var first = Utf8Text.IndexOfCodePoint(text, Math.Max(start - 1, 0));
        if (end == long.MaxValue)
            return text[first..];
        var wanted = (int)Math.Clamp(end - Math.Max(start, 1), 0, int.MaxValue);
        return text.Substring(first, Utf8Text.IndexOfCodePoint(text.AsSpan(first), wanted));
    }

    static string Left(string text, int count)
        => count >= 0 ? text[..Utf8Text.IndexOfCodePoint(text, count)] : text[..Utf8Text.IndexOfCodePoint(text, Math.Max(0, Utf8Text.Length(text) + count))];

    static string Right(string text, int count)
        => count >= 0 ? text[Utf8Text.IndexOfCodePoint(text, Math.Max(0, Utf8Text.Length(text) - count))..]
            : text[(count == int.MinValue ? text.Length : Utf8Text.IndexOfCodePoint(text, -count))..];

    static string Overlay(string text, string replacement, int start, int length)
    {
        if (start <= 0)
            throw new PgError(SqlState.SubstringError, "negative substring length not allowed");
        if ((long)start + length > int.MaxValue)
            throw PgError.OutOfRange("integer out of range");
        return Substring(text, 1, start - 1) + replacement + Substring(text, start + length, null);
    }

    static string SplitPart(string text, string delimiter, int field)
    {
        if (field == 0)
            throw new PgError(SqlState.InvalidParameterValue, "field position must not be zero");
        if (text.Length == 0)
            return "";
        if (delimiter.Length == 0)
            return field is 1 or -1 ? text : "";
        var parts = text.Split(delimiter);
        var index = field > 0 ? field - 1L : parts.Length + (long)field;
        return index >= 0 && index < parts.Length ? parts[index] : "";
    }

    static string Repeat(string text, int count)
    {
        if (count <= 0 || text.Length == 0)
            return "";
        CheckSize((long)text.Length * count);
        return new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
    }

    /// <summary>Raises 54000 for a text that PostgreSQL could not hold either.</summary>
    internal static void CheckSize(long characters)
    {
        if (characters > 0x3FFF_FFFF / 2)
            throw new PgError(SqlState.ProgramLimitExceeded, "requested length too large");
    }

    static IEnumerable<Function> Padding() =>
    [
        Define.Function("lpad", Text, Text, Int4, static (a, b) => Of(Pad(a.AsString, b.AsInt32, " ", atStart: true))),
        Define.Function("lpad", Text, [Text, Int4, Text], static (a, _, _) => Of(Pad(a[0].AsString, a[1].AsInt32, a[2].AsString, atStart: true))),
        Define.Function("rpad", Text, Text, Int4, static (a, b) => Of(Pad(a.AsString, b.AsInt32, " ", atStart: false))),
        Define.Function("rpad", Text, [Text, Int4, Text], static (a, _, _) => Of(Pad(a[0].AsString, a[1].AsInt32, a[2].AsString, atStart: false))),
        Define.Function("btrim", Text, Text, static a => Of(a.AsString.Trim(' '))),
        Define.Function("btrim", Text, Text, Text, static (a, b) => Of(Trim(a.AsString, b.AsString, true, true))),
        Define.Function("ltrim", Text, Text, static a => Of(a.AsString.TrimStart(' '))),
        Define.Function("ltrim", Text, Text, Text, static (a, b) => Of(Trim(a.AsString, b.AsString, true, false))),
        Define.Function("rtrim", Text, Text, static a => Of(a.AsString.TrimEnd(' '))),
        Define.Function("rtrim", Text, Text, Text, static (a, b) => Of(Trim(a.AsString, b.AsString, false, true))),
    ];

    static string Pad(string text, int length, string fill, bool atStart)
    {
        length = Math.Max(length, 0);
        CheckSize(length);
        var missing = length - Utf8Text.Length(text);
        if (missing <= 0 || fill.Length == 0)
            return text[..Utf8Text.IndexOfCodePoint(text, length)];
        var fillLength = Utf8Text.Length(fill);
        var padding = new StringBuilder().Insert(0, fill, missing / fillLength).Append(fill, 0, Utf8Text.IndexOfCodePoint(fill, missing % fillLength)).ToString();
        return atStart ? padding + text : text + padding;
    }

    static string Trim(string text, string characters, bool atStart, bool atEnd)
    {
        var set = characters.EnumerateRunes().ToHashSet();
        int start = 0, end = text.Length;
        while (atStart && start < end && Rune.TryGetRuneAt(text, start, out var first) && set.Contains(first))
            start += first.Utf16SequenceLength;
        while (atEnd && end > start && Rune.DecodeLastFromUtf16(text.AsSpan(start, end - start), out var last, out var used) == System.Buffers.OperationStatus.Done && set.Contains(last))
            end -= used;
        return text[start..end];
    }

    static IEnumerable<Function> Searching() =>
    [
        Define.Function("strpos", Int4, Text, Text, static (a, b) => Of(Position(a.AsString, b.AsString))),
        Define.Function("position", Int4, Text, Text, static (a, b) => Of(Position(a.AsString, b.AsString))),
        Define.Function("replace", Text, [Text, Text, Text], static (a, _, _)
            => Of(a[1].AsString.Length == 0 ? a[0].AsString : a[0].AsString.Replace(a[1].AsString, a[2].AsString, StringComparison.Ordinal))),
        Define.Function("translate", Text, [Text, Text, Text], static (a, _, _) => Of(Translate(a[0].AsString, a[1].AsString, a[2].AsString))),
        Define.Function("starts_with", Bool, Text, Text, static (a, b) => Datum.Of(a.AsString.StartsWith(b.AsString, StringComparison.Ordinal))),
    ];

    static int Position(string text, string part)
    {
        var at = text.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? 0 : Utf8Text.Length(text.AsSpan(0, at)) + 1;
    }

    static string Translate(string text, string from, string to)
    {
        var map = new Dictionary<Rune, string>();
        var targets = to.EnumerateRunes().ToArray();
        foreach (var (index, rune) in from.EnumerateRunes().Index())
            map.TryAdd(rune, index < targets.Length ? targets[index].ToString() : "");
        // What stays is copied in runs, found by the first UTF-16 unit of what goes.
        var starts = SearchValues.Create([.. map.Keys.Select(rune => rune.ToString()[0])]);
        var result = new StringBuilder(text.Length);
        var copied = 0;
        var steps = 0;
        for (var at = 0; at < text.Length;)
        {
            var next = text.AsSpan(at).IndexOfAny(starts);
            if (next < 0)
                break;
            at += next;
            if ((++steps & 0xFFFF) == 0)
                Interruption.Check();
            var length = Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var used) == OperationStatus.Done ? used : 1;
            if (map.TryGetValue(rune, out var replacement))
            {
                result.Append(text, copied, at - copied).Append(replacement);
                copied = at + length;
            }
            at += length;
        }
        return copied == 0 ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    static IEnumerable<Function> Characters() =>
    [
        Define.Function("ascii", Int4, Text, static a => Of(a.AsString.Length == 0 ? 0 : Rune.GetRuneAt(a.AsString, 0).Value)),
        Define.Function("chr", Text, Int4, static a => Of(Character(a.AsInt32))),
        Define.Function("unistr", Text, Text, static a => Of(Unescape(a.AsString))),
        Define.Function("to_ascii", Text, Text, static _ => throw PgError.Unsupported("encoding conversion from UTF8 to ASCII")),
    ];

    static string Character(int codePoint)
    {
        if (codePoint < 0)
            throw new PgError(SqlState.InvalidParameterValue, "character number must be positive");
        if (codePoint == 0)
            throw new PgError(SqlState.ProgramLimitExceeded, "null character not permitted");
        return Rune.IsValid(codePoint) ? new Rune(codePoint).ToString()
            : throw new PgError(SqlState.ProgramLimitExceeded, codePoint > 0x10FFFF
                ? $"requested character too large for encoding: {codePoint}"
                : $"requested character not valid for encoding: {codePoint}");
    }

    static string Unescape(string text)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }
            if (i + 1 < text.Length && text[i + 1] == '\\')
            {
                result.Append(text[i++]);
                continue;
            }
            var (skip, digits) = i + 1 < text.Length ? text[i + 1] switch { '+' => (2, 6), 'u' => (2, 4), 'U' => (2, 8), _ => (1, 4) } : (1, 4);
            if (i + skip + digits > text.Length || !int.TryParse(text.AsSpan(i + skip, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                throw new PgError(SqlState.SyntaxError, "invalid Unicode escape") { Hint = "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX." };
            if (value is >= 0xD800 and <= 0xDFFF)
                result.Append((char)value);
            else
                result.Append(Rune.IsValid(value) && value > 0 ? new Rune(value).ToString() : throw new PgError(SqlState.SyntaxError, "invalid Unicode code point"));
            i += skip + digits - 1;
        }
        return result.ToString();
    }

    static IEnumerable<Function> Quoting() =>
    [
        Define.Function("parse_ident", Text.Array!, [Text, Bool], static (a, _, _) => Datum.Of(new PgArray(Text, [.. IdentifierParts(a[0].AsString, a[1].AsBool).Select(part => Datum.Of(part))])))
            with { ArgumentNames = ["str", "strict"], Defaults = [Datum.True] },
        Define.Function("quote_ident", Text, Text, static a => Of(Identifiers.Quote(a.AsString))),
        Define.Function("quote_literal", Text, Text, static a => Of(Identifiers.QuoteLiteral(a.AsString))),
        Define.Function("quote_literal", Text, [AnyElement], static (a, site, context)
            => Of(Identifiers.QuoteLiteral(TextCasts.ToText(a[0], site.ArgumentTypes[0], context.Settings)))) with { Volatility = Volatility.Stable },
        Define.Function("quote_nullable", Text, [Text], static (a, _, _) => Of(a[0].IsNull ? "NULL" : Identifiers.QuoteLiteral(a[0].AsString))) with { IsStrict = false },
        Define.Function("quote_nullable", Text, [AnyElement], static (a, site, context)
            => Of(a[0].IsNull ? "NULL" : Identifiers.QuoteLiteral(TextCasts.ToText(a[0], site.ArgumentTypes[0], context.Settings)))) with { IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("concat", Text, [Any], static (a, site, context) => Of(Join("", a, site, context, 0))) with { IsVariadic = true, IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("concat_ws", Text, [Text, Any], static (a, site, context) => a[0].IsNull ? Datum.Null : Of(Join(a[0].AsString, a, site, context, 1)))
            with { IsVariadic = true, IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("format", Text, [Text], static (a, site, context) => a[0].IsNull ? Datum.Null : Of(TextTemplate.Format(a, site, context))) with { IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("format", Text, [Text, Any], static (a, site, context) => a[0].IsNull ? Datum.Null : Of(TextTemplate.Format(a, site, context)))
            with { IsVariadic = true, IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("md5", Text, Text, static a => Of(Convert.ToHexStringLower(BinaryFunctions.Md5(Encoding.UTF8.GetBytes(a.AsString))))),
    ];

    /// <summary>The parts of a dotted name, unquoted and folded. Raises 22023; when not strict, what follows the name is left alone.</summary>
    static List<string> IdentifierParts(string text, bool isStrict)
    {
        PgError Invalid(string? detail = null) => new(SqlState.InvalidParameterValue, $"string is not a valid identifier: \"{text}\"") { Detail = detail };
        var parts = new List<string>();
        var at = 0;
        void SkipSpace()
        {
            while (at < text.Length && Utf8Text.IsSpace(text[at]))
                at++;
        }
        for (SkipSpace(); ; at++, SkipSpace())
        {
            var start = at;
            if (at < text.Length && text[at] == '"')
            {
                for (at++; at < text.Length && (text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"')); at++)
                    at += text[at] == '"' ? 1 : 0;
                if (at >= text.Length)
                    throw Invalid("String has unclosed double quotes.");
                at++;
                if (at - start == 2)
                    throw Invalid("Quoted identifier must not be empty.");
                parts.Add(text[(start + 1)..(at - 1)].Replace("\"\"", "\"", StringComparison.Ordinal));
            }
            else
            {
                while (at < text.Length && (char.IsLetter(text[at]) || text[at] is '_' || (at > start && (char.IsAsciiDigit(text[at]) || text[at] == '$'))))
                    at++;
                if (at == start)
                    throw Invalid(at < text.Length && text[at] == '.' ? "No valid identifier before \".\"." : parts.Count > 0 ? "No valid identifier after \".\"." : null);
                parts.Add(text[start..at].ToLowerInvariant());
            }
            SkipSpace();
            if (at >= text.Length || text[at] != '.')
                return at < text.Length && isStrict ? throw Invalid() : parts;
        }
    }

    static string Join(string separator, ReadOnlySpan<Datum> values, CallSite site, EvaluationContext context, int from)
    {
        var result = new StringBuilder();
        var isFirst = true;
        for (var i = from; i < values.Length; i++)
        {
            if (values[i].IsNull)
                continue;
            if (!isFirst)
                result.Append(separator);
            isFirst = false;
            result.Append(site.ArgumentTypes[i].Codec.ToText(values[i], context.Settings));
        }
        return result.ToString();
    }
}
