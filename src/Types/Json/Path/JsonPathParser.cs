using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>Reads a jsonpath. Values and conditions share one grammar; where one must stand the other is a syntax error.</summary>
sealed class JsonPathParser(string text)
{
    /// <summary>PostgreSQL's methods up to version 15.</summary>
    static readonly HashSet<string> Methods = ["type", "size", "abs", "floor", "ceiling", "double", "keyvalue"];

    enum Kind { End, Name, String, Number, Variable, Symbol }

    readonly record struct Token(Kind Kind, string Text, int Start, int End);

    int _at;
    Token _token;
    bool _inFilter;
    bool _inSubscript;

    public JsonPath Parse()
    {
        Advance();
        var isLax = true;
        if (_token is { Kind: Kind.Name, Text: "strict" or "lax" })
        {
            isLax = _token.Text == "lax";
            Advance();
        }
        if (_token.Kind == Kind.End && text.Trim().Length == 0)
            throw new PgError(SqlState.InvalidTextRepresentation, $"invalid input syntax for type jsonpath: \"{text}\"");
        var root = Or();
        return _token.Kind == Kind.End ? new(isLax, root) : throw Error();
    }

    // ---- Grammar, loosest first

    PathNode Or()
    {
        var left = And();
        while (Accept("||")) left = new PathLogical(false, Condition(left), Condition(And()));
        return left;
    }

    PathNode And()
    {
        var left = Not();
        while (Accept("&&")) left = new PathLogical(true, Condition(left), Condition(Not()));
        return left;
    }

    PathNode Not()
    {
        if (!Accept("!")) return Comparison();
        var operand = Comparison();
        return operand is PathExists or PathLogical or PathComparison or PathStartsWith or PathLikeRegex or PathNot or PathIsUnknown ? new PathNot(operand) : throw Error();
    }

    PathNode Comparison()
    {
        var left = Sum();
        if (_token.Kind == Kind.Symbol && _token.Text is "==" or "!=" or "<>" or "<" or "<=" or ">" or ">=")
        {
            var name = _token.Text == "<>" ? "!=" : _token.Text;
            Advance();
            return new PathComparison(name, Value(left), Value(Sum()));
        }
        if (AcceptWord("starts"))
        {
            ExpectWord("with");
            if (_token.Kind is not (Kind.String or Kind.Variable)) throw Error();
            return new PathStartsWith(Value(left), Primary());
        }
        if (AcceptWord("like_regex"))
        {
            var pattern = ExpectString();
            var flags = AcceptWord("flag") ? ExpectString() : "";
            foreach (var flag in flags)
                if (!"ismxq".Contains(flag))
                    throw new PgError(SqlState.SyntaxError, "invalid input syntax for type jsonpath") { Detail = $"Unrecognized flag character \"{flag}\" in LIKE_REGEX predicate." };
            if (flags.Contains('x') && !flags.Contains('q'))
                throw PgError.Unsupported("XQuery \"x\" flag (expanded regular expressions)");
            return new PathLikeRegex(Value(left), pattern, flags);
        }
        return left;
    }

    PathNode Sum()
    {
        var left = Product();
        while (_token is { Kind: Kind.Symbol, Text: "+" or "-" })
        {
            var name = _token.Text[0];
            Advance();
            left = new PathArithmetic(name, Value(left), Value(Product()));
        }
        return left;
    }

    PathNode Product()
    {
        var left = Sign();
        while (_token is { Kind: Kind.Symbol, Text: "*" or "/" or "%" })
        {
            var name = _token.Text[0];
            Advance();
            left = new PathArithmetic(name, Value(left), Value(Sign()));
        }
        return left;
    }

    PathNode Sign()
    {
        StackDepth.Check();
        if (_token is not { Kind: Kind.Symbol, Text: "-" or "+" }) return Steps(Primary());
        var isMinus = _token.Text == "-";
        Advance();
        var operand = Value(Sign());
        if (operand is not PathLiteral { Value: { Kind: JsonKind.Number } literal }) return new PathSign(isMinus, operand);
        return isMinus ? new PathLiteral(JsonbValue.Of(NumericArithmetic.Negate(literal.Number))) : operand;
    }

