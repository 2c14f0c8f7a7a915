using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>Digits of the seconds of time, timetz, timestamp and timestamptz; the typmod is that number, 0 to 6.</summary>
public sealed class DateTimeModifier(string keyword) : TypeModifier
{
    public const int MaxPrecision = 6;

    static readonly long[] Steps = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    public override int Parse(PgType type, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1)
            throw new PgError(SqlState.InvalidParameterValue, "invalid type modifier");
        var precision = IntegerCodec.Int4.Parse(arguments[0]);
        var suffix = type.DisplayName.EndsWith("with time zone", StringComparison.Ordinal) ? " WITH TIME ZONE" : "";
        if (precision < 0)
            throw new PgError(SqlState.InvalidParameterValue, $"{keyword}({precision}){suffix} precision must not be negative");
        return (int)Math.Min(precision, MaxPrecision);
    }

    public override string Format(PgType type, int typmod)
    {
        var space = type.DisplayName.IndexOf(' ', StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{type.DisplayName[..space]}({typmod}){type.DisplayName[space..]}");
    }

    public override Datum Apply(PgType type, Datum value, int typmod, bool isExplicit)
        => value.IsInBits
            ? Datum.Of(Round(value.AsInt64, typmod))
            : Datum.Of(new PgTimeTz(Round(value.As<PgTimeTz>().Micros, typmod), value.As<PgTimeTz>().SecondsWest));

    /// <summary>Microseconds rounded to <paramref name="precision"/> digits of a second, halves away from zero; infinities and precision -1 change nothing.</summary>
    public static long Round(long micros, int precision)
    {
        if (precision is < 0 or >= MaxPrecision || micros is long.MaxValue or long.MinValue)
            return micros;
        var step = Steps[precision];
        return micros >= 0 ? (micros + step / 2) / step * step : -((-micros + step / 2) / step * step);
    }
}
