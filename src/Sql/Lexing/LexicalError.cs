using PgVectorCompat.Types;

namespace PgVectorCompat.Sql;

/// <summary>Ends the lexer's work: the text from <paramref name="start"/> to <paramref name="end"/> is no token.</summary>
/// <remarks>Never leaves the lexer, which knows how to count the position.</remarks>
sealed class LexicalError(string message, int start, int end, string sqlState = SqlState.SyntaxError) : Exception(message)
{
    /// <summary>Index in the query string, from 0, where the error points and its context begins.</summary>
    public int Start { get; } = start;

    /// <summary>Index after the context.</summary>
    public int End { get; } = end;

    public string SqlState { get; } = sqlState;

    /// <summary>Whether the message gets <c>at or near "…"</c>.</summary>
    public bool HasContext { get; init; } = true;

    public string? Hint { get; init; }
}
