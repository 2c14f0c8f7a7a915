using System.Text;

namespace PgVectorCompat.Types;

/// <summary>LIKE: <c>%</c> stands for any text, <c>_</c> for any one character, a backslash takes the next character as it is.</summary>
public static class LikePattern
{
    /// <summary>Whether the whole text matches. Raises 22025 when it comes to a backslash that ends the pattern.</summary>
    public static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        // Where to go on when the part after the last % does not fit here: one character further on.
        int t = 0, p = 0, retryText = -1, retryPattern = -1, retries = 0;
        while (true)
        {
            if (p < pattern.Length && pattern[p] == '%')
            {
                retryPattern = ++p;
                retryText = t;
                if (p == pattern.Length)
                    return true;
                continue;
            }
            if (p == pattern.Length && t == text.Length)
                return true;
            if (t < text.Length && p < pattern.Length && Step(text, pattern, ref t, ref p))
                continue;
            if (retryText < 0 || retryText >= text.Length)
                return false;
            if ((++retries & 0xFFFF) == 0)
                Interruption.Check();
            retryText += CharacterLength(text, retryText);
            (t, p) = (retryText, retryPattern);
        }
    }

    static bool Step(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern, ref int t, ref int p)
    {
        if (pattern[p] == '_')
        {
            t += CharacterLength(text, t);
            p++;
            return true;
        }
        var literal = p;
        if (pattern[p] == '\\' && ++literal == pattern.Length)
            throw EndsWithEscape();
        if (text[t] != pattern[literal])
            return false;
        t++;
        p = literal + 1;
        return true;
    }

    static int CharacterLength(ReadOnlySpan<char> text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;

    static PgError EndsWithEscape() => new(SqlState.InvalidEscapeSequence, "LIKE pattern must not end with escape character");

    /// <summary>The pattern with <paramref name="escape"/> replaced by the backslash. Raises 22025 for an escape of several characters.</summary>
    public static string WithEscape(string pattern, string escape)
    {
        if (escape == "\\")
            return pattern;
        if (Utf8Text.Length(escape) > 1)
            throw new PgError(SqlState.InvalidEscapeSequence, "invalid escape string") { Hint = "Escape string must be empty or one character." };
        var result = new StringBuilder();
        var afterEscape = false;
        foreach (var rune in pattern.EnumerateRunes())
        {
            if (!afterEscape && escape.Length > 0 && rune.ToString() == escape)
            {
                result.Append('\\');
                afterEscape = true;
                continue;
            }
            if (rune.Value == '\\' && !afterEscape)
                result.Append('\\');
            result.Append(rune.ToString());
            afterEscape = false;
        }
        return result.ToString();
    }
}
