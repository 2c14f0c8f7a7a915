using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>Turns the settings that govern text forms into <see cref="TypeSettings"/>.</summary>
public static class SessionText
{
    /// <summary>The value of DateStyle with both its words, keeping what <paramref name="value"/> does not name. Raises 22023.</summary>
    public static string CheckDateStyle(string value) => Name(ParseDateStyle(value, TypeSettings.Default));

    /// <summary>A time zone's name as SHOW gives it. Raises 22023.</summary>
    public static string CheckTimeZone(string value)
        => FindZone(value) is { } zone ? zone.Name : throw new PgError(SqlState.InvalidParameterValue, $"invalid value for parameter \"TimeZone\": \"{value}\"");

    public static TypeSettings Build(Func<string, string> setting)
    {
        var dates = ParseDateStyle(setting("DateStyle"), TypeSettings.Default);
        return dates with
        {
            IntervalStyle = setting("IntervalStyle") switch
            {
                "postgres_verbose" => IntervalStyle.PostgresVerbose,
                "sql_standard" => IntervalStyle.SqlStandard,
                "iso_8601" => IntervalStyle.Iso8601,
                _ => IntervalStyle.Postgres,
            },
            TimeZone = FindZone(setting("TimeZone")) ?? PgTimeZone.Utc,
            ExtraFloatDigits = int.Parse(setting("extra_float_digits")),
            ByteaOutputHex = setting("bytea_output") == "hex",
            ClientEncoding = ClientEncoding.Find(setting("client_encoding")) is { IsPlain: false } encoding ? encoding : null,
            QuoteAllIdentifiers = setting("quote_all_identifiers") == "on",
        };
    }

    static TypeSettings ParseDateStyle(string value, TypeSettings start)
    {
        var settings = start;
        foreach (var word in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            settings = word.ToUpperInvariant() switch
            {
                "ISO" => settings with { DateStyle = DateStyle.Iso },
                "SQL" => settings with { DateStyle = DateStyle.Sql },
                "POSTGRES" => settings with { DateStyle = DateStyle.Postgres },
                "GERMAN" => settings with { DateStyle = DateStyle.German, DateOrder = DateOrder.DayMonthYear },
                "YMD" => settings with { DateOrder = DateOrder.YearMonthDay },
                "DMY" or "EURO" or "EUROPEAN" => settings with { DateOrder = DateOrder.DayMonthYear },
                "MDY" or "US" or "NONEURO" or "NONEUROPEAN" => settings with { DateOrder = DateOrder.MonthDayYear },
                "DEFAULT" => settings with { DateStyle = DateStyle.Iso, DateOrder = DateOrder.MonthDayYear },
                _ => throw new PgError(SqlState.InvalidParameterValue, $"invalid value for parameter \"DateStyle\": \"{value}\"") { Detail = $"Unrecognized key word: \"{word.ToLowerInvariant()}\"." },
            };
        }
        return settings;
    }

    static string Name(TypeSettings settings)
    {
        var style = settings.DateStyle switch { DateStyle.Sql => "SQL", DateStyle.Postgres => "Postgres", DateStyle.German => "German", _ => "ISO" };
        var order = settings.DateOrder switch { DateOrder.DayMonthYear => "DMY", DateOrder.YearMonthDay => "YMD", _ => "MDY" };
        return $"{style}, {order}";
    }

    /// <summary>A zone by name or rule, or by a number of hours east of Greenwich.</summary>
    static PgTimeZone? FindZone(string value)
        => double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var hours) && Math.Abs(hours) < 168
            ? PgTimeZone.Fixed((int)(hours * 3600))
            : PgTimeZone.Find(value);
}
