using System.Collections.Frozen;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>
/// An encoding that text has outside the server, where all is UTF-8: names and errors are PostgreSQL's, the tables are .NET's code pages. All of them
/// have ASCII as it is.
/// </summary>
public sealed class ClientEncoding
{
    readonly int _codePage;
    readonly bool _isSingleByte;
    Encoding? _encoding;

    ClientEncoding(string name, int codePage, bool isSingleByte) => (Name, _codePage, _isSingleByte) = (name, codePage, isSingleByte);

    /// <summary>As PostgreSQL spells it.</summary>
    public string Name { get; }

    /// <summary>Whether text goes in and out as it is: UTF8, and SQL_ASCII, which means "no conversion".</summary>
    public bool IsPlain => _codePage == 0;

    // C1 controls fill the gaps of Windows' tables in .NET; PostgreSQL leaves them empty.
    bool HasGaps => _isSingleByte && Name.StartsWith("WIN", StringComparison.Ordinal);

    Encoding Table => _encoding ??= _codePage == 28591
        ? Encoding.GetEncoding(_codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
        : CodePagesEncodingProvider.Instance.GetEncoding(_codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>An encoding by one of PostgreSQL's names for it, in any case, with or without punctuation; null for others.</summary>
    public static ClientEncoding? Find(string name)
        => ByName.GetValueOrDefault(string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant());

    static IEnumerable<(string Name, ClientEncoding Encoding)> All()
    {
        foreach (var (name, codePage, isSingleByte, others) in Known)
        {
            var encoding = new ClientEncoding(name, codePage, isSingleByte);
            yield return (name.Replace("_", ""), encoding);
            foreach (var other in others.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                yield return (other, encoding);
        }
    }

    static readonly (string Name, int CodePage, bool IsSingleByte, string Others)[] Known =
    [
        ("UTF8", 0, false, "UNICODE"),
        ("SQL_ASCII", 0, true, ""),
        ("LATIN1", 28591, true, "ISO88591"),
        ("LATIN2", 28592, true, "ISO88592"),
        ("LATIN3", 28593, true, "ISO88593"),
        ("LATIN4", 28594, true, "ISO88594"),
        ("LATIN5", 28599, true, "ISO88599"),
        ("LATIN7", 28603, true, "ISO885913"),
        ("LATIN9", 28605, true, "ISO885915"),
        ("ISO_8859_5", 28595, true, ""),
        ("ISO_8859_6", 28596, true, ""),
        ("ISO_8859_7", 28597, true, ""),
        ("ISO_8859_8", 28598, true, ""),
        ("WIN866", 866, true, "ALT WINDOWS866"),
        ("WIN874", 874, true, "WINDOWS874"),
        ("WIN1250", 1250, true, "WINDOWS1250"),
        ("WIN1251", 1251, true, "WIN WINDOWS1251"),
        ("WIN1252", 1252, true, "WINDOWS1252"),
        ("WIN1253", 1253, true, "WINDOWS1253"),
        ("WIN1254", 1254, true, "WINDOWS1254"),
        ("WIN1255", 1255, true, "WINDOWS1255"),
        ("WIN1256", 1256, true, "WINDOWS1256"),
        ("WIN1257", 1257, true, "WINDOWS1257"),
        ("WIN1258", 1258, true, "ABC TCVN TCVN5712 VSCII WINDOWS1258"),
        ("KOI8R", 20866, true, "KOI8"),
        ("KOI8U", 21866, true, ""),
        ("EUC_JP", 51932, false, ""),
        ("EUC_CN", 51936, false, ""),
        ("EUC_KR", 51949, false, ""),
        ("SJIS", 932, false, "MSKANJI SHIFTJIS WIN932 WINDOWS932"),
        ("BIG5", 950, false, "WIN950 WINDOWS950"),
        ("GBK", 936, false, "WIN936 WINDOWS936"),
        ("UHC", 949, false, "WIN949 WINDOWS949"),
        ("GB18030", 54936, false, ""),
        ("JOHAB", 1361, false, ""),
    ];

    static readonly FrozenDictionary<string, ClientEncoding> ByName = All().ToFrozenDictionary(pair => pair.Name, pair => pair.Encoding);

    /// <summary>A text from outside. Raises 22021 for what is no text in this encoding, 22P05 for characters that UTF-8 lacks.</summary>
    public string Decode(ReadOnlySpan<byte> bytes)
    {
        if (IsPlain)
            return Utf8Text.Decode(bytes);
        if (bytes.Contains((byte)0))
            throw Invalid([0]);
        string text;
        try
        {
            text = Table.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Unknown(e);
        }
        if (HasGaps && text.AsSpan().IndexOfAnyInRange('\u0080', '\u009f') is >= 0 and var at)
            throw Untranslatable(bytes.Slice(at, 1), Name, "UTF8");
        return text;
    }

    /// <summary><see cref="Decode"/>, as UTF-8.</summary>
    public byte[] ToUtf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetBytes(Decode(bytes));

    /// <summary>A text for outside. Raises 22P05 for characters that this encoding lacks.</summary>
    public byte[] Encode(string text)
    {
        if (IsPlain)
            return Encoding.UTF8.GetBytes(text);
        if (HasGaps && text.AsSpan().IndexOfAnyInRange('\u0080', '\u009f') is >= 0 and var gap)
            throw Lacks(new Rune(text[gap]));
        try
        {
            return Table.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw Lacks(e.CharUnknownLow == 0 ? new Rune(e.CharUnknown) : new Rune(e.CharUnknownHigh, e.CharUnknownLow));
        }
    }

    /// <summary><see cref="Encode"/> of a text in UTF-8.</summary>
    public byte[] FromUtf8(ReadOnlySpan<byte> utf8) => Encode(Encoding.UTF8.GetString(utf8));

    /// <summary>What turns a stream of bytes into text piece by piece; its errors are <see cref="DecoderFallbackException"/>s for <see cref="Unknown"/>.</summary>
    public Decoder NewDecoder() => Table.GetDecoder();

    /// <summary>The error for bytes that are no text.</summary>
    public PgError Unknown(DecoderFallbackException error)
    {
        var bytes = error.BytesUnknown ?? [];
        return _isSingleByte ? Untranslatable(bytes, Name, "UTF8") : Invalid(bytes);
    }

    PgError Invalid(ReadOnlySpan<byte> bytes) => new(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"{Name}\": {Shown(bytes)}");

    PgError Lacks(Rune character)
    {
        Span<byte> utf8 = stackalloc byte[4];
        return Untranslatable(utf8[..character.EncodeToUtf8(utf8)], "UTF8", Name);
    }

    static PgError Untranslatable(ReadOnlySpan<byte> bytes, string from, string to)
        => new(SqlState.UntranslatableCharacter, $"character with byte sequence {Shown(bytes)} in encoding \"{from}\" has no equivalent in encoding \"{to}\"");

    static string Shown(ReadOnlySpan<byte> bytes)
    {
        var shown = new StringBuilder();
        foreach (var b in bytes)
            shown.Append(shown.Length == 0 ? "0x" : " 0x").Append(b.ToString("x2"));
        return shown.ToString();
    }
}
