using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>A POSIX time zone rule (<c>EST5EDT,M3.2.0,M11.1.0</c>, <c>&lt;+0330&gt;-3:30</c>), valid for all years.</summary>
sealed class PosixTimeZone
{
    readonly TimeZoneOffset _standard;
    readonly TimeZoneOffset? _daylight;
    readonly Switch _toDaylight;
    readonly Switch _toStandard;

    PosixTimeZone(TimeZoneOffset standard, TimeZoneOffset? daylight, Switch toDaylight, Switch toStandard)
        => (_standard, _daylight, _toDaylight, _toStandard) = (standard, daylight, toDaylight, toStandard);

    /// <summary>A day of the year and the local second in it when clocks change.</summary>
    readonly record struct Switch(char Kind, int Month, int Week, int Day, int Second)
    {
        /// <summary>Seconds since 1970 on the local clock before the change.</summary>
        public long LocalSeconds(int year)
        {
            long day;
            switch (Kind)
            {
                case 'M':
                    var first = Calendar.DayNumber(year, Month, 1);
                    day = first + ((Day - Calendar.DayOfWeek(first)) % 7 + 7) % 7 + (Week - 1) * 7;
                    if (day >= first + Calendar.DaysInMonth(year, Month))
                        day -= 7;
                    break;
                case 'J':
                    day = Calendar.DayNumber(year, 1, 1) + Day - 1 + (Calendar.IsLeapYear(year) && Day >= 60 ? 1 : 0);
                    break;
                default:
                    day = Calendar.DayNumber(year, 1, 1) + Day;
                    break;
            }
            return (day + Calendar.DaysFrom1970To2000) * 86400 + Second;
        }
    }

    /// <summary>Reads a rule, null when the text is none.</summary>
    public static PosixTimeZone? Parse(string text)
    {
        var rest = text.AsSpan();
        if (ReadName(ref rest) is not { } name || ReadTime(ref rest) is not { } west)
            return null;
        var standard = new TimeZoneOffset(-west, false, name);
        if (rest.IsEmpty)
            return new(standard, null, default, default);
        if (ReadName(ref rest) is not { } daylightName)
            return null;
        var daylightWest = west - 3600;
        if (!rest.IsEmpty && rest[0] != ',')
        {
            if (ReadTime(ref rest) is not { } stated)
                return null;
            daylightWest = stated;
        }
        if (rest.IsEmpty)
            rest = ",M3.2.0,M11.1.0";
        return ReadSwitch(ref rest) is { } on && ReadSwitch(ref rest) is { } off && rest.IsEmpty
            ? new(standard, new TimeZoneOffset(-daylightWest, true, daylightName), on, off)
            : null;
    }

    static string? ReadName(ref ReadOnlySpan<char> rest)
    {
        int length;
        string name;
        if (rest.StartsWith("<"))
        {
            length = rest.IndexOf('>') + 1;
            if (length < 3)
                return null;
            name = rest[1..(length - 1)].ToString();
        }
        else
        {
            for (length = 0; length < rest.Length && char.IsAsciiLetter(rest[length]); length++) { }
            // PostgreSQL asks for no name at all: +3 is three hours west.
            name = rest[..length].ToString();
        }
        rest = rest[length..];
        return name;
    }

    /// <summary>[+-]hh[:mm[:ss]] in seconds.</summary>
    static int? ReadTime(ref ReadOnlySpan<char> rest)
    {
        var sign = 1;
        if (rest.Length > 0 && rest[0] is '+' or '-')
        {
            sign = rest[0] == '-' ? -1 : 1;
            rest = rest[1..];
        }
        var seconds = 0;
        for (var unit = 3600; unit > 0; unit /= 60)
        {
            if (unit < 3600)
            {
                if (!rest.StartsWith(":"))
                    break;
                rest = rest[1..];
            }
            if (ReadNumber(ref rest) is not { } number || number > (unit == 3600 ? 167 : 59))
                return null;
            seconds += number * unit;
        }
        return sign * seconds;
    }

    static int? ReadNumber(ref ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < rest.Length && length < 4 && char.IsAsciiDigit(rest[length]))
            length++;
        if (length == 0)
            return null;
        var number = int.Parse(rest[..length], NumberStyles.None, CultureInfo.InvariantCulture);
        rest = rest[length..];
        return number;
    }

    static Switch? ReadSwitch(ref ReadOnlySpan<char> rest)
    {
        if (!rest.StartsWith(","))
            return null;
        rest = rest[1..];
        var kind = rest.StartsWith("M") ? 'M' : rest.StartsWith("J") ? 'J' : 'D';
        if (kind != 'D')
            rest = rest[1..];
        int month = 0, week = 0;
        if (ReadNumber(ref rest) is not { } day)
            return null;
        if (kind == 'M')
        {
            month = day;
            if (!TryReadPart(ref rest, out week) || !TryReadPart(ref rest, out day) || month is < 1 or > 12 || week is < 1 or > 5 || day > 6)
                return null;
        }
        var second = 2 * 3600;
        if (rest.StartsWith("/"))
        {
            rest = rest[1..];
            if (ReadTime(ref rest) is not { } stated)
                return null;
            second = stated;
        }
        return new(kind, month, week, day, second);
    }

    static bool TryReadPart(ref ReadOnlySpan<char> rest, out int number)
    {
        number = 0;
        if (!rest.StartsWith("."))
            return false;
        rest = rest[1..];
        var read = ReadNumber(ref rest);
        number = read ?? 0;
        return read is not null;
    }

    /// <summary>The offset at <paramref name="utc"/> seconds since 1970.</summary>
    public TimeZoneOffset At(long utc)
    {
        if (_daylight is not { } daylight)
            return _standard;
        var year = Calendar.YearOf(utc + _standard.Seconds);
        long on = _toDaylight.LocalSeconds(year) - _standard.Seconds, off = _toStandard.LocalSeconds(year) - daylight.Seconds;
        var isDaylight = on < off ? utc >= on && utc < off : utc >= on || utc < off;
        return isDaylight ? daylight : _standard;
    }

    /// <summary>The first change after <paramref name="utc"/>, null when clocks never change.</summary>
    public long? NextTransition(long utc)
    {
        if (_daylight is not { } daylight)
            return null;
        long? next = null;
        var year = Calendar.YearOf(utc);
        for (var y = year - 1; y <= year + 1; y++)
        {
            foreach (var at in (ReadOnlySpan<long>)[_toDaylight.LocalSeconds(y) - _standard.Seconds, _toStandard.LocalSeconds(y) - daylight.Seconds])
                if (at > utc && (next is null || at < next))
                    next = at;
        }
        return next;
    }
}
