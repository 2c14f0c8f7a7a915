namespace PgVectorCompat.Types;

/// <summary>Text of dates, times and timestamps in the session's DateStyle.</summary>
public static class DateTimeWriter
{
    static readonly string[] MonthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    static readonly string[] DayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    /// <summary>A date given as days from 2000-01-01.</summary>
    public static void WriteDate(int dayNumber, ByteWriter output, TypeSettings settings)
    {
        if (dayNumber is int.MaxValue or int.MinValue)
        {
            output.WriteBytes(dayNumber > 0 ? "infinity"u8 : "-infinity"u8);
            return;
        }
        var (year, month, day) = Calendar.Date(dayNumber);
        var style = settings.DateStyle;
        var isDayFirst = settings.DateOrder == DateOrder.DayMonthYear || style == DateStyle.German;
        if (style == DateStyle.Iso)
            WriteIsoDate(year, month, day, output);
        else
        {
            var separator = style == DateStyle.Sql ? (byte)'/' : style == DateStyle.German ? (byte)'.' : (byte)'-';
            WriteTwo(isDayFirst ? day : month, output);
            output.WriteByte(separator);
            WriteTwo(isDayFirst ? month : day, output);
            output.WriteByte(separator);
            WriteYear(year, output);
        }
        WriteEra(year, output);
    }

    static void WriteIsoDate(int year, int month, int day, ByteWriter output)
    {
        WriteYear(year, output);
        output.WriteByte((byte)'-');
        WriteTwo(month, output);
        output.WriteByte((byte)'-');
        WriteTwo(day, output);
    }

    static void WriteYear(int year, ByteWriter output)
    {
        if (year is > 0 and < 10000)
        {
            WriteTwo(year / 100, output);
            WriteTwo(year % 100, output);
        }
        else
            output.WriteFormatted(year > 0 ? year : 1 - year, "0000");
    }

    static void WriteEra(int year, ByteWriter output)
    {
        if (year <= 0)
            output.WriteBytes(" BC"u8);
    }

    internal static void WriteTwo(int number, ByteWriter output)
    {
        var span = output.GetSpan(2);
        span[0] = (byte)('0' + number / 10);
        span[1] = (byte)('0' + number % 10);
        output.Advance(2);
    }

    /// <summary>hh:mm:ss and as many digits after a point as needed, for microseconds from midnight.</summary>
    public static void WriteTime(long micros, ByteWriter output)
    {
        WriteTwo((int)(micros / Calendar.MicrosPerHour), output);
        output.WriteByte((byte)':');
        WriteTwo((int)(micros / Calendar.MicrosPerMinute % 60), output);
        output.WriteByte((byte)':');
        WriteTwo((int)(micros / Calendar.MicrosPerSecond % 60), output);
        WriteFraction((int)(micros % Calendar.MicrosPerSecond), output);
    }

    /// <summary>A point and the significant digits of these microseconds; nothing when there are none.</summary>
    internal static void WriteFraction(int micros, ByteWriter output)
    {
        if (micros == 0)
            return;
        output.WriteByte((byte)'.');
        var digits = 6;
        for (; micros % 10 == 0; micros /= 10)
            digits--;
        output.WriteFormatted(micros, $"D{digits}");
    }

    /// <summary>+hh, +hh:mm or +hh:mm:ss.</summary>
    public static void WriteOffset(int secondsEast, ByteWriter output)
    {
        output.WriteByte(secondsEast < 0 ? (byte)'-' : (byte)'+');
        var size = Math.Abs(secondsEast);
        WriteTwo(size / 3600, output);
        if (size % 3600 == 0)
            return;
        output.WriteByte((byte)':');
        WriteTwo(size / 60 % 60, output);
        if (size % 60 == 0)
            return;
        output.WriteByte((byte)':');
        WriteTwo(size % 60, output);
    }

    /// <summary>A timestamp, and its zone when <paramref name="hasZone"/> (the microseconds are then UTC).</summary>
    public static void WriteTimestamp(long micros, bool hasZone, ByteWriter output, TypeSettings settings)
    {
        if (micros is long.MaxValue or long.MinValue)
        {
            output.WriteBytes(micros > 0 ? "infinity"u8 : "-infinity"u8);
            return;
        }
        var zone = hasZone ? settings.TimeZone.At(micros) : default;
        micros += zone.Seconds * Calendar.MicrosPerSecond;
        var dayNumber = (int)Calendar.FloorDivide(micros, Calendar.MicrosPerDay);
        var time = micros - dayNumber * Calendar.MicrosPerDay;
        var (year, month, day) = Calendar.Date(dayNumber);
        var isDayFirst = settings.DateOrder == DateOrder.DayMonthYear || settings.DateStyle == DateStyle.German;
        switch (settings.DateStyle)
        {
            case DateStyle.Iso:
                WriteIsoDate(year, month, day, output);
                output.WriteByte((byte)' ');
                WriteTime(time, output);
                if (hasZone)
                    WriteOffset(zone.Seconds, output);
                break;
            case DateStyle.Postgres:
                output.WriteText(DayNames[Calendar.DayOfWeek(dayNumber)]);
                output.WriteByte((byte)' ');
                if (isDayFirst)
                    WriteTwo(day, output);
                else
                    output.WriteText(MonthNames[month - 1]);
                output.WriteByte((byte)' ');
                if (isDayFirst)
                    output.WriteText(MonthNames[month - 1]);
                else
                    WriteTwo(day, output);
                output.WriteByte((byte)' ');
                WriteTime(time, output);
                output.WriteByte((byte)' ');
                WriteYear(year, output);
                if (hasZone)
                    WriteAbbreviation(zone, output);
                break;
            default:
                var separator = settings.DateStyle == DateStyle.Sql ? (byte)'/' : (byte)'.';
                WriteTwo(isDayFirst ? day : month, output);
                output.WriteByte(separator);
                WriteTwo(isDayFirst ? month : day, output);
                output.WriteByte(separator);
                WriteYear(year, output);
                output.WriteByte((byte)' ');
                WriteTime(time, output);
                if (hasZone)
                    WriteAbbreviation(zone, output);
                break;
        }
        WriteEra(year, output);
    }

    static void WriteAbbreviation(TimeZoneOffset zone, ByteWriter output)
    {
        output.WriteByte((byte)' ');
        output.WriteText(zone.Abbreviation);
    }
}
