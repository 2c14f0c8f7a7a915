namespace PgVectorCompat.Types;

/// <summary>The proleptic Gregorian calendar over day numbers from 2000-01-01. Years are astronomical: 0 is 1 BC.</summary>
public static class Calendar
{
    public const int DaysFrom1970To2000 = 10957;
    public const long SecondsFrom1970To2000 = DaysFrom1970To2000 * 86400L;
    public const long MicrosPerSecond = 1_000_000;
    public const long MicrosPerMinute = 60 * MicrosPerSecond;
    public const long MicrosPerHour = 60 * MicrosPerMinute;
    public const long MicrosPerDay = 24 * MicrosPerHour;

    /// <summary>Julian day of 2000-01-01.</summary>
    public const int JulianDayOf2000 = 2451545;

    /// <summary>Days from 2000-01-01 to a date; months and days beyond their usual range count on.</summary>
    public static int DayNumber(int year, int month, int day)
    {
        // Years begin in March here, so that the leap day is the last of its year; 400 years have 146097 days.
        var y = (long)year + FloorDivide(month - 3, 12);
        var m = month - 3 - 12 * FloorDivide(month - 3, 12);
        var era = FloorDivide(y, 400);
        var yearOfEra = y - era * 400;
        var dayOfYear = (153 * m + 2) / 5 + day - 1;
        return (int)(era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 730425);
    }

    /// <summary>The date of a day number.</summary>
    public static (int Year, int Month, int Day) Date(int dayNumber)
    {
        var shifted = dayNumber + 730425L;
        var era = FloorDivide(shifted, 146097);
        var dayOfEra = shifted - era * 146097;
        var yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var m = (5 * dayOfYear + 2) / 153;
        var day = (int)(dayOfYear - (153 * m + 2) / 5 + 1);
        var month = (int)(m < 10 ? m + 3 : m - 9);
        return ((int)(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    /// <summary>0 for Sunday to 6 for Saturday.</summary>
    public static int DayOfWeek(int dayNumber) => (int)((dayNumber + 6L) % 7 + 7) % 7;

    public static bool IsLeapYear(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(int year, int month) => month switch
    {
        2 => IsLeapYear(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>The year of <paramref name="unixSeconds"/> since 1970.</summary>
    internal static int YearOf(long unixSeconds) => Date((int)Math.Clamp(FloorDivide(unixSeconds, 86400) - DaysFrom1970To2000, -2_500_000, 200_000_000)).Year;

    /// <summary>ISO 8601 week and the year it belongs to.</summary>
    public static (int Year, int Week) IsoWeek(int dayNumber)
    {
        var thursday = dayNumber - (DayOfWeek(dayNumber) + 6) % 7 + 3;
        var year = Date(thursday).Year;
        return (year, (thursday - DayNumber(year, 1, 1)) / 7 + 1);
    }

    /// <summary>Day number of the Monday that begins an ISO week.</summary>
    public static int IsoWeekStart(int year, int week)
    {
        var fourth = DayNumber(year, 1, 4);
        return fourth - (DayOfWeek(fourth) + 6) % 7 + (week - 1) * 7;
    }

    public static long FloorDivide(long value, long divisor) => value / divisor - (value % divisor != 0 && (value ^ divisor) < 0 ? 1 : 0);
    public static int FloorDivide(int value, int divisor) => (int)FloorDivide((long)value, divisor);
}
