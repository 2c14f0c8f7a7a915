using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>to_char, to_date, to_timestamp and to_number.</summary>
static class FormattingFunctions
{
    public static FunctionTable Table { get; } = new(
    [
        .. Writing().Select(Stable),
        Stable(Define.Function("to_number", Numeric, Text, Text, static (a, b) => Datum.Of(NumberTemplateReader.Read(a.AsString, b.AsString)))),
        Stable(Define.Function("to_date", Date, Text, Text, static (a, b) => ReadDate(a.AsString, b.AsString))),
        Stable(Define.Function("to_timestamp", TimestampTz, [Text, Text], static (a, _, context) => ReadTimestamp(a[0].AsString, a[1].AsString, context.Settings.TimeZone))),
    ]);

    static Function Stable(Function function) => function with { Volatility = Volatility.Stable };

    static IEnumerable<Function> Writing() =>
    [
        Define.Function("to_char", Text, Timestamp, Text, static (a, b) => Datum.Of(DateTimeTemplateWriter.Write(a.AsInt64, null, b.AsString))),
        Define.Function("to_char", Text, [TimestampTz, Text], static (a, _, context) => Datum.Of(DateTimeTemplateWriter.Write(a[0].AsInt64, context.Settings.TimeZone, a[1].AsString))),
        Define.Function("to_char", Text, Interval, Text, static (a, b) => Datum.Of(DateTimeTemplateWriter.Write(a.As<PgInterval>(), b.AsString))),
        Define.Function("to_char", Text, Int4, Text, static (a, b) => Datum.Of(NumberTemplateWriter.Write(PgNumeric.Of(a.AsInt64), b.AsString))),
        Define.Function("to_char", Text, Int8, Text, static (a, b) => Datum.Of(NumberTemplateWriter.Write(PgNumeric.Of(a.AsInt64), b.AsString))),
        Define.Function("to_char", Text, Numeric, Text, static (a, b) => Datum.Of(NumberTemplateWriter.Write(a.As<PgNumeric>(), b.AsString))),
        Define.Function("to_char", Text, Float4, Text, static (a, b) => Datum.Of(NumberTemplateWriter.Write(a.AsDouble, isSingle: true, b.AsString))),
        Define.Function("to_char", Text, Float8, Text, static (a, b) => Datum.Of(NumberTemplateWriter.Write(a.AsDouble, isSingle: false, b.AsString))),
    ];

    static Datum ReadDate(string text, string format)
    {
        var day = DateTimeArithmetic.ToDate(DateTimeTemplateReader.Read(text, format).Local);
        return DateCodec.IsValid(day) ? Datum.Of((long)day) : throw new PgError(SqlState.DatetimeFieldOverflow, $"date out of range: \"{text}\"");
    }

    static Datum ReadTimestamp(string text, string format, PgTimeZone zone)
    {
        var (local, offset, named) = DateTimeTemplateReader.Read(text, format);
        var utc = local - (offset ?? (named ?? zone).AtLocal(local).Seconds) * Calendar.MicrosPerSecond;
        return TimestampCodec.IsValid(utc) ? Datum.Of(utc) : throw new PgError(SqlState.DatetimeFieldOverflow, "timestamp out of range");
    }
}
