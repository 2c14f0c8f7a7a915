using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace PgVectorCompat.Types;

/// <summary>What to_char, to_date and to_timestamp understand in a template, in upper case.</summary>
enum DateTimePattern
{
    None, Era, EraDotted, Meridiem, MeridiemDotted, Century, DayName, DayOfYear, DayOfMonth, DayNameShort, DayOfWeek, Fraction, Fixed, Hour24, Hour12, IsoDayOfYear,
    IsoDayOfWeek, IsoWeek, IsoYear, JulianDay, Minute, Month, MonthName, MonthNameShort, Millisecond, Offset, Quarter, RomanMonth, SecondsOfDay, Second,
    ZoneHour, ZoneMinute, Zone, Microsecond, Week, WeekOfMonth, YearWithComma, Year,
}

/// <summary>Letters' case of a name in a template: <c>MONTH</c>, <c>Month</c>, <c>month</c>.</summary>
enum NameCase { Upper, Capital, Lower }

/// <summary>One part of a template: a field, or text to be copied (when <see cref="Pattern"/> is none).</summary>
/// <param name="Text">As written.</param>
/// <param name="Width">Digits of years and fractions.</param>
/// <param name="IsQuoted">Text between double quotes or after a backslash, which separates nothing.</param>
readonly record struct DateTimeTemplateNode(
    DateTimePattern Pattern, string Text, int Width = 0, NameCase Case = NameCase.Upper, bool IsFill = false, bool? UpperOrdinal = null, bool IsQuoted = false);

/// <summary>A template of to_char and kin, cut into its parts.</summary>
static class DateTimeTemplate
{
    // Longer words stand before those they begin with.
    static readonly (string Word, DateTimePattern Pattern, int Width)[] Words =
    [
        ("A.D.", DateTimePattern.EraDotted, 0), ("B.C.", DateTimePattern.EraDotted, 0), ("A.M.", DateTimePattern.MeridiemDotted, 0), ("P.M.", DateTimePattern.MeridiemDotted, 0),
        ("AD", DateTimePattern.Era, 0), ("BC", DateTimePattern.Era, 0), ("AM", DateTimePattern.Meridiem, 0), ("PM", DateTimePattern.Meridiem, 0),
        ("CC", DateTimePattern.Century, 2), ("DAY", DateTimePattern.DayName, 9), ("DDD", DateTimePattern.DayOfYear, 3), ("DD", DateTimePattern.DayOfMonth, 2),
        ("DY", DateTimePattern.DayNameShort, 3), ("D", DateTimePattern.DayOfWeek, 1),
        ("FF1", DateTimePattern.Fraction, 1), ("FF2", DateTimePattern.Fraction, 2), ("FF3", DateTimePattern.Fraction, 3), ("FF4", DateTimePattern.Fraction, 4),
        ("FF5", DateTimePattern.Fraction, 5), ("FF6", DateTimePattern.Fraction, 6), ("FX", DateTimePattern.Fixed, 0),
        ("HH24", DateTimePattern.Hour24, 2), ("HH12", DateTimePattern.Hour12, 2), ("HH", DateTimePattern.Hour12, 2),
        ("IDDD", DateTimePattern.IsoDayOfYear, 3), ("ID", DateTimePattern.IsoDayOfWeek, 1), ("IW", DateTimePattern.IsoWeek, 2),
        ("IYYY", DateTimePattern.IsoYear, 4), ("IYY", DateTimePattern.IsoYear, 3), ("IY", DateTimePattern.IsoYear, 2), ("I", DateTimePattern.IsoYear, 1),
        ("J", DateTimePattern.JulianDay, 0), ("MI", DateTimePattern.Minute, 2), ("MM", DateTimePattern.Month, 2),
        ("MONTH", DateTimePattern.MonthName, 9), ("MON", DateTimePattern.MonthNameShort, 3), ("MS", DateTimePattern.Millisecond, 3), ("OF", DateTimePattern.Offset, 0),
        ("Q", DateTimePattern.Quarter, 1), ("RM", DateTimePattern.RomanMonth, 4), ("SSSSS", DateTimePattern.SecondsOfDay, 5), ("SSSS", DateTimePattern.SecondsOfDay, 5),
        ("SS", DateTimePattern.Second, 2), ("TZH", DateTimePattern.ZoneHour, 2), ("TZM", DateTimePattern.ZoneMinute, 2), ("TZ", DateTimePattern.Zone, 0),
        ("US", DateTimePattern.Microsecond, 6), ("WW", DateTimePattern.Week, 2), ("W", DateTimePattern.WeekOfMonth, 1),
        ("Y,YYY", DateTimePattern.YearWithComma, 4), ("YYYY", DateTimePattern.Year, 4), ("YYY", DateTimePattern.Year, 3), ("YY", DateTimePattern.Year, 2), ("Y", DateTimePattern.Year, 1),
    ];

