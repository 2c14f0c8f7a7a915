namespace PgVectorCompat.Sql;

/// <summary>A statement of a query string and where it stands in it.</summary>
/// <param name="Start">Index of its first character in the string, from 0; blanks and comments before it are left out.</param>
/// <param name="Length">In characters, to the last token, without the semicolon.</param>
public readonly record struct ParsedStatement(Statement Statement, int Start, int Length)
{
    /// <summary>The statement's own text.</summary>
    /// <param name="sql">The query string it was parsed from.</param>
    public string Text(string sql) => sql.Substring(Start, Length);
}
