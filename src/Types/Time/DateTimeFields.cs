namespace PgVectorCompat.Types;

/// <summary>The fields of EXTRACT and date_trunc.</summary>
public enum DateTimeField
{
    Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Quarter, Year, Decade, Century, Millennium,
    DayOfWeek, IsoDayOfWeek, DayOfYear, IsoYear, Julian, Epoch, TimeZone, TimeZoneHour, TimeZoneMinute,
}

/// <summary>EXTRACT and date_trunc for each date and time type.</summary>
public static class DateTimeFields
{
    static readonly Dictionary<string, DateTimeField> Names = MakeNames();

    static Dictionary<string, DateTimeField> MakeNames()
    {
        var names = new Dictionary<string, DateTimeField>(StringComparer.OrdinalIgnoreCase);
        foreach (var (field, words) in (ReadOnlySpan<(DateTimeField, string)>)
            [
                (DateTimeField.Microsecond, "microsecond microseconds us usec usecs usecond useconds microsecon"),
                (DateTimeField.Millisecond, "millisecond milliseconds ms msec msecs mseconds millisecon"),
                (DateTimeField.Second, "second seconds s sec secs"), (DateTimeField.Minute, "minute minutes m min mins"),
                (DateTimeField.Hour, "hour hours h hr hrs"), (DateTimeField.Day, "day days d"), (DateTimeField.Week, "week weeks w"),
                (DateTimeField.Month, "month months mon mons"), (DateTimeField.Quarter, "quarter qtr"), (DateTimeField.Year, "year years y yr yrs"),
                (DateTimeField.Decade, "decade decades dec decs"), (DateTimeField.Century, "century centuries cent c"),
                (DateTimeField.Millennium, "millennium millennia mil mils"), (DateTimeField.DayOfWeek, "dow"), (DateTimeField.IsoDayOfWeek, "isodow"),
                (DateTimeField.DayOfYear, "doy"), (DateTimeField.IsoYear, "isoyear"), (DateTimeField.Julian, "julian jd j"), (DateTimeField.Epoch, "epoch"),
                (DateTimeField.TimeZone, "timezone"), (DateTimeField.TimeZoneHour, "timezone_hour timezone_h"), (DateTimeField.TimeZoneMinute, "timezone_minute timezone_m"),
            ])
        {
            foreach (var word in words.Split(' '))
                names.Add(word, field);
        }
        return names;
    }

    /// <summary>The field that a word names. Raises 22023.</summary>
    public static DateTimeField Parse(string unit, string typeName)
        => Names.TryGetValue(unit, out var field) ? field
            : throw new PgError(SqlState.InvalidParameterValue, $"unit \"{unit.ToLowerInvariant()}\" not recognized for type {typeName}");

    public static PgError NotSupported(string unit, string typeName)
        => new(SqlState.FeatureNotSupported, $"unit \"{unit.ToLowerInvariant()}\" not supported for type {typeName}");

    static PgNumeric Scaled(long value, int scale) => PgNumeric.Of(new System.Numerics.BigInteger(value), scale);

    /// <summary>A field of the time of day; null for other fields.</summary>
    static PgNumeric? OfTime(DateTimeField field, long micros) => field switch
    {
        DateTimeField.Microsecond => PgNumeric.Of(micros % Calendar.MicrosPerMinute),
        DateTimeField.Millisecond => Scaled(micros % Calendar.MicrosPerMinute, 3),
        DateTimeField.Second => Scaled(micros % Calendar.MicrosPerMinute, 6),
        DateTimeField.Minute => PgNumeric.Of(micros / Calendar.MicrosPerMinute % 60),
        DateTimeField.Hour => PgNumeric.Of(micros / Calendar.MicrosPerHour),
        _ => null,
    };

