using PgVectorCompat.Types;
using static PgVectorCompat.Types.DateTimeArithmetic;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Arithmetic and casts of dates, times, timestamps and intervals.</summary>
static class DateTimeOperators
{
    const CastContext I = CastContext.Implicit, A = CastContext.Assignment;

    public static FunctionTable Table { get; } = new([], [.. Dates(), .. Timestamps(), .. Times(), .. Intervals()], [.. Casts()]);

    static PgInterval IntervalOf(Datum value) => value.As<PgInterval>();

    static IEnumerable<Operator> Dates() =>
    [
        Define.Operator("+", Date, Date, Int4, "date_pli", static (a, b) => Datum.Of((long)AddDays(a.AsInt32, b.AsInt32))) with { Commutator = "+" },
        Define.Operator("+", Date, Int4, Date, "integer_pl_date", static (a, b) => Datum.Of((long)AddDays(b.AsInt32, a.AsInt32))) with { Commutator = "+" },
        Define.Operator("-", Date, Date, Int4, "date_mii", static (a, b) => Datum.Of((long)AddDays(a.AsInt32, -(long)b.AsInt32))),
        Define.Operator("-", Int4, Date, Date, "date_mi", static (a, b) => DaysBetween(a.AsInt32, b.AsInt32)),
        Define.Operator("+", Timestamp, Date, Interval, "date_pl_interval", static (a, b) => Datum.Of(Add(ToTimestamp(a.AsInt32), IntervalOf(b)))) with { Commutator = "+" },
        Define.Operator("+", Timestamp, Interval, Date, "interval_pl_date", static (a, b) => Datum.Of(Add(ToTimestamp(b.AsInt32), IntervalOf(a)))) with { Commutator = "+" },
        Define.Operator("-", Timestamp, Date, Interval, "date_mi_interval", static (a, b) => Datum.Of(Add(ToTimestamp(a.AsInt32), PgInterval.Negate(IntervalOf(b))))),
        Define.Operator("+", Timestamp, Date, Time, "datetime_pl", static (a, b) => DateAndTime(a.AsInt32, b.AsInt64)) with { Commutator = "+" },
        Define.Operator("+", Timestamp, Time, Date, "timedate_pl", static (a, b) => DateAndTime(b.AsInt32, a.AsInt64)) with { Commutator = "+" },
        Define.Operator("+", TimestampTz, Date, TimeTz, "datetimetz_pl", static (a, b) => DateAndTime(a.AsInt32, b.As<PgTimeTz>().Utc)) with { Commutator = "+" },
        Define.Operator("+", TimestampTz, TimeTz, Date, "timetzdate_pl", static (a, b) => DateAndTime(b.AsInt32, a.As<PgTimeTz>().Utc)) with { Commutator = "+" },
    ];

    static Datum DaysBetween(int left, int right)
        => IsInfiniteDate(left) || IsInfiniteDate(right)
            ? throw new PgError(SqlState.DatetimeFieldOverflow, "cannot subtract infinite dates")
            : Datum.Of((long)left - right);

    static Datum DateAndTime(int date, long micros) => Datum.Of(Add(ToTimestamp(date), new PgInterval(0, 0, micros)));

    static IEnumerable<Operator> Timestamps() =>
    [
        Define.Operator("+", Timestamp, Timestamp, Interval, "timestamp_pl_interval", static (a, b) => Datum.Of(Add(a.AsInt64, IntervalOf(b)))) with { Commutator = "+" },
        Define.Operator("+", Timestamp, Interval, Timestamp, "interval_pl_timestamp", static (a, b) => Datum.Of(Add(b.AsInt64, IntervalOf(a)))) with { Commutator = "+" },
        Define.Operator("-", Timestamp, Timestamp, Interval, "timestamp_mi_interval", static (a, b) => Datum.Of(Add(a.AsInt64, PgInterval.Negate(IntervalOf(b))))),
        Define.Operator("-", Interval, Timestamp, Timestamp, "timestamp_mi", static (a, b) => Datum.Of(Subtract(a.AsInt64, b.AsInt64))),
        Define.Operator("-", Interval, TimestampTz, TimestampTz, "timestamptz_mi", static (a, b) => Datum.Of(Subtract(a.AsInt64, b.AsInt64))),
        Zoned("+", TimestampTz, Interval, "timestamptz_pl_interval", static (a, b, zone) => Add(a.AsInt64, IntervalOf(b), zone)) with { Commutator = "+" },
        Zoned("+", Interval, TimestampTz, "interval_pl_timestamptz", static (a, b, zone) => Add(b.AsInt64, IntervalOf(a), zone)) with { Commutator = "+" },
        Zoned("-", TimestampTz, Interval, "timestamptz_mi_interval", static (a, b, zone) => Add(a.AsInt64, PgInterval.Negate(IntervalOf(b)), zone)),
    ];

    static Operator Zoned(string name, PgType left, PgType right, string function, Func<Datum, Datum, PgTimeZone, long> body)
        => new(name, left, right, Define.Function(function, TimestampTz, [left, right], (a, _, context) => Datum.Of(body(a[0], a[1], context.Settings.TimeZone)))
            with { Volatility = Volatility.Stable });

