namespace PgVectorCompat.Types;

/// <summary>Text of intervals in the four styles.</summary>
static class IntervalWriter
{
    /// <summary>An interval taken apart; every part has its own sign.</summary>
    readonly record struct Parts(int Years, int Months, int Days, long Hours, int Minutes, int Seconds, int Micros)
    {
        public bool HasTime => Hours != 0 || Minutes != 0 || Seconds != 0 || Micros != 0;
        public bool IsTimeNegative => Hours < 0 || Minutes < 0 || Seconds < 0 || Micros < 0;
        public bool HasYearMonth => Years != 0 || Months != 0;
    }

    public static void Write(PgInterval value, ByteWriter output, IntervalStyle style)
    {
        var parts = new Parts(
            value.Months / 12, value.Months % 12, value.Days, value.Micros / Calendar.MicrosPerHour,
            (int)(value.Micros / Calendar.MicrosPerMinute % 60), (int)(value.Micros / Calendar.MicrosPerSecond % 60), (int)(value.Micros % Calendar.MicrosPerSecond));
        switch (style)
        {
            case IntervalStyle.SqlStandard: WriteSql(parts, output); break;
            case IntervalStyle.Iso8601: WriteIso(parts, output); break;
            case IntervalStyle.PostgresVerbose: WriteVerbose(parts, output); break;
            default: WritePostgres(parts, output); break;
        }
    }

    static void WriteTime(Parts parts, ByteWriter output, bool padHours)
    {
        output.WriteFormatted(Math.Abs(parts.Hours), padHours ? "00" : "0");
        output.WriteByte((byte)':');
        DateTimeWriter.WriteTwo(Math.Abs(parts.Minutes), output);
        output.WriteByte((byte)':');
        WriteSeconds(parts, output, padded: true);
    }

    static void WriteSeconds(Parts parts, ByteWriter output, bool padded)
    {
        output.WriteFormatted(Math.Abs(parts.Seconds), padded ? "00" : "0");
        DateTimeWriter.WriteFraction(Math.Abs(parts.Micros), output);
    }

    /// <summary><c>1 year 2 mons -3 days +04:05:06</c>: a sign where it differs from the part before.</summary>
    static void WritePostgres(Parts parts, ByteWriter output)
    {
        var start = output.Length;
        var wasNegative = false;
        void Part(int number, string unit)
        {
            if (number == 0)
                return;
            output.WriteText($"{(output.Length > start ? " " : "")}{(wasNegative && number > 0 ? "+" : "")}{number} {unit}{(number != 1 ? "s" : "")}");
            wasNegative = number < 0;
        }
        Part(parts.Years, "year");
        Part(parts.Months, "mon");
        Part(parts.Days, "day");
        if (output.Length != start && !parts.HasTime)
            return;
        if (output.Length != start)
            output.WriteByte((byte)' ');
        output.WriteText(parts.IsTimeNegative ? "-" : wasNegative ? "+" : "");
        WriteTime(parts, output, padHours: true);
    }

    /// <summary><c>@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs ago</c>: the first part decides on "ago" and flips the others' signs.</summary>
    static void WriteVerbose(Parts parts, ByteWriter output)
    {
        output.WriteByte((byte)'@');
        bool isZero = true, isBefore = false;
        void Part(long number, string unit)
        {
            if (number == 0)
                return;
            if (isZero)
                isBefore = number < 0;
            isZero = false;
            var shown = isBefore ? -number : number;
            output.WriteText($" {shown} {unit}{(shown == 1 ? "" : "s")}");
        }
        Part(parts.Years, "year");
        Part(parts.Months, "mon");
        Part(parts.Days, "day");
        Part(parts.Hours, "hour");
        Part(parts.Minutes, "min");
        if (parts.Seconds != 0 || parts.Micros != 0)
        {
            var isNegative = parts.Seconds < 0 || parts.Micros < 0;
            output.WriteByte((byte)' ');
            if (isZero)
                isBefore = isNegative;
            if (isNegative != isBefore)
                output.WriteByte((byte)'-');
            WriteSeconds(parts, output, padded: false);
            output.WriteText(Math.Abs(parts.Seconds) == 1 && parts.Micros == 0 ? " sec" : " secs");
            isZero = false;
        }
        if (isZero)
            output.WriteBytes(" 0"u8);
        if (isBefore)
            output.WriteBytes(" ago"u8);
    }

    /// <summary><c>P1Y2M3DT4H5M6S</c>, every part with its own sign.</summary>
    static void WriteIso(Parts parts, ByteWriter output)
    {
        output.WriteByte((byte)'P');
        var start = output.Length;
        void Part(long number, char unit)
        {
            if (number != 0)
                output.WriteText($"{number}{unit}");
        }
        Part(parts.Years, 'Y');
        Part(parts.Months, 'M');
        Part(parts.Days, 'D');
        if (!parts.HasTime)
        {
            if (output.Length == start)
                output.WriteBytes("T0S"u8);
            return;
        }
        output.WriteByte((byte)'T');
        Part(parts.Hours, 'H');
        Part(parts.Minutes, 'M');
        if (parts.Seconds == 0 && parts.Micros == 0)
            return;
        if (parts.Seconds < 0 || parts.Micros < 0)
            output.WriteByte((byte)'-');
        WriteSeconds(parts, output, padded: false);
        output.WriteByte((byte)'S');
    }

    /// <summary><c>1-2</c>, <c>3 4:05:06</c>, or all of it with signs when the standard has no form for the mixture.</summary>
    static void WriteSql(Parts parts, ByteWriter output)
    {
        var hasDayTime = parts.Days != 0 || parts.HasTime;
        var isNegative = parts.Years < 0 || parts.Months < 0 || parts.Days < 0 || parts.IsTimeNegative;
        var isPositive = parts.Years > 0 || parts.Months > 0 || parts.Days > 0 || (parts.HasTime && !parts.IsTimeNegative);
        if (!isNegative && !isPositive)
        {
            output.WriteByte((byte)'0');
            return;
        }
        if ((isNegative && isPositive) || (parts.HasYearMonth && hasDayTime))
        {
            output.WriteText($"{(parts.Years < 0 || parts.Months < 0 ? '-' : '+')}{Math.Abs(parts.Years)}-{Math.Abs(parts.Months)} ");
            output.WriteText($"{(parts.Days < 0 ? '-' : '+')}{Math.Abs((long)parts.Days)} {(parts.IsTimeNegative ? '-' : '+')}");
            WriteTime(parts, output, padHours: false);
            return;
        }
        if (isNegative)
            output.WriteByte((byte)'-');
        if (parts.HasYearMonth)
            output.WriteText($"{Math.Abs(parts.Years)}-{Math.Abs(parts.Months)}");
        else
        {
            if (parts.Days != 0)
                output.WriteText($"{Math.Abs((long)parts.Days)} ");
            WriteTime(parts, output, padHours: false);
        }
    }
}
