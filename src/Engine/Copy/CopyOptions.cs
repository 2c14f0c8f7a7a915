using System.Collections.Immutable;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

internal enum CopyFormat { Text, Csv, Binary }

internal enum CopyHeader { None, Present, Match }

/// <summary>The options of a COPY, checked, with PostgreSQL's defaults filled in.</summary>
internal sealed record CopyOptions
{
    public CopyFormat Format { get; private init; }
    public CopyHeader Header { get; private init; }
    public byte Delimiter { get; private init; }
    public byte Quote { get; private init; }
    public byte Escape { get; private init; }

    /// <summary>Text that stands for NULL.</summary>
    public byte[] Null { get; private init; } = [];

    /// <summary>Text that stands for a column's default; null when none does.</summary>
    public byte[]? Default { get; private init; }

    /// <summary>The encoding of texts; null for the client's.</summary>
    public ClientEncoding? Encoding { get; private init; }

    public bool Freeze { get; private init; }
    public bool ForceQuoteAll { get; private init; }
    public bool ForceNotNullAll { get; private init; }
    public bool ForceNullAll { get; private init; }
    public ImmutableArray<string> ForceQuote { get; private init; } = [];
    public ImmutableArray<string> ForceNotNull { get; private init; } = [];
    public ImmutableArray<string> ForceNull { get; private init; } = [];

    public WireFormat WireFormat => Format == CopyFormat.Binary ? WireFormat.Binary : WireFormat.Text;

    /// <summary>Reads the options as written. Raises 42601, 22023 and 0A000.</summary>
    public static CopyOptions Read(Sql.CopyStatement statement)
    {
        var written = new Dictionary<string, Sql.Option>();
        foreach (var option in statement.Options)
        {
            if (!KnownNames.Contains(option.Name))
                throw PgError.Syntax($"option \"{option.Name}\" not recognized", option.Position);
            if (!written.TryAdd(option.Name, option))
                throw PgError.Syntax("conflicting or redundant options", option.Position);
        }

        var format = ReadFormat(written);
        var isCsv = format == CopyFormat.Csv;
        RequireNotBinary(written, format, statement.IsFrom);
        var delimiter = Text(written, "delimiter") ?? (isCsv ? "," : "\t");
        var nullText = Text(written, "null") ?? (isCsv ? "" : "\\N");
        var quote = Text(written, "quote") ?? "\"";
        var escape = Text(written, "escape") ?? quote;
        var options = new CopyOptions
        {
            Format = format,
            Header = written.TryGetValue("header", out var header) ? ReadHeader(header, statement.IsFrom) : CopyHeader.None,
            Encoding = written.TryGetValue("encoding", out var encoding) ? ReadEncoding(encoding) : null,
            Freeze = written.TryGetValue("freeze", out var freeze) && Flag(freeze),
            Null = System.Text.Encoding.UTF8.GetBytes(nullText),
            Default = Text(written, "default") is { } text ? System.Text.Encoding.UTF8.GetBytes(text) : null,
            ForceQuoteAll = IsAll(written, "force_quote"),
            ForceQuote = Names(written, "force_quote"),
            ForceNotNullAll = IsAll(written, "force_not_null"),
            ForceNullAll = IsAll(written, "force_null"),
            ForceNotNull = Names(written, "force_not_null"),
            ForceNull = Names(written, "force_null"),
        };
        if (options.Freeze && !statement.IsFrom)
            throw new PgError(SqlState.InvalidParameterValue, "COPY FREEZE cannot be used with COPY TO");
        CopyOptionRules.CheckTexts(format, delimiter, nullText, Text(written, "default"));
        CopyOptionRules.CheckCsv(written.ContainsKey, isCsv, statement.IsFrom, delimiter, nullText, quote, escape, Text(written, "default"));
        return options with { Delimiter = (byte)delimiter[0], Quote = isCsv ? (byte)quote[0] : (byte)0, Escape = isCsv ? (byte)escape[0] : (byte)0 };
    }

