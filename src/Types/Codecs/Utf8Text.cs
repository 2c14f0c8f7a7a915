using System.Text;
using System.Text.Unicode;

namespace PgVectorCompat.Types;

/// <summary>Text as PostgreSQL sees it: valid UTF-8 without zero bytes, counted in code points, ordered by its bytes ("C" collation).</summary>
public static class Utf8Text
{
    /// <summary>The string for UTF-8 bytes. Raises 22021 for bytes that are not UTF-8 and for zero bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> utf8)
    {
        Require(utf8);
        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Raises 22021 for bytes that are not UTF-8 and for zero bytes.</summary>
    public static void Require(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8) || utf8.Contains((byte)0))
            throw InvalidSequence(utf8);
    }

    static PgError InvalidSequence(ReadOnlySpan<byte> utf8)
    {
        var at = 0;
        while (at < utf8.Length && utf8[at] != 0 && Rune.DecodeFromUtf8(utf8[at..], out _, out var used) == System.Buffers.OperationStatus.Done)
            at += used;

        // PostgreSQL shows as many bytes as the first of them announces.
        var announced = utf8[at] switch { >= 0xF0 and < 0xF8 => 4, >= 0xE0 and < 0xF0 => 3, >= 0xC0 and < 0xE0 => 2, _ => 1 };
        var shown = new StringBuilder();
        foreach (var b in utf8.Slice(at, Math.Min(announced, utf8.Length - at)))
            shown.Append(shown.Length == 0 ? "" : " ").Append("0x").Append(b.ToString("x2"));
        return new PgError(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {shown}");
    }

    /// <summary>Order of code points, which is the order of the UTF-8 bytes.</summary>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length - right.Length;

        // Surrogates stand for code points above every other UTF-16 unit, although U+E000 to U+FFFF are larger as numbers.
        int a = left[common], b = right[common];
        if (a >= 0xD800 && b >= 0xD800)
        {
            a = a >= 0xE000 ? a - 0x800 : a + 0x2000;
            b = b >= 0xE000 ? b - 0x800 : b + 0x2000;
        }
        return a - b;
    }

    /// <summary>Number of code points.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        var pairs = 0;
        foreach (var c in text)
            if (char.IsLowSurrogate(c))
                pairs++;
        return text.Length - pairs;
    }

    /// <summary>Index in UTF-16 units of the code point number <paramref name="count"/> (from 0), at most the text's length.</summary>
    public static int IndexOfCodePoint(ReadOnlySpan<char> text, int count)
    {
        var at = 0;
        for (; count > 0 && at < text.Length; count--)
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        return at;
    }

    /// <summary>The longest start of <paramref name="text"/> that has at most <paramref name="maxBytes"/> bytes in UTF-8.</summary>
    public static string ClipToBytes(string text, int maxBytes)
    {
        if (text.Length * 3 <= maxBytes || Encoding.UTF8.GetByteCount(text) <= maxBytes)
            return text;
        int bytes = 0, at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > maxBytes)
                break;
            at += rune.Utf16SequenceLength;
        }
        return text[..at];
    }

    /// <summary>What C's isspace accepts, and PostgreSQL's input functions skip.</summary>
    public static bool IsSpace(int c) => c is ' ' or (>= '\t' and <= '\r');

    /// <summary>The text without leading and trailing <see cref="IsSpace"/> characters.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        int start = 0, end = text.Length;
        while (start < end && IsSpace(text[start]))
            start++;
        while (end > start && IsSpace(text[end - 1]))
            end--;
        return text[start..end];
    }
}
