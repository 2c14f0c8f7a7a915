using System.Runtime.CompilerServices;
using System.Text;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Hashes, chance, UUIDs, enums, and what can be asked of any value.</summary>
static class GenericFunctions
{
    /// <summary>Each session has its own sequence once setseed was called.</summary>
    static readonly ConditionalWeakTable<Session, Random> Seeded = [];

    public static FunctionTable Table { get; } = new([.. AnyValue(), .. Hashes(), .. Chance(), .. Enums()],
    [
        Define.Operator("-", PgLsn, PgLsn, Numeric, "pg_lsn_mii", static (a, b) => Datum.Of(Lsn(unchecked((ulong)a.AsInt64) - (Int128)NumericConversions.ToInt64(b.As<PgNumeric>())))),
        Define.Operator("+", PgLsn, PgLsn, Numeric, "pg_lsn_pli", static (a, b) => Datum.Of(Lsn(unchecked((ulong)a.AsInt64) + (Int128)NumericConversions.ToInt64(b.As<PgNumeric>())))),
        Define.Operator("-", Numeric, PgLsn, PgLsn, "pg_lsn_mi", static (a, b)
            => Datum.Of(PgNumeric.Of((System.Numerics.BigInteger)unchecked((ulong)a.AsInt64) - unchecked((ulong)b.AsInt64), 0))),
    ]);

    static long Lsn(Int128 value) => value >= 0 && value <= ulong.MaxValue ? unchecked((long)(ulong)value) : throw PgError.OutOfRange("pg_lsn out of range");

    static Random Source(EvaluationContext context) => Seeded.TryGetValue(context.Session, out var random) ? random : Random.Shared;

    static IEnumerable<Function> AnyValue() =>
    [
        Define.Function("pg_typeof", RegType, [Any], static (_, site, _) => Datum.Of((long)site.ArgumentTypes[0].Oid)) with { IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("num_nulls", Int4, [Any], static (a, _, _) => Datum.Of(CountNulls(a))) with { IsStrict = false, IsVariadic = true },
        Define.Function("num_nonnulls", Int4, [Any], static (a, _, _) => Datum.Of(a.Length - CountNulls(a))) with { IsStrict = false, IsVariadic = true },
    ];

    static long CountNulls(ReadOnlySpan<Datum> values)
    {
        var nulls = 0L;
        foreach (var value in values)
            nulls += value.IsNull ? 1 : 0;
        return nulls;
    }

    static IEnumerable<Function> Hashes() =>
    [
        Define.Function("hashtext", Int4, Text, static a => Datum.Of((long)(int)JenkinsHash.Hash(Encoding.UTF8.GetBytes(a.AsString)))),
        Define.Function("hashtextextended", Int8, Text, Int8, static (a, b) => Datum.Of((long)JenkinsHash.Hash(Encoding.UTF8.GetBytes(a.AsString), (ulong)b.AsInt64))),
        Define.Function("hashint4", Int4, Int4, static a => Datum.Of((long)(int)JenkinsHash.Hash((uint)a.AsInt32))),
        Define.Function("hashint8", Int4, Int8, static a =>
        {
            // Equal numbers of different sizes hash alike.
            uint low = (uint)a.AsInt64, high = (uint)(a.AsInt64 >> 32);
            return Datum.Of((long)(int)JenkinsHash.Hash(low ^ (a.AsInt64 >= 0 ? high : ~high)));
        }),
    ];

    static IEnumerable<Function> Chance() =>
    [
        Define.Function("random", Float8, [], static (_, _, context) => Datum.Of(Source(context).NextDouble())) with { Volatility = Volatility.Volatile },
        Define.Function("setseed", PgTypes.Void, [Float8], static (a, _, context) =>
        {
            if (a[0].AsDouble is not (>= -1 and <= 1))
                throw new PgError(SqlState.InvalidParameterValue, $"setseed parameter {Float8.Codec.ToText(a[0], context.Settings)} is out of allowed range [-1,1]");
            Seeded.AddOrUpdate(context.Session, new Random(a[0].AsDouble.GetHashCode()));
            return Datum.Of("");
        }) with { Volatility = Volatility.Volatile },
        Define.Function("gen_random_uuid", PgTypes.Uuid, [], static (_, _, _) => Datum.Of(PgUuid.NewRandom())) with { Volatility = Volatility.Volatile },
    ];

    static IEnumerable<Function> Enums() =>
    [
        Define.Function("enum_first", AnyEnum, [AnyEnum], static (_, site, _) => Label(Labels(site)[0])) with { IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("enum_last", AnyEnum, [AnyEnum], static (_, site, _) => Label(Labels(site)[^1])) with { IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("enum_range", AnyArray, [AnyEnum], static (_, site, _) => Datum.Of(new PgArray(site.ArgumentTypes[0], [.. Labels(site).Select(Label)])))
            with { IsStrict = false, Volatility = Volatility.Stable },
        Define.Function("enum_range", AnyArray, [AnyEnum, AnyEnum], static (a, site, _) =>
        {
            Datum from = a[0], to = a[1];
            var codec = site.ArgumentTypes[0].Codec;
            return Datum.Of(new PgArray(site.ArgumentTypes[0], [.. Labels(site).Select(Label)
                .Where(label => (from.IsNull || codec.Compare(label, from) >= 0) && (to.IsNull || codec.Compare(label, to) <= 0))]));
        }) with { IsStrict = false, Volatility = Volatility.Stable },
    ];

    static Datum Label(EnumLabel label) => Datum.Of((long)label.Oid);

    static IReadOnlyList<EnumLabel> Labels(CallSite site)
        => site.ArgumentTypes[0].Codec is EnumCodec { Labels: { Count: > 0 } labels } ? labels
            : throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"enum {site.ArgumentTypes[0]} contains no values");
}
