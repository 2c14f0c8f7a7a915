using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace PgVectorCompat.Types;

/// <summary>PostgreSQL's regular expressions, run by .NET's engines.</summary>
/// <remarks>
/// <para>Syntax is translated by <see cref="RegexTranslator"/>. One difference in meaning stays: of several alternatives PostgreSQL takes the
/// longest match, .NET the first that matches.</para>
/// <para>A search begins with the backtracking engine, which is the faster one but for some patterns takes exponential time. One that does not end soon
/// goes on with the engine that takes linear time, and where the pattern has what that cannot do (looking around, back references), again with the
/// first one. Both then run beside the statement, which ends at once when it is cancelled. Nothing can end a search but its own limit: so it gets a
/// second, and when that is not enough begins again with twice the time. One that is left behind goes on no longer than its statement has.</para>
/// </remarks>
public sealed class RegexPattern
{
    /// <summary>Compiled patterns that are kept; the cache is emptied when it is full.</summary>
    const int CacheSize = 500;

    /// <summary>For the search that cannot be cancelled.</summary>
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);
    static readonly int[] LimitsInSeconds = [1, 2, 4, 8, 16];
    static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(20);
    static readonly ConcurrentDictionary<(string Pattern, string Flags), RegexPattern> Cache = new();

    readonly Regex _quick;
    readonly Lazy<Regex>[] _patient;

    // Its searches are left to the linear engine from the start.
    volatile bool _isSlow;

    RegexPattern(string text, RegexOptions options)
    {
        _quick = new Regex(text, options | RegexOptions.CultureInvariant, Soon);
        _patient = [.. LimitsInSeconds.Select(seconds => new Lazy<Regex>(() => MakePatient(text, options | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(seconds))))];
    }

    static Regex MakePatient(string text, RegexOptions options, TimeSpan limit)
    {
        try
        {
            return new Regex(text, options | RegexOptions.NonBacktracking, limit);
        }
        catch (NotSupportedException)
        {
            return new Regex(text, options, limit);
        }
    }

    /// <summary>The compiled pattern. <paramref name="flags"/> are letters of regexp_replace and kin without <c>g</c>. Raises 2201B, 22023.</summary>
    public static RegexPattern Get(string pattern, string flags = "")
    {
        if (Cache.TryGetValue((pattern, flags), out var known))
            return known;
        var (text, options) = RegexTranslator.Translate(pattern, flags);
        RegexPattern compiled;
        try
        {
            compiled = new(text, options);
        }
        catch (ArgumentException)
        {
            throw RegexTranslator.Invalid("invalid character range or escape");
        }
        if (Cache.Count >= CacheSize)
            Cache.Clear();
        Cache[(pattern, flags)] = compiled;
        return compiled;
    }

    /// <summary>Whether the pattern matches anywhere. Raises 2201B for a search that takes too long, and what <see cref="Interruption"/> does.</summary>
    public bool IsMatch(string text)
    {
        try
        {
            return _isSlow ? SearchOn(text, 0).Success : _quick.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return SearchOn(text, 0).Success;
        }
    }

    /// <summary>The first match from a place on. Raises as <see cref="IsMatch"/>.</summary>
    public Match Match(string text, int from = 0)
    {
        try
        {
            return _isSlow ? SearchOn(text, from) : _quick.Match(text, from);
        }
        catch (RegexMatchTimeoutException)
        {
            return SearchOn(text, from);
        }
    }

    /// <summary>All matches from a place on, in order. Raises as <see cref="IsMatch"/>.</summary>
    public IEnumerable<Match> Matches(string text, int from = 0)
    {
        var count = 0;
        for (var match = Match(text, from); match.Success; match = Next(match, text))
        {
            if ((++count & 0xFFF) == 0)
                Interruption.Check();
            yield return match;
        }
    }

    Match Next(Match match, string text)
    {
        try
        {
            return match.NextMatch();
        }
        catch (RegexMatchTimeoutException)
        {
            // After an empty match the next one begins a character further on.
            var from = match.Index + Math.Max(match.Length, 1);
            return from <= text.Length ? SearchOn(text, from) : System.Text.RegularExpressions.Match.Empty;
        }
    }

    Match SearchOn(string text, int from)
    {
        foreach (var patient in _patient)
        {
            // On a thread of its own: searches that nobody waits for any more would keep the pool's threads from timers.
            var search = Task.Factory.StartNew(() => patient.Value.Match(text, from), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            try
            {
                while (!search.Wait(CheckEvery))
                    Interruption.Check();
                _isSlow |= patient.Value.Options.HasFlag(RegexOptions.NonBacktracking);
                return search.Result;
            }
            catch (AggregateException failed) when (failed.InnerException is RegexMatchTimeoutException)
            {
                // On to the next limit.
            }
        }
        throw new PgError(SqlState.InvalidRegularExpression, "regular expression failed: regular expression is too complex");
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
