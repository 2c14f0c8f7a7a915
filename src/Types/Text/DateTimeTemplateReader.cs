using System.Collections.Immutable;
using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>to_date and to_timestamp: reads text by a template, leniently about blanks and separators unless the template says FX.</summary>
public sealed class DateTimeTemplateReader
{
    readonly string _text;
    readonly ImmutableArray<DateTimeTemplateNode> _nodes;
    readonly Dictionary<DateTimePattern, int> _fields = [];
    int _at;
    int _yearDigits;
    bool _isBeforeChrist;
    bool? _isAfternoon;
    bool _is12Hour;
    int? _offset;
    PgTimeZone? _zone;

    DateTimeTemplateReader(string text, string template)
    {
        _text = text;
        _nodes = DateTimeTemplate.Parse(template);
    }

    /// <summary>The moment on a clock without zone, and the offset or zone that the text names. Raises 22007, 22008.</summary>
    public static (long Local, int? Offset, PgTimeZone? Zone) Read(string text, string template)
    {
        var reader = new DateTimeTemplateReader(text, template);
        reader.ReadFields();
        return (reader.Combine(), reader._offset, reader._zone);
    }

    static bool IsSeparator(char c) => char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) && c > ' ';

    void ReadFields()
    {
        var isFixed = false;
        var extra = 0;
        void SkipSpace()
        {
            for (; _at < _text.Length && Utf8Text.IsSpace(_text[_at]); _at++)
                extra++;
        }
        for (var n = 0; n < _nodes.Length && _at < _text.Length; n++)
        {
            var node = _nodes[n];
            if (node.Pattern == DateTimePattern.Fixed)
            {
                isFixed = true;
                continue;
            }
            if (!isFixed && (node.Pattern != DateTimePattern.None || n == 0))
                SkipSpace();
            if (_at >= _text.Length)
                break;
            if (node.Pattern == DateTimePattern.None)
            {
                var isLoose = !node.IsQuoted && (Utf8Text.IsSpace(node.Text[0]) || IsSeparator(node.Text[0]));
                if (isFixed)
                    _at++;
                else if (isLoose)
                {
                    // One separator of the template stands for one in the text, or none.
                    extra--;
                    if (Utf8Text.IsSpace(_text[_at]) || IsSeparator(_text[_at]))
                    {
                        _at++;
                        extra++;
                    }
                }
                else if (extra > 0)
                    extra--;
                else
                    _at++;
                continue;
            }
            ReadField(node, n + 1 < _nodes.Length ? _nodes[n + 1] : null);
            if (!isFixed)
            {
                extra = 0;
                SkipSpace();
            }
        }
    }

    void ReadField(DateTimeTemplateNode node, DateTimeTemplateNode? next)
    {
        switch (node.Pattern)
        {
            case DateTimePattern.Era or DateTimePattern.EraDotted:
                _isBeforeChrist = ReadOneOf(node, node.Pattern == DateTimePattern.Era ? ["AD", "BC"] : ["A.D.", "B.C."]) == 1;
                break;
            case DateTimePattern.Meridiem or DateTimePattern.MeridiemDotted:
                _isAfternoon = ReadOneOf(node, node.Pattern == DateTimePattern.Meridiem ? ["AM", "PM"] : ["A.M.", "P.M."]) == 1;
                _is12Hour = true;
                break;
            case DateTimePattern.MonthName:
                Set(DateTimePattern.Month, node, ReadOneOf(node, DateTimeTemplateWriter.MonthNames) + 1);
                break;
            case DateTimePattern.MonthNameShort:
                Set(DateTimePattern.Month, node, ReadOneOf(node, [.. DateTimeTemplateWriter.MonthNames.Select(name => name[..3])]) + 1);
                break;
            case DateTimePattern.DayName:
                Set(DateTimePattern.DayOfWeek, node, ReadOneOf(node, DateTimeTemplateWriter.DayNames) + 1);
                break;
            case DateTimePattern.DayNameShort:
                Set(DateTimePattern.DayOfWeek, node, ReadOneOf(node, [.. DateTimeTemplateWriter.DayNames.Select(name => name[..3])]) + 1);
                break;
            case DateTimePattern.RomanMonth:
                Set(DateTimePattern.Month, node, ReadOneOf(node, DateTimeTemplateWriter.RomanMonths) + 1);
                break;
            case DateTimePattern.Hour12:
                _is12Hour = true;
                Set(DateTimePattern.Hour24, node, ReadNumber(node, next, 2));
                break;
            case DateTimePattern.Millisecond or DateTimePattern.Microsecond or DateTimePattern.Fraction:
                ReadFraction(node, next);
                break;
            case DateTimePattern.Year or DateTimePattern.IsoYear:
                ReadYear(node, next);
                break;
            case DateTimePattern.YearWithComma:
                var thousands = ReadNumber(node, null, 9);
                if (_at < _text.Length && _text[_at] == ',')
                    _at++;
                Set(DateTimePattern.Year, node, thousands * 1000 + ReadNumber(node, next, 3));
                _yearDigits = 4;
                break;
            case DateTimePattern.Zone:
                ReadZone(node);
                break;
            case DateTimePattern.Offset or DateTimePattern.ZoneHour:
                ReadOffset(node, next);
                break;
            case DateTimePattern.ZoneMinute:
                var minutes = ReadNumber(node, next, 2);
                _offset = (_offset ?? 0) + (_offset < 0 ? -60 : 60) * minutes;
                break;
            case DateTimePattern.Quarter:
                ReadNumber(node, next, 1);
                break;
            default:
                Set(node.Pattern, node, ReadNumber(node, next, node.Width == 0 ? 9 : node.Width));
                break;
        }
        if (node.UpperOrdinal is not null)
            _at = Math.Min(_text.Length, _at + 2);
    }

    void Set(DateTimePattern field, DateTimeTemplateNode node, int value)
    {
        if (_fields.TryGetValue(field, out var present) && present != value)
            throw new PgError(SqlState.InvalidDatetimeFormat, $"conflicting values for \"{node.Text}\" field in formatting string")
            {
                Detail = "This value contradicts a previous setting for the same field type.",
            };
        _fields[field] = value;
    }

    static PgError Invalid(DateTimeTemplateNode node, string text, string detail)
        => new(SqlState.InvalidDatetimeFormat, $"invalid value \"{text}\" for \"{node.Text}\"") { Detail = detail };

    int ReadOneOf(DateTimeTemplateNode node, string[] names)
    {
        var rest = _text.AsSpan(_at);
        var best = -1;
        for (var i = 0; i < names.Length; i++)
            if (rest.StartsWith(names[i], StringComparison.OrdinalIgnoreCase) && (best < 0 || names[i].Length > names[best].Length))
                best = i;
        if (best < 0)
        {
            var end = rest.IndexOfAny(' ', '\t');
            throw Invalid(node, (end < 0 ? rest : rest[..end]).ToString(), "The given value did not match any of the allowed values for this field.");
        }
        _at += names[best].Length;
        return best;
    }

    /// <summary>At most <paramref name="length"/> digits, or all there are when a separator must follow.</summary>
    int ReadNumber(DateTimeTemplateNode node, DateTimeTemplateNode? next, int length)
    {
        while (_at < _text.Length && Utf8Text.IsSpace(_text[_at]))
            _at++;
        var start = _at;
        var isOpen = node.IsFill || next is null || (next is { Pattern: DateTimePattern.None } follower && !char.IsAsciiDigit(follower.Text[0]));
        if (_at < _text.Length && _text[_at] is '+' or '-')
            _at++;
        var digits = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]) && (isOpen || _at - start < length))
            _at++;
        if (_at == digits)
            throw Invalid(node, _text.Substring(start, Math.Min(length, _text.Length - start)), "Value must be an integer.");
        return int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new PgError(SqlState.DatetimeFieldOverflow, $"value for \"{node.Text}\" in source string is out of range")
            {
                Detail = $"Value must be in the range {int.MinValue} to {int.MaxValue}.",
            };
    }

    void ReadFraction(DateTimeTemplateNode node, DateTimeTemplateNode? next)
    {
        var start = _at;
        var width = node.Pattern == DateTimePattern.Millisecond ? 3 : node.Pattern == DateTimePattern.Microsecond ? 6 : node.Width;
        var value = ReadNumber(node, next, width);
        var digits = _at - start;
        // Digits are the first of the fraction, whatever their number. Milliseconds and microseconds add up.
        var micros = (int)Math.Round(value * Math.Pow(10, 6 - digits));
        Set(node.Pattern == DateTimePattern.Millisecond ? DateTimePattern.Millisecond : DateTimePattern.Microsecond, node, micros);
    }

    void ReadYear(DateTimeTemplateNode node, DateTimeTemplateNode? next)
    {
        var start = _at;
        var year = ReadNumber(node, next, node.Width);
        var digits = _at - start;
        if (digits < 4 && node.Width < 4)
            year = year < 70 ? year + 2000 : year < 100 ? year + 1900 : year < 520 ? year + 2000 : year < 1000 ? year + 1000 : year;
        _yearDigits = node.Width;
        Set(node.Pattern, node, year);
    }

    void ReadZone(DateTimeTemplateNode node)
    {
        if (_at < _text.Length && _text[_at] is '+' or '-')
        {
            ReadOffset(node, null);
            return;
        }
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetter(_text[_at]) || _text[_at] is '/' or '_'))
            _at++;
        var name = _text[start.._at];
        if (TimeZoneAbbreviations.Find(name) is { } abbreviation)
            _offset = abbreviation.Seconds;
        else
            _zone = PgTimeZone.Find(name) ?? throw Invalid(node, name, "Time zone abbreviation is not recognized.");
    }

    void ReadOffset(DateTimeTemplateNode node, DateTimeTemplateNode? next)
    {
        var sign = 1;
        if (_at < _text.Length && _text[_at] is '+' or '-' or ' ')
            sign = _text[_at++] == '-' ? -1 : 1;
        // Its own successor, so that two digits are the most.
        var seconds = ReadNumber(node, next ?? node, 2) * 3600;
        if (node.Pattern != DateTimePattern.ZoneHour && _at < _text.Length && _text[_at] == ':')
        {
            _at++;
            seconds += ReadNumber(node, node, 2) * 60;
        }
        _offset = sign * seconds;
    }

    int Get(DateTimePattern field, int otherwise) => _fields.GetValueOrDefault(field, otherwise);
    bool Has(DateTimePattern field) => _fields.ContainsKey(field);

    PgError OutOfRange() => new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{_text}\"");

    long Combine() => (long)Day() * Calendar.MicrosPerDay + Time();

    long Time()
    {
        long hour = Get(DateTimePattern.Hour24, 0), minute = Get(DateTimePattern.Minute, 0), second = Get(DateTimePattern.Second, 0);
        if (Has(DateTimePattern.SecondsOfDay))
        {
            var seconds = Get(DateTimePattern.SecondsOfDay, 0);
            (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        }
        if (_is12Hour && Has(DateTimePattern.Hour24))
        {
            if (hour is < 1 or > 12)
                throw new PgError(SqlState.InvalidDatetimeFormat, $"hour \"{hour}\" is invalid for the 12-hour clock")
                {
                    Hint = "Use the 24-hour clock, or give an hour between 1 and 12.",
                };
            hour = hour % 12 + (_isAfternoon == true ? 12 : 0);
        }
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
            throw OutOfRange();
        return (hour * 60 + minute) * Calendar.MicrosPerMinute + second * Calendar.MicrosPerSecond
            + Get(DateTimePattern.Millisecond, 0) + Get(DateTimePattern.Microsecond, 0);
    }

    int Day()
    {
        if (Has(DateTimePattern.JulianDay))
            return Get(DateTimePattern.JulianDay, 0) - Calendar.JulianDayOf2000;
        if (Has(DateTimePattern.IsoYear) || Has(DateTimePattern.IsoWeek) || Has(DateTimePattern.IsoDayOfYear))
            return IsoDay();
        var year = Year();
        if (Has(DateTimePattern.DayOfYear) && !Has(DateTimePattern.Month))
        {
            var dayOfYear = Get(DateTimePattern.DayOfYear, 1);
            return dayOfYear >= 1 && dayOfYear <= (Calendar.IsLeapYear(year) ? 366 : 365) ? Calendar.DayNumber(year, 1, 1) + dayOfYear - 1 : throw OutOfRange();
        }
        if (Has(DateTimePattern.Week) && !Has(DateTimePattern.Month))
            return Calendar.DayNumber(year, 1, 1) + (Get(DateTimePattern.Week, 1) - 1) * 7;
        int month = Get(DateTimePattern.Month, 1), day = Get(DateTimePattern.DayOfMonth, Has(DateTimePattern.WeekOfMonth) ? (Get(DateTimePattern.WeekOfMonth, 1) - 1) * 7 + 1 : 1);
        if (month is < 1 or > 12 || day < 1 || day > Calendar.DaysInMonth(year, month))
            throw OutOfRange();
        return Calendar.DayNumber(year, month, day);
    }

    int IsoDay()
    {
        var year = Get(DateTimePattern.IsoYear, 0);
        if (Has(DateTimePattern.IsoDayOfYear))
            return Calendar.IsoWeekStart(year, 1) + Get(DateTimePattern.IsoDayOfYear, 1) - 1;
        var day = Has(DateTimePattern.IsoDayOfWeek) ? Get(DateTimePattern.IsoDayOfWeek, 1) : Has(DateTimePattern.DayOfWeek) ? (Get(DateTimePattern.DayOfWeek, 2) + 5) % 7 + 1 : 1;
        return Calendar.IsoWeekStart(year, Get(DateTimePattern.IsoWeek, 1)) + day - 1;
    }

    /// <summary>The astronomical year of YYYY, CC and BC together; 1 BC without any.</summary>
    int Year()
    {
        if (!Has(DateTimePattern.Year) && !Has(DateTimePattern.Century))
            return 0;
        var year = Get(DateTimePattern.Year, 0);
        if (Has(DateTimePattern.Century))
        {
            var century = Get(DateTimePattern.Century, 1);
            year = !Has(DateTimePattern.Year) ? (century - 1) * 100 + 1
                : _yearDigits <= 2 ? (year % 100 == 0 ? century * 100 : (century - 1) * 100 + year % 100)
                : year;
        }
        if (_isBeforeChrist && year > 0)
            return 1 - year;
        return year < 0 ? year + 1 : year;
    }
}
