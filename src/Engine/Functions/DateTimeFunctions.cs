using System.Globalization;
using PgVectorCompat.Types;
using static PgVectorCompat.Types.DateTimeArithmetic;
using static PgVectorCompat.Types.PgTypes;
using Calendar = PgVectorCompat.Types.Calendar;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions of dates and times: the clock, fields, truncation, construction, zones.</summary>
static class DateTimeFunctions
{
    public static FunctionTable Table { get; } = new(
    [
        .. Clock(), .. Fields("extract", Numeric, static value => Datum.Of(value)), .. Fields("date_part", Float8, static value => Datum.Of(NumericFunctions.ToDouble(value))),
        .. Truncation(), .. Ages(), .. Making(), .. Intervals(), .. Zones(), .. Finiteness(), .. Overlaps(),
    ]);

    static Function Stable(Function function) => function with { Volatility = Volatility.Stable };
    static PgTimeZone Zone(EvaluationContext context) => context.Settings.TimeZone;

    static IEnumerable<Function> Clock() =>
    [
        Stable(Define.Function("now", TimestampTz, [], static (_, _, context) => Datum.Of(context.TransactionTimestamp))),
        Stable(Define.Function("transaction_timestamp", TimestampTz, [], static (_, _, context) => Datum.Of(context.TransactionTimestamp))),
        Stable(Define.Function("statement_timestamp", TimestampTz, [], static (_, _, context) => Datum.Of(context.StatementTimestamp))),
        Define.Function("clock_timestamp", TimestampTz, [], static (_, _, context) => Datum.Of(context.ClockTimestamp)) with { Volatility = Volatility.Volatile },
        Define.Function("timeofday", Text, [], static (_, _, context) => Datum.Of(TimeOfDayText(context))) with { Volatility = Volatility.Volatile },
    ];

    static string TimeOfDayText(EvaluationContext context)
    {
        var local = DateTime.UnixEpoch.AddMicroseconds(ToLocal(context.ClockTimestamp, Zone(context)) - TimestampCodec.UnixEpoch);
        return local.ToString("ddd MMM dd HH:mm:ss.ffffff yyyy ", CultureInfo.InvariantCulture) + Zone(context).At(context.ClockTimestamp).Abbreviation;
    }

    static IEnumerable<Function> Fields(string name, PgType result, Func<PgNumeric, Datum> make)
    {
        Datum Make(PgNumeric? value) => value is null ? Datum.Null : make(value);
        yield return Define.Function(name, result, Text, Date, (a, b) => Make(DateTimeFields.Extract(a.AsString, b.AsInt32)));
        yield return Define.Function(name, result, Text, Timestamp, (a, b) => Make(DateTimeFields.Extract(a.AsString, b.AsInt64, null)));
        yield return Stable(Define.Function(name, result, [Text, TimestampTz], (a, _, context) => Make(DateTimeFields.Extract(a[0].AsString, a[1].AsInt64, Zone(context)))));
        yield return Define.Function(name, result, Text, Time, (a, b) => Make(DateTimeFields.ExtractTime(a.AsString, b.AsInt64)));
        yield return Define.Function(name, result, Text, TimeTz, (a, b) => Make(DateTimeFields.Extract(a.AsString, b.As<PgTimeTz>())));
        yield return Define.Function(name, result, Text, Interval, (a, b) => Make(DateTimeFields.Extract(a.AsString, b.As<PgInterval>())));
    }

    static IEnumerable<Function> Truncation() =>
    [
        Define.Function("date_trunc", Timestamp, Text, Timestamp, static (a, b) => Datum.Of(DateTimeFields.Truncate(a.AsString, b.AsInt64))),
        Stable(Define.Function("date_trunc", TimestampTz, [Text, TimestampTz], static (a, _, context) => Datum.Of(DateTimeFields.Truncate(a[0].AsString, a[1].AsInt64, Zone(context))))),
        Stable(Define.Function("date_trunc", TimestampTz, [Text, TimestampTz, Text], static (a, _, _)
            => Datum.Of(DateTimeFields.Truncate(a[0].AsString, a[1].AsInt64, ZoneNamed(a[2].AsString))))),
        Define.Function("date_trunc", Interval, Text, Interval, static (a, b) => Datum.Of(DateTimeFields.Truncate(a.AsString, b.As<PgInterval>()))),
        Define.Function("date_bin", Timestamp, [Interval, Timestamp, Timestamp], static (a, _, _) => Datum.Of(Bin(a[0].As<PgInterval>(), a[1].AsInt64, a[2].AsInt64))),
        Define.Function("date_bin", TimestampTz, [Interval, TimestampTz, TimestampTz], static (a, _, _) => Datum.Of(Bin(a[0].As<PgInterval>(), a[1].AsInt64, a[2].AsInt64))),
    ];

