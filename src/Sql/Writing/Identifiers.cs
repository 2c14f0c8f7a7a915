using System.Buffers;

namespace PgVectorCompat.Sql;

/// <summary>Quoting of names and strings: what <c>quote_ident</c> and <c>quote_literal</c> do.</summary>
public static class Identifiers
{
    static readonly SearchValues<char> PlainChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>The name as SQL: quoted unless it is lower case letters, digits and underscores and no key word but an unreserved one.</summary>
    public static string Quote(string name) => IsPlain(name) ? name : "\"" + name.Replace("\"", "\"\"") + "\"";

    /// <summary>The dotted name, each part quoted when it must be.</summary>
    public static string Quote(string? schema, string name) => schema is null ? Quote(name) : Quote(schema) + "." + Quote(name);

    static bool IsPlain(string name)
        => name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.AsSpan().IndexOfAnyExcept(PlainChars) < 0
        && (Keywords.Find(name) is var keyword && (keyword == Keyword.NoKeyword || Keywords.Category(keyword) == KeywordCategory.Unreserved));

    /// <summary>The text as a string constant; with backslashes as <c>E'…'</c>.</summary>
    public static string QuoteLiteral(string text)
    {
        var quotes = text.AsSpan().Count('\'');
        var backslashes = text.AsSpan().Count('\\');
        var mark = backslashes > 0 ? "E'" : "'";
        return string.Create(mark.Length + text.Length + quotes + backslashes + 1, (text, mark), static (quoted, given) =>
        {
            given.mark.CopyTo(quoted);
            var at = given.mark.Length;
            var rest = given.text.AsSpan();
            for (int next; (next = rest.IndexOfAny('\'', '\\')) >= 0; rest = rest[(next + 1)..])
            {
                rest[..(next + 1)].CopyTo(quoted[at..]);
                at += next + 1;
                quoted[at++] = rest[next];
            }
            rest.CopyTo(quoted[at..]);
            quoted[^1] = '\'';
        });
    }
}
