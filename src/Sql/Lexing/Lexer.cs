using System.Buffers;
using PgVectorCompat.Types;

namespace PgVectorCompat.Sql;

/// <summary>Cuts a query string into tokens by PostgreSQL's rules.</summary>
/// <remarks>
/// All tokens are made before parsing starts, so the parser may look ahead freely. A string or name is sliced out of the text only
/// when the parser asks for it, unless unescaping makes it differ from what stands between its quotes.
/// </remarks>
ref struct Lexer
{
    /// <summary>Longest operator, as PostgreSQL's NAMEDATALEN allows.</summary>
    const int MaxOperatorLength = 63;

    static readonly SearchValues<char> OperatorChars = SearchValues.Create("~!@#^&|`?+-*/%<>=");

    /// <summary>An operator that holds one of these may end in + or -.</summary>
    static readonly SearchValues<char> SignKeepers = SearchValues.Create("~!@#^&|`?%");

    static readonly SearchValues<char> NameChars = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$");

    readonly string _sql;
    readonly ReadOnlySpan<char> _text;
    readonly bool _standardStrings;
    readonly bool _hasSurrogates;
    readonly TokenBuffer _tokens;
    int _next;
    int _counted;
    int _lowSurrogates;

    Lexer(string sql, bool standardConformingStrings, TokenBuffer tokens)
    {
        _sql = sql;
        _text = sql;
        _standardStrings = standardConformingStrings;
        _hasSurrogates = _text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;
        _tokens = tokens;
    }

    /// <summary>Fills <paramref name="tokens"/>; the last is <see cref="TokenKind.End"/> or <see cref="TokenKind.Invalid"/>.</summary>
    public static void Tokenize(string sql, bool standardConformingStrings, TokenBuffer tokens)
    {
        var lexer = new Lexer(sql, standardConformingStrings, tokens);
        lexer.Run();
    }

    void Run()
    {
        try
        {
            while (SkipBlanks(ref _next))
                ReadToken();
            Add(TokenKind.End, _next, _next);
        }
        catch (LexicalError error)
        {
            var start = error.Start;
            var position = PositionOf(start);
            var near = error.HasContext ? $"{error.Message} at or near \"{_sql[start..error.End]}\"" : error.Message;
            var pgError = new PgError(error.SqlState, near) { Position = error.SqlState == SqlState.CharacterNotInRepertoire ? 0 : position, Hint = error.Hint };
            _tokens.Add(new Token { Kind = TokenKind.Invalid, Start = start, End = error.End, Position = position, Value = pgError });
        }
    }

    void ReadToken()
    {
        var start = _next;
        var c = _text[start];
        if (IsNameStart(c))
            ReadWord(start, c);
        else if (char.IsAsciiDigit(c) || (c == '.' && IsDigitAt(start + 1)))
            ReadNumber(start);
        else if (c == '\'')
            ReadString(start, start, escapes: !_standardStrings);
        else if (c == '"')
            ReadQuotedName(start);
        else if (c == '$')
            ReadDollar(start);
        else if (OperatorChars.Contains(c))
            ReadOperator(start);
        else
            ReadPunctuation(start, c);
    }

    void ReadPunctuation(int start, char c)
    {
        var following = start + 1 < _text.Length ? _text[start + 1] : '\0';
        var (kind, length) = (c, following) switch
        {
            ('(', _) => (TokenKind.LeftParen, 1),
            (')', _) => (TokenKind.RightParen, 1),
            (',', _) => (TokenKind.Comma, 1),
            ('.', '.') => (TokenKind.DoubleDot, 2),
            ('.', _) => (TokenKind.Dot, 1),
            (';', _) => (TokenKind.Semicolon, 1),
            ('[', _) => (TokenKind.LeftBracket, 1),
            (']', _) => (TokenKind.RightBracket, 1),
            (':', ':') => (TokenKind.DoubleColon, 2),
            (':', '=') => (TokenKind.ColonEqual, 2),
            (':', _) => (TokenKind.Colon, 1),
            _ => (TokenKind.Other, 1),
        };
        _next = start + length;
        Add(kind, start, _next);
    }

    // An operator ends before a comment; of more than one character it ends in + or - only if it holds a sign keeper (so that a=-1 works).
    void ReadOperator(int start)
    {
        var run = _text[start..];
        var length = run.IndexOfAnyExcept(OperatorChars);
        if (length >= 0) run = run[..length];
        length = run.Length;

        var comment = run.IndexOf("--");
        if (comment >= 0) length = comment;
        comment = run[..length].IndexOf("/*");
        if (comment >= 0) length = comment;

        if (length > 1 && run[length - 1] is '+' or '-' && run[..length].IndexOfAny(SignKeepers) < 0)
        {
            while (length > 1 && run[length - 1] is '+' or '-')
                length--;
        }

        if (length > MaxOperatorLength)
            throw new LexicalError("operator too long", start, start + length);

        _next = start + length;
        Add(KindOfOperator(run[..length]), start, _next);
    }

    static TokenKind KindOfOperator(ReadOnlySpan<char> text) => text switch
    {
        "+" => TokenKind.Plus,
        "-" => TokenKind.Minus,
        "*" => TokenKind.Star,
        "/" => TokenKind.Slash,
        "%" => TokenKind.Percent,
        "^" => TokenKind.Caret,
        "<" => TokenKind.Less,
        ">" => TokenKind.Greater,
        "=" => TokenKind.Equal,
        "<=" => TokenKind.LessOrEqual,
        ">=" => TokenKind.GreaterOrEqual,
        "<>" or "!=" => TokenKind.NotEqual,
        "=>" => TokenKind.Arrow,
        _ => TokenKind.Operator,
    };

    void ReadWord(int start, char first)
    {
        if (start + 1 < _text.Length && ReadPrefixed(start, first)) return;

        var end = NameEnd(start + 1);
        _next = end;

        var length = end - start;
        if (length <= Keywords.MaxLength)
        {
            Span<char> lower = stackalloc char[Keywords.MaxLength];
            if (ToLowerAscii(_text[start..end], lower) && Keywords.Find(lower[..length]) is var keyword and not Keyword.NoKeyword)
            {
                Add(TokenKind.Keyword, start, end, keyword);
                return;
            }
        }
        Add(TokenKind.Identifier, start, end);
    }

    /// <summary>Strings and names that begin with a letter: b'', x'', n'', e'', u&amp;'', u&amp;"".</summary>
    bool ReadPrefixed(int start, char first)
    {
        switch (first | 0x20, _text[start + 1])
        {
            case ('b', '\''):
                ReadBits(start, TokenKind.BitString, "unterminated bit string literal");
                return true;
            case ('x', '\''):
                ReadBits(start, TokenKind.HexString, "unterminated hexadecimal string literal");
                return true;
            case ('n', '\''):
                Add(TokenKind.Keyword, start, start + 1, Keyword.Nchar);
                _next = start + 1;
                return true;
            case ('e', '\''):
                ReadString(start, start + 1, escapes: true);
                return true;
            case ('u', '&') when start + 2 < _text.Length && _text[start + 2] == '\'':
                if (!_standardStrings)
                    throw new LexicalError("unsafe use of string constant with Unicode escapes", start, start + 3, SqlState.FeatureNotSupported)
                    {
                        HasContext = false,
                    };
                ReadUnicode(start, '\'', TokenKind.String);
                return true;
            case ('u', '&') when start + 2 < _text.Length && _text[start + 2] == '"':
                ReadUnicode(start, '"', TokenKind.Identifier);
                return true;
            default:
                return false;
        }
    }

    void ReadBits(int start, TokenKind kind, string unterminated)
    {
        var value = ReadQuoted(start, start + 1, '\'', continues: true, unterminated);
        Add(kind, start, _next, value: value ?? _sql[(start + 2)..(_next - 1)]);
    }

    void ReadString(int start, int quote, bool escapes)
    {
        if (escapes)
        {
            var value = StringEscapes.Read(_text, start, quote, ref _next);
            Add(TokenKind.String, start, _next, value: value);
            return;
        }
        var plain = ReadQuoted(start, quote, '\'', continues: true, "unterminated quoted string");
        Add(TokenKind.String, start, _next, value: plain);
    }

    void ReadQuotedName(int start)
    {
        var value = ReadQuoted(start, start, '"', continues: false, "unterminated quoted identifier");
        if (_next - start == 2)
            throw new LexicalError("zero-length delimited identifier", start, _next);
        Add(TokenKind.Identifier, start, _next, value: value);
    }

    void ReadUnicode(int start, char quote, TokenKind kind)
    {
        var isName = kind == TokenKind.Identifier;
        var raw = ReadQuoted(start, start + 2, quote, continues: !isName, isName ? "unterminated quoted identifier" : "unterminated quoted string")
            ?? _sql[(start + 3)..(_next - 1)];
        if (isName && raw.Length == 0)
            throw new LexicalError("zero-length delimited identifier", start, _next);

        var end = _next;
        var escape = ReadUescape(ref end) ?? '\\';
        var value = UnicodeEscapes.Decode(raw, escape, start, start + 3, _next);
        Add(kind, start, _next, value: value);
        _next = end;
    }

    /// <summary>Reads <c>UESCAPE 'c'</c> after <paramref name="end"/> if it stands there.</summary>
    char? ReadUescape(ref int end)
    {
        var at = end;
        if (!SkipBlanks(ref at)) return null;
        var wordEnd = IsNameStart(_text[at]) ? NameEnd(at) : at;
        if (!_text[at..wordEnd].Equals("uescape", StringComparison.OrdinalIgnoreCase)) return null;

        var quote = wordEnd;
        if (!SkipBlanks(ref quote) || _text[quote] != '\'')
            throw new LexicalError("UESCAPE must be followed by a simple string literal", at, wordEnd);

        var (saved, start) = (_next, quote);
        var value = ReadQuoted(start, start, '\'', continues: true, "unterminated quoted string") ?? _sql[(start + 1)..(_next - 1)];
        end = _next;
        _next = saved;
        if (value.Length != 1 || char.IsAsciiHexDigit(value[0]) || value[0] is '+' or '\'' or '"' or ' ' or '\t' or '\n' or '\r' or '\f')
            throw new LexicalError("invalid Unicode escape character", start, end);
        return value[0];
    }

    /// <summary>
    /// Reads from the quote at <paramref name="quote"/> to its end, over doubled quotes and, with <paramref name="continues"/>, over
    /// line breaks between pieces. Null when the content is exactly what stands between the quotes.
    /// </summary>
    string? ReadQuoted(int start, int quote, char mark, bool continues, string unterminated)
    {
        System.Text.StringBuilder? content = null;
        var from = quote + 1;
        while (true)
        {
            var length = _text[from..].IndexOf(mark);
            if (length < 0)
                throw new LexicalError(unterminated, start, _text.Length);
            var end = from + length;
            if (end + 1 < _text.Length && _text[end + 1] == mark)
            {
                (content ??= new()).Append(_text[from..(end + 1)]);
                from = end + 2;
                continue;
            }
            _next = end + 1;
            if (continues && Continuation(_text, end + 1) is var next and >= 0)
            {
                (content ??= new()).Append(_text[from..end]);
                from = next + 1;
                continue;
            }
            return content?.Append(_text[from..end]).ToString();
        }
    }

    /// <summary>Index of the quote that continues a string over at least one line break, or -1.</summary>
    internal static int Continuation(ReadOnlySpan<char> text, int at)
    {
        var newline = false;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c is '\n' or '\r')
                newline = true;
            else if (c == '-' && newline && at + 1 < text.Length && text[at + 1] == '-')
            {
                var length = text[at..].IndexOfAny('\n', '\r');
                if (length < 0) return -1;
                at += length;
            }
            else if (c == '\'')
                return newline ? at : -1;
            else if (c is not (' ' or '\t' or '\f'))
                return -1;
        }
        return -1;
    }

    void ReadDollar(int start)
    {
        if (IsDigitAt(start + 1))
        {
            var end = start + 1;
            while (IsDigitAt(end)) end++;
            if (end < _text.Length && IsNameStart(_text[end]))
                throw new LexicalError("trailing junk after parameter", start, end + 1);
            _next = end;
            Add(TokenKind.Parameter, start, end);
            return;
        }

        var tagEnd = start + 1;
        while (tagEnd < _text.Length && _text[tagEnd] != '$' && IsNamePart(_text[tagEnd])) tagEnd++;
        if (tagEnd >= _text.Length || _text[tagEnd] != '$')
        {
            _next = start + 1;
            Add(TokenKind.Other, start, _next);
            return;
        }

        var tag = _text[start..(tagEnd + 1)];
        var body = tagEnd + 1;
        var length = _text[body..].IndexOf(tag);
        if (length < 0)
            throw new LexicalError("unterminated dollar-quoted string", start, _text.Length);
        _next = body + length + tag.Length;
        Add(TokenKind.String, start, _next, value: _sql.Substring(body, length));
    }

    void ReadNumber(int start)
    {
        var end = start;
        while (IsDigitAt(end)) end++;
        var kind = TokenKind.Integer;

        // In 1..10 the number ends before the dots.
        if (end < _text.Length && _text[end] == '.' && !(end + 1 < _text.Length && _text[end + 1] == '.'))
        {
            kind = TokenKind.Decimal;
            end++;
            while (IsDigitAt(end)) end++;
        }
        if (end < _text.Length && (_text[end] | 0x20) == 'e')
        {
            var digits = end + 1;
            if (digits < _text.Length && _text[digits] is '+' or '-') digits++;
            if (!IsDigitAt(digits))
                throw new LexicalError("trailing junk after numeric literal", start, digits);
            kind = TokenKind.Decimal;
            end = digits;
            while (IsDigitAt(end)) end++;
        }
        if (end < _text.Length && IsNameStart(_text[end]))
            throw new LexicalError("trailing junk after numeric literal", start, end + 1);
        _next = end;
        Add(kind, start, end);
    }

    /// <summary>Moves <paramref name="at"/> to the next character that is no blank and in no comment; false at the end.</summary>
    bool SkipBlanks(ref int at)
    {
        while (at < _text.Length)
        {
            var c = _text[at];
            if (c is ' ' or '\n' or '\r' or '\t' or '\f')
                at++;
            else if (c == '-' && at + 1 < _text.Length && _text[at + 1] == '-')
            {
                var length = _text[at..].IndexOfAny('\n', '\r');
                at = length < 0 ? _text.Length : at + length;
            }
            else if (c == '/' && at + 1 < _text.Length && _text[at + 1] == '*')
                at = CommentEnd(at);
            else
                return true;
        }
        return false;
    }

    /// <summary>Index after the comment that starts at <paramref name="start"/>; comments nest.</summary>
    int CommentEnd(int start)
    {
        var at = start + 2;
        for (var depth = 1; depth > 0;)
        {
            var length = _text[at..].IndexOfAny('*', '/');
            if (length < 0 || at + length + 1 >= _text.Length)
                throw new LexicalError("unterminated /* comment", start, _text.Length);
            at += length;
            switch (_text[at], _text[at + 1])
            {
                case ('*', '/'):
                    depth--;
                    at += 2;
                    break;
                case ('/', '*'):
                    depth++;
                    at += 2;
                    break;
                default:
                    at++;
                    break;
            }
        }
        return at;
    }

    void Add(TokenKind kind, int start, int end, Keyword keyword = Keyword.NoKeyword, string? value = null)
        => _tokens.Add(new Token { Kind = kind, Keyword = keyword, Start = start, End = end, Position = PositionOf(start), Value = value });

    // PostgreSQL counts characters, .NET UTF-16 units: what lies outside the first plane counts once. Tokens come in order, so this is linear.
    int PositionOf(int start)
    {
        if (!_hasSurrogates) return start + 1;
        for (; _counted < start; _counted++)
        {
            if (char.IsLowSurrogate(_text[_counted])) _lowSurrogates++;
        }
        return start + 1 - _lowSurrogates;
    }

    bool IsDigitAt(int at) => (uint)at < (uint)_text.Length && char.IsAsciiDigit(_text[at]);

    static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= 0x80;

    static bool IsNamePart(char c) => IsNameStart(c) || char.IsAsciiDigit(c);

    int NameEnd(int at)
    {
        while (true)
        {
            var length = _text[at..].IndexOfAnyExcept(NameChars);
            if (length < 0) return _text.Length;
            at += length;
            if (_text[at] < 0x80) return at;
            at++;
        }
    }

    /// <summary>False when a character is neither letter nor underscore, so that the text cannot be a key word.</summary>
    static bool ToLowerAscii(ReadOnlySpan<char> text, Span<char> lower)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiLetter(c))
                lower[i] = (char)(c | 0x20);
            else if (c == '_')
                lower[i] = c;
            else
                return false;
        }
        return true;
    }
}
