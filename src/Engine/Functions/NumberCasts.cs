using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Casts among numbers, OIDs and booleans.</summary>
static class NumberCasts
{
    const CastContext I = CastContext.Implicit, A = CastContext.Assignment, E = CastContext.Explicit;

    public static FunctionTable Table { get; } = new([], null,
    [
        Define.Cast(Int2, Int4, I, "int4", static a => a),
        Define.Cast(Int2, Int8, I, "int8", static a => a),
        Define.Cast(Int4, Int8, I, "int8", static a => a),
        Define.Cast(Int4, Int2, A, "int2", static a => Narrow(a.AsInt64, short.MinValue, short.MaxValue, "smallint")),
        Define.Cast(Int8, Int2, A, "int2", static a => Narrow(a.AsInt64, short.MinValue, short.MaxValue, "smallint")),
        Define.Cast(Int8, Int4, A, "int4", static a => Narrow(a.AsInt64, int.MinValue, int.MaxValue, "integer")),
        .. new[] { Int2, Int4, Int8 }.SelectMany(static type => new[]
        {
            Define.Cast(type, Float4, I, "float4", static a => Datum.Of((double)(float)a.AsInt64)),
            Define.Cast(type, Float8, I, "float8", static a => Datum.Of((double)a.AsInt64)),
            Define.Cast(type, Numeric, I, "numeric", static a => Datum.Of(PgNumeric.Of(a.AsInt64))),
            Define.Cast(Numeric, type, A, type.Name, a => Datum.Of(NumericConversions.ToInteger(a.As<PgNumeric>(), Min(type), Max(type), type.DisplayName))),
            Define.Cast(Float4, type, A, type.Name, a => FromFloat(a.AsDouble, type)),
            Define.Cast(Float8, type, A, type.Name, a => FromFloat(a.AsDouble, type)),
        }),
        Define.Cast(Float4, Float8, I, "float8", static a => a),
        Define.Cast(Float8, Float4, A, "float4", static a => ToSingle(a.AsDouble)),
        Define.Cast(Float4, Numeric, A, "numeric", static a => Datum.Of(NumericConversions.FromSingle(a.AsSingle))),
        Define.Cast(Float8, Numeric, A, "numeric", static a => Datum.Of(NumericConversions.FromDouble(a.AsDouble))),
        Define.Cast(Numeric, Float4, I, "float4", static a => Datum.Of((double)NumericConversions.ToSingle(a.As<PgNumeric>()))),
        Define.Cast(Numeric, Float8, I, "float8", static a => Datum.Of(NumericConversions.ToDouble(a.As<PgNumeric>()))),
        Define.Cast(Int4, Bool, E, "bool", static a => Datum.Of(a.AsInt32 != 0)),
        Define.Cast(Bool, Int4, E, "int4", static a => Datum.Of(a.AsBool ? 1L : 0L)),
        Define.Cast(Int4, PgTypes.Char, E, "char", static a => a.AsInt32 is >= sbyte.MinValue and <= sbyte.MaxValue ? Datum.Of((long)(byte)a.AsInt32) : throw PgError.OutOfRange("\"char\" out of range")),
        Define.Cast(PgTypes.Char, Int4, E, "int4", static a => Datum.Of((long)(sbyte)a.AsInt64)),
        .. OidCasts(),
    ]);

    static long Min(PgType type) => long.MinValue >> (64 - type.Length * 8);
    static long Max(PgType type) => long.MaxValue >> (64 - type.Length * 8);

    static Datum Narrow(long value, long min, long max, string name) => value >= min && value <= max ? Datum.Of(value) : throw PgError.OutOfRange($"{name} out of range");

    static Datum FromFloat(double value, PgType type)
    {
        var rounded = Math.Round(value, MidpointRounding.ToEven);
        // long.MaxValue is not a double; its neighbour 2^63 is already too large.
        return rounded >= Min(type) && rounded < -(double)Min(type) ? Datum.Of((long)rounded) : throw PgError.OutOfRange($"{type.DisplayName} out of range");
    }

    static Datum ToSingle(double value)
    {
        var single = (float)value;
        return float.IsInfinity(single) && !double.IsInfinity(value) ? throw PgError.OutOfRange("value out of range: overflow")
            : single == 0 && value != 0 ? throw PgError.OutOfRange("value out of range: underflow")
            : Datum.Of((double)single);
    }

    /// <summary>OIDs and the reg* types: the numbers widen and narrow, among each other nothing changes.</summary>
    static IEnumerable<Cast> OidCasts()
    {
        foreach (var type in new[] { Oid, RegProc, RegProcedure, RegOper, RegOperator, RegClass, RegType, RegRole, RegNamespace, RegCollation, RegConfig, RegDictionary })
        {
            yield return Define.Cast(Int8, type, I, "oid", static a => a.AsInt64 is >= 0 and <= uint.MaxValue ? a : throw PgError.OutOfRange("OID out of range"));
            yield return Define.Cast(Int2, type, I, "int4", static a => Datum.Of((long)(uint)a.AsInt32));
            yield return Define.Cast(Int4, type, I, "oid", static a => Datum.Of((long)(uint)a.AsInt32));
            yield return Define.Cast(type, Int8, A, "int8", static a => Datum.Of((long)a.AsOid));
            yield return Define.Cast(type, Int4, A, "int4", static a => Datum.Of((long)(int)a.AsOid));
            if (type == Oid)
                continue;
            yield return Define.Relabel(Oid, type, I);
            yield return Define.Relabel(type, Oid, I);
        }
        yield return Define.Relabel(RegProc, RegProcedure, I);
        yield return Define.Relabel(RegProcedure, RegProc, I);
        yield return Define.Relabel(RegOper, RegOperator, I);
        yield return Define.Relabel(RegOperator, RegOper, I);
        yield return new(Text, RegClass, I, RegClassOfText(Text));
        yield return new(Varchar, RegClass, I, RegClassOfText(Varchar));
        yield return Define.Relabel(Xid8, Xid, E) with { Function = Define.Function("xid", Xid, Xid8, static a => Datum.Of((long)(uint)a.AsInt64)) };
    }

    static Function RegClassOfText(PgType from)
        => Define.Function("regclass", RegClass, [from], static (a, _, context) => RegClass.Codec.Parse(a[0].AsString, -1, context.Settings)) with { Volatility = Volatility.Stable };
}