    /// <summary>A field of a date; null for other fields.</summary>
    static PgNumeric? OfDate(DateTimeField field, int date)
    {
        var (year, month, day) = Calendar.Date(date);
        return field switch
        {
            DateTimeField.Day => PgNumeric.Of(day),
            DateTimeField.Month => PgNumeric.Of(month),
            DateTimeField.Quarter => PgNumeric.Of((month - 1) / 3 + 1),
            DateTimeField.Week => PgNumeric.Of(Calendar.IsoWeek(date).Week),
            // There is no year 0: 1 BC is -1.
            DateTimeField.Year => PgNumeric.Of(year > 0 ? year : year - 1),
            DateTimeField.Decade => PgNumeric.Of(Calendar.FloorDivide(year, 10)),
            DateTimeField.Century => PgNumeric.Of(year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100)),
            DateTimeField.Millennium => PgNumeric.Of(year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000)),
            DateTimeField.DayOfWeek => PgNumeric.Of(Calendar.DayOfWeek(date)),
            DateTimeField.IsoDayOfWeek => PgNumeric.Of((Calendar.DayOfWeek(date) + 6) % 7 + 1),
            DateTimeField.DayOfYear => PgNumeric.Of(date - Calendar.DayNumber(year, 1, 1) + 1),
            DateTimeField.IsoYear => PgNumeric.Of(Calendar.IsoWeek(date).Year is var isoYear && isoYear > 0 ? isoYear : isoYear - 1),
            DateTimeField.Julian => PgNumeric.Of((long)date + Calendar.JulianDayOf2000),
            _ => null,
        };
    }

    static PgNumeric? OfOffset(DateTimeField field, int secondsEast) => field switch
    {
        DateTimeField.TimeZone => PgNumeric.Of(secondsEast),
        DateTimeField.TimeZoneHour => PgNumeric.Of(secondsEast / 3600),
        DateTimeField.TimeZoneMinute => PgNumeric.Of(secondsEast / 60 % 60),
        _ => null,
    };

    /// <summary>What an infinite date or timestamp gives: infinity for fields that only grow, null (NULL) for the others.</summary>
    static PgNumeric? OfInfinity(DateTimeField field, bool isPositive)
        => field is DateTimeField.Year or DateTimeField.Decade or DateTimeField.Century or DateTimeField.Millennium or DateTimeField.Julian
            or DateTimeField.IsoYear or DateTimeField.Epoch ? (isPositive ? PgNumeric.PositiveInfinity : PgNumeric.NegativeInfinity) : null;

    /// <summary>EXTRACT from a date; null is NULL.</summary>
    public static PgNumeric? Extract(string unit, int date)
    {
        var field = Parse(unit, "date");
        if (DateTimeArithmetic.IsInfiniteDate(date))
            return OfDate(field, 0) is null && field != DateTimeField.Epoch ? throw NotSupported(unit, "date") : OfInfinity(field, date > 0);
        return field == DateTimeField.Epoch ? PgNumeric.Of(((long)date + Calendar.DaysFrom1970To2000) * 86400)
            : OfDate(field, date) ?? throw NotSupported(unit, "date");
    }

    /// <summary>EXTRACT from a timestamp, or with a zone from a timestamptz; null is NULL.</summary>
    public static PgNumeric? Extract(string unit, long timestamp, PgTimeZone? zone)
    {
        var typeName = zone is null ? "timestamp without time zone" : "timestamp with time zone";
        var field = Parse(unit, typeName);
        if (DateTimeArithmetic.IsInfinite(timestamp))
            return field >= DateTimeField.TimeZone && zone is null ? throw NotSupported(unit, typeName) : OfInfinity(field, timestamp > 0);
        if (field == DateTimeField.Epoch)
            return PgNumeric.Of((System.Numerics.BigInteger)timestamp - TimestampCodec.UnixEpoch, 6);
        var east = zone?.At(timestamp).Seconds ?? 0;
        var local = timestamp + east * Calendar.MicrosPerSecond;
        var date = DateTimeArithmetic.ToDate(local);
        var time = DateTimeArithmetic.TimeOfDay(local);
        if (field == DateTimeField.Julian && time != 0)
            return NumericArithmetic.Add(
                PgNumeric.Of((long)date + Calendar.JulianDayOf2000), NumericArithmetic.Divide(PgNumeric.Of(time), PgNumeric.Of(Calendar.MicrosPerDay)));
        return OfTime(field, time) ?? OfDate(field, date) ?? (zone is null ? null : OfOffset(field, east)) ?? throw NotSupported(unit, typeName);
    }

    /// <summary>EXTRACT from a time.</summary>
    public static PgNumeric ExtractTime(string unit, long micros)
    {
        var field = Parse(unit, "time without time zone");
        return field == DateTimeField.Epoch ? Scaled(micros, 6) : OfTime(field, micros) ?? throw NotSupported(unit, "time without time zone");
    }

    /// <summary>EXTRACT from a timetz.</summary>
    public static PgNumeric Extract(string unit, PgTimeTz time)
    {
        var field = Parse(unit, "time with time zone");
        return field == DateTimeField.Epoch ? Scaled(time.Utc, 6)
            : OfTime(field, time.Micros) ?? OfOffset(field, -time.SecondsWest) ?? throw NotSupported(unit, "time with time zone");
    }

    /// <summary>EXTRACT from an interval.</summary>
    public static PgNumeric Extract(string unit, PgInterval interval)
    {
        var field = Parse(unit, "interval");
        int years = interval.Months / 12, months = interval.Months % 12;
        return field switch
        {
            DateTimeField.Day => PgNumeric.Of(interval.Days),
            DateTimeField.Month => PgNumeric.Of(months),
            DateTimeField.Quarter => PgNumeric.Of(months / 3 + 1),
            DateTimeField.Year => PgNumeric.Of(years),
            DateTimeField.Decade => PgNumeric.Of(years / 10),
            DateTimeField.Century => PgNumeric.Of(years / 100),
            DateTimeField.Millennium => PgNumeric.Of(years / 1000),
            // A year counts 365.25 days here, a month 30.
            DateTimeField.Epoch => PgNumeric.Of(
                ((System.Numerics.BigInteger)years * 1461 * 6 + (months * 30 + (long)interval.Days) * 24) * Calendar.MicrosPerHour + interval.Micros, 6),
            _ => OfTime(field, interval.Micros) ?? throw NotSupported(unit, "interval"),
        };
    }

    /// <summary>date_trunc on a clock without zone.</summary>
    public static long Truncate(string unit, long timestamp, string typeName = "timestamp without time zone")
    {
        var field = Parse(unit, typeName);
        if (field > DateTimeField.Millennium)
            throw NotSupported(unit, typeName);
        if (DateTimeArithmetic.IsInfinite(timestamp))
            return timestamp;
        var date = DateTimeArithmetic.ToDate(timestamp);
        if (field < DateTimeField.Day)
            return (long)date * Calendar.MicrosPerDay + TruncateTime(field, DateTimeArithmetic.TimeOfDay(timestamp));
        var (year, month, _) = Calendar.Date(date);
        var start = field switch
        {
            DateTimeField.Day => date,
            DateTimeField.Week => date - (Calendar.DayOfWeek(date) + 6) % 7,
            DateTimeField.Month => Calendar.DayNumber(year, month, 1),
            DateTimeField.Quarter => Calendar.DayNumber(year, (month - 1) / 3 * 3 + 1, 1),
            DateTimeField.Year => Calendar.DayNumber(year, 1, 1),
            DateTimeField.Decade => Calendar.DayNumber(Calendar.FloorDivide(year, 10) * 10, 1, 1),
            // Centuries and millennia begin in the year 1.
            DateTimeField.Century => Calendar.DayNumber(Calendar.FloorDivide(year - 1, 100) * 100 + 1, 1, 1),
            _ => Calendar.DayNumber(Calendar.FloorDivide(year - 1, 1000) * 1000 + 1, 1, 1),
        };
        return DateTimeArithmetic.ToTimestamp(start);
    }

    static long TruncateTime(DateTimeField field, long micros) => micros - micros % (field switch
    {
        DateTimeField.Microsecond => 1,
        DateTimeField.Millisecond => 1000,
        DateTimeField.Second => Calendar.MicrosPerSecond,
        DateTimeField.Minute => Calendar.MicrosPerMinute,
        _ => Calendar.MicrosPerHour,
    });

    /// <summary>date_trunc on the clock of a zone; the timestamp and the result are UTC.</summary>
    public static long Truncate(string unit, long utc, PgTimeZone zone)
    {
        const string typeName = "timestamp with time zone";
        if (DateTimeArithmetic.IsInfinite(utc))
            return Truncate(unit, utc, typeName);
        var local = DateTimeArithmetic.ToLocal(utc, zone);
        var start = Truncate(unit, local, typeName);
        // Within a day the offset stays, so that the hours that clocks show twice are told apart.
        return Parse(unit, typeName) < DateTimeField.Day ? utc - (local - start) : DateTimeArithmetic.ToUtc(start, zone);
    }

    /// <summary>date_trunc of an interval.</summary>
    public static PgInterval Truncate(string unit, PgInterval interval)
    {
        var field = Parse(unit, "interval");
        if (field < DateTimeField.Day)
            return new(interval.Months, interval.Days, TruncateTime(field, interval.Micros));
        var step = field switch
        {
            DateTimeField.Day => 0,
            DateTimeField.Month => 1,
            DateTimeField.Quarter => 3,
            DateTimeField.Year => 12,
            DateTimeField.Decade => 120,
            DateTimeField.Century => 1200,
            DateTimeField.Millennium => 12000,
            DateTimeField.Week => throw new PgError(SqlState.FeatureNotSupported, $"unit \"{unit.ToLowerInvariant()}\" not supported for type interval")
            {
                Detail = "Months usually have fractional weeks.",
            },
            _ => throw NotSupported(unit, "interval"),
        };
        return step == 0 ? new(interval.Months, interval.Days, 0) : new(interval.Months - interval.Months % step, 0, 0);
    }
}
