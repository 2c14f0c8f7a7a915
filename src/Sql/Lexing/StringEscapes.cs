using System.Globalization;
using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Sql;

/// <summary>Strings with backslash escapes: E'…'.</summary>
static class StringEscapes
{
    /// <summary>Content of the string whose quote is at <paramref name="quote"/>.</summary>
    /// <param name="start">Where the token begins, for errors.</param>
    /// <param name="end">Gets the index after the token.</param>
    public static string Read(ReadOnlySpan<char> text, int start, int quote, ref int end)
    {
        var content = new EscapedContent(new StringBuilder());
        var at = quote + 1;
        while (true)
        {
            var length = text[at..].IndexOfAny('\'', '\\');
            if (length < 0 || (text[at + length] == '\\' && at + length + 1 >= text.Length))
                throw new LexicalError("unterminated quoted string", start, text.Length);
            if (length > 0) content.Append(text.Slice(at, length), at);
            at += length;

            if (text[at] == '\\')
                at = content.AppendEscape(text, at);
            else if (at + 1 < text.Length && text[at + 1] == '\'')
            {
                content.Append("'", at);
                at += 2;
            }
            else if (Lexer.Continuation(text, at + 1) is var next and >= 0)
                at = next + 1;
            else
            {
                end = at + 1;
                return content.Finish(at);
            }
        }
    }

    /// <summary>What was unescaped so far, with bytes that wait for the rest of their character.</summary>
    ref struct EscapedContent(StringBuilder content)
    {
        readonly List<byte> _bytes = [];
        int _bytesAt;
        char _highSurrogate;

        public void Append(ReadOnlySpan<char> text, int at)
        {
            Flush(at);
            content.Append(text);
        }

        public string Finish(int at)
        {
            Flush(at);
            return content.ToString();
        }

        /// <summary>Appends the escape at <paramref name="at"/>; the index after it.</summary>
        public int AppendEscape(ReadOnlySpan<char> text, int at)
        {
            var c = text[at + 1];
            switch (c)
            {
                case >= '0' and <= '7':
                    var (octal, octalEnd) = Number(text, at + 1, 3, 8);
                    return AppendByte((byte)octal, at, octalEnd);
                case 'x' when at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 2]):
                    var (hex, hexEnd) = Number(text, at + 2, 2, 16);
                    return AppendByte((byte)hex, at, hexEnd);
                case 'u' or 'U':
                    return AppendUnicode(text, at, c == 'u' ? 4 : 8);
                default:
                    Flush(at);
                    content.Append(c switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', _ => c });
                    return at + 2;
            }
        }

        int AppendByte(byte value, int at, int end)
        {
            if (value == 0)
                throw new LexicalError("invalid byte sequence for encoding \"UTF8\": 0x00", at, end, SqlState.CharacterNotInRepertoire) { HasContext = false };
            RejectHalfPair(at);
            if (_bytes.Count == 0) _bytesAt = at;
            _bytes.Add(value);
            return end;
        }

        int AppendUnicode(ReadOnlySpan<char> text, int at, int digits)
        {
            if (_bytes.Count > 0) FlushBytes();
            var (code, end) = Number(text, at + 2, digits, 16);
            if (end != at + 2 + digits)
                throw new LexicalError("invalid Unicode escape", at, end, SqlState.InvalidEscapeSequence)
                {
                    HasContext = false,
                    Hint = "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.",
                };
            if (UnicodeEscapes.Append(content, code, ref _highSurrogate) is { } wrong)
                throw new LexicalError(wrong, at, end);
            return end;
        }

        void Flush(int at)
        {
            RejectHalfPair(at);
            if (_bytes.Count > 0) FlushBytes();
        }

        readonly void RejectHalfPair(int at)
        {
            if (_highSurrogate != 0)
                throw new LexicalError("invalid Unicode surrogate pair", at, at + 1);
        }

        readonly void FlushBytes()
        {
            var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);
            while (bytes.Length > 0)
            {
                if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) != System.Buffers.OperationStatus.Done)
                {
                    var bad = string.Join(' ', bytes[..Math.Min(used, bytes.Length)].ToArray().Select(b => "0x" + b.ToString("x2", CultureInfo.InvariantCulture)));
                    throw new LexicalError($"invalid byte sequence for encoding \"UTF8\": {bad}", _bytesAt, _bytesAt + 1, SqlState.CharacterNotInRepertoire)
                    {
                        HasContext = false,
                    };
                }
                content.Append(rune.ToString());
                bytes = bytes[used..];
            }
            _bytes.Clear();
        }

        static (uint Value, int End) Number(ReadOnlySpan<char> text, int at, int maxDigits, uint radix)
        {
            uint value = 0;
            var limit = Math.Min(at + maxDigits, text.Length);
            for (; at < limit; at++)
            {
                var c = text[at];
                if (!char.IsAsciiHexDigit(c) || (radix == 8 && c is < '0' or > '7')) break;
                value = value * radix + (uint)Convert.ToInt32(c.ToString(), 16);
            }
            return (value, at);
        }
    }
}