    PathNode Primary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case Kind.String:
                Advance();
                return new PathLiteral(JsonbValue.Of(token.Text));
            case Kind.Number:
                Advance();
                return new PathLiteral(JsonbValue.Of(PgNumeric.Parse(token.Text)));
            case Kind.Variable:
                Advance();
                return new PathVariable(token.Text);
            case Kind.Symbol when token.Text == "$":
                Advance();
                return new PathRoot();
            case Kind.Symbol when token.Text == "@":
                if (!_inFilter) throw new PgError(SqlState.SyntaxError, "@ is not allowed in root expressions");
                Advance();
                return new PathCurrent();
            case Kind.Symbol when token.Text == "(":
                Advance();
                var inner = Or();
                Expect(")");
                if (!IsCondition(inner) || !AcceptWord("is")) return inner;
                ExpectWord("unknown");
                return new PathIsUnknown(inner);
            case Kind.Name when token.Text is "true" or "false":
                Advance();
                return new PathLiteral(JsonbValue.Of(token.Text == "true"));
            case Kind.Name when token.Text == "null":
                Advance();
                return new PathLiteral(JsonbValue.Null);
            case Kind.Name when token.Text == "last":
                if (!_inSubscript) throw new PgError(SqlState.SyntaxError, "LAST is allowed only in array subscripts");
                Advance();
                return new PathLast();
            case Kind.Name when token.Text == "exists":
                Advance();
                Expect("(");
                var operand = Value(Or());
                Expect(")");
                return new PathExists(operand);
            default:
                throw Error();
        }
    }

    PathNode Steps(PathNode start)
    {
        if (IsCondition(start) && !(_token.Kind == Kind.Symbol && _token.Text is "." or "?" or "[")) return start;
        var steps = ImmutableArray.CreateBuilder<PathStep>();
        while (true)
        {
            if (Accept(".")) steps.Add(AfterDot());
            else if (Accept("[")) steps.Add(Subscripts());
            else if (Accept("?")) steps.Add(Filter());
            else return steps.Count == 0 ? start : new PathChain(start, steps.ToImmutable());
        }
    }

    PathStep AfterDot()
    {
        if (Accept("*")) return new PathAnyKey();
        if (Accept("**"))
        {
            if (!Accept("{")) return new PathDescent(0, int.MaxValue);
            var first = Level();
            var last = AcceptWord("to") ? Level() : first;
            Expect("}");
            return new PathDescent(first, last);
        }
        if (_token.Kind is not (Kind.Name or Kind.String)) throw Error();
        var (isName, name) = (_token.Kind == Kind.Name, _token.Text);
        Advance();
        if (!isName || _token is not { Kind: Kind.Symbol, Text: "(" }) return new PathKey(name);
        if (name == "datetime") throw PgError.Unsupported("jsonpath item method .datetime()");
        if (!Methods.Contains(name)) throw Error();
        Advance();
        Expect(")");
        return new PathMethod(name);
    }

    int Level()
    {
        if (AcceptWord("last")) return int.MaxValue;
        if (_token.Kind != Kind.Number || !int.TryParse(_token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var level)) throw Error();
        Advance();
        return level;
    }

    PathStep Subscripts()
    {
        if (Accept("*"))
        {
            Expect("]");
            return new PathAnyElement();
        }
        var outer = _inSubscript;
        _inSubscript = true;
        var ranges = ImmutableArray.CreateBuilder<(PathNode, PathNode?)>();
        do
        {
            var from = Value(Sum());
            ranges.Add((from, AcceptWord("to") ? Value(Sum()) : null));
        }
        while (Accept(","));
        _inSubscript = outer;
        Expect("]");
        return new PathSubscripts(ranges.ToImmutable());
    }

    PathFilter Filter()
    {
        var outer = _inFilter;
        _inFilter = true;
        Expect("(");
        var condition = Condition(Or());
        Expect(")");
        _inFilter = outer;
        return new PathFilter(condition);
    }

    static bool IsCondition(PathNode node) => node is PathComparison or PathLogical or PathNot or PathIsUnknown or PathExists or PathStartsWith or PathLikeRegex;

    PathNode Condition(PathNode node) => IsCondition(node) ? node : throw Error();

    PathNode Value(PathNode node) => IsCondition(node) ? throw Error() : node;

    // ---- Tokens

    bool Accept(string symbol)
    {
        if (_token.Kind != Kind.Symbol || _token.Text != symbol) return false;
        Advance();
        return true;
    }

    void Expect(string symbol)
    {
        if (!Accept(symbol)) throw Error();
    }

    bool AcceptWord(string word)
    {
        if (_token.Kind != Kind.Name || !_token.Text.Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        Advance();
        return true;
    }

    void ExpectWord(string word)
    {
        if (!AcceptWord(word)) throw Error();
    }

    string ExpectString()
    {
        if (_token.Kind != Kind.String) throw Error();
        var value = _token.Text;
        Advance();
        return value;
    }

    PgError Error() => _token.Kind == Kind.End
        ? PgError.Syntax("syntax error at end of jsonpath input")
        : PgError.Syntax($"syntax error at or near \"{text[_token.Start.._token.End]}\" of jsonpath input");

    void Advance()
    {
        SkipBlanks();
        var start = _at;
        if (_at >= text.Length)
        {
            _token = new(Kind.End, "", _at, _at);
            return;
        }
        var c = text[_at];
        var (kind, value) = c switch
        {
            '"' => (Kind.String, ReadString()),
            '$' when _at + 1 < text.Length && (text[_at + 1] == '"' || IsNameCharacter(text[_at + 1])) => (Kind.Variable, ReadVariable()),
            _ when char.IsAsciiDigit(c) || (c == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])) => (Kind.Number, ReadNumber()),
            _ when IsNameCharacter(c) => (Kind.Name, ReadName()),
            _ => (Kind.Symbol, ReadSymbol()),
        };
        _token = new(kind, value, start, _at);
    }

    void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at])) _at++;
            else if (text.AsSpan(_at).StartsWith("/*") && text.IndexOf("*/", _at + 2, StringComparison.Ordinal) is >= 0 and var end) _at = end + 2;
            else return;
        }
    }

    static bool IsNameCharacter(char c) => !char.IsWhiteSpace(c) && !"?%$.[]{}()|&!=<>@#,*:-+/\"'".Contains(c);

    string ReadVariable()
    {
        _at++;
        return text[_at] == '"' ? ReadString() : ReadName();
    }

    string ReadNumber()
    {
        var start = _at;
        Digits();
        if (_at < text.Length && text[_at] == '.')
        {
            _at++;
            Digits();
        }
        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            var exponent = _at++;
            if (_at < text.Length && text[_at] is '+' or '-') _at++;
            if (_at >= text.Length || !char.IsAsciiDigit(text[_at])) _at = exponent;
            else Digits();
        }
        if (_at < text.Length && IsNameCharacter(text[_at]))
            throw PgError.Syntax($"trailing junk after numeric literal at or near \"{text[start..(_at + 1)]}\" of jsonpath input");
        return text[start.._at];

        void Digits()
        {
            while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
        }
    }

    string ReadName()
    {
        var name = new StringBuilder();
        while (_at < text.Length && IsNameCharacter(text[_at]))
        {
            if (text[_at] == '\\') ReadEscape(name);
            else name.Append(text[_at++]);
        }
        return name.ToString();
    }

    string ReadString()
    {
        _at++;
        var value = new StringBuilder();
        while (true)
        {
            if (_at >= text.Length)
                throw PgError.Syntax("unterminated quoted string at end of jsonpath input");
            if (text[_at] == '"') break;
            if (text[_at] == '\\') ReadEscape(value);
            else value.Append(text[_at++]);
        }
        _at++;
        return value.ToString();
    }

    void ReadEscape(StringBuilder output)
    {
        var start = _at++;
        var c = _at < text.Length ? text[_at++] : throw Bad();
        switch (c)
        {
            case 'b': output.Append('\b'); break;
            case 'f': output.Append('\f'); break;
            case 'n': output.Append('\n'); break;
            case 'r': output.Append('\r'); break;
            case 't': output.Append('\t'); break;
            case 'v': output.Append('\v'); break;
            case 'x': output.Append((char)Hex(2)); break;
            case 'u' when _at < text.Length && text[_at] == '{':
                var close = text.IndexOf('}', _at);
                if (close < 0 || close - _at is < 2 or > 7) throw Bad();
                _at++;
                output.Append(char.ConvertFromUtf32(Hex(close - _at)));
                _at++;
                break;
            case 'u': output.Append((char)Hex(4)); break;
            default: output.Append(c); break;
        }

        int Hex(int digits)
        {
            if (_at + digits > text.Length || !int.TryParse(text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) throw Bad();
            _at += digits;
            return value;
        }

        PgError Bad() => PgError.Syntax($"invalid escape sequence at or near \"{text[start..Math.Min(text.Length, _at)]}\" of jsonpath input");
    }

    string ReadSymbol()
    {
        foreach (var symbol in (string[])["&&", "||", "==", "!=", "<>", "<=", ">=", "**"])
            if (text.AsSpan(_at).StartsWith(symbol))
            {
                _at += symbol.Length;
                return symbol;
            }
        return text[_at++].ToString();
    }
}
