using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Operators and functions of numeric.</summary>
static class NumericMathFunctions
{
    static readonly PgNumeric Ten = PgNumeric.Of(10);

    public static FunctionTable Table { get; } = new([.. Functions()], [.. Operators()]);

    static Func<Datum, Datum> One(Func<PgNumeric, PgNumeric> body) => a => Datum.Of(body(a.As<PgNumeric>()));
    static Func<Datum, Datum, Datum> Two(Func<PgNumeric, PgNumeric, PgNumeric> body) => (a, b) => Datum.Of(body(a.As<PgNumeric>(), b.As<PgNumeric>()));

    static IEnumerable<Operator> Operators() =>
    [
        Define.Operator("+", Numeric, Numeric, Numeric, "numeric_add", Two(NumericArithmetic.Add)) with { Commutator = "+" },
        Define.Operator("-", Numeric, Numeric, Numeric, "numeric_sub", Two(NumericArithmetic.Subtract)),
        Define.Operator("*", Numeric, Numeric, Numeric, "numeric_mul", Two(NumericArithmetic.Multiply)) with { Commutator = "*" },
        Define.Operator("/", Numeric, Numeric, Numeric, "numeric_div", Two(NumericArithmetic.Divide)),
        Define.Operator("%", Numeric, Numeric, Numeric, "numeric_mod", Two(NumericArithmetic.Modulo)),
        Define.Operator("^", Numeric, Numeric, Numeric, "numeric_power", Two(NumericFunctions.Power)),
        Define.Prefix("-", Numeric, Numeric, "numeric_uminus", One(NumericArithmetic.Negate)),
        Define.Prefix("+", Numeric, Numeric, "numeric_uplus", static a => a),
        Define.Prefix("@", Numeric, Numeric, "numeric_abs", One(NumericArithmetic.Abs)),
    ];

    static IEnumerable<Function> Functions() =>
    [
        Define.Function("abs", Numeric, Numeric, One(NumericArithmetic.Abs)),
        Define.Function("sign", Numeric, Numeric, One(NumericArithmetic.Sign)),
        Define.Function("ceil", Numeric, Numeric, One(NumericArithmetic.Ceiling)),
        Define.Function("ceiling", Numeric, Numeric, One(NumericArithmetic.Ceiling)),
        Define.Function("floor", Numeric, Numeric, One(NumericArithmetic.Floor)),
        Define.Function("round", Numeric, Numeric, One(static value => NumericArithmetic.Round(value))),
        Define.Function("round", Numeric, Numeric, Int4, static (a, b) => Datum.Of(NumericArithmetic.Round(a.As<PgNumeric>(), b.AsInt32))),
        Define.Function("trunc", Numeric, Numeric, One(static value => NumericArithmetic.Truncate(value))),
        Define.Function("trunc", Numeric, Numeric, Int4, static (a, b) => Datum.Of(NumericArithmetic.Truncate(a.As<PgNumeric>(), b.AsInt32))),
        Define.Function("mod", Numeric, Numeric, Numeric, Two(NumericArithmetic.Modulo)),
        Define.Function("div", Numeric, Numeric, Numeric, Two(NumericArithmetic.DivideTruncated)),
        Define.Function("sqrt", Numeric, Numeric, One(NumericFunctions.Sqrt)),
        Define.Function("exp", Numeric, Numeric, One(NumericFunctions.Exp)),
        Define.Function("ln", Numeric, Numeric, One(NumericFunctions.Ln)),
        Define.Function("log", Numeric, Numeric, One(static value => NumericFunctions.Log(Ten, value))),
        Define.Function("log10", Numeric, Numeric, One(static value => NumericFunctions.Log(Ten, value))),
        Define.Function("log", Numeric, Numeric, Numeric, Two(NumericFunctions.Log)),
        Define.Function("power", Numeric, Numeric, Numeric, Two(NumericFunctions.Power)),
        Define.Function("pow", Numeric, Numeric, Numeric, Two(NumericFunctions.Power)),
        Define.Function("gcd", Numeric, Numeric, Numeric, Two(NumericFunctions.Gcd)),
        Define.Function("lcm", Numeric, Numeric, Numeric, Two(NumericFunctions.Lcm)),
        Define.Function("scale", Int4, Numeric, static a => a.As<PgNumeric>().IsFinite ? Datum.Of((long)a.As<PgNumeric>().Scale) : Datum.Null),
        Define.Function("min_scale", Int4, Numeric, static a => a.As<PgNumeric>().IsFinite ? Datum.Of((long)a.As<PgNumeric>().TrimScale().Scale) : Datum.Null),
        Define.Function("trim_scale", Numeric, Numeric, One(static value => value.TrimScale())),
        Define.Function("numeric_inc", Numeric, Numeric, One(static value => NumericArithmetic.Add(value, PgNumeric.One))),
        Define.Function("numeric_larger", Numeric, Numeric, Numeric, static (a, b) => Numeric.Codec.Compare(a, b) >= 0 ? a : b),
        Define.Function("numeric_smaller", Numeric, Numeric, Numeric, static (a, b) => Numeric.Codec.Compare(a, b) <= 0 ? a : b),
        Define.Function("width_bucket", Int4, [Numeric, Numeric, Numeric, Int4], static (a, _, _)
            => Datum.Of((long)WidthBucket(a[0].As<PgNumeric>(), a[1].As<PgNumeric>(), a[2].As<PgNumeric>(), a[3].AsInt32))),
    ];

    static int WidthBucket(PgNumeric value, PgNumeric low, PgNumeric high, int count)
    {
        if (count <= 0)
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "count must be greater than zero");
        if (value.IsNaN || low.IsNaN || high.IsNaN)
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "operand, lower bound, and upper bound cannot be NaN");
        if (low.IsInfinite || high.IsInfinite)
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "lower and upper bounds must be finite");
        var order = PgNumeric.Compare(low, high);
        if (order == 0)
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "lower bound cannot equal upper bound");
        if (order * PgNumeric.Compare(value, low) > 0)
            return 0;
        if (order * PgNumeric.Compare(value, high) <= 0)
            return checked(count + 1);
        var part = NumericArithmetic.Multiply(NumericArithmetic.Subtract(value, low), PgNumeric.Of(count));
        return NumericConversions.ToInt32(NumericArithmetic.DivideTruncated(part, NumericArithmetic.Subtract(high, low))) + 1;
    }
}
