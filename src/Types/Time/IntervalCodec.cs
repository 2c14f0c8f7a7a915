using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>interval.</summary>
public sealed class IntervalCodec : TypeCodec
{
    public override int StoredLength => 16;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(IntervalModifier.Fit(new IntervalReader(text, IntervalModifier.FieldsOf(typmod), settings).Read(), typmod));

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
        => IntervalWriter.Write(value.As<PgInterval>(), output, settings.IntervalStyle);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var micros = input.ReadInt64();
        var days = input.ReadInt32();
        return Datum.Of(IntervalModifier.Fit(new(input.ReadInt32(), days, micros), typmod));
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        var interval = value.As<PgInterval>();
        output.WriteInt64(interval.Micros);
        output.WriteInt32(interval.Days);
        output.WriteInt32(interval.Months);
    }

    public override int Compare(Datum left, Datum right) => PgInterval.Compare(left.As<PgInterval>(), right.As<PgInterval>());
    public override int Hash(Datum value) => value.As<PgInterval>().Span.GetHashCode();

    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        var at = output.Length;
        System.Buffers.Binary.BinaryPrimitives.WriteInt128BigEndian(output.GetSpan(16), value.As<PgInterval>().Span);
        output.Advance(16);
        output.Flip(at);
    }
}

/// <summary>
/// Fields and precision of <c>interval day to second(3)</c>. The typmod is the field mask in the upper 16 bits (0x7FFF for all) and
/// the precision in the lower (0xFFFF for none), as in PostgreSQL.
/// </summary>
public sealed class IntervalModifier : TypeModifier
{
    public const int Month = 1 << 1, Year = 1 << 2, Day = 1 << 3, Hour = 1 << 10, Minute = 1 << 11, Second = 1 << 12;

    /// <summary>Every bit that names a field.</summary>
    public const int AllFields = Month | Year | Day | Hour | Minute | Second;

    const int FullRange = 0x7FFF;
    const int FullPrecision = 0xFFFF;

    static readonly (int Fields, string Words)[] Names =
    [
        (Year, " year"), (Month, " month"), (Day, " day"), (Hour, " hour"), (Minute, " minute"), (Second, " second"),
        (Year | Month, " year to month"), (Day | Hour, " day to hour"), (Day | Hour | Minute, " day to minute"),
        (Day | Hour | Minute | Second, " day to second"), (Hour | Minute, " hour to minute"),
        (Hour | Minute | Second, " hour to second"), (Minute | Second, " minute to second"),
    ];

    /// <summary>The typmod for a field mask (0 for no restriction) and a precision (null for none). Raises 22023.</summary>
    public static int Typmod(int fields, int? precision)
    {
        if (precision < 0)
            throw new PgError(SqlState.InvalidParameterValue, $"INTERVAL({precision}) precision must not be negative");
        if (fields == 0 && precision is null)
            return -1;
        return (fields == 0 ? FullRange : fields) << 16 | (precision is { } digits ? Math.Min(digits, DateTimeModifier.MaxPrecision) : FullPrecision);
    }

    /// <summary>The field mask in a typmod; 0 for no restriction.</summary>
    public static int FieldsOf(int typmod) => typmod < 0 || typmod >> 16 == FullRange ? 0 : typmod >> 16;

    /// <summary>The arguments are a field mask and, perhaps, a precision, as PostgreSQL's intervaltypmodin takes them.</summary>
    public override int Parse(PgType type, IReadOnlyList<string> arguments) => arguments.Count switch
    {
        1 => Typmod(Mask(arguments[0]), null),
        2 => Typmod(Mask(arguments[0]), (int)IntegerCodec.Int4.Parse(arguments[1])),
        _ => throw new PgError(SqlState.InvalidParameterValue, "invalid INTERVAL type modifier"),
    };

    static int Mask(string argument) => IntegerCodec.Int4.Parse(argument) is var mask && mask == FullRange ? 0 : (int)mask & AllFields;

    public override string Format(PgType type, int typmod)
    {
        var precision = typmod & FullPrecision;
        var words = Names.FirstOrDefault(name => name.Fields == FieldsOf(typmod)).Words;
        return $"interval{words}" + (precision == FullPrecision ? "" : string.Create(CultureInfo.InvariantCulture, $"({precision})"));
    }

    public override Datum Apply(PgType type, Datum value, int typmod, bool isExplicit) => Datum.Of(Fit(value.As<PgInterval>(), typmod));

    /// <summary>The interval without what lies below the smallest field, rounded to the precision.</summary>
    public static PgInterval Fit(PgInterval value, int typmod)
    {
        if (typmod < 0)
            return value;
        var fields = FieldsOf(typmod);
        var lowest = fields == 0 ? Second : 1 << System.Numerics.BitOperations.Log2((uint)fields);
        var (months, days, micros) = (value.Months, value.Days, value.Micros);
        if (lowest is Year or Month || fields == (Year | Month))
            (months, days, micros) = (fields == Year ? months / 12 * 12 : months, 0, 0);
        else if (lowest == Day)
            micros = 0;
        else if (lowest == Hour)
            micros -= micros % Calendar.MicrosPerHour;
        else if (lowest == Minute)
            micros -= micros % Calendar.MicrosPerMinute;
        var precision = typmod & FullPrecision;
        return new(months, days, precision == FullPrecision ? micros : DateTimeModifier.Round(micros, precision));
    }
}
