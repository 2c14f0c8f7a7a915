using System.Globalization;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>What a <see cref="JsonReader"/> tells of the text it reads, in order.</summary>
public interface IJsonHandler
{
    void BeginObject();
    void Key(string name);
    void EndObject();
    void BeginArray();
    void EndArray();
    void String(string value);

    /// <param name="literal">As written.</param>
    void Number(ReadOnlySpan<char> literal);
    void Boolean(bool value);
    void Null();
}

/// <summary>
/// Reads JSON text by RFC 8259 and PostgreSQL's limits. What it refuses raises 22P02 <c>invalid input syntax for type json</c> with
/// PostgreSQL's DETAIL and CONTEXT.
/// </summary>
/// <param name="handler">Null only to check the text; string escapes are then not resolved, so <c>\u0000</c> passes.</param>
public sealed class JsonReader(string text, IJsonHandler? handler)
{
    const int ContextLength = 50;

    int _at;

    // The current token: its first character and its span.
    int _start, _end;

    /// <summary>Raises 22P02 unless <paramref name="text"/> is JSON.</summary>
    public static void Validate(string text) => new JsonReader(text, null).Read();

    /// <summary>Reads the whole text.</summary>
    public void Read()
    {
        Next();
        ReadValue("Expected JSON value, but found");
        if (Token != '\0')
            throw Unexpected("Expected end of input, but found");
    }

    char Token => _start < text.Length ? text[_start] : '\0';

