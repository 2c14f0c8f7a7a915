using System.Globalization;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>to_char for dates, times and intervals.</summary>
public static class DateTimeTemplateWriter
{
    internal static readonly string[] MonthNames = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    internal static readonly string[] DayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    internal static readonly string[] RomanMonths = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

    /// <summary>What is written: a moment, or an interval, which has no calendar fields.</summary>
    readonly record struct Moment(long Year, int Month, int Day, int DayNumber, long Hour, int Minute, int Second, int Micros, TimeZoneOffset? Zone, bool IsInterval)
    {
        /// <summary>Years count without a zero: 1 BC follows 2 BC.</summary>
        public long ShownYear => IsInterval || Year > 0 ? Year : 1 - Year;
    }

    /// <summary>A timestamp; its microseconds are UTC and its zone is shown when <paramref name="zone"/> is given. Null for infinities.</summary>
    public static string? Write(long timestamp, PgTimeZone? zone, string template)
    {
        if (DateTimeArithmetic.IsInfinite(timestamp))
            return null;
        var offset = zone?.At(timestamp);
        var local = timestamp + (offset?.Seconds ?? 0) * Calendar.MicrosPerSecond;
        var date = DateTimeArithmetic.ToDate(local);
        var time = DateTimeArithmetic.TimeOfDay(local);
        var (year, month, day) = Calendar.Date(date);
        return Write(new Moment(year, month, day, date, time / Calendar.MicrosPerHour, (int)(time / Calendar.MicrosPerMinute % 60),
            (int)(time / Calendar.MicrosPerSecond % 60), (int)(time % Calendar.MicrosPerSecond), offset, false), template);
    }

    public static string Write(PgInterval interval, string template)
        => Write(new Moment(interval.Months / 12, interval.Months % 12, interval.Days, 0, interval.Micros / Calendar.MicrosPerHour, (int)(interval.Micros / Calendar.MicrosPerMinute % 60),
            (int)(interval.Micros / Calendar.MicrosPerSecond % 60), (int)(interval.Micros % Calendar.MicrosPerSecond), null, true), template);

    static string Write(Moment moment, string template)
    {
        var result = new StringBuilder();
        foreach (var node in DateTimeTemplate.Parse(template))
        {
            if (node.Pattern == DateTimePattern.None)
                result.Append(node.Text);
            else
                Append(result, node, moment);
        }
        return result.ToString();
    }

    static void Append(StringBuilder result, DateTimeTemplateNode node, Moment m)
    {
        switch (node.Pattern)
        {
            case DateTimePattern.Fixed:
                break;
            case DateTimePattern.Meridiem:
                result.Append(Cased(m.Hour % 24 >= 12 ? "PM" : "AM", node));
                break;
            case DateTimePattern.MeridiemDotted:
                result.Append(Cased(m.Hour % 24 >= 12 ? "P.M." : "A.M.", node));
                break;
            case DateTimePattern.Hour24:
                Number(result, m.Hour, node);
                break;
            case DateTimePattern.Hour12:
                Number(result, m.Hour % 12 == 0 ? 12 : m.Hour % 12, node);
                break;
            case DateTimePattern.Minute:
                Number(result, m.Minute, node);
                break;
            case DateTimePattern.Second:
                Number(result, m.Second, node);
                break;
            case DateTimePattern.Millisecond:
                Digits(result, m.Micros / 1000, 3, node);
                break;
            case DateTimePattern.Microsecond:
                Digits(result, m.Micros, 6, node);
                break;
            case DateTimePattern.Fraction:
                Digits(result, m.Micros / (int)Math.Pow(10, 6 - node.Width), node.Width, node);
                break;
            case DateTimePattern.SecondsOfDay:
                result.Append(CultureInfo.InvariantCulture, $"{(m.Hour * 60 + m.Minute) * 60 + m.Second}");
                Ordinal(result, (m.Hour * 60 + m.Minute) * 60 + m.Second, node);
                break;
            case DateTimePattern.Year:
                Number(result, node.Width == 4 ? m.ShownYear : m.ShownYear % (long)Math.Pow(10, node.Width), node);
                break;
            case DateTimePattern.YearWithComma:
                result.Append(CultureInfo.InvariantCulture, $"{m.ShownYear / 1000},{Math.Abs(m.ShownYear) % 1000:000}");
                Ordinal(result, m.ShownYear, node);
                break;
            case DateTimePattern.Century:
                Century(result, m, node);
                break;
            case DateTimePattern.Month:
                Number(result, m.Month, node);
                break;
            case DateTimePattern.DayOfMonth:
                Number(result, m.Day, node);
                break;
            case DateTimePattern.DayOfYear when m.IsInterval:
                Number(result, (m.Year * 12 + m.Month) * 30 + m.Day, node);
                break;
            case DateTimePattern.Quarter when m.Month > 0:
                Number(result, (m.Month - 1) / 3 + 1, node);
                break;
            case DateTimePattern.WeekOfMonth:
                Number(result, (m.Day - 1) / 7 + 1, node);
                break;
            case DateTimePattern.RomanMonth when m.Month != 0:
                var roman = RomanMonths[m.Month > 0 ? m.Month - 1 : 12 + m.Month - 1];
                Name(result, roman, node, node.Text[0] == 'r' ? NameCase.Lower : NameCase.Upper);
                break;
            default:
                CalendarField(result, node, m);
                break;
        }
    }