    static IEnumerable<Operator> Times() =>
    [
        Define.Operator("-", Interval, Time, Time, "time_mi_time", static (a, b) => Datum.Of(new PgInterval(0, 0, a.AsInt64 - b.AsInt64))),
        Define.Operator("+", Time, Time, Interval, "time_pl_interval", static (a, b) => Datum.Of(WithinDay(a.AsInt64, IntervalOf(b).Micros))) with { Commutator = "+" },
        Define.Operator("+", Time, Interval, Time, "interval_pl_time", static (a, b) => Datum.Of(WithinDay(b.AsInt64, IntervalOf(a).Micros))) with { Commutator = "+" },
        Define.Operator("-", Time, Time, Interval, "time_mi_interval", static (a, b) => Datum.Of(WithinDay(a.AsInt64, -(Int128)IntervalOf(b).Micros))),
        Define.Operator("+", TimeTz, TimeTz, Interval, "timetz_pl_interval", static (a, b) => Shift(a.As<PgTimeTz>(), IntervalOf(b).Micros)) with { Commutator = "+" },
        Define.Operator("+", TimeTz, Interval, TimeTz, "interval_pl_timetz", static (a, b) => Shift(b.As<PgTimeTz>(), IntervalOf(a).Micros)) with { Commutator = "+" },
        Define.Operator("-", TimeTz, TimeTz, Interval, "timetz_mi_interval", static (a, b) => Shift(a.As<PgTimeTz>(), -(Int128)IntervalOf(b).Micros)),
    ];

    /// <summary>The sum as a time of day: whole days drop out.</summary>
    static long WithinDay(long time, Int128 micros)
    {
        var rest = (time + micros) % Calendar.MicrosPerDay;
        return (long)(rest < 0 ? rest + Calendar.MicrosPerDay : rest);
    }

    static Datum Shift(PgTimeTz time, Int128 micros) => Datum.Of(new PgTimeTz(WithinDay(time.Micros, micros), time.SecondsWest));

    static IEnumerable<Operator> Intervals() =>
    [
        Define.Operator("+", Interval, Interval, Interval, "interval_pl", static (a, b) => Datum.Of(PgInterval.Add(IntervalOf(a), IntervalOf(b)))) with { Commutator = "+" },
        Define.Operator("-", Interval, Interval, Interval, "interval_mi", static (a, b) => Datum.Of(PgInterval.Subtract(IntervalOf(a), IntervalOf(b)))),
        Define.Prefix("-", Interval, Interval, "interval_um", static a => Datum.Of(PgInterval.Negate(IntervalOf(a)))),
        Define.Operator("*", Interval, Interval, Float8, "interval_mul", static (a, b) => Datum.Of(PgInterval.Multiply(IntervalOf(a), b.AsDouble))) with { Commutator = "*" },
        Define.Operator("*", Interval, Float8, Interval, "mul_d_interval", static (a, b) => Datum.Of(PgInterval.Multiply(IntervalOf(b), a.AsDouble))) with { Commutator = "*" },
        Define.Operator("/", Interval, Interval, Float8, "interval_div", static (a, b) => Datum.Of(PgInterval.Divide(IntervalOf(a), b.AsDouble))),
    ];

    static IEnumerable<Cast> Casts() =>
    [
        Define.Cast(Date, Timestamp, I, "timestamp", static a => Datum.Of(ToTimestamp(a.AsInt32))),
        Zoned(Date, TimestampTz, I, static (a, zone) => Datum.Of(ToUtc(ToTimestamp(a.AsInt32), zone))),
        Define.Cast(Timestamp, Date, A, "date", static a => Datum.Of((long)ToDate(a.AsInt64))),
        Define.Cast(Timestamp, Time, A, "time", static a => IsInfinite(a.AsInt64) ? Datum.Null : Datum.Of(TimeOfDay(a.AsInt64))),
        Zoned(Timestamp, TimestampTz, I, static (a, zone) => Datum.Of(ToUtc(a.AsInt64, zone))),
        Zoned(TimestampTz, Timestamp, A, static (a, zone) => Datum.Of(ToLocal(a.AsInt64, zone))),
        Zoned(TimestampTz, Date, A, static (a, zone) => Datum.Of((long)ToDate(ToLocal(a.AsInt64, zone)))),
        Zoned(TimestampTz, Time, A, static (a, zone) => IsInfinite(a.AsInt64) ? Datum.Null : Datum.Of(TimeOfDay(ToLocal(a.AsInt64, zone)))),
        Zoned(TimestampTz, TimeTz, A, static (a, zone)
            => IsInfinite(a.AsInt64) ? Datum.Null : Datum.Of(new PgTimeTz(TimeOfDay(ToLocal(a.AsInt64, zone)), -zone.At(a.AsInt64).Seconds))),
        Define.Cast(Time, Interval, I, "interval", static a => Datum.Of(new PgInterval(0, 0, a.AsInt64))),
        new(Time, TimeTz, I, Define.Function("timetz", TimeTz, [Time], static (a, _, context)
            => Datum.Of(new PgTimeTz(a[0].AsInt64, -context.Settings.TimeZone.At(context.TransactionTimestamp).Seconds))) with { Volatility = Volatility.Stable }),
        Define.Cast(TimeTz, Time, A, "time", static a => Datum.Of(a.As<PgTimeTz>().Micros)),
        Define.Cast(Interval, Time, A, "time", static a => Datum.Of(WithinDay(0, IntervalOf(a).Micros))),
    ];

    static Cast Zoned(PgType from, PgType to, CastContext cast, Func<Datum, PgTimeZone, Datum> body)
        => new(from, to, cast, Define.Function(to.Name, to, [from], (a, _, context) => body(a[0], context.Settings.TimeZone)) with { Volatility = Volatility.Stable });
}
