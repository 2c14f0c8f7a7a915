using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Sql;

/// <summary>The parser's place in the tokens, and the errors it can raise there.</summary>
sealed class TokenCursor(string sql, TokenBuffer tokens)
{
    /// <summary>Bytes of a name that count: PostgreSQL's NAMEDATALEN less one.</summary>
    const int MaxNameBytes = 63;

    /// <summary>Place among the tokens; setting it back is how the parser changes its mind.</summary>
    public int Index { get; private set; }

    public string Sql => sql;

    public ref readonly Token Current => ref tokens[Index];

    /// <summary>The token <paramref name="ahead"/> after the current one, or the last.</summary>
    public ref readonly Token Peek(int ahead) => ref tokens[Math.Min(Index + ahead, tokens.Count - 1)];

    /// <summary>The token just passed.</summary>
    public ref readonly Token Previous => ref tokens[Index - 1];

    /// <exception cref="PgError">The text that follows is no token.</exception>
    public void Advance()
    {
        if (Index + 1 < tokens.Count) Index++;
        ThrowIfInvalid();
    }

    public void ThrowIfInvalid()
    {
        if (Current.Kind == TokenKind.Invalid) throw (PgError)Current.Value!;
    }

    public void Rewind(int index) => Index = index;

    /// <summary>The token as it stands in the query.</summary>
    public ReadOnlySpan<char> TextOf(in Token token) => sql.AsSpan(token.Start, token.End - token.Start);

    /// <summary>Content of a string token.</summary>
    public string StringOf(in Token token) => (string?)token.Value ?? sql[(token.Start + 1)..(token.End - 1)];

    /// <summary>The name that an identifier or key word spells: folded when unquoted, cut to 63 bytes.</summary>
    public string NameOf(in Token token)
    {
        if (token.Kind == TokenKind.Keyword) return Keywords.Word(token.Keyword);

        var isQuoted = token.Value is not null || sql[token.Start] == '"';
        var name = isQuoted ? StringOf(token) : Fold(TextOf(token));
        var kept = Truncate(name);
        if (kept.Length < name.Length) _cut[token.Start] = (name, kept);
        return kept;
    }

    // The parser may look at a name more than once.
    readonly SortedDictionary<int, (string Name, string Kept)> _cut = [];

    /// <summary>Names that were too long, in the order of the query, with what is kept of them.</summary>
    public IEnumerable<(string Name, string Kept)> CutNames => _cut.Values;

    /// <summary>42601 at the current token.</summary>
    public PgError SyntaxError() => SyntaxError(Current);

    public PgError SyntaxError(in Token token) => token.Kind switch
    {
        TokenKind.Invalid => (PgError)token.Value!,
        TokenKind.End => PgError.Syntax("syntax error at end of input", token.Position),
        _ => PgError.Syntax($"syntax error at or near \"{TextOf(token)}\"", token.Position),
    };

    // Only ASCII letters are folded, as PostgreSQL does in a multi-byte encoding.
    static string Fold(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyInRange('A', 'Z') < 0) return text.ToString();
        return string.Create(text.Length, text, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
        });
    }

    static string Truncate(string name)
    {
        if (name.Length <= MaxNameBytes / 3 || Encoding.UTF8.GetByteCount(name) <= MaxNameBytes) return name;

        var bytes = 0;
        var length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxNameBytes) break;
            length += rune.Utf16SequenceLength;
        }
        return name[..length];
    }
}
