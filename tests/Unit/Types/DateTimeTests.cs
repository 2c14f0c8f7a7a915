using PgVectorCompat.Types;
using Xunit;
using static PgVectorCompat.Unit.Types.TextFormTests;

namespace PgVectorCompat.Unit.Types;

/// <summary>Dates, times and intervals; expectations were printed by a real PostgreSQL.</summary>
public sealed class DateTimeTests
{
    [Theory]
    [InlineData("date", "January 8, 1999", "1999-01-08")]
    [InlineData("date", "1/18/1999", "1999-01-18")]
    [InlineData("date", "990108", "1999-01-08")]
    [InlineData("date", "J2451187", "1999-01-08")]
    [InlineData("date", "January 8, 99 BC", "0099-01-08 BC")]
    [InlineData("date", "2001 038", "2001-02-07")]
    [InlineData("timestamp", "20040506T040506", "2004-05-06 04:05:06")]
    [InlineData("timestamp", "2000-01-01 24:00:00", "2000-01-02 00:00:00")]
    [InlineData("timestamp", "2004-05-06 12:00 AM", "2004-05-06 00:00:00")]
    [InlineData("timestamp", "epoch", "1970-01-01 00:00:00")]
    [InlineData("timestamptz", "1999-01-08 04:05:06.789-8", "1999-01-08 12:05:06.789+00")]
    [InlineData("timestamptz", "January 8 04:05:06 1999 PST", "1999-01-08 12:05:06+00")]
    [InlineData("time", "04:05 PM", "16:05:00")]
    [InlineData("timetz", "040506-08", "04:05:06-08")]
    [InlineData("interval", "1 year 2 mons -3 days 04:05:06.789", "1 year 2 mons -3 days +04:05:06.789")]
    [InlineData("interval", "P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("interval", "1.5 months", "1 mon 15 days")]
    [InlineData("interval", "1-2", "1 year 2 mons")]
    public void Read_and_written(string type, string text, string expected) => Assert.Equal(expected, RoundTrip(type, text));

    [Theory]
    [InlineData("date", "2001-02-29", "22008 date/time field value out of range: \"2001-02-29\"")]
    [InlineData("date", "garbage", "22007 invalid input syntax for type date: \"garbage\"")]
    [InlineData("timestamp", "294277-01-01", "22008 timestamp out of range: \"294277-01-01\"")]
    [InlineData("timestamptz", "2000-07-01 10:00 +16", "22009 time zone displacement out of range: \"2000-07-01 10:00 +16\"")]
    [InlineData("interval", "1 month 1 month", "22007 invalid input syntax for type interval: \"1 month 1 month\"")]
    public void Refused(string type, string text, string expected) => Assert.Equal(expected, ErrorOf(type, text));

    [Theory]
    [InlineData(DateStyle.Sql, DateOrder.DayMonthYear, "17/12/1997 07:37:16")]
    [InlineData(DateStyle.Postgres, DateOrder.MonthDayYear, "Wed Dec 17 07:37:16 1997")]
    [InlineData(DateStyle.German, DateOrder.MonthDayYear, "17.12.1997 07:37:16")]
    public void Styles(DateStyle style, DateOrder order, string expected)
        => Assert.Equal(expected, PgTypes.Timestamp.Codec.ToText(PgTypes.Timestamp.Codec.Parse("1997-12-17 07:37:16", -1, TypeSettings.Default),
            TypeSettings.Default with { DateStyle = style, DateOrder = order }));

    [Theory]
    [InlineData(IntervalStyle.SqlStandard, "+1-2 -3 +4:05:06")]
    [InlineData(IntervalStyle.PostgresVerbose, "@ 1 year 2 mons -3 days 4 hours 5 mins 6 secs")]
    [InlineData(IntervalStyle.Iso8601, "P1Y2M-3DT4H5M6S")]
    public void Interval_styles(IntervalStyle style, string expected)
        => Assert.Equal(expected, PgTypes.Interval.Codec.ToText(Datum.Of(new PgInterval(14, -3, 14_706_000_000)), TypeSettings.Default with { IntervalStyle = style }));

    [Theory]
    [InlineData("EST5EDT,M3.2.0,M11.1.0", "2024-03-10 02:30", "2024-03-10 07:30:00+00")]
    [InlineData("EST5EDT,M3.2.0,M11.1.0", "2024-11-03 01:30", "2024-11-03 06:30:00+00")]
    [InlineData("EST5EDT,M3.2.0,M11.1.0", "2024-07-01 12:00", "2024-07-01 16:00:00+00")]
    [InlineData("<+0330>-3:30", "2024-07-01 12:00", "2024-07-01 08:30:00+00")]
    public void Zone_rules(string zone, string local, string utc)
        => Assert.Equal(utc, PgTypes.TimestampTz.Codec.ToText(
            PgTypes.TimestampTz.Codec.Parse(local, -1, TypeSettings.Default with { TimeZone = PgTimeZone.Get(zone) }), TypeSettings.Default));

    [Fact]
    public void Every_day_number_is_its_dates()
    {
        for (var day = DateCodec.Min; day < 3_000_000; day += 997)
        {
            var (year, month, dayOfMonth) = Calendar.Date(day);
            Assert.Equal(day, Calendar.DayNumber(year, month, dayOfMonth));
        }
    }
}
