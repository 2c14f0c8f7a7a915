using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Sql;

/// <summary>Turns SQL text into syntax trees. Every error is a <see cref="PgError"/> with the position PostgreSQL would give.</summary>
public static class SqlParser
{
    /// <summary>The statements of a query string; none for an empty one.</summary>
    /// <param name="standardConformingStrings">False: a backslash in a plain string is an escape.</param>
    /// <exception cref="PgError">42601 and other codes of wrong text; 54001 for text nested too deep.</exception>
    /// <param name="nameCut">Is told of each name longer than 63 bytes, and what is kept of it.</param>
    public static ImmutableArray<ParsedStatement> Parse(string sql, bool standardConformingStrings = true, Action<string, string>? nameCut = null)
        => Read(sql, standardConformingStrings, static grammar => grammar.Statements.All(), nameCut);

    /// <summary>A single expression, such as a stored default or check.</summary>
    /// <exception cref="PgError">As for <see cref="Parse"/>.</exception>
    public static Expression ParseExpression(string sql) => Read(sql, true, static grammar => grammar.Expressions.Expression());

    /// <summary>A single query, such as a view's.</summary>
    /// <exception cref="PgError">As for <see cref="Parse"/>.</exception>
    public static Query ParseQuery(string sql) => Read(sql, true, static grammar => grammar.Queries.Query());

    /// <summary>A type's name, as regtype's input takes it.</summary>
    /// <exception cref="PgError">As for <see cref="Parse"/>.</exception>
    public static TypeName ParseType(string sql) => Read(sql, true, static grammar => grammar.Types.Type());

    static T Read<T>(string sql, bool standardConformingStrings, Func<Grammar, T> rule, Action<string, string>? nameCut = null)
    {
        // A token of typical SQL takes about five characters; one of a vector literal takes thousands.
        using var tokens = new TokenBuffer(Math.Min(sql.Length / 5 + 16, 1024));
        Lexer.Tokenize(sql, standardConformingStrings, tokens);
        var cursor = new TokenCursor(sql, tokens);
        cursor.ThrowIfInvalid();
        var result = rule(new Grammar(cursor));
        if (cursor.Current.Kind != TokenKind.End)
            throw cursor.SyntaxError();
        if (nameCut is not null)
            foreach (var (name, kept) in cursor.CutNames)
                nameCut(name, kept);
        return result;
    }
}