    static readonly ConcurrentDictionary<string, ImmutableArray<DateTimeTemplateNode>> Cache = new();

    public static ImmutableArray<DateTimeTemplateNode> Parse(string template)
    {
        if (Cache.TryGetValue(template, out var known))
            return known;
        if (Cache.Count > 500)
            Cache.Clear();
        return Cache[template] = Split(template);
    }

    static ImmutableArray<DateTimeTemplateNode> Split(string template)
    {
        var nodes = ImmutableArray.CreateBuilder<DateTimeTemplateNode>();
        var at = 0;
        while (at < template.Length)
        {
            var rest = template.AsSpan(at);
            var isFill = false;
            var prefix = 0;
            // FM takes padding away; TM (translated names) changes nothing where there is only English.
            while (rest[prefix..].StartsWith("FM", StringComparison.OrdinalIgnoreCase) || rest[prefix..].StartsWith("TM", StringComparison.OrdinalIgnoreCase))
            {
                isFill |= char.ToUpperInvariant(rest[prefix]) == 'F';
                prefix += 2;
            }
            if (Find(rest[prefix..]) is { } found)
            {
                var word = rest.Slice(prefix, found.Word.Length).ToString();
                at += prefix + word.Length;
                bool? ordinal = null;
                if (template.AsSpan(at).StartsWith("TH", StringComparison.OrdinalIgnoreCase))
                {
                    ordinal = template[at] == 'T';
                    at += 2;
                }
                if (template.AsSpan(at).StartsWith("SP", StringComparison.OrdinalIgnoreCase))
                    at += 2;
                nodes.Add(new(found.Pattern, word, found.Width, CaseOf(word), isFill, ordinal));
            }
            else if (prefix > 0)
                at += prefix;
            else if (rest[0] == '"')
                at += Quoted(rest, nodes);
            else
            {
                if (rest[0] == '\\' && rest.Length > 1 && rest[1] == '"')
                    at++;
                var length = char.IsHighSurrogate(template[at]) && at + 1 < template.Length ? 2 : 1;
                nodes.Add(new(DateTimePattern.None, template.Substring(at, length)));
                at += length;
            }
        }
        return nodes.ToImmutable();
    }

    /// <summary>Takes text in double quotes; returns its length with them.</summary>
    static int Quoted(ReadOnlySpan<char> rest, ImmutableArray<DateTimeTemplateNode>.Builder nodes)
    {
        var at = 1;
        for (; at < rest.Length && rest[at] != '"'; at++)
        {
            if (rest[at] == '\\' && at + 1 < rest.Length)
                at++;
            nodes.Add(new(DateTimePattern.None, rest[at].ToString(), IsQuoted: true));
        }
        return Math.Min(at + 1, rest.Length);
    }

    static (string Word, DateTimePattern Pattern, int Width)? Find(ReadOnlySpan<char> rest)
    {
        foreach (var entry in Words)
            if (rest.StartsWith(entry.Word, StringComparison.OrdinalIgnoreCase))
                return entry;
        return null;
    }

    static NameCase CaseOf(string word)
        => char.IsLower(word[0]) ? NameCase.Lower : word.Length > 1 && char.IsLower(word[1]) ? NameCase.Capital : NameCase.Upper;
}
