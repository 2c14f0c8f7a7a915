using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>The length of varchar(n) and char(n). The typmod is the number of characters plus 4, as in PostgreSQL.</summary>
public sealed class CharacterModifier : TypeModifier
{
    const int HeaderSize = 4;
    const int MaxLength = 10_485_760;

    public static readonly CharacterModifier Varchar = new("varchar", "character varying", isPadded: false);
    public static readonly CharacterModifier Bpchar = new("char", "character", isPadded: true);

    readonly string _keyword;
    readonly string _displayName;
    readonly bool _isPadded;

    CharacterModifier(string keyword, string displayName, bool isPadded) => (_keyword, _displayName, _isPadded) = (keyword, displayName, isPadded);

    public override int Parse(PgType type, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1)
            throw new PgError(SqlState.InvalidParameterValue, "invalid type modifier");
        var length = (int)IntegerCodec.Int4.Parse(arguments[0]);
        if (length < 1)
            throw new PgError(SqlState.InvalidParameterValue, $"length for type {_keyword} must be at least 1");
        if (length > MaxLength)
            throw new PgError(SqlState.InvalidParameterValue, $"length for type {_keyword} cannot exceed {MaxLength}");
        return length + HeaderSize;
    }

    public override string Format(PgType type, int typmod)
        => typmod > HeaderSize ? string.Create(CultureInfo.InvariantCulture, $"{_displayName}({typmod - HeaderSize})") : _displayName;

    public override Datum Apply(PgType type, Datum value, int typmod, bool isExplicit)
    {
        var text = value.AsString;
        var fitted = Fit(text, typmod, isExplicit);
        return ReferenceEquals(text, fitted) ? value : Datum.Of(fitted);
    }

    /// <summary>The text cut or padded to the length. Raises 22001 when an assignment would cut anything but blanks.</summary>
    public string Fit(string text, int typmod, bool isExplicit)
    {
        var max = typmod - HeaderSize;
        if (max < 0)
            return text;
        var length = text.Length <= max && !_isPadded ? text.Length : Utf8Text.Length(text);
        if (length <= max)
            return _isPadded && length < max ? text + new string(' ', max - length) : text;

        var cut = Utf8Text.IndexOfCodePoint(text, max);
        return isExplicit || !text.AsSpan(cut).ContainsAnyExcept(' ')
            ? text[..cut]
            : throw new PgError(SqlState.StringDataRightTruncation, $"value too long for type {_displayName}({max})");
    }
}