    static readonly HashSet<string> KnownNames =
    [
        "format", "freeze", "delimiter", "null", "default", "header", "quote", "escape", "force_quote", "force_not_null", "force_null", "encoding",
    ];

    static CopyFormat ReadFormat(Dictionary<string, Sql.Option> written)
    {
        if (!written.TryGetValue("format", out var option)) return CopyFormat.Text;
        return Required(option) switch
        {
            "text" => CopyFormat.Text,
            "csv" => CopyFormat.Csv,
            "binary" => CopyFormat.Binary,
            var other => throw new PgError(SqlState.InvalidParameterValue, $"COPY format \"{other}\" not recognized") { Position = option.Position },
        };
    }

    static void RequireNotBinary(Dictionary<string, Sql.Option> written, CopyFormat format, bool isFrom)
    {
        if (format != CopyFormat.Binary) return;
        if (written.ContainsKey("delimiter")) throw PgError.Syntax("cannot specify DELIMITER in BINARY mode");
        if (written.ContainsKey("null")) throw PgError.Syntax("cannot specify NULL in BINARY mode");
        if (written.ContainsKey("default")) throw PgError.Syntax("cannot specify DEFAULT in BINARY mode");
        if (written.TryGetValue("header", out var header) && ReadHeader(header, isFrom) != CopyHeader.None)
            throw new PgError(SqlState.FeatureNotSupported, "cannot specify HEADER in BINARY mode");
    }

    static string Required(Sql.Option option)
        => option.Value is { Kind: not (Sql.OptionValueKind.List or Sql.OptionValueKind.Star) } value ? value.Text : throw PgError.Syntax($"{option.Name} requires a parameter");

    static string? Text(Dictionary<string, Sql.Option> written, string name) => written.TryGetValue(name, out var option) ? Required(option) : null;

    static bool Flag(Sql.Option option)
        => Statements.OptionFlags.Read(option) ?? throw PgError.Syntax($"{option.Name} requires a Boolean value");

    static CopyHeader ReadHeader(Sql.Option option, bool isFrom)
    {
        if (option.Value is null) return CopyHeader.Present;
        var text = option.Value.Text;
        if (text.Equals("match", StringComparison.OrdinalIgnoreCase))
            return isFrom ? CopyHeader.Match : throw new PgError(SqlState.FeatureNotSupported, $"cannot use \"{text}\" with HEADER in COPY TO");
        return Statements.OptionFlags.Read(option) switch
        {
            true => CopyHeader.Present,
            false => CopyHeader.None,
            null => throw PgError.Syntax($"{option.Name} requires a Boolean value or \"match\""),
        };
    }

    static bool IsAll(Dictionary<string, Sql.Option> written, string name)
        => written.TryGetValue(name, out var option) && option.Value?.Kind == Sql.OptionValueKind.Star;

    static ImmutableArray<string> Names(Dictionary<string, Sql.Option> written, string name)
    {
        if (!written.TryGetValue(name, out var option)) return [];
        return option.Value?.Kind switch
        {
            Sql.OptionValueKind.List => option.Value.Items,
            Sql.OptionValueKind.Star => [],
            _ => throw new PgError(SqlState.InvalidParameterValue, $"argument to option \"{name}\" must be a list of column names") { Position = option.Position },
        };
    }

    static ClientEncoding ReadEncoding(Sql.Option option)
        => ClientEncoding.Find(Required(option))
            ?? throw new PgError(SqlState.InvalidParameterValue, $"argument to option \"{option.Name}\" must be a valid encoding name") { Position = option.Position };

    /// <summary>What texts have to be turned into and from; null for nothing. The values of the binary format are not text as a whole.</summary>
    public ClientEncoding? Conversion(TypeSettings settings)
        => Format == CopyFormat.Binary ? null : Encoding is null ? settings.ClientEncoding : Encoding.IsPlain ? null : Encoding;
}