    static IEnumerable<Function> Ages() =>
    [
        Define.Function("age", Interval, Timestamp, Timestamp, static (a, b) => Datum.Of(Age(a.AsInt64, b.AsInt64))),
        Stable(Define.Function("age", Interval, [TimestampTz, TimestampTz], static (a, _, context) => Datum.Of(Age(ToLocal(a[0].AsInt64, Zone(context)), ToLocal(a[1].AsInt64, Zone(context)))))),
        Stable(Define.Function("age", Interval, [Timestamp], static (a, _, context) => Datum.Of(Age(Today(context), a[0].AsInt64)))),
        Stable(Define.Function("age", Interval, [TimestampTz], static (a, _, context) => Datum.Of(Age(Today(context), ToLocal(a[0].AsInt64, Zone(context)))))),
    ];

    static long Today(EvaluationContext context) => DateTimeFields.Truncate("day", ToLocal(context.TransactionTimestamp, Zone(context)));

    static IEnumerable<Function> Making() =>
    [
        Define.Function("make_date", Date, [Int4, Int4, Int4], static (a, _, _) => Datum.Of((long)MakeDate(a[0].AsInt32, a[1].AsInt32, a[2].AsInt32)))
            with { ArgumentNames = ["year", "month", "day"] },
        Define.Function("make_time", Time, [Int4, Int4, Float8], static (a, _, _) => Datum.Of(MakeTime(a[0].AsInt32, a[1].AsInt32, a[2].AsDouble)))
            with { ArgumentNames = ["hour", "min", "sec"] },
        Define.Function("make_timestamp", Timestamp, [Int4, Int4, Int4, Int4, Int4, Float8], static (a, _, _) => Datum.Of(MakeTimestamp(a)))
            with { ArgumentNames = ["year", "month", "mday", "hour", "min", "sec"] },
        Stable(Define.Function("make_timestamptz", TimestampTz, [Int4, Int4, Int4, Int4, Int4, Float8], static (a, _, context) => Datum.Of(ToUtc(MakeTimestamp(a), Zone(context)))))
            with { ArgumentNames = ["year", "month", "mday", "hour", "min", "sec"] },
        Stable(Define.Function("make_timestamptz", TimestampTz, [Int4, Int4, Int4, Int4, Int4, Float8, Text], static (a, _, _) => Datum.Of(ToUtc(MakeTimestamp(a), ZoneNamed(a[6].AsString)))))
            with { ArgumentNames = ["year", "month", "mday", "hour", "min", "sec", "timezone"] },
        Define.Function("make_interval", Interval, [Int4, Int4, Int4, Int4, Int4, Int4, Float8], static (a, _, _) => Datum.Of(MakeInterval(a))) with
        {
            ArgumentNames = ["years", "months", "weeks", "days", "hours", "mins", "secs"],
            Defaults = [Datum.Of(0L), Datum.Of(0L), Datum.Of(0L), Datum.Of(0L), Datum.Of(0L), Datum.Of(0L), Datum.Of(0.0)],
        },
        Define.Function("to_timestamp", TimestampTz, Float8, static a => Datum.Of(FromUnixSeconds(a.AsDouble))),
    ];

