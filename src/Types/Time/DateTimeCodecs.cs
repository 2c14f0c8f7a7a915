namespace PgVectorCompat.Types;

/// <summary>What date, time, timestamp and timestamptz share: a signed number of 4 or 8 bytes.</summary>
public abstract class ClockCodec(int size) : TypeCodec
{
    readonly IntegerCodec _number = size == 4 ? IntegerCodec.Int4 : IntegerCodec.Int8;

    public sealed override int StoredLength => size;
    public override Datum ReadBinary(ref BinaryReader input, int typmod) => _number.ReadBinary(ref input, -1);
    public sealed override void WriteBinary(Datum value, ByteWriter output) => _number.WriteBinary(value, output);
    public sealed override int Compare(Datum left, Datum right) => left.AsInt64.CompareTo(right.AsInt64);
    public sealed override int Hash(Datum value) => value.AsInt64.GetHashCode();
    public sealed override void WriteSortKey(Datum value, ByteWriter output) => _number.WriteSortKey(value, output);
    public sealed override void WriteStored(Datum value, ByteWriter output) => _number.WriteStored(value, output);
    public sealed override Datum ReadStored(ReadOnlySpan<byte> stored) => _number.ReadStored(stored);
}

/// <summary>date.</summary>
public sealed class DateCodec() : ClockCodec(4)
{
    /// <summary>4714-11-24 BC, Julian day 0.</summary>
    public const int Min = -2451545;

    /// <summary>5874897-12-31.</summary>
    public const int Max = 2145031948;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        var read = new DateTimeReader(text, "date", settings, timeOnly: false).Read();
        return Datum.Of((long)(read.Special switch
        {
            SpecialTime.Late => int.MaxValue,
            SpecialTime.Early => int.MinValue,
            SpecialTime.Epoch => -Calendar.DaysFrom1970To2000,
            _ => DayNumber(read) ?? throw new PgError(SqlState.DatetimeFieldOverflow, $"date out of range: \"{text}\""),
        }));
    }

    /// <summary>The day, null when it is out of range.</summary>
    internal static int? DayNumber(DateTimeText read)
        => read.Year is > -4714 and < 5874898 && read.DayNumber >= Min ? read.DayNumber : null;

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => DateTimeWriter.WriteDate(value.AsInt32, output, settings);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var day = input.ReadInt32();
        return IsValid(day) ? Datum.Of((long)day) : throw new PgError(SqlState.DatetimeFieldOverflow, "date out of range");
    }

    /// <summary>Whether a day number is infinite or within the range of date.</summary>
    public static bool IsValid(int day) => day is int.MinValue or int.MaxValue or (>= Min and <= Max);
}

/// <summary>time without time zone.</summary>
public sealed class TimeCodec() : ClockCodec(8)
{
    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(DateTimeModifier.Round(new DateTimeReader(text, "time", settings, timeOnly: true).Read().TimeOfDay, typmod));

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => DateTimeWriter.WriteTime(value.AsInt64, output);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var micros = input.ReadInt64();
        return micros is >= 0 and <= Calendar.MicrosPerDay
            ? Datum.Of(DateTimeModifier.Round(micros, typmod))
            : throw new PgError(SqlState.DatetimeFieldOverflow, "time out of range");
    }
}

/// <summary>timestamp and timestamptz.</summary>
public sealed class TimestampCodec(bool hasZone) : ClockCodec(8)
{
    /// <summary>4714-11-24 BC.</summary>
    public const long Min = -211_813_488_000_000_000;

    /// <summary>294277-01-01, the first moment too late.</summary>
    public const long End = 9_223_371_331_200_000_000;

    public const long UnixEpoch = -Calendar.SecondsFrom1970To2000 * Calendar.MicrosPerSecond;

    public static bool IsValid(long micros) => micros is long.MinValue or long.MaxValue or (>= Min and < End);

