using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PgVectorCompat.Types;

/// <summary>Turns an advanced regular expression of PostgreSQL into one of .NET.</summary>
sealed class RegexTranslator
{
    const string WordClass = @"\p{L}\p{Mn}\p{Nd}_";

    readonly string _pattern;
    readonly bool _newlineAnchors;
    readonly bool _newlineStops;
    readonly bool _isExpanded;
    readonly StringBuilder _result = new();
    int _at;
    int _depth;
    int _groups;

    RegexTranslator(string pattern, bool newlineAnchors, bool newlineStops, bool isExpanded)
        => (_pattern, _newlineAnchors, _newlineStops, _isExpanded) = (pattern, newlineAnchors, newlineStops, isExpanded);

    public static PgError Invalid(string why) => new(SqlState.InvalidRegularExpression, $"invalid regular expression: {why}");

    /// <summary>The pattern for .NET and its options. Raises 2201B, and 22023 for unknown flags.</summary>
    public static (string Pattern, RegexOptions Options) Translate(string pattern, string flags)
    {
        bool ignoreCase = false, anchors = false, stops = false, expanded = false, literal = false;
        void Apply(string letters, bool isEmbedded)
        {
            foreach (var flag in letters)
            {
                switch (flag)
                {
                    case 'i': ignoreCase = true; break;
                    case 'c': ignoreCase = false; break;
                    case 'm' or 'n': (anchors, stops) = (true, true); break;
                    case 's': (anchors, stops) = (false, false); break;
                    case 'w': (anchors, stops) = (true, false); break;
                    case 'p': (anchors, stops) = (false, true); break;
                    case 'x': expanded = true; break;
                    case 't': expanded = false; break;
                    case 'q': literal = true; break;
                    case 'e' or 'b': break;
                    default:
                        throw isEmbedded ? Invalid("invalid embedded option")
                            : new PgError(SqlState.InvalidParameterValue, $"invalid regular expression option: \"{flag}\"");
                }
            }
        }
        Apply(flags, isEmbedded: false);
        if (pattern.StartsWith("***=", StringComparison.Ordinal))
            (pattern, literal) = (pattern[4..], true);
        else if (pattern.StartsWith("***:", StringComparison.Ordinal))
            pattern = pattern[4..];
        if (!literal && pattern.StartsWith("(?", StringComparison.Ordinal) && pattern.Length > 2 && char.IsAsciiLetter(pattern[2]))
        {
            var end = pattern.IndexOf(')', StringComparison.Ordinal);
            if (end < 0)
                throw Invalid("parentheses () not balanced");
            Apply(pattern[2..end], isEmbedded: true);
            pattern = pattern[(end + 1)..];
        }
        var options = (ignoreCase ? RegexOptions.IgnoreCase : 0) | (stops ? 0 : RegexOptions.Singleline);
        return literal ? (Regex.Escape(pattern), options) : (new RegexTranslator(pattern, anchors, stops, expanded).Run(), options);
    }

    char Peek(int ahead = 0) => _at + ahead < _pattern.Length ? _pattern[_at + ahead] : '\0';

