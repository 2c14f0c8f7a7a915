namespace PgVectorCompat.Protocol;

/// <summary>Base64 without blanks and with its padding, as SCRAM writes it.</summary>
static class Base64Text
{
    /// <summary>Null when <paramref name="text"/> is not base64.</summary>
    public static byte[]? TryDecode(ReadOnlySpan<char> text)
    {
        if (text.ContainsAny(" \t\r\n"))
            return null;
        var bytes = new byte[text.Length / 4 * 3 + 3];
        return Convert.TryFromBase64Chars(text, bytes, out var written) ? bytes[..written] : null;
    }
}