    public static PgError OutOfRange() => new(SqlState.DatetimeFieldOverflow, "timestamp out of range");

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        var read = new DateTimeReader(text, hasZone ? "timestamp with time zone" : "timestamp", settings, timeOnly: false).Read();
        return Datum.Of(read.Special switch
        {
            SpecialTime.Late => long.MaxValue,
            SpecialTime.Early => long.MinValue,
            SpecialTime.Epoch => UnixEpoch,
            _ => DateTimeModifier.Round(ToMicros(read, text, settings), typmod),
        });
    }

    long ToMicros(DateTimeText read, string text, TypeSettings settings)
    {
        // Checked: the year may be so large that microseconds overflow.
        var micros = DateCodec.DayNumber(read) is { } day ? (Int128)day * Calendar.MicrosPerDay + read.TimeOfDay : Int128.MaxValue;
        if (micros < Min - Calendar.MicrosPerDay || micros >= (Int128)End + Calendar.MicrosPerDay)
            micros = Int128.MaxValue;
        else if (hasZone)
            micros -= (read.Offset ?? (read.Zone ?? settings.TimeZone).AtLocal((long)micros).Seconds) * Calendar.MicrosPerSecond;
        return micros >= Min && micros < End
            ? (long)micros
            : throw new PgError(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{text}\"");
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
        => DateTimeWriter.WriteTimestamp(value.AsInt64, hasZone, output, settings);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var micros = input.ReadInt64();
        return IsValid(micros) ? Datum.Of(DateTimeModifier.Round(micros, typmod)) : throw OutOfRange();
    }
}

/// <summary>A time of day in a zone.</summary>
/// <param name="micros">From midnight on that zone's clock.</param>
/// <param name="secondsWest">UTC minus local time, as PostgreSQL keeps it.</param>
public sealed class PgTimeTz(long micros, int secondsWest)
{
    public long Micros { get; } = micros;
    public int SecondsWest { get; } = secondsWest;

    /// <summary>Microseconds from midnight UTC; may be negative or beyond a day.</summary>
    public long Utc => Micros + SecondsWest * Calendar.MicrosPerSecond;

    public static int Compare(PgTimeTz left, PgTimeTz right)
        => left.Utc != right.Utc ? left.Utc.CompareTo(right.Utc) : left.SecondsWest.CompareTo(right.SecondsWest);
}

/// <summary>time with time zone.</summary>
public sealed class TimeTzCodec : TypeCodec
{
    public override int StoredLength => 12;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        var read = new DateTimeReader(text, "time with time zone", settings, timeOnly: true).Read();
        var hasDate = (read.Parts & DateTimeParts.AllDate) == DateTimeParts.AllDate;
        var now = settings.TransactionTimestamp;
        var east = read.Offset
            ?? (hasDate ? (read.Zone ?? settings.TimeZone).AtLocal(read.DayNumber * Calendar.MicrosPerDay + read.TimeOfDay) : (read.Zone ?? settings.TimeZone).At(now)).Seconds;
        return Datum.Of(new PgTimeTz(DateTimeModifier.Round(read.TimeOfDay, typmod), -east));
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        var time = value.As<PgTimeTz>();
        DateTimeWriter.WriteTime(time.Micros, output);
        DateTimeWriter.WriteOffset(-time.SecondsWest, output);
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var micros = input.ReadInt64();
        var secondsWest = input.ReadInt32();
        if (micros is < 0 or > Calendar.MicrosPerDay)
            throw new PgError(SqlState.DatetimeFieldOverflow, "time out of range");
        if (secondsWest is <= -16 * 3600 or >= 16 * 3600)
            throw new PgError(SqlState.InvalidTimeZoneDisplacementValue, "time zone displacement out of range");
        return Datum.Of(new PgTimeTz(DateTimeModifier.Round(micros, typmod), secondsWest));
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        output.WriteInt64(value.As<PgTimeTz>().Micros);
        output.WriteInt32(value.As<PgTimeTz>().SecondsWest);
    }

    public override int Compare(Datum left, Datum right) => PgTimeTz.Compare(left.As<PgTimeTz>(), right.As<PgTimeTz>());
    public override int Hash(Datum value) => HashCode.Combine(value.As<PgTimeTz>().Utc, value.As<PgTimeTz>().SecondsWest);

    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        var at = output.Length;
        output.WriteInt64(value.As<PgTimeTz>().Utc);
        output.WriteInt32(value.As<PgTimeTz>().SecondsWest);
        output.Flip(at);
        output.Flip(at + 8);
    }
}
