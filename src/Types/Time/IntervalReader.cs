using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>Reads text for an interval: PostgreSQL's words and SQL's numbers (DecodeInterval), and ISO 8601's designators.</summary>
/// <param name="fields">The field mask of the type modifier, which says what a bare number counts.</param>
sealed class IntervalReader(string text, int fields, TypeSettings settings)
{
    static readonly Dictionary<string, string> Units = MakeUnits();

    // Units that were given already, so that none comes twice.
    readonly HashSet<string> _seen = [];
    Int128 _months, _days, _micros;

    static Dictionary<string, string> MakeUnits()
    {
        var units = new Dictionary<string, string>();
        foreach (var names in (ReadOnlySpan<string>)
            [
                "microsecond us usec usecs usecond useconds microsecon microseconds", "millisecond ms msec msecs mseconds millisecon milliseconds",
                "second s sec secs seconds", "minute m min mins minutes", "hour h hr hrs hours", "day d days", "week w weeks",
                "month mon mons months", "year y yr yrs years", "decade dec decs decades", "century c cent centuries",
                "millennium mil mils millennia", "ago ago",
            ])
        {
            var words = names.Split(' ');
            foreach (var word in words)
                units.TryAdd(word, words[0]);
        }
        return units;
    }

    /// <summary>Raises 22007, 22008, 22015.</summary>
    public PgInterval Read()
    {
        if (DateTimeTokens.Split(text) is not { Count: > 0 } tokens || !TryReadTokens(tokens))
        {
            (_months, _days, _micros) = (0, 0, 0);
            if (!TryReadIso())
                throw DateTimeReader.Invalid("interval", text);
        }
        return _months != (int)_months || _days != (int)_days || _micros != (long)_micros ? throw Overflow() : new((int)_months, (int)_days, (long)_micros);
    }

    PgError Overflow() => new(SqlState.InvalidIntervalFormat, $"interval field value out of range: \"{text}\"");

    bool TryReadTokens(List<DateTimeToken> tokens)
    {
        string? unit = null;
        // Whether the last word read still lacks its number.
        var isOpen = false;
        var isBefore = false;
        // Backwards, since a unit follows its number.
        for (var i = tokens.Count - 1; i >= 0; i--)
        {
            var (kind, word) = tokens[i];
            switch (kind)
            {
                case TokenKind.Time:
                    if (!TryReadTime(word, 1))
                        return false;
                    unit = "day";
                    break;
                case TokenKind.Zone when word.Contains(':', StringComparison.Ordinal):
                    if (!TryReadTime(word[1..], word[0] == '-' ? -1 : 1))
                        return false;
                    unit = "day";
                    break;
                case TokenKind.Zone or TokenKind.Date or TokenKind.Number:
                    unit ??= DefaultUnit();
                    if (!TryReadNumber(word, ref unit))
                        return false;
                    isOpen = false;
                    break;
                default:
                    if (isOpen || !Units.TryGetValue(word, out unit) || (unit == "ago" && i != tokens.Count - 1))
                        return false;
                    isOpen = unit != "ago";
                    isBefore |= unit == "ago";
                    break;
            }
        }
        if (_seen.Count == 0 || isOpen)
            return false;
        if (settings.IntervalStyle == IntervalStyle.SqlStandard && tokens[0].Text.StartsWith('-')
            && !tokens.Skip(1).Any(token => token.Text[0] is '-' or '+'))
            (_months, _days, _micros) = (-Int128.Abs(_months), -Int128.Abs(_days), -Int128.Abs(_micros));
        if (isBefore)
            (_months, _days, _micros) = (-_months, -_days, -_micros);
        return true;
    }

    string DefaultUnit() => (fields & IntervalModifier.AllFields) switch
    {
        IntervalModifier.Year => "year",
        IntervalModifier.Month or IntervalModifier.Year | IntervalModifier.Month => "month",
        IntervalModifier.Day => "day",
        IntervalModifier.Hour or IntervalModifier.Day | IntervalModifier.Hour => "hour",
        IntervalModifier.Minute or IntervalModifier.Hour | IntervalModifier.Minute or IntervalModifier.Day | IntervalModifier.Hour | IntervalModifier.Minute => "minute",
        _ => "second",
    };