    string Run()
    {
        // Whether what came last can be repeated.
        var canRepeat = false;
        while (_at < _pattern.Length)
        {
            var c = _pattern[_at++];
            switch (c)
            {
                case '\\':
                    canRepeat = Escape();
                    break;
                case '[':
                    canRepeat = Bracket();
                    break;
                case '(':
                    OpenGroup();
                    canRepeat = false;
                    break;
                case ')':
                    if (--_depth < 0)
                        throw Invalid("parentheses () not balanced");
                    _result.Append(')');
                    canRepeat = true;
                    break;
                case '|':
                    _result.Append('|');
                    canRepeat = false;
                    break;
                case '*' or '+' or '?':
                    canRepeat = Quantifier(c.ToString(), canRepeat);
                    break;
                case '{' when char.IsAsciiDigit(Peek()):
                    canRepeat = Quantifier(Bounds(), canRepeat);
                    break;
                case '^':
                    _result.Append(_newlineAnchors ? @"(?<=\A|\n)" : @"\A");
                    canRepeat = false;
                    break;
                case '$':
                    _result.Append(_newlineAnchors ? @"(?=\n|\z)" : @"\z");
                    canRepeat = false;
                    break;
                case '.':
                    // One character, which may be a surrogate pair.
                    _result.Append(_newlineStops ? @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^\n])" : @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|.)");
                    canRepeat = true;
                    break;
                case ' ' or '\t' or '\n' or '\r' or '\f' or '\v' when _isExpanded:
                    break;
                case '#' when _isExpanded:
                    while (_at < _pattern.Length && _pattern[_at] != '\n')
                        _at++;
                    break;
                default:
                    Literal(c);
                    canRepeat = true;
                    break;
            }
        }
        if (_depth > 0)
            throw Invalid("parentheses () not balanced");
        return _result.ToString();
    }

    void Literal(char c)
    {
        if (char.IsHighSurrogate(c) && char.IsLowSurrogate(Peek()))
            _result.Append("(?:").Append(c).Append(_pattern[_at++]).Append(')');
        else
            _result.Append(Regex.Escape(c.ToString()).Replace("]", "\\]", StringComparison.Ordinal).Replace("}", "\\}", StringComparison.Ordinal));
    }

    void OpenGroup()
    {
        _depth++;
        if (Peek() != '?')
        {
            _groups++;
            _result.Append('(');
            return;
        }
        foreach (var kind in (ReadOnlySpan<string>)["?:", "?=", "?!", "?<=", "?<!"])
        {
            if (_pattern.AsSpan(_at).StartsWith(kind))
            {
                _result.Append('(').Append(kind);
                _at += kind.Length;
                return;
            }
        }
        throw Invalid("quantifier operand invalid");
    }

    string Bounds()
    {
        var end = _pattern.IndexOf('}', _at);
        if (end < 0)
            throw Invalid("braces {} not balanced");
        var bounds = _pattern[_at..end];
        _at = end + 1;
        var parts = bounds.Split(',');
        if (parts.Length > 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var low)
            || (parts.Length == 2 && parts[1].Length > 0 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var high) || high < low || high > 255)) || low > 255)
            throw Invalid("invalid repetition count(s)");
        return $"{{{bounds}}}";
    }

    bool Quantifier(string quantifier, bool canRepeat)
    {
        if (!canRepeat)
            throw Invalid("quantifier operand invalid");
        _result.Append(quantifier);
        if (Peek() == '?')
        {
            _result.Append('?');
            _at++;
        }
        return false;
    }

    /// <summary>Translates an escape outside brackets; says whether a quantifier may follow.</summary>
    bool Escape()
    {
        if (_at >= _pattern.Length)
            throw Invalid("invalid escape \\ sequence");
        var c = _pattern[_at++];
        if (!char.IsAsciiLetterOrDigit(c))
        {
            Literal(c);
            return true;
        }
        switch (c)
        {
            case 'A':
                _result.Append(@"\A");
                return false;
            case 'Z':
                _result.Append(@"\z");
                return false;
            case 'm':
                _result.Append($"(?<![{WordClass}])(?=[{WordClass}])");
                return false;
            case 'M':
                _result.Append($"(?<=[{WordClass}])(?![{WordClass}])");
                return false;
            case 'y':
                _result.Append($"(?:(?<![{WordClass}])(?=[{WordClass}])|(?<=[{WordClass}])(?![{WordClass}]))");
                return false;
            case 'Y':
                _result.Append($"(?:(?<![{WordClass}])(?![{WordClass}])|(?<=[{WordClass}])(?=[{WordClass}]))");
                return false;
            case 'd' or 's' or 'w':
                _result.Append('[').Append(ClassOf(c)).Append(']');
                return true;
            case 'D' or 'S' or 'W':
                _result.Append("[^").Append(ClassOf(char.ToLowerInvariant(c))).Append(']');
                return true;
            case >= '1' and <= '9':
                var number = c - '0';
                while (char.IsAsciiDigit(Peek()) && number * 10 + (Peek() - '0') <= _groups)
                    number = number * 10 + (_pattern[_at++] - '0');
                if (number > _groups)
                    throw Invalid("invalid backreference number");
                _result.Append(CultureInfo.InvariantCulture, $"(?:\\{number})");
                return true;
            default:
                _result.Append(Quote(CharacterEscape(c)));
                return true;
        }
    }

    static string ClassOf(char c) => c switch { 'd' => "0-9", 's' => @"\s", _ => WordClass };

    /// <summary>The character of an escape like <c>\n</c>, <c>\x41</c>, <c>\u0041</c>.</summary>
    string CharacterEscape(char c)
    {
        switch (c)
        {
            case 'a': return "\a";
            case 'b': return "\b";
            case 'B': return "\\";
            case 'e': return "\u001b";
            case 'f': return "\f";
            case 'n': return "\n";
            case 'r': return "\r";
            case 't': return "\t";
            case 'v': return "\v";
            case '0': return "\0";
            case 'c' when _at < _pattern.Length: return ((char)(_pattern[_at++] & 0x1F)).ToString();
            case 'x': return CodePoint(1, int.MaxValue);
            case 'u': return CodePoint(4, 4);
            case 'U': return CodePoint(8, 8);
            default: throw Invalid("invalid escape \\ sequence");
        }
    }

    string CodePoint(int least, int most)
    {
        var start = _at;
        while (_at - start < most && char.IsAsciiHexDigit(Peek()))
            _at++;
        return _at - start >= least && int.TryParse(_pattern.AsSpan(start, _at - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && Rune.IsValid(value)
            ? new Rune(value).ToString()
            : throw Invalid("invalid escape \\ sequence");
    }

    static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var c in text)
            quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
        return text.Length > 1 ? $"(?:{quoted})" : quoted.ToString();
    }

    /// <summary>Translates a bracket expression after its opening bracket; says whether a quantifier may follow.</summary>
    bool Bracket()
    {
        foreach (var (written, meaning) in (ReadOnlySpan<(string, string)>)[("[:<:]]", $"(?<![{WordClass}])(?=[{WordClass}])"), ("[:>:]]", $"(?<=[{WordClass}])(?![{WordClass}])")])
        {
            if (_pattern.AsSpan(_at).StartsWith(written))
            {
                _at += written.Length;
                _result.Append(meaning);
                return false;
            }
        }
        var content = new StringBuilder();
        var negated = Peek() == '^';
        if (negated)
            _at++;
        for (var first = true; first || Peek() != ']'; first = false)
        {
            if (_at >= _pattern.Length)
                throw Invalid("brackets [] not balanced");
            BracketItem(content);
        }
        _at++;
        if (negated && _newlineStops)
            content.Append("\\n");
        _result.Append(negated ? "[^" : "[").Append(content).Append(']');
        return true;
    }

    void BracketItem(StringBuilder content)
    {
        if (Peek() == '[' && Peek(1) == ':')
        {
            content.Append(NamedClass());
            return;
        }
        if (Peek() == '\\' && Peek(1) is 'd' or 's' or 'w')
        {
            content.Append(ClassOf(Peek(1)));
            _at += 2;
            return;
        }
        var low = BracketCharacter();
        content.Append(Quote(low.ToString()));
        if (Peek() != '-' || Peek(1) is ']' or '\0')
            return;
        _at++;
        var high = BracketCharacter();
        if (high < low)
            throw Invalid("invalid character range");
        content.Append('-').Append(Quote(high.ToString()));
    }

    char BracketCharacter()
    {
        var c = _pattern[_at++];
        if (c == '[' && Peek() is '.' or '=')
        {
            var kind = Peek();
            if (Peek(2) != kind || Peek(3) != ']')
                throw Invalid("invalid collating element");
            c = Peek(1);
            _at += 4;
            return c;
        }
        if (c != '\\' || _at >= _pattern.Length)
            return c;
        var escaped = _pattern[_at++];
        return char.IsAsciiLetterOrDigit(escaped) ? CharacterEscape(escaped)[0] : escaped;
    }

    string NamedClass()
    {
        var end = _pattern.IndexOf(":]", _at, StringComparison.Ordinal);
        if (end < 0)
            throw Invalid("brackets [] not balanced");
        var name = _pattern[(_at + 2)..end];
        _at = end + 2;
        return name switch
        {
            "alpha" => @"\p{L}",
            "digit" => "0-9",
            "alnum" => @"\p{L}\p{Nd}",
            "upper" => @"\p{Lu}",
            "lower" => @"\p{Ll}",
            "space" => @"\s",
            "blank" => @" \t",
            "punct" => @"!-/:-@\[-`{-~\p{P}",
            "cntrl" => @"\p{Cc}",
            "graph" => @"\p{L}\p{M}\p{N}\p{P}\p{S}",
            "print" => @"\p{L}\p{M}\p{N}\p{P}\p{S} ",
            "xdigit" => "0-9A-Fa-f",
            "word" => WordClass,
            "ascii" => @"\x00-\x7F",
            _ => throw Invalid("invalid character class"),
        };
    }
}
