using System.Text;

namespace PgVectorCompat.Types;

/// <summary>What a piece of date or time text looks like before its meaning is known.</summary>
enum TokenKind { Number, Word, Date, Time, Zone, Special }

readonly record struct DateTimeToken(TokenKind Kind, string Text);

/// <summary>Cuts date, time and interval text into pieces by their shapes, as PostgreSQL's ParseDateTime does. Letters become lower case.</summary>
static class DateTimeTokens
{
    const int MaxTokens = 25;

    /// <summary>The pieces; null when the text cannot be one of these.</summary>
    public static List<DateTimeToken>? Split(string text)
    {
        var tokens = new List<DateTimeToken>();
        var piece = new StringBuilder();
        var at = 0;
        char Peek() => at < text.Length ? text[at] : '\0';
        void Take() => piece.Append(char.ToLowerInvariant(text[at++]));

        while (at < text.Length)
        {
            if (Utf8Text.IsSpace(Peek()))
            {
                at++;
                continue;
            }
            if (tokens.Count >= MaxTokens)
                return null;
            piece.Clear();
            TokenKind kind;
            if (char.IsAsciiDigit(Peek()))
            {
                while (char.IsAsciiDigit(Peek()))
                    Take();
                if (Peek() == ':')
                {
                    kind = TokenKind.Time;
                    while (char.IsAsciiDigit(Peek()) || Peek() is ':' or '.')
                        Take();
                }
                else if (Peek() is '-' or '/' or '.')
                {
                    var delimiter = Peek();
                    Take();
                    if (char.IsAsciiDigit(Peek()))
                    {
                        kind = delimiter == '.' ? TokenKind.Number : TokenKind.Date;
                        while (char.IsAsciiDigit(Peek()))
                            Take();
                        if (Peek() == delimiter)
                        {
                            kind = TokenKind.Date;
                            while (char.IsAsciiDigit(Peek()) || Peek() == delimiter)
                                Take();
                        }
                    }
                    else
                    {
                        kind = TokenKind.Date;
                        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() == delimiter)
                            Take();
                    }
                }
                else
                    kind = TokenKind.Number;
            }
            else if (Peek() == '.')
            {
                kind = TokenKind.Number;
                do
                    Take();
                while (char.IsAsciiDigit(Peek()));
            }
            else if (char.IsAsciiLetter(Peek()))
            {
                kind = TokenKind.Word;
                while (char.IsAsciiLetter(Peek()))
                    Take();
                // A month with its date, or the name of a time zone.
                if (Peek() is '-' or '/' or '.' || ((Peek() == '+' || char.IsAsciiDigit(Peek())) && !DateTimeWords.IsKnown(piece.ToString())))
                {
                    kind = TokenKind.Date;
                    while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '+' or '-' or '/' or '_' or '.' or ':')
                        Take();
                }
            }
            else if (Peek() is '+' or '-')
            {
                Take();
                while (at < text.Length && Utf8Text.IsSpace(Peek()))
                    at++;
                if (char.IsAsciiDigit(Peek()))
                {
                    kind = TokenKind.Zone;
                    while (char.IsAsciiDigit(Peek()) || Peek() is ':' or '.' or '-')
                        Take();
                }
                else if (char.IsAsciiLetter(Peek()))
                {
                    kind = TokenKind.Special;
                    while (char.IsAsciiLetter(Peek()))
                        Take();
                }
                else
                    return null;
            }
            else if (char.IsAscii(Peek()) && char.IsPunctuation(Peek()) || char.IsAscii(Peek()) && char.IsSymbol(Peek()))
            {
                at++;
                continue;
            }
            else
                return null;
            tokens.Add(new(kind, piece.ToString()));
        }
        return tokens;
    }
}
