using PgVectorCompat.Types;

namespace PgVectorCompat.Sql;

enum TokenKind : byte
{
    /// <summary>Past the last token.</summary>
    End,

    /// <summary>A name that is no key word, or is quoted.</summary>
    Identifier,
    Keyword,
    String,

    /// <summary>B'…'</summary>
    BitString,

    /// <summary>X'…'</summary>
    HexString,

    /// <summary>Digits only.</summary>
    Integer,

    /// <summary>A number with a point or an exponent.</summary>
    Decimal,

    /// <summary>$1</summary>
    Parameter,

    /// <summary>An operator that is none of the kinds below.</summary>
    Operator,

    LeftParen, RightParen, LeftBracket, RightBracket, Comma, Semicolon, Dot, Colon,
    Plus, Minus, Star, Slash, Percent, Caret, Less, Greater, Equal,
    LessOrEqual, GreaterOrEqual, NotEqual, DoubleColon, DoubleDot, ColonEqual, Arrow,

    /// <summary>A character that starts no token.</summary>
    Other,

    /// <summary>Text that is no token; its error is thrown when the parser reaches it, so that an earlier syntax error comes first.</summary>
    Invalid,
}

/// <summary>One token: a kind and a piece of the query string.</summary>
readonly struct Token
{
    public TokenKind Kind { get; init; }
    public Keyword Keyword { get; init; }

    /// <summary>Index of its first character, from 0, in UTF-16 units.</summary>
    public int Start { get; init; }

    /// <summary>Index after its last character.</summary>
    public int End { get; init; }

    /// <summary>Its first character in the query string, from 1, in characters as PostgreSQL counts them.</summary>
    public int Position { get; init; }

    /// <summary>
    /// Content of a string or name that differs from the text between its quotes, as a string; the <see cref="PgError"/> of an invalid token.
    /// </summary>
    public object? Value { get; init; }
}