    bool TryReadTime(string time, int sign)
    {
        var pieces = time.Split(':');
        if (pieces.Length is < 2 or > 3 || !_seen.Add("hour") || !_seen.Add("minute") || !_seen.Add("second"))
            return false;
        var last = pieces[^1];
        var point = last.IndexOf('.', StringComparison.Ordinal);
        var fraction = 0.0;
        if (point >= 0)
        {
            if (last.Length > point + 1 && !double.TryParse(last[point..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out fraction))
                return false;
            last = last[..point];
        }
        if (!TryReadDigits(pieces[0], out var first) || !TryReadDigits(pieces.Length == 3 ? pieces[1] : last, out var second))
            return false;
        var third = 0L;
        if (pieces.Length == 3 && !TryReadDigits(last, out third))
            return false;
        // Two parts are minutes and seconds when there is a fraction, or when the type says so.
        var isMinuteSecond = pieces.Length == 2 && (point >= 0 || (fields & IntervalModifier.AllFields) == (IntervalModifier.Minute | IntervalModifier.Second));
        var (hours, minutes, seconds) = isMinuteSecond ? (0L, first, second) : (first, second, third);
        if (minutes > 59 && !isMinuteSecond || seconds > 60 || minutes > 59)
            throw Overflow();
        _micros += sign * ((Int128)hours * Calendar.MicrosPerHour + minutes * Calendar.MicrosPerMinute + seconds * Calendar.MicrosPerSecond + (long)Math.Round(fraction * 1e6));
        return true;
    }

    static bool TryReadDigits(string digits, out long value)
        => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    bool TryReadNumber(string word, ref string unit)
    {
        var negative = word[0] == '-';
        var digits = word.AsSpan(word[0] is '-' or '+' ? 1 : 0);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        var whole = end < 0 ? digits : digits[..end];
        var fraction = 0.0;
        if (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && whole.Length > 0)
            throw Overflow();
        if (end >= 0 && digits[end] == '-')
        {
            if (!long.TryParse(digits[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var months))
                return false;
            if (months >= 12)
                throw Overflow();
            unit = "month";
            value = checked(value * 12 + months);
        }
        else if (end >= 0 && digits[end] == '.')
        {
            if (digits.Length > end + 1 && !double.TryParse(digits[end..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out fraction))
                return false;
            if (digits.Length == 1)
                return false;
        }
        else if (end >= 0)
            return false;
        if (value > int.MaxValue && unit is not ("microsecond" or "millisecond" or "second" or "minute" or "hour"))
            throw Overflow();
        if (unit == "ago" || !_seen.Add(unit) || (unit == "second" && fraction != 0 && !(_seen.Add("millisecond") & _seen.Add("microsecond"))))
            return false;
        Add(unit, negative ? -value : value, negative ? -fraction : fraction);
        if (unit == "hour")
            unit = "day";
        return true;
    }

    /// <summary>Adds a quantity; its fraction goes to months (of years), days (of months and weeks) or time.</summary>
    void Add(string unit, Int128 whole, double fraction)
    {
        switch (unit)
        {
            case "microsecond": _micros += whole + (Int128)Math.Round(fraction); break;
            case "millisecond": _micros += whole * 1000 + (Int128)Math.Round(fraction * 1000); break;
            case "second": AddTime(whole, fraction, 1); break;
            case "minute": AddTime(whole, fraction, 60); break;
            case "hour": AddTime(whole, fraction, 3600); break;
            case "day": AddDays(whole, fraction, 1); break;
            case "week": AddDays(whole, fraction, 7); break;
            case "month":
                _months += whole;
                AddDays(0, fraction, 30);
                break;
            case "year": AddYears(whole, fraction, 1); break;
            case "decade": AddYears(whole, fraction, 10); break;
            case "century": AddYears(whole, fraction, 100); break;
            default: AddYears(whole, fraction, 1000); break;
        }
    }

    void AddTime(Int128 whole, double fraction, int seconds) => _micros += whole * seconds * 1_000_000 + (Int128)Math.Round(fraction * seconds * 1e6);

    void AddDays(Int128 whole, double fraction, int scale)
    {
        var days = fraction * scale;
        _days += whole * scale + (int)days;
        _micros += (Int128)Math.Round((days - (int)days) * Calendar.MicrosPerDay);
    }

    void AddYears(Int128 whole, double fraction, int scale) => _months += whole * scale * 12 + (Int128)Math.Round(fraction * scale * 12);

    /// <summary>P1Y2M3DT4H5M6S and P0001-02-03T04:05:06.</summary>
    bool TryReadIso()
    {
        if (text.Length < 2 || text[0] != 'P')
            return false;
        var inTime = false;
        var any = false;
        for (var i = 1; i < text.Length;)
        {
            if (text[i] == 'T')
            {
                inTime = true;
                i++;
                continue;
            }
            var start = i;
            while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is '.' || ((text[i] is '-' or '+') && i == start)))
                i++;
            if (!double.TryParse(text.AsSpan(start, i - start), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            if (i == text.Length || text[i] is '-' or ':' or 'T')
                return TryReadIsoAlternative(start, inTime);
            var unit = (inTime, text[i++]) switch
            {
                (false, 'Y') => "year",
                (false, 'M') => "month",
                (false, 'W') => "week",
                (false, 'D') => "day",
                (true, 'H') => "hour",
                (true, 'M') => "minute",
                (true, 'S') => "second",
                _ => null,
            };
            if (unit is null)
                return false;
            Add(unit, (Int128)Math.Truncate(number), number - Math.Truncate(number));
            any = true;
        }
        return any || inTime;
    }

    bool TryReadIsoAlternative(int start, bool inTime)
    {
        var rest = text[start..];
        var t = rest.IndexOf('T', StringComparison.Ordinal);
        var date = inTime ? "" : t < 0 ? rest : rest[..t];
        var time = inTime ? rest : t < 0 ? "" : rest[(t + 1)..];
        string[] dateUnits = ["year", "month", "day"], timeUnits = ["hour", "minute", "second"];
        return TryAddParts(date, '-', dateUnits) && TryAddParts(time, ':', timeUnits);
    }

    bool TryAddParts(string parts, char separator, string[] units)
    {
        if (parts.Length == 0)
            return true;
        var pieces = parts.Split(separator);
        if (pieces.Length > units.Length)
            return false;
        for (var i = 0; i < pieces.Length; i++)
        {
            if (!double.TryParse(pieces[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            Add(units[i], (Int128)Math.Truncate(number), number - Math.Truncate(number));
        }
        return true;
    }
}
