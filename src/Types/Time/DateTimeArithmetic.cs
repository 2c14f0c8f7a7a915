namespace PgVectorCompat.Types;

/// <summary>Sums, differences and ages of dates, timestamps and intervals. Overflow raises 22008.</summary>
public static class DateTimeArithmetic
{
    public static bool IsInfinite(long timestamp) => timestamp is long.MinValue or long.MaxValue;
    public static bool IsInfiniteDate(int date) => date is int.MinValue or int.MaxValue;

    static long CheckTimestamp(Int128 micros) => micros >= TimestampCodec.Min && micros < TimestampCodec.End ? (long)micros : throw TimestampCodec.OutOfRange();

    /// <summary>Days plus <paramref name="days"/>.</summary>
    public static int AddDays(int date, long days)
    {
        if (IsInfiniteDate(date))
            return date;
        var sum = date + days;
        return sum is >= DateCodec.Min and <= DateCodec.Max ? (int)sum : throw new PgError(SqlState.DatetimeFieldOverflow, "date out of range");
    }

    /// <summary>Midnight of a date.</summary>
    public static long ToTimestamp(int date) => date switch
    {
        int.MaxValue => long.MaxValue,
        int.MinValue => long.MinValue,
        _ when (Int128)date * Calendar.MicrosPerDay is var micros && micros < TimestampCodec.End => (long)micros,
        _ => throw new PgError(SqlState.DatetimeFieldOverflow, "date out of range for timestamp"),
    };

    /// <summary>The date a timestamp without zone lies on.</summary>
    public static int ToDate(long timestamp) => timestamp switch
    {
        long.MaxValue => int.MaxValue,
        long.MinValue => int.MinValue,
        _ => (int)Calendar.FloorDivide(timestamp, Calendar.MicrosPerDay),
    };

    /// <summary>Microseconds from midnight.</summary>
    public static long TimeOfDay(long timestamp) => timestamp - Calendar.FloorDivide(timestamp, Calendar.MicrosPerDay) * Calendar.MicrosPerDay;

    /// <summary>Local time of a zone as UTC.</summary>
    public static long ToUtc(long local, PgTimeZone zone)
        => IsInfinite(local) ? local : CheckTimestamp((Int128)local - zone.AtLocal(local).Seconds * Calendar.MicrosPerSecond);

    /// <summary>UTC as local time of a zone.</summary>
    public static long ToLocal(long utc, PgTimeZone zone)
        => IsInfinite(utc) ? utc : CheckTimestamp((Int128)utc + zone.At(utc).Seconds * Calendar.MicrosPerSecond);

    /// <summary>Months first (the day cut to the month's last), then days, then time.</summary>
    public static long Add(long timestamp, PgInterval interval)
        => IsInfinite(timestamp) ? timestamp : CheckTimestamp((Int128)AddCalendar(timestamp, interval) + interval.Micros);

    /// <summary>As <see cref="Add(long, PgInterval)"/>; months and days count on the zone's clock, time as it passes.</summary>
    public static long Add(long utc, PgInterval interval, PgTimeZone zone)
    {
        if (IsInfinite(utc))
            return utc;
        if (interval.Months != 0 || interval.Days != 0)
            utc = ToUtc(AddCalendar(ToLocal(utc, zone), interval), zone);
        return CheckTimestamp((Int128)utc + interval.Micros);
    }

    static long AddCalendar(long timestamp, PgInterval interval)
    {
        if (interval.Months == 0 && interval.Days == 0)
            return timestamp;
        var date = ToDate(timestamp);
        var time = TimeOfDay(timestamp);
        if (interval.Months != 0)
        {
            var (year, month, day) = Calendar.Date(date);
            var months = (long)year * 12 + month - 1 + interval.Months;
            var newYear = Calendar.FloorDivide(months, 12);
            if (newYear is < -4800 or > 300_000)
                throw TimestampCodec.OutOfRange();
            var newMonth = (int)(months - newYear * 12) + 1;
            date = Calendar.DayNumber((int)newYear, newMonth, Math.Min(day, Calendar.DaysInMonth((int)newYear, newMonth)));
        }
        return CheckTimestamp(((Int128)date + interval.Days) * Calendar.MicrosPerDay + time);
    }

    /// <summary>Days and time from <paramref name="right"/> to <paramref name="left"/>.</summary>
    public static PgInterval Subtract(long left, long right)
        => IsInfinite(left) || IsInfinite(right)
            ? throw new PgError(SqlState.DatetimeFieldOverflow, "cannot subtract infinite timestamps")
            : PgInterval.JustifyHours(PgInterval.Checked(0, 0, (Int128)left - right));

    /// <summary>Years, months, days and time from <paramref name="from"/> to <paramref name="to"/>, as people count them.</summary>
    public static PgInterval Age(long to, long from)
    {
        if (IsInfinite(to) || IsInfinite(from))
            throw TimestampCodec.OutOfRange();
        var (late, early) = to >= from ? (to, from) : (from, to);
        var (lateYear, lateMonth, lateDay) = Calendar.Date(ToDate(late));
        var (earlyYear, earlyMonth, earlyDay) = Calendar.Date(ToDate(early));
        var months = (lateYear - earlyYear) * 12 + lateMonth - earlyMonth;
        var days = lateDay - earlyDay;
        var micros = TimeOfDay(late) - TimeOfDay(early);
        if (micros < 0)
            (micros, days) = (micros + Calendar.MicrosPerDay, days - 1);
        // A month is borrowed at the length of the earlier date's month.
        for (; days < 0; months--)
            days += Calendar.DaysInMonth(earlyYear, earlyMonth);
        return to >= from ? new(months, days, micros) : new(-months, -days, -micros);
    }

    /// <summary>The start of the stride-long bin, counted from <paramref name="origin"/>, that a timestamp lies in. Raises 0A000, 22008.</summary>
    public static long Bin(PgInterval stride, long timestamp, long origin)
    {
        if (IsInfinite(timestamp))
            return timestamp;
        if (IsInfinite(origin))
            throw new PgError(SqlState.DatetimeFieldOverflow, "origin out of range");
        if (stride.Months != 0)
            throw new PgError(SqlState.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years");
        var length = stride.Span;
        if (length <= 0)
            throw new PgError(SqlState.DatetimeFieldOverflow, "stride must be greater than zero");
        var distance = (Int128)timestamp - origin;
        var rest = distance % length;
        return CheckTimestamp(timestamp - (rest < 0 ? rest + length : rest));
    }
}