    /// <summary>Moves to the next token: a bracket, colon, comma, string, number or word; the empty one at the end.</summary>
    void Next()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t' or '\n' or '\r')
            _at++;
        _start = _at;
        if (_at >= text.Length)
        {
            _end = _at;
            return;
        }
        var first = text[_at++];
        if (first == '"')
            SkipString();
        else if (first == '-' || char.IsAsciiDigit(first))
            SkipNumber();
        else if (IsWordCharacter(first))
        {
            SkipWord();
            _end = _at;
            if (text.AsSpan(_start, _at - _start) is not ("true" or "false" or "null"))
                throw Invalid($"Token \"{text[_start.._at]}\" is invalid.");
        }
        else if (first is not ('{' or '}' or '[' or ']' or ':' or ','))
        {
            _end = _at;
            throw Invalid($"Token \"{text[_start.._at]}\" is invalid.");
        }
        _end = _at;
    }

    static bool IsWordCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || c >= 0x80;

    void SkipWord()
    {
        while (_at < text.Length && IsWordCharacter(text[_at]))
            _at++;
    }

    void SkipNumber()
    {
        _at = _start + (text[_start] == '-' ? 1 : 0);
        var isValid = SkipDigits(allowLeadingZero: false);
        if (isValid && _at < text.Length && text[_at] == '.')
        {
            _at++;
            isValid = SkipDigits(allowLeadingZero: true);
        }
        if (isValid && _at < text.Length && text[_at] is 'e' or 'E')
        {
            _at++;
            if (_at < text.Length && text[_at] is '+' or '-')
                _at++;
            isValid = SkipDigits(allowLeadingZero: true);
        }
        if (isValid && (_at >= text.Length || !IsWordCharacter(text[_at])))
            return;
        SkipWord();
        _end = _at;
        throw Invalid($"Token \"{text[_start.._at]}\" is invalid.");
    }

    bool SkipDigits(bool allowLeadingZero)
    {
        var first = _at;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
            if (!allowLeadingZero && text[first] == '0')
                break;
        }
        return _at > first;
    }

    void SkipString()
    {
        for (; ; _at++)
        {
            if (_at >= text.Length)
            {
                _end = _at;
                throw Invalid($"Token \"{text[_start..]}\" is invalid.");
            }
            var c = text[_at];
            if (c == '"')
                break;
            if (c < ' ')
            {
                _end = _at + 1;
                throw Invalid($"Character with value 0x{(int)c:x2} must be escaped.");
            }
            if (c == '\\')
                SkipEscape();
        }
        _at++;
    }

    void SkipEscape()
    {
        _at++;
        if (_at >= text.Length)
        {
            _end = _at;
            throw Invalid($"Token \"{text[_start..]}\" is invalid.");
        }
        if (text[_at] != 'u')
        {
            _end = _at + 1;
            if (text[_at] is not ('"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't'))
                throw Invalid($"Escape sequence \"\\{text[_at]}\" is invalid.");
            return;
        }
        for (var i = 1; i <= 4; i++)
        {
            _end = Math.Min(_at + i + 1, text.Length);
            if (_at + i >= text.Length || !char.IsAsciiHexDigit(text[_at + i]))
                throw Invalid("\"\\u\" must be followed by four hexadecimal digits.");
        }
        _at += 4;
    }

    /// <summary>The content of the string token.</summary>
    string StringContent()
    {
        var content = text.AsSpan(_start + 1, _end - _start - 2);
        if (!content.Contains('\\'))
            return content.ToString();
        var result = new StringBuilder();
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] != '\\')
            {
                AppendOther(content[i]);
                continue;
            }
            var c = content[++i];
            if (c != 'u')
            {
                AppendOther(c switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c });
                continue;
            }
            var unit = (char)int.Parse(content.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            i += 4;
            if (unit == 0)
                throw Error(SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text.");
            if (char.IsHighSurrogate(unit) && EndsInLoneHigh())
                throw Invalid("Unicode high surrogate must not follow a high surrogate.");
            if (char.IsLowSurrogate(unit) && !EndsInLoneHigh())
                throw Invalid("Unicode low surrogate must follow a high surrogate.");
            if (!char.IsLowSurrogate(unit) && EndsInLoneHigh())
                throw Invalid("Unicode low surrogate must follow a high surrogate.");
            result.Append(unit);
        }
        if (EndsInLoneHigh())
            throw Invalid("Unicode low surrogate must follow a high surrogate.");
        return result.ToString();

        bool EndsInLoneHigh() => result.Length > 0 && char.IsHighSurrogate(result[^1]);
        void AppendOther(char c)
        {
            // The text itself is well-formed, so only an escape can leave half a pair.
            if (EndsInLoneHigh() && !char.IsLowSurrogate(c))
                throw Invalid("Unicode low surrogate must follow a high surrogate.");
            result.Append(c);
        }
    }

    void ReadValue(string expectation)
    {
        switch (Token)
        {
            case '{':
                ReadObject();
                return;
            case '[':
                ReadArray();
                return;
            case '"':
                handler?.String(StringContent());
                break;
            case 't' or 'f':
                handler?.Boolean(Token == 't');
                break;
            case 'n':
                handler?.Null();
                break;
            case '-' or (>= '0' and <= '9'):
                handler?.Number(text.AsSpan(_start, _end - _start));
                break;
            default:
                throw Unexpected(expectation);
        }
        Next();
    }

    void ReadObject()
    {
        StackDepth.Check();
        handler?.BeginObject();
        Next();
        if (Token != '}')
        {
            ReadMember("Expected string or \"}\", but found");
            while (Token == ',')
            {
                Next();
                ReadMember("Expected string, but found");
            }
            if (Token != '}')
                throw Unexpected("Expected \",\" or \"}\", but found");
        }
        handler?.EndObject();
        Next();
    }

    void ReadMember(string expectation)
    {
        if (Token != '"')
            throw Unexpected(expectation);
        handler?.Key(StringContent());
        Next();
        if (Token != ':')
            throw Unexpected("Expected \":\", but found");
        Next();
        ReadValue("Expected JSON value, but found");
    }

    void ReadArray()
    {
        StackDepth.Check();
        handler?.BeginArray();
        Next();
        if (Token != ']')
        {
            ReadValue("Expected array element or \"]\", but found");
            while (Token == ',')
            {
                Next();
                ReadValue("Expected JSON value, but found");
            }
            if (Token != ']')
                throw Unexpected("Expected \",\" or \"]\", but found");
        }
        handler?.EndArray();
        Next();
    }

    PgError Unexpected(string expectation)
        => Invalid(_start >= text.Length ? "The input string ended unexpectedly." : $"{expectation} \"{text[_start.._end]}\".");

    PgError Invalid(string detail) => Error(SqlState.InvalidTextRepresentation, "invalid input syntax for type json", detail);

    PgError Error(string state, string message, string detail)
    {
        var line = 1;
        var lineStart = 0;
        for (var i = 0; i < Math.Min(_start, text.Length); i++)
        {
            if (text[i] == '\n')
                (line, lineStart) = (line + 1, i + 1);
        }
        var from = Math.Max(lineStart, _end - ContextLength + 1);
        if (from - lineStart <= 3)
            from = lineStart;
        if (from < text.Length && char.IsLowSurrogate(text[from]))
            from++;
        var hasMore = _start < text.Length && _end < text.Length && text[_end] is not ('\n' or '\r');
        return new(state, message)
        {
            Detail = detail,
            Where = $"JSON data, line {line}: {(from > lineStart ? "..." : "")}{text[from.._end]}{(hasMore ? "..." : "")}",
        };
    }
}
