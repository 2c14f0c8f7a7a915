using System.Globalization;
using System.Text;

namespace PgVectorCompat.Sql;

/// <summary>The escapes of U&amp;'…' and U&amp;"…": <c>\XXXX</c> and <c>\+XXXXXX</c>.</summary>
static class UnicodeEscapes
{
    /// <param name="start">Where the token begins and <paramref name="end"/> where it ends, for errors.</param>
    /// <param name="contentStart">Where <paramref name="raw"/> stands in the query.</param>
    public static string Decode(string raw, char escape, int start, int contentStart, int end)
    {
        if (!raw.Contains(escape)) return raw;

        var content = new StringBuilder(raw.Length);
        var highSurrogate = '\0';
        for (var at = 0; at < raw.Length;)
        {
            var isEscape = raw[at] == escape;
            var isLiteral = !isEscape || (at + 1 < raw.Length && raw[at + 1] == escape);
            if (isLiteral)
            {
                if (highSurrogate != 0)
                    throw new LexicalError("invalid Unicode surrogate pair", contentStart + at, end) { HasContext = false };
                content.Append(raw[at]);
                at += isEscape ? 2 : 1;
                continue;
            }

            var wide = at + 1 < raw.Length && raw[at + 1] == '+';
            var (from, digits) = wide ? (at + 2, 6) : (at + 1, 4);
            if (from + digits > raw.Length
                || !uint.TryParse(raw.AsSpan(from, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                throw new LexicalError("invalid Unicode escape", contentStart + at, end)
                {
                    HasContext = false,
                    Hint = "Unicode escapes must be \\XXXX or \\+XXXXXX.",
                };
            if (Append(content, code, ref highSurrogate) is { } wrong)
                throw new LexicalError(wrong, contentStart + at, end) { HasContext = false };
            at = from + digits;
        }
        if (highSurrogate != 0)
            throw new LexicalError("invalid Unicode surrogate pair", start, end) { HasContext = false };
        return content.ToString();
    }

    /// <summary>Appends a code point, joining surrogate halves; the error's message when it cannot be.</summary>
    public static string? Append(StringBuilder content, uint code, ref char highSurrogate)
    {
        if (code is 0 or > 0x10FFFF) return "invalid Unicode escape value";

        var isHigh = code is >= 0xD800 and <= 0xDBFF;
        var isLow = code is >= 0xDC00 and <= 0xDFFF;
        if (isLow != (highSurrogate != 0)) return "invalid Unicode surrogate pair";

        if (isHigh)
            highSurrogate = (char)code;
        else if (isLow)
        {
            content.Append(highSurrogate).Append((char)code);
            highSurrogate = '\0';
        }
        else
            content.Append(new Rune(code).ToString());
        return null;
    }
}
