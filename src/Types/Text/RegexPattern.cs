using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace PgVectorCompat.Types;

/// <summary>PostgreSQL's regular expressions, run by .NET's engine.</summary>
/// <remarks>
/// Syntax is translated by <see cref="RegexTranslator"/>. One difference in meaning stays: of several alternatives PostgreSQL takes the
/// longest match, .NET the first that matches.
/// </remarks>
public static class RegexPattern
{
    /// <summary>Compiled patterns that are kept; the cache is emptied when it is full.</summary>
    const int CacheSize = 500;

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    static readonly ConcurrentDictionary<(string Pattern, string Flags), Regex> Cache = new();

    /// <summary>The compiled pattern. <paramref name="flags"/> are letters of regexp_replace and kin without <c>g</c>. Raises 2201B, 22023.</summary>
    public static Regex Get(string pattern, string flags = "")
    {
        if (Cache.TryGetValue((pattern, flags), out var known))
            return known;
        var (text, options) = RegexTranslator.Translate(pattern, flags);
        Regex regex;
        try
        {
            regex = new Regex(text, options | RegexOptions.CultureInvariant, Timeout);
        }
        catch (ArgumentException)
        {
            throw RegexTranslator.Invalid("invalid character range or escape");
        }
        if (Cache.Count >= CacheSize)
            Cache.Clear();
        Cache[(pattern, flags)] = regex;
        return regex;
    }

    /// <summary>Whether the pattern matches anywhere. Raises 2201B.</summary>
    public static bool IsMatch(string text, string pattern, bool ignoreCase)
        => Run(() => Get(pattern, ignoreCase ? "i" : "").IsMatch(text));

    /// <summary>Runs a match; one that takes too long raises 2201B.</summary>
    public static T Run<T>(Func<T> match)
    {
        try
        {
            return match();
        }
        catch (RegexMatchTimeoutException)
        {
            throw new PgError(SqlState.InvalidRegularExpression, "regular expression failed: regular expression is too complex");
        }
    }

    /// <summary>A replacement text with <c>\1</c> to <c>\9</c> and <c>\&amp;</c> filled in from a match.</summary>
    public static string Expand(string replacement, Match match)
    {
        if (!replacement.Contains('\\', StringComparison.Ordinal))
            return replacement;
        var result = new System.Text.StringBuilder();
        for (var i = 0; i < replacement.Length; i++)
        {
            if (replacement[i] != '\\' || i + 1 == replacement.Length)
                result.Append(replacement[i]);
            else if (replacement[++i] is >= '1' and <= '9')
                result.Append(match.Groups[replacement[i] - '0'].Value);
            else if (replacement[i] == '&')
                result.Append(match.Value);
            else
                result.Append(replacement[i] == '\\' ? "\\" : "\\" + replacement[i]);
        }
        return result.ToString();
    }
}
