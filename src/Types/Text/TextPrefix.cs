using System.Buffers;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>The fixed text that everything matching a pattern begins with.</summary>
public static class TextPrefix
{
    /// <summary>Of a LIKE pattern; <c>IsWhole</c> when the pattern has no wildcard, so that it matches that text alone.</summary>
    public static (string Prefix, bool IsWhole) OfLike(string pattern)
    {
        var prefix = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] is '%' or '_')
                return (prefix.ToString(), false);
            if (pattern[i] == '\\' && ++i == pattern.Length)
                return ("", false);
            prefix.Append(pattern[i]);
        }
        return (prefix.ToString(), true);
    }

    static readonly SearchValues<char> Special = SearchValues.Create(@"^$.[]()|*+?{}\");

    /// <summary>Of a regular expression that begins with <c>^</c> and plain characters; empty for others.</summary>
    public static (string Prefix, bool IsWhole) OfRegex(string pattern)
    {
        if (!pattern.StartsWith('^') || pattern.StartsWith("^***", StringComparison.Ordinal) || pattern.Contains('|'))
            return ("", false);
        var rest = pattern.AsSpan(1);
        var length = rest.IndexOfAny(Special);
        if (length < 0)
            return (rest.ToString(), false);
        if (rest[length..] is "$")
            return (rest[..length].ToString(), true);
        // A quantifier takes the character before it away again.
        if (rest[length] is '*' or '?' or '{' or '+')
            length -= length > 1 && char.IsLowSurrogate(rest[length - 1]) ? 2 : 1;
        return (rest[..Math.Max(0, length)].ToString(), false);
    }

    /// <summary>The smallest text, by code points, above all that begin with <paramref name="prefix"/>; null when there is none.</summary>
    public static string? After(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes.Count > 0)
        {
            var next = runes[^1].Value + 1;
            runes.RemoveAt(runes.Count - 1);
            // Surrogates are no characters.
            if (next == 0xD800)
                next = 0xE000;
            if (Rune.IsValid(next))
                return string.Concat(runes.Append(new Rune(next)));
        }
        return null;
    }
}
