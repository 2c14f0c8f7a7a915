using System.Collections.Frozen;
using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>What a key word may name.</summary>
public enum KeywordCategory
{
    Unreserved,
    ColumnName,
    TypeOrFunctionName,
    Reserved,
}

/// <summary>The table of key words: the lexer, quoting of identifiers and <c>pg_get_keywords()</c> read it.</summary>
public static class Keywords
{
    /// <summary>Length of the longest word, <c>characteristics</c>.</summary>
    public const int MaxLength = 17;

    /// <summary>Words that are a label only after AS.</summary>
    static readonly FrozenSet<Keyword> NeedAs = new[]
    {
        Keyword.Array, Keyword.As, Keyword.Char, Keyword.Character, Keyword.Create, Keyword.Day, Keyword.Except, Keyword.Fetch,
        Keyword.Filter, Keyword.For, Keyword.From, Keyword.Grant, Keyword.Group, Keyword.Having, Keyword.Hour, Keyword.Intersect,
        Keyword.Into, Keyword.Isnull, Keyword.Limit, Keyword.Minute, Keyword.Month, Keyword.Notnull, Keyword.Offset, Keyword.On,
        Keyword.Order, Keyword.Over, Keyword.Overlaps, Keyword.Precision, Keyword.Returning, Keyword.Second, Keyword.To, Keyword.Union,
        Keyword.Varying, Keyword.Where, Keyword.Window, Keyword.With, Keyword.Within, Keyword.Without, Keyword.Year,
    }.ToFrozenSet();

    static readonly string[] Words = [.. Enum.GetNames<Keyword>().Select(Spell)];

    static readonly FrozenDictionary<string, Keyword> ByWord =
        Enum.GetValues<Keyword>().Skip(1).ToFrozenDictionary(k => Words[(int)k], StringComparer.Ordinal);

    static readonly FrozenDictionary<string, Keyword>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByWord.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>All key words in alphabetical order.</summary>
    public static ImmutableArray<Keyword> All { get; } =
        [.. Enum.GetValues<Keyword>().Skip(1).OrderBy(k => Words[(int)k], StringComparer.Ordinal)];

    /// <summary>The word in lower case; the same string each time.</summary>
    public static string Word(Keyword keyword) => Words[(int)keyword];

    public static KeywordCategory Category(Keyword keyword) => keyword switch
    {
        <= Keyword.Zone => KeywordCategory.Unreserved,
        <= Keyword.Xmltable => KeywordCategory.ColumnName,
        <= Keyword.Verbose => KeywordCategory.TypeOrFunctionName,
        _ => KeywordCategory.Reserved,
    };

    /// <summary>Whether <c>SELECT 1 word</c> names the column so; all words do after AS.</summary>
    public static bool IsBareLabel(Keyword keyword) => !NeedAs.Contains(keyword);

    /// <param name="lowerCase">A word in lower case.</param>
    /// <returns><see cref="Keyword.NoKeyword"/> when it is none.</returns>
    public static Keyword Find(ReadOnlySpan<char> lowerCase)
        => BySpan.TryGetValue(lowerCase, out var keyword) ? keyword : Keyword.NoKeyword;

    static string Spell(string name)
        => string.Concat(name.Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}