    static int MakeDate(int year, int month, int day)
    {
        // Negative years are BC; there is no year 0.
        var astronomical = year < 0 ? year + 1 : year;
        var isValid = year != 0 && month is >= 1 and <= 12 && day >= 1 && day <= Calendar.DaysInMonth(astronomical, month);
        if (!isValid)
            throw new PgError(SqlState.DatetimeFieldOverflow, $"date field value out of range: {year}-{month:00}-{day:00}");
        return astronomical is > -4714 and < 5874898 && Calendar.DayNumber(astronomical, month, day) >= DateCodec.Min
            ? Calendar.DayNumber(astronomical, month, day)
            : throw new PgError(SqlState.DatetimeFieldOverflow, $"date out of range: {year}-{month:00}-{day:00}");
    }

    static long MakeTime(int hour, int minute, double second)
    {
        var isValid = hour is >= 0 and <= 24 && minute is >= 0 and <= 59 && second is >= 0 and <= 60 && (hour < 24 || (minute == 0 && second == 0));
        return isValid
            ? (hour * 60L + minute) * Calendar.MicrosPerMinute + (long)Math.Round(second * 1e6)
            : throw new PgError(SqlState.DatetimeFieldOverflow, $"time field value out of range: {hour}:{minute:00}:{second.ToString("00.######", CultureInfo.InvariantCulture)}");
    }

    static long MakeTimestamp(ReadOnlySpan<Datum> a)
        => Add(ToTimestamp(MakeDate(a[0].AsInt32, a[1].AsInt32, a[2].AsInt32)), new PgInterval(0, 0, MakeTime(a[3].AsInt32, a[4].AsInt32, a[5].AsDouble)));

    static PgInterval MakeInterval(ReadOnlySpan<Datum> a)
    {
        if (!double.IsFinite(a[6].AsDouble) || Math.Abs(a[6].AsDouble) > 1e15)
            throw PgInterval.OutOfRange();
        return PgInterval.Checked(
            a[0].AsInt64 * 12 + a[1].AsInt64, a[2].AsInt64 * 7 + a[3].AsInt64,
            (Int128)a[4].AsInt64 * Calendar.MicrosPerHour + (Int128)a[5].AsInt64 * Calendar.MicrosPerMinute + (Int128)Math.Round(a[6].AsDouble * 1e6));
    }

    static long FromUnixSeconds(double seconds)
    {
        if (double.IsNaN(seconds))
            throw new PgError(SqlState.DatetimeFieldOverflow, "timestamp cannot be NaN");
        if (double.IsInfinity(seconds))
            return seconds > 0 ? long.MaxValue : long.MinValue;
        var micros = Math.Round((seconds - Calendar.SecondsFrom1970To2000) * 1e6);
        return micros >= TimestampCodec.Min && micros < TimestampCodec.End
            ? (long)micros
            : throw new PgError(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{seconds.ToString("G6", CultureInfo.InvariantCulture)}\"");
    }

    static IEnumerable<Function> Intervals() =>
    [
        Define.Function("justify_hours", Interval, Interval, static a => Datum.Of(PgInterval.JustifyHours(a.As<PgInterval>()))),
        Define.Function("justify_days", Interval, Interval, static a => Datum.Of(PgInterval.JustifyDays(a.As<PgInterval>()))),
        Define.Function("justify_interval", Interval, Interval, static a => Datum.Of(PgInterval.Justify(a.As<PgInterval>()))),
    ];

    /// <summary>The zone of an abbreviation or name. Raises 22023.</summary>
    static PgTimeZone ZoneNamed(string name)
        => TimeZoneAbbreviations.Find(name) is { } abbreviation ? PgTimeZone.Fixed(abbreviation.Seconds) : PgTimeZone.Get(name);

    static PgTimeZone ZoneOf(PgInterval interval)
        => interval.Months != 0 || interval.Days != 0
            ? throw new PgError(SqlState.InvalidParameterValue, $"interval time zone \"{Interval.Codec.ToText(Datum.Of(interval), TypeSettings.Default)}\" must not include months or days")
            : PgTimeZone.Fixed((int)(interval.Micros / Calendar.MicrosPerSecond));

    static IEnumerable<Function> Zones()
    {
        (PgType Type, Func<Datum, PgTimeZone> Read)[] kinds = [(Text, static value => ZoneNamed(value.AsString)), (Interval, static value => ZoneOf(value.As<PgInterval>()))];
        foreach (var (type, read) in kinds)
        {
            yield return Define.Function("timezone", TimestampTz, type, Timestamp, (a, b) => Datum.Of(ToUtc(b.AsInt64, read(a))));
            yield return Define.Function("timezone", Timestamp, type, TimestampTz, (a, b) => Datum.Of(ToLocal(b.AsInt64, read(a))));
            yield return Stable(Define.Function("timezone", TimeTz, [type, TimeTz], (a, _, context) =>
            {
                var time = a[1].As<PgTimeTz>();
                var east = read(a[0]).At(context.TransactionTimestamp).Seconds;
                var micros = (time.Utc + east * Calendar.MicrosPerSecond) % Calendar.MicrosPerDay;
                return Datum.Of(new PgTimeTz(micros < 0 ? micros + Calendar.MicrosPerDay : micros, -east));
            }));
        }
    }

    static IEnumerable<Function> Finiteness() =>
    [
        Define.Function("isfinite", Bool, Date, static a => Datum.Of(!IsInfiniteDate(a.AsInt32))),
        Define.Function("isfinite", Bool, Timestamp, static a => Datum.Of(!IsInfinite(a.AsInt64))),
        Define.Function("isfinite", Bool, TimestampTz, static a => Datum.Of(!IsInfinite(a.AsInt64))),
        Define.Function("isfinite", Bool, Interval, static _ => Datum.True),
    ];

    /// <summary>(start, end) OVERLAPS (start, end); an end may be given as a length.</summary>
    static IEnumerable<Function> Overlaps()
    {
        foreach (var type in new[] { Timestamp, TimestampTz, Time })
        {
            foreach (var (first, second) in new[] { (type, type), (Interval, Interval), (type, Interval), (Interval, type) })
            {
                yield return Define.Function("overlaps", Bool, [type, first, type, second], (a, _, context) =>
                    OverlapOf(a[0], EndOf(a[0], a[1], type, first, context), a[2], EndOf(a[2], a[3], type, second, context)))
                    with { IsStrict = false, Volatility = type == TimestampTz ? Volatility.Stable : Volatility.Immutable };
            }
        }
        yield return Define.Function("overlaps", Bool, [TimeTz, TimeTz, TimeTz, TimeTz], static (a, _, _) => OverlapOf(Utc(a[0]), Utc(a[1]), Utc(a[2]), Utc(a[3]))) with { IsStrict = false };
    }

    static Datum Utc(Datum time) => time.IsNull ? time : Datum.Of(time.As<PgTimeTz>().Utc);

    static Datum EndOf(Datum start, Datum end, PgType type, PgType endType, EvaluationContext context)
    {
        if (endType == type || start.IsNull || end.IsNull)
            return endType == type ? end : Datum.Null;
        var length = end.As<PgInterval>();
        return Datum.Of(type == TimestampTz ? Add(start.AsInt64, length, Zone(context)) : type == Timestamp ? Add(start.AsInt64, length)
            : ((start.AsInt64 + length.Micros) % Calendar.MicrosPerDay + Calendar.MicrosPerDay) % Calendar.MicrosPerDay);
    }

    static Datum OverlapOf(Datum start1, Datum end1, Datum start2, Datum end2)
    {
        if (!Order(ref start1, ref end1) || !Order(ref start2, ref end2))
            return Datum.Null;
        if (start1.AsInt64 == start2.AsInt64)
            return end1.IsNull || end2.IsNull ? Datum.Null : Datum.True;
        var isFirstEarlier = start1.AsInt64 < start2.AsInt64;
        var (earlyEnd, lateStart, lateEnd) = isFirstEarlier ? (end1, start2, end2) : (end2, start1, end1);
        return earlyEnd.IsNull ? Datum.Null
            : lateStart.AsInt64 < earlyEnd.AsInt64 ? Datum.True
            : lateEnd.IsNull ? Datum.Null : Datum.False;
    }

    /// <summary>Puts the earlier end first, a NULL last; false when both are NULL.</summary>
    static bool Order(ref Datum start, ref Datum end)
    {
        if (start.IsNull || (!end.IsNull && start.AsInt64 > end.AsInt64))
            (start, end) = (end, start);
        return !start.IsNull;
    }
}