    static void CalendarField(StringBuilder result, DateTimeTemplateNode node, Moment m)
    {
        if (m.IsInterval)
        {
            // An interval has no weekday, no era and no zone.
            if (node.Pattern is not (DateTimePattern.RomanMonth or DateTimePattern.Quarter))
                throw new PgError(SqlState.InvalidDatetimeFormat, "invalid format specification for an interval value") { Hint = "Intervals are not tied to specific calendar dates." };
            return;
        }
        var dayOfWeek = Calendar.DayOfWeek(m.DayNumber);
        var dayOfYear = m.DayNumber - Calendar.DayNumber((int)m.Year, 1, 1) + 1;
        var (isoYear, isoWeek) = Calendar.IsoWeek(m.DayNumber);
        switch (node.Pattern)
        {
            case DateTimePattern.Era:
                result.Append(Cased(m.Year <= 0 ? "BC" : "AD", node));
                break;
            case DateTimePattern.EraDotted:
                result.Append(Cased(m.Year <= 0 ? "B.C." : "A.D.", node));
                break;
            case DateTimePattern.MonthName:
                Name(result, MonthNames[m.Month - 1], node, node.Case);
                break;
            case DateTimePattern.MonthNameShort:
                Name(result, MonthNames[m.Month - 1][..3], node, node.Case);
                break;
            case DateTimePattern.DayName:
                Name(result, DayNames[dayOfWeek], node, node.Case);
                break;
            case DateTimePattern.DayNameShort:
                Name(result, DayNames[dayOfWeek][..3], node, node.Case);
                break;
            case DateTimePattern.DayOfYear:
                Number(result, dayOfYear, node);
                break;
            case DateTimePattern.IsoDayOfYear:
                Number(result, m.DayNumber - Calendar.IsoWeekStart(isoYear, 1) + 1, node);
                break;
            case DateTimePattern.DayOfWeek:
                Number(result, dayOfWeek + 1, node);
                break;
            case DateTimePattern.IsoDayOfWeek:
                Number(result, dayOfWeek == 0 ? 7 : dayOfWeek, node);
                break;
            case DateTimePattern.Week:
                Number(result, (dayOfYear - 1) / 7 + 1, node);
                break;
            case DateTimePattern.IsoWeek:
                Number(result, isoWeek, node);
                break;
            case DateTimePattern.IsoYear:
                var year = isoYear > 0 ? isoYear : 1 - isoYear;
                Number(result, node.Width == 4 ? year : year % (int)Math.Pow(10, node.Width), node);
                break;
            case DateTimePattern.JulianDay:
                Number(result, m.DayNumber + (long)Calendar.JulianDayOf2000, node);
                break;
            case DateTimePattern.Zone when m.Zone is { } zone:
                result.Append(node.Case == NameCase.Lower ? zone.Abbreviation.ToLowerInvariant() : zone.Abbreviation.ToUpperInvariant());
                break;
            case DateTimePattern.Offset or DateTimePattern.ZoneHour:
                var seconds = m.Zone?.Seconds ?? 0;
                result.Append(seconds < 0 ? '-' : '+').Append((Math.Abs(seconds) / 3600).ToString("00", CultureInfo.InvariantCulture));
                if (node.Pattern == DateTimePattern.Offset && seconds % 3600 != 0)
                    result.Append(CultureInfo.InvariantCulture, $":{Math.Abs(seconds) / 60 % 60:00}");
                break;
            case DateTimePattern.ZoneMinute:
                result.Append((Math.Abs(m.Zone?.Seconds ?? 0) / 60 % 60).ToString("00", CultureInfo.InvariantCulture));
                break;
        }
    }

    static void Century(StringBuilder result, Moment m, DateTimeTemplateNode node)
    {
        var century = m.IsInterval ? m.Year / 100
            : m.Year > 0 ? (m.Year - 1) / 100 + 1
            : m.Year / 100 - 1;
        if (century is >= -99 and <= 99)
            Number(result, century, node);
        else
            result.Append(century);
    }

    static string Cased(string text, DateTimeTemplateNode node) => node.Case == NameCase.Lower ? text.ToLowerInvariant() : text;

    static void Name(StringBuilder result, string name, DateTimeTemplateNode node, NameCase nameCase)
    {
        var cased = nameCase switch { NameCase.Upper => name.ToUpperInvariant(), NameCase.Lower => name.ToLowerInvariant(), _ => name };
        result.Append(node.IsFill ? cased : cased.PadRight(node.Width));
    }

    /// <summary>A number padded with zeros unless FM says no; a minus sign comes before the padding.</summary>
    static void Number(StringBuilder result, long number, DateTimeTemplateNode node)
    {
        if (number < 0)
            result.Append('-');
        result.Append(Math.Abs(number).ToString(node.IsFill ? "0" : $"D{Math.Max(node.Width, 1)}", CultureInfo.InvariantCulture));
        Ordinal(result, number, node);
    }

    static void Digits(StringBuilder result, int number, int width, DateTimeTemplateNode node)
    {
        result.Append(number.ToString($"D{width}", CultureInfo.InvariantCulture));
        Ordinal(result, number, node);
    }

    static void Ordinal(StringBuilder result, long number, DateTimeTemplateNode node)
    {
        if (node.UpperOrdinal is { } isUpper)
            result.Append(OrdinalSuffix(number, isUpper));
    }

    /// <summary>st, nd, rd or th.</summary>
    internal static string OrdinalSuffix(long number, bool isUpper)
    {
        number = Math.Abs(number);
        var suffix = number / 10 % 10 == 1 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
        return isUpper ? suffix.ToUpperInvariant() : suffix;
    }
}
