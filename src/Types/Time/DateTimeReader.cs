using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>Which parts of a date and time have been read.</summary>
[Flags]
enum DateTimeParts
{
    None = 0, Year = 1, Month = 2, Day = 4, Hour = 8, Minute = 16, Second = 32, Zone = 64, DayOfWeek = 128, AmPm = 256, Era = 512,
    DayOfYear = 1024, DaylightModifier = 2048,
    AllDate = Year | Month | Day,
    AllTime = Hour | Minute | Second,
}

/// <summary>What text for a date, time or timestamp says.</summary>
sealed class DateTimeText
{
    public SpecialTime Special { get; set; }
    public DateTimeParts Parts { get; set; }
    public int Year { get; set; }
    public int Month { get; set; }
    public int Day { get; set; }
    public int Hour { get; set; }
    public int Minute { get; set; }
    public int Second { get; set; }
    public int Micros { get; set; }

    /// <summary>Seconds east of Greenwich; null when a zone by name or none was given.</summary>
    public int? Offset { get; set; }
    public PgTimeZone? Zone { get; set; }

    public bool HasZone => (Parts & DateTimeParts.Zone) != 0;
    public int DayNumber => Calendar.DayNumber(Year, Month, Day);
    public long TimeOfDay => ((Hour * 60L + Minute) * 60 + Second) * Calendar.MicrosPerSecond + Micros;
}

/// <summary>Reads text for a date, time or timestamp by PostgreSQL's rules (DecodeDateTime and DecodeTimeOnly).</summary>
/// <param name="typeName">As in messages: <c>timestamp with time zone</c>.</param>
/// <param name="timeOnly">For time and timetz: a date may be missing, and bare numbers are times.</param>
sealed class DateTimeReader(string text, string typeName, TypeSettings settings, bool timeOnly)
{
    const int MaxZoneHour = 15;

    readonly DateTimeText _result = new();
    DateTimeParts _parts;
    bool _isShortYear, _isBeforeChrist, _hasTextMonth, _isJulian;
    bool? _isAfternoon;
    char _nextUnit;
    int _dayOfYear;

    public static PgError Invalid(string typeName, string text)
        => new(SqlState.InvalidDatetimeFormat, $"invalid input syntax for type {typeName}: \"{text}\"");

    PgError Bad() => Invalid(typeName, text);

