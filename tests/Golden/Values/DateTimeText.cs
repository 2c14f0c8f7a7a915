using System.Text;

namespace PgVectorCompat.Golden.Values;

/// <summary>Dates and times in ISO style, counted from 2000-01-01.</summary>
static class DateTimeText
{
    const long MicrosecondsPerSecond = 1_000_000;
    const long MicrosecondsPerDay = 86_400 * MicrosecondsPerSecond;
    const int DaysFrom1970To2000 = 10_957;

    public static string Date(int days) => days switch
    {
        int.MaxValue => "infinity",
        int.MinValue => "-infinity",
        _ => Era(days, out var text) ? text + " BC" : text,
    };

    public static string Timestamp(long microseconds, string zone)
    {
        if (microseconds == long.MaxValue) return "infinity";
        if (microseconds == long.MinValue) return "-infinity";
        var days = (int)Math.Floor((decimal)microseconds / MicrosecondsPerDay);
        var before = Era(days, out var date);
        return $"{date} {Time(microseconds - days * MicrosecondsPerDay)}{zone}{(before ? " BC" : "")}";
    }

    public static string Time(long microseconds)
    {
        var seconds = microseconds / MicrosecondsPerSecond;
        return $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}{Fraction(microseconds % MicrosecondsPerSecond)}";
    }

    /// <summary>IntervalStyle postgres: only the parts that are not zero, each with its own sign.</summary>
    public static string Interval(long microseconds, int days, int months)
    {
        var text = new StringBuilder();
        var negativeBefore = false;
        Part(months / 12, "year");
        Part(months % 12, "mon");
        Part(days, "day");
        if (microseconds == 0 && text.Length > 0) return text.ToString();

        if (text.Length > 0) text.Append(' ');
        if (microseconds < 0) text.Append('-');
        else if (negativeBefore) text.Append('+');
        return text.Append(Time(Math.Abs(microseconds))).ToString();

        void Part(int count, string unit)
        {
            if (count == 0) return;
            if (text.Length > 0) text.Append(' ');
            text.Append($"{(negativeBefore && count > 0 ? "+" : "")}{count} {unit}{(count == 1 ? "" : "s")}");
            negativeBefore = count < 0;
        }
    }

    static string Fraction(long microseconds) => microseconds == 0 ? "" : "." + microseconds.ToString("000000").TrimEnd('0');

    /// <summary>Writes the date's year, month and day; true when the year is before the common era.</summary>
    static bool Era(int days, out string text)
    {
        var (year, month, day) = Civil(days + (long)DaysFrom1970To2000);
        text = $"{(year > 0 ? year : 1 - year):0000}-{month:00}-{day:00}";
        return year <= 0;
    }

    /// <summary>The proleptic Gregorian date of a day counted from 1970-01-01 (years shifted to begin in March, in eras of 400).</summary>
    static (long Year, int Month, int Day) Civil(long days)
    {
        const int DaysPerEra = 146_097;
        days += 719_468;
        var era = (days >= 0 ? days : days - (DaysPerEra - 1)) / DaysPerEra;
        var dayOfEra = days - era * DaysPerEra;
        var yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var shifted = (5 * dayOfYear + 2) / 153;
        var day = (int)(dayOfYear - (153 * shifted + 2) / 5 + 1);
        var month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
    }
}
