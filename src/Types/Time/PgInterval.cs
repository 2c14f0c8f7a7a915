namespace PgVectorCompat.Types;

/// <summary>A span of time: months, days and microseconds are kept apart, because months and days vary in length.</summary>
public sealed class PgInterval(int months, int days, long micros)
{
    public static readonly PgInterval Zero = new(0, 0, 0);

    public int Months { get; } = months;
    public int Days { get; } = days;
    public long Micros { get; } = micros;

    /// <summary>All of it in microseconds, a month counted as 30 days: what comparisons use.</summary>
    public Int128 Span => ((Int128)Months * 30 + Days) * Calendar.MicrosPerDay + Micros;

    public static int Compare(PgInterval left, PgInterval right) => left.Span.CompareTo(right.Span);

    public static PgError OutOfRange() => new(SqlState.DatetimeFieldOverflow, "interval out of range");

    public static PgInterval Negate(PgInterval value)
        => value.Months == int.MinValue || value.Days == int.MinValue || value.Micros == long.MinValue
            ? throw OutOfRange()
            : new(-value.Months, -value.Days, -value.Micros);

    public static PgInterval Add(PgInterval left, PgInterval right)
        => Checked((long)left.Months + right.Months, (long)left.Days + right.Days, (Int128)left.Micros + right.Micros);

    public static PgInterval Subtract(PgInterval left, PgInterval right)
        => Checked((long)left.Months - right.Months, (long)left.Days - right.Days, (Int128)left.Micros - right.Micros);

    /// <summary>The interval of these parts. Raises 22008 when one is too large for its place.</summary>
    public static PgInterval Checked(long months, long days, Int128 micros)
        => months != (int)months || days != (int)days || micros != (long)micros ? throw OutOfRange() : new((int)months, (int)days, (long)micros);

    /// <summary>Fractions of months flow into days, fractions of days into time. Raises 22008.</summary>
    public static PgInterval Multiply(PgInterval value, double factor) => Scale(value, factor, static (part, by) => part * by);

    /// <summary>Raises 22012, 22008.</summary>
    public static PgInterval Divide(PgInterval value, double divisor)
        => divisor == 0 ? throw NumericArithmetic.DivisionByZero() : Scale(value, divisor, static (part, by) => part / by);

    static PgInterval Scale(PgInterval value, double by, Func<double, double, double> apply)
    {
        var months = apply(value.Months, by);
        var days = apply(value.Days, by);
        if (!(Math.Abs(months) <= int.MaxValue) || !(Math.Abs(days) <= int.MaxValue))
            throw OutOfRange();
        int wholeMonths = (int)months, wholeDays = (int)days;

        // Whole days of the month's fraction, rounded to microseconds first, so that 0.1 * 30 days is 3 days.
        var monthDays = (months - wholeMonths) * 30;
        monthDays = Math.Round(monthDays * 1e6) / 1e6;
        var seconds = (days - wholeDays + monthDays - (int)monthDays) * 86400;
        seconds = Math.Round(seconds * 1e6) / 1e6;
        if (Math.Abs(seconds) >= 86400)
        {
            wholeDays = checked(wholeDays + (int)(seconds / 86400));
            seconds -= (int)(seconds / 86400) * 86400;
        }
        var micros = Math.Round(apply(value.Micros, by) + seconds * 1_000_000, MidpointRounding.ToEven);
        if (!(Math.Abs(micros) < 9.2233720368547758e18))
            throw OutOfRange();
        return Checked(wholeMonths, (long)wholeDays + (int)monthDays, (long)micros);
    }

    /// <summary>24 hours become days, with all signs made alike.</summary>
    public static PgInterval JustifyHours(PgInterval value)
    {
        long days = value.Days + value.Micros / Calendar.MicrosPerDay, micros = value.Micros % Calendar.MicrosPerDay;
        if (days > 0 && micros < 0)
            (days, micros) = (days - 1, micros + Calendar.MicrosPerDay);
        else if (days < 0 && micros > 0)
            (days, micros) = (days + 1, micros - Calendar.MicrosPerDay);
        return Checked(value.Months, days, micros);
    }

    /// <summary>30 days become months, with all signs made alike.</summary>
    public static PgInterval JustifyDays(PgInterval value)
    {
        long months = value.Months + (long)(value.Days / 30), days = value.Days % 30;
        if (months > 0 && days < 0)
            (months, days) = (months - 1, days + 30);
        else if (months < 0 && days > 0)
            (months, days) = (months + 1, days - 30);
        return Checked(months, days, value.Micros);
    }

    /// <summary>Both of the above, and one sign for all parts.</summary>
    public static PgInterval Justify(PgInterval value)
    {
        long months = value.Months, days = value.Days, micros = value.Micros;
        days += micros / Calendar.MicrosPerDay;
        micros %= Calendar.MicrosPerDay;
        months += days / 30;
        days %= 30;
        if (months > 0 && (days < 0 || (days == 0 && micros < 0)))
            (months, days) = (months - 1, days + 30);
        else if (months < 0 && (days > 0 || (days == 0 && micros > 0)))
            (months, days) = (months + 1, days - 30);
        if (days > 0 && micros < 0)
            (days, micros) = (days - 1, micros + Calendar.MicrosPerDay);
        else if (days < 0 && micros > 0)
            (days, micros) = (days + 1, micros - Calendar.MicrosPerDay);
        return Checked(months, days, micros);
    }
}