    PgError FieldOverflow(bool hint = false) => new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{text}\"")
    {
        Hint = hint ? "Perhaps you need a different \"datestyle\" setting." : null,
    };

    /// <summary>Reads the text. Raises 22007, 22008, 22009, 22023.</summary>
    public DateTimeText Read()
    {
        var tokens = DateTimeTokens.Split(text) ?? throw Bad();
        if (tokens.Count == 0)
            throw Bad();
        for (var i = 0; i < tokens.Count; i++)
            Add(ReadToken(tokens, i));
        if (_nextUnit != 0)
            throw Bad();
        _result.Parts = _parts;
        if (_result.Special is SpecialTime.None or SpecialTime.Now or SpecialTime.Today or SpecialTime.Tomorrow or SpecialTime.Yesterday or SpecialTime.Zulu)
            Check();
        return _result;
    }

    void Add(DateTimeParts parts)
    {
        if ((parts & _parts) != 0)
            throw Bad();
        _parts |= parts;
    }

    DateTimeParts DateParts => _parts & DateTimeParts.AllDate;
    bool HasAllDate => DateParts == DateTimeParts.AllDate;

    DateTimeParts ReadToken(List<DateTimeToken> tokens, int index)
    {
        var token = tokens[index];
        switch (token.Kind)
        {
            case TokenKind.Date:
                var mayBeDate = timeOnly
                    ? index == 0 && tokens.Count >= 2 && (tokens[^1].Kind == TokenKind.Date || tokens[1].Kind == TokenKind.Time)
                    : !HasAllDate;
                if (_nextUnit == '\0' && mayBeDate)
                    return ReadDate(token.Text);
                return char.IsAsciiDigit(token.Text[0]) || _nextUnit != '\0' ? ReadTimeWithZone(token.Text) : ReadZoneName(token.Text);
            case TokenKind.Time:
                if (_nextUnit is not ('\0' or 't'))
                    throw Bad();
                _nextUnit = '\0';
                return ReadTime(token.Text);
            case TokenKind.Zone:
                _result.Offset = ReadOffset(token.Text);
                return DateTimeParts.Zone;
            case TokenKind.Number:
                return _nextUnit != 0 ? ReadAfterUnit(token.Text) : ReadBareNumber(tokens, index);
            default:
                return ReadWord(token.Text, index + 1 < tokens.Count ? tokens[index + 1] : null);
        }
    }

    DateTimeParts ReadAfterUnit(string number)
    {
        var unit = _nextUnit;
        _nextUnit = '\0';
        if (unit == 't')
            return ReadRunTogether(number, _parts | DateTimeParts.AllDate);
        // Julian day, perhaps with a fraction that is the time of day.
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (!int.TryParse(point < 0 ? number : number[..point], NumberStyles.None, CultureInfo.InvariantCulture, out var julian))
            throw FieldOverflow();
        (_result.Year, _result.Month, _result.Day) = Calendar.Date(julian - Calendar.JulianDayOf2000);
        _isJulian = true;
        if (point < 0)
            return DateTimeParts.AllDate;
        var micros = (long)Math.Round(double.Parse(number[point..], NumberStyles.Float, CultureInfo.InvariantCulture) * Calendar.MicrosPerDay);
        SetTime(micros);
        return DateTimeParts.AllDate | DateTimeParts.AllTime;
    }

    void SetTime(long micros)
    {
        _result.Hour = (int)(micros / Calendar.MicrosPerHour);
        _result.Minute = (int)(micros / Calendar.MicrosPerMinute % 60);
        _result.Second = (int)(micros / Calendar.MicrosPerSecond % 60);
        _result.Micros = (int)(micros % Calendar.MicrosPerSecond);
    }

    DateTimeParts ReadBareNumber(List<DateTimeToken> tokens, int index)
    {
        var number = tokens[index].Text;
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (timeOnly)
        {
            if (point >= 0 && index == 0 && tokens.Count >= 2 && (tokens[^1].Kind == TokenKind.Date || tokens[1].Kind == TokenKind.Time))
                return ReadDate(number);
            return point > 2 || (point < 0 && number.Length > 4)
                ? ReadRunTogether(number, _parts | DateTimeParts.AllDate)
                : ReadNumber(number, _parts | DateTimeParts.AllDate);
        }
        if (point >= 0 && DateParts == 0)
            return ReadDate(number);
        if (point > 2)
            return ReadRunTogether(number, _parts);
        var hasAllTime = (_parts & DateTimeParts.AllTime) == DateTimeParts.AllTime;
        return number.Length >= 6 && (!HasAllDate || !hasAllTime) ? ReadRunTogether(number, _parts) : ReadNumber(number, _parts);
    }

    /// <summary>One number of a date: which of year, month and day it is follows from what is known and from DateOrder.</summary>
    DateTimeParts ReadNumber(string number, DateTimeParts known)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (point > 2)
            return ReadRunTogether(number, known | DateTimeParts.AllDate);
        if (!int.TryParse(point < 0 ? number : number[..point], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            throw point == 0 ? Bad() : FieldOverflow();
        if (point >= 0)
            _result.Micros = ReadFraction(number[point..]);
        var length = number.Length;
        var date = known & DateTimeParts.AllDate;
        if (length == 3 && date == DateTimeParts.Year && value is >= 1 and <= 366)
        {
            _dayOfYear = value;
            return DateTimeParts.DayOfYear | DateTimeParts.Month | DateTimeParts.Day;
        }
        switch (date)
        {
            case DateTimeParts.None:
                return length >= 3 || settings.DateOrder == DateOrder.YearMonthDay ? SetYear(value, length)
                    : settings.DateOrder == DateOrder.DayMonthYear ? SetDay(value) : SetMonth(value);
            case DateTimeParts.Year or DateTimeParts.Day:
                return SetMonth(value);
            case DateTimeParts.Month:
                return _hasTextMonth && (length >= 3 || settings.DateOrder == DateOrder.YearMonthDay) ? SetYear(value, length) : SetDay(value);
            case DateTimeParts.Year | DateTimeParts.Month:
                if (!_hasTextMonth || length < 3 || !_isShortYear)
                    return SetDay(value);
                // The first number was the day after all.
                _result.Day = _result.Year;
                _result.Year = value;
                _isShortYear = false;
                return DateTimeParts.Day;
            case DateTimeParts.Month | DateTimeParts.Day:
                return SetYear(value, length);
            case DateTimeParts.AllDate:
                return ReadRunTogether(number, known);
            default:
                throw Bad();
        }
    }

    DateTimeParts SetYear(int value, int length)
    {
        _result.Year = value;
        _isShortYear = length <= 2;
        return DateTimeParts.Year;
    }

    DateTimeParts SetMonth(int value)
    {
        _result.Month = value;
        return DateTimeParts.Month;
    }

    DateTimeParts SetDay(int value)
    {
        _result.Day = value;
        return DateTimeParts.Day;
    }

    /// <summary>yyyymmdd, yymmdd, hhmmss or hhmm without anything between.</summary>
    DateTimeParts ReadRunTogether(string number, DateTimeParts known)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? number : number[..point];
        if (digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw Bad();
        if (point >= 0)
            _result.Micros = ReadFraction(number[point..]);
        else if ((known & DateTimeParts.AllDate) != DateTimeParts.AllDate && digits.Length >= 6)
        {
            _result.Day = int.Parse(digits[^2..], CultureInfo.InvariantCulture);
            _result.Month = int.Parse(digits[^4..^2], CultureInfo.InvariantCulture);
            _result.Year = int.TryParse(digits[..^4], out var year) ? year : throw FieldOverflow();
            _isShortYear = digits.Length == 6;
            return DateTimeParts.AllDate;
        }
        if ((known & DateTimeParts.AllTime) == DateTimeParts.AllTime || digits.Length is not (4 or 6))
            throw Bad();
        _result.Hour = int.Parse(digits[..2], CultureInfo.InvariantCulture);
        _result.Minute = int.Parse(digits[2..4], CultureInfo.InvariantCulture);
        _result.Second = digits.Length == 6 ? int.Parse(digits[4..], CultureInfo.InvariantCulture) : 0;
        CheckTime();
        return DateTimeParts.AllTime;
    }

    /// <summary>hhmmss-zz or hhmmssZONE.</summary>
    DateTimeParts ReadTimeWithZone(string run)
    {
        _nextUnit = '\0';
        var end = 0;
        while (end < run.Length && (char.IsAsciiDigit(run[end]) || run[end] == '.'))
            end++;
        if (end == run.Length || end == 0)
            throw Bad();
        var parts = ReadRunTogether(run[..end], _parts | DateTimeParts.AllDate);
        if (run[end] is '+' or '-')
            _result.Offset = ReadOffset(run[end..]);
        else
            return parts | ReadZoneName(run[end..].TrimStart('/', '.'));
        return parts | DateTimeParts.Zone;
    }

    DateTimeParts ReadZoneName(string name)
    {
        if (TimeZoneAbbreviations.Find(name) is { } abbreviation)
            _result.Offset = abbreviation.Seconds;
        else
            _result.Zone = PgTimeZone.Find(name) ?? throw PgTimeZone.Unknown(name);
        return DateTimeParts.Zone;
    }

    DateTimeParts ReadDate(string date)
    {
        var pieces = new List<string>();
        for (var i = 0; i < date.Length;)
        {
            var start = i;
            if (char.IsAsciiDigit(date[i]))
                while (i < date.Length && char.IsAsciiDigit(date[i]))
                    i++;
            else if (char.IsAsciiLetter(date[i]))
                while (i < date.Length && char.IsAsciiLetter(date[i]))
                    i++;
            else
            {
                i++;
                continue;
            }
            pieces.Add(date[start..i]);
        }

        var read = DateTimeParts.None;
        void Take(DateTimeParts parts)
        {
            if (((_parts | read) & parts) != 0)
                throw Bad();
            read |= parts;
        }

        // A month in letters leaves less to guess for the numbers.
        foreach (var piece in pieces.Where(piece => char.IsAsciiLetter(piece[0])))
        {
            var (kind, value) = DateTimeWords.Find(piece);
            if (kind == WordKind.Ignored)
                continue;
            if (kind != WordKind.Month)
                throw Bad();
            _hasTextMonth = true;
            Take(SetMonth(value));
        }
        foreach (var piece in pieces.Where(piece => char.IsAsciiDigit(piece[0])))
            Take(ReadNumber(piece, _parts | read));
        if (((_parts | read) & DateTimeParts.AllDate) != DateTimeParts.AllDate)
            throw Bad();
        return read;
    }

    DateTimeParts ReadTime(string time)
    {
        var pieces = time.Split(':');
        if (pieces.Length > 3 || pieces[0].Length == 0)
            throw Bad();
        var last = pieces[^1];
        var point = last.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            _result.Micros = ReadFraction(last[point..]);
            last = last[..point];
        }
        var first = ReadTimeNumber(pieces[0]);
        var second = pieces.Length == 2 ? ReadTimeNumber(last) : ReadTimeNumber(pieces[1]);
        // hh:mm.fraction is taken for mm:ss.fraction.
        (_result.Hour, _result.Minute, _result.Second) = pieces.Length == 3 ? (first, second, ReadTimeNumber(last))
            : point >= 0 ? (0, first, second) : (first, second, 0);
        CheckTime();
        return DateTimeParts.AllTime;
    }

    int ReadTimeNumber(string digits)
    {
        if (digits.Length == 0 || digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw Bad();
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw FieldOverflow();
    }

    /// <summary>Microseconds of <c>.123</c>, rounded.</summary>
    int ReadFraction(string fraction)
    {
        if (fraction.AsSpan(1).ContainsAnyExceptInRange('0', '9'))
            throw Bad();
        return fraction.Length == 1 ? 0 : (int)Math.Round(double.Parse(fraction, NumberStyles.Float, CultureInfo.InvariantCulture) * 1_000_000);
    }

    void CheckTime()
    {
        if (_result.Minute > 59 || _result.Second > 60 || _result.Hour > 24 || _result.TimeOfDay > Calendar.MicrosPerDay)
            throw FieldOverflow();
    }

    int ReadOffset(string offset)
    {
        var pieces = offset[1..].Split(':');
        if (pieces.Length > 3 || pieces.Any(piece => piece.Length == 0 || piece.AsSpan().ContainsAnyExceptInRange('0', '9')))
            throw Bad();
        var numbers = new int[3];
        for (var i = 0; i < pieces.Length; i++)
            numbers[i] = int.TryParse(pieces[i], out var number) ? number : throw OffsetOverflow();
        if (pieces.Length == 1 && pieces[0].Length > 2)
            (numbers[0], numbers[1]) = (numbers[0] / 100, numbers[0] % 100);
        if (numbers[0] > MaxZoneHour || numbers[1] > 59 || numbers[2] > 59)
            throw OffsetOverflow();
        var seconds = (numbers[0] * 60 + numbers[1]) * 60 + numbers[2];
        return offset[0] == '-' ? -seconds : seconds;
    }

    PgError OffsetOverflow() => new(SqlState.InvalidTimeZoneDisplacementValue, $"time zone displacement out of range: \"{text}\"");

    DateTimeParts ReadWord(string word, DateTimeToken? next)
    {
        if (TimeZoneAbbreviations.Find(word) is { } abbreviation)
        {
            _result.Offset = abbreviation.Seconds;
            return DateTimeParts.Zone;
        }
        var (kind, value) = DateTimeWords.Find(word);
        switch (kind)
        {
            case WordKind.Ignored:
                return DateTimeParts.None;
            case WordKind.Special:
                return ReadSpecial((SpecialTime)value);
            case WordKind.Month:
                // A number taken for the month before was the day.
                var extra = DateTimeParts.None;
                if ((_parts & DateTimeParts.Month) != 0 && !_hasTextMonth && (_parts & DateTimeParts.Day) == 0 && _result.Month is >= 1 and <= 31)
                {
                    _result.Day = _result.Month;
                    extra = DateTimeParts.Day;
                    _parts &= ~DateTimeParts.Month;
                }
                _hasTextMonth = true;
                return extra | SetMonth(value);
            case WordKind.DayOfWeek:
                return DateTimeParts.DayOfWeek;
            case WordKind.AmPm:
                _isAfternoon = value == 1;
                return DateTimeParts.AmPm;
            case WordKind.Era:
                _isBeforeChrist = value == 1;
                return DateTimeParts.Era;
            case WordKind.DaylightModifier:
                if (_result.Offset is null)
                    throw Bad();
                _result.Offset += 3600;
                return DateTimeParts.DaylightModifier;
            case WordKind.IsoTime:
                if ((!HasAllDate && !timeOnly) || next is not { Kind: TokenKind.Number or TokenKind.Time or TokenKind.Date })
                    throw Bad();
                _nextUnit = 't';
                return DateTimeParts.None;
            case WordKind.Unit:
                _nextUnit = (char)value;
                return DateTimeParts.None;
            default:
                _result.Zone = PgTimeZone.Find(word) ?? throw Bad();
                return DateTimeParts.Zone;
        }
    }

    DateTimeParts ReadSpecial(SpecialTime special)
    {
        _result.Special = special;
        var now = settings.TransactionTimestamp + settings.TimeZone.At(settings.TransactionTimestamp).Seconds * Calendar.MicrosPerSecond;
        var today = (int)Calendar.FloorDivide(now, Calendar.MicrosPerDay);
        switch (special)
        {
            case SpecialTime.Now:
                (_result.Year, _result.Month, _result.Day) = Calendar.Date(today);
                SetTime(now - today * Calendar.MicrosPerDay);
                _result.Offset = settings.TimeZone.At(settings.TransactionTimestamp).Seconds;
                return DateTimeParts.AllDate | DateTimeParts.AllTime | DateTimeParts.Zone;
            case SpecialTime.Today or SpecialTime.Tomorrow or SpecialTime.Yesterday:
                var days = special == SpecialTime.Tomorrow ? 1 : special == SpecialTime.Yesterday ? -1 : 0;
                (_result.Year, _result.Month, _result.Day) = Calendar.Date(today + days);
                return DateTimeParts.AllDate;
            case SpecialTime.Zulu:
                _result.Offset = 0;
                return DateTimeParts.AllTime | DateTimeParts.Zone;
            default:
                if (timeOnly)
                    throw Bad();
                return DateTimeParts.AllDate | DateTimeParts.AllTime | DateTimeParts.Zone;
        }
    }

    /// <summary>What can only be checked or completed when everything has been read.</summary>
    void Check()
    {
        var hasYear = (_parts & DateTimeParts.Year) != 0;
        if (hasYear && _result.Special == SpecialTime.None && !_isJulian)
        {
            if (_isBeforeChrist)
                _result.Year = _result.Year > 0 ? 1 - _result.Year : throw FieldOverflow();
            else if (_isShortYear)
                _result.Year += _result.Year < 70 ? 2000 : _result.Year < 100 ? 1900 : 0;
            else if (_result.Year <= 0)
                throw FieldOverflow();
        }
        if ((_parts & DateTimeParts.DayOfYear) != 0)
            (_result.Year, _result.Month, _result.Day) = Calendar.Date(Calendar.DayNumber(_result.Year, 1, 1) + _dayOfYear - 1);
        if ((_parts & DateTimeParts.Month) != 0 && _result.Month is < 1 or > 12)
            throw FieldOverflow(hint: true);
        if ((_parts & DateTimeParts.Day) != 0 && _result.Day is < 1 or > 31)
            throw FieldOverflow(hint: true);
        if (HasAllDate && _result.Day > Calendar.DaysInMonth(_result.Year, _result.Month))
            throw FieldOverflow();

        if (_isAfternoon is { } isAfternoon)
        {
            if (_result.Hour > 12)
                throw FieldOverflow();
            _result.Hour = _result.Hour % 12 + (isAfternoon ? 12 : 0);
        }
        var isComplete = timeOnly ? (_parts & DateTimeParts.AllTime) == DateTimeParts.AllTime : HasAllDate;
        // What a named zone's offset is depends on the date.
        if (!isComplete || (timeOnly && _result.Zone is not null && !HasAllDate))
            throw Bad();
    }
}
