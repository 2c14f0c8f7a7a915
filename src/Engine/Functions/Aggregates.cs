using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>count, sum, avg, min, max, and the aggregates over booleans and bits.</summary>
static class Aggregates
{
    static readonly PgType[] OrderedTypes =
    [
        PgTypes.Int8, PgTypes.Int4, PgTypes.Int2, PgTypes.Oid, PgTypes.Float4, PgTypes.Float8, PgTypes.Date, PgTypes.Time, PgTypes.TimeTz, PgTypes.Timestamp,
        PgTypes.TimestampTz, PgTypes.Interval, PgTypes.Text, PgTypes.Numeric, PgTypes.AnyArray, PgTypes.Bpchar, PgTypes.Tid, PgTypes.PgLsn, PgTypes.AnyEnum,
    ];

    public static readonly FunctionTable Table = new(
    [
        Define.Aggregate("count", PgTypes.Int8, [], (_, _) => new CountState()),
        Define.Aggregate("count", PgTypes.Int8, [PgTypes.Any], (_, _) => new CountState()),
        .. OrderedTypes.Select(type => Define.Aggregate("min", type, [type], (site, _) => new ExtremeState(site.ArgumentTypes[0].Codec, false))),
        .. OrderedTypes.Select(type => Define.Aggregate("max", type, [type], (site, _) => new ExtremeState(site.ArgumentTypes[0].Codec, true))),
        .. Sums,
        .. Averages,
        Define.Aggregate("bool_and", PgTypes.Bool, [PgTypes.Bool], (_, _) => new FoldState((a, b) => Datum.Of(a.AsBool && b.AsBool))),
        Define.Aggregate("every", PgTypes.Bool, [PgTypes.Bool], (_, _) => new FoldState((a, b) => Datum.Of(a.AsBool && b.AsBool))),
        Define.Aggregate("bool_or", PgTypes.Bool, [PgTypes.Bool], (_, _) => new FoldState((a, b) => Datum.Of(a.AsBool || b.AsBool))),
        .. Bits("bit_and", (a, b) => a & b, "AND"),
        .. Bits("bit_or", (a, b) => a | b, "OR"),
        .. Bits("bit_xor", (a, b) => a ^ b, "XOR"),
    ]);

    static IEnumerable<Function> Sums =>
    [
        Define.Aggregate("sum", PgTypes.Int8, [PgTypes.Int2], (_, _) => new IntegerSumState(ToInt8)),
        Define.Aggregate("sum", PgTypes.Int8, [PgTypes.Int4], (_, _) => new IntegerSumState(ToInt8)),
        Define.Aggregate("sum", PgTypes.Numeric, [PgTypes.Int8], (_, _) => new IntegerSumState((sum, _) => Datum.Of(PgNumeric.Of(sum, 0)))),
        Define.Aggregate("sum", PgTypes.Numeric, [PgTypes.Numeric], (_, _) => new FoldState(AddNumeric)),
        Define.Aggregate("sum", PgTypes.Float4, [PgTypes.Float4], (_, _) => new FoldState((a, b) => Datum.Of((double)Finite(a.AsSingle + b.AsSingle, a, b)))),
        Define.Aggregate("sum", PgTypes.Float8, [PgTypes.Float8], (_, _) => new FoldState((a, b) => Datum.Of(Finite(a.AsDouble + b.AsDouble, a, b)))),
        Define.Aggregate("sum", PgTypes.Interval, [PgTypes.Interval], (_, _) => new FoldState(AddInterval)),
    ];

    static IEnumerable<Function> Averages =>
    [
        .. ((PgType[])[PgTypes.Int2, PgTypes.Int4, PgTypes.Int8]).Select(type => Define.Aggregate("avg", PgTypes.Numeric, [type],
            (_, _) => new IntegerSumState((sum, count) => Datum.Of(NumericArithmetic.Divide(PgNumeric.Of(sum, 0), PgNumeric.Of(count)))))),
        Define.Aggregate("avg", PgTypes.Numeric, [PgTypes.Numeric],
            (_, _) => new AverageState(AddNumeric, (sum, count) => Datum.Of(NumericArithmetic.Divide(sum.As<PgNumeric>(), PgNumeric.Of(count))))),
        Define.Aggregate("avg", PgTypes.Float8, [PgTypes.Float4], (_, _) => new MomentsState(m => m.Sum / m.Count)),
        Define.Aggregate("avg", PgTypes.Float8, [PgTypes.Float8], (_, _) => new MomentsState(m => m.Sum / m.Count)),
        Define.Aggregate("avg", PgTypes.Interval, [PgTypes.Interval],
            (_, _) => new AverageState(AddInterval, (sum, count) => Datum.Of(PgInterval.Divide(sum.As<PgInterval>(), count)))),
    ];

    static Datum ToInt8(Int128 sum, long count)
        => sum < long.MinValue || sum > long.MaxValue ? throw PgError.OutOfRange("bigint out of range") : Datum.Of((long)sum);

    static Datum AddNumeric(Datum a, Datum b) => Datum.Of(NumericArithmetic.Add(a.As<PgNumeric>(), b.As<PgNumeric>()));
    static Datum AddInterval(Datum a, Datum b) => Datum.Of(PgInterval.Add(a.As<PgInterval>(), b.As<PgInterval>()));

    static float Finite(float sum, Datum a, Datum b)
        => float.IsInfinity(sum) && float.IsFinite(a.AsSingle) && float.IsFinite(b.AsSingle) ? throw PgError.OutOfRange("value out of range: overflow") : sum;

    static double Finite(double sum, Datum a, Datum b)
        => double.IsInfinity(sum) && double.IsFinite(a.AsDouble) && double.IsFinite(b.AsDouble) ? throw PgError.OutOfRange("value out of range: overflow") : sum;

    static IEnumerable<Function> Bits(string name, Func<long, long, long> combine, string word) =>
    [
        .. ((PgType[])[PgTypes.Int2, PgTypes.Int4, PgTypes.Int8]).Select(type
            => Define.Aggregate(name, type, [type], (_, _) => new FoldState((a, b) => Datum.Of(combine(a.AsInt64, b.AsInt64))))),
        Define.Aggregate(name, PgTypes.Bit, [PgTypes.Bit], (_, _) => new FoldState((a, b) => Datum.Of(BitString.Combine(a.As<BitString>(), b.As<BitString>(), word)))),
    ];
}
