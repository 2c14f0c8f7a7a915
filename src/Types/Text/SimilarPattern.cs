using System.Text;

namespace PgVectorCompat.Types;

/// <summary>SQL's SIMILAR TO patterns as regular expressions.</summary>
public static class SimilarPattern
{
    /// <summary>
    /// An anchored regular expression that matches what the pattern does. <paramref name="escape"/> null means the backslash. Two
    /// escaped double quotes mark the part that SUBSTRING … SIMILAR returns. Raises 22025, 22019.
    /// </summary>
    public static string ToRegex(string pattern, string? escape)
    {
        escape ??= "\\";
        if (Utf8Text.Length(escape) > 1)
            throw new PgError(SqlState.InvalidEscapeSequence, "invalid escape string") { Hint = "Escape string must be empty or one character." };
        var result = new StringBuilder("^(?:");
        bool afterEscape = false, inClass = false;
        var quotes = 0;
        foreach (var rune in pattern.EnumerateRunes())
        {
            var c = rune.ToString();
            if (afterEscape)
            {
                if (c == "\"" && !inClass)
                {
                    // The text before the marked part is matched as short as possible.
                    if (++quotes > 2)
                        throw new PgError("2200C", "SQL regular expression may not contain more than two escape-double-quote separators");
                    result.Append(quotes == 1 ? "){1,1}?(" : "){1,1}(?:");
                }
                else
                    result.Append('\\').Append(c);
                afterEscape = false;
            }
            else if (escape.Length > 0 && c == escape)
                afterEscape = true;
            else if (inClass)
            {
                result.Append(c == "\\" ? "\\\\" : c);
                inClass = c != "]";
            }
            else
            {
                inClass = c == "[";
                result.Append(c switch
                {
                    "%" => ".*",
                    "_" => ".",
                    "(" => "(?:",
                    "\\" or "." or "^" or "$" => "\\" + c,
                    _ => c,
                });
            }
        }
        return result.Append(")$").ToString();
    }
}
