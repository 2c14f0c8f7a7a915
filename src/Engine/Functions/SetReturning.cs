using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>generate_series, generate_subscripts, unnest.</summary>
static class SetReturning
{
    public static readonly FunctionTable Table = new(
    [
        Define.Set("generate_series", PgTypes.Int4, [PgTypes.Int4, PgTypes.Int4], (a, _, _) => Integers(a[0].AsInt64, a[1].AsInt64, 1)),
        Define.Set("generate_series", PgTypes.Int4, [PgTypes.Int4, PgTypes.Int4, PgTypes.Int4], (a, _, _) => Integers(a[0].AsInt64, a[1].AsInt64, a[2].AsInt64)),
        Define.Set("generate_series", PgTypes.Int8, [PgTypes.Int8, PgTypes.Int8], (a, _, _) => Integers(a[0].AsInt64, a[1].AsInt64, 1)),
        Define.Set("generate_series", PgTypes.Int8, [PgTypes.Int8, PgTypes.Int8, PgTypes.Int8], (a, _, _) => Integers(a[0].AsInt64, a[1].AsInt64, a[2].AsInt64)),
        Define.Set("generate_series", PgTypes.Numeric, [PgTypes.Numeric, PgTypes.Numeric], (a, _, _) => Numerics(a[0].As<PgNumeric>(), a[1].As<PgNumeric>(), PgNumeric.One)),
        Define.Set("generate_series", PgTypes.Numeric, [PgTypes.Numeric, PgTypes.Numeric, PgTypes.Numeric],
            (a, _, _) => Numerics(a[0].As<PgNumeric>(), a[1].As<PgNumeric>(), a[2].As<PgNumeric>())),
        Define.Set("generate_series", PgTypes.Timestamp, [PgTypes.Timestamp, PgTypes.Timestamp, PgTypes.Interval],
            (a, _, context) => Times(a[0], a[1], a[2].As<PgInterval>(), PgTypes.Timestamp, context)),
        Define.Set("generate_series", PgTypes.TimestampTz, [PgTypes.TimestampTz, PgTypes.TimestampTz, PgTypes.Interval],
            (a, _, context) => Times(a[0], a[1], a[2].As<PgInterval>(), PgTypes.TimestampTz, context)) with { Volatility = Volatility.Stable },
        Define.Set("generate_subscripts", PgTypes.Int4, [PgTypes.AnyArray, PgTypes.Int4], (a, _, _) => Subscripts(a[0].As<PgArray>(), a[1].AsInt32, false)),
        Define.Set("generate_subscripts", PgTypes.Int4, [PgTypes.AnyArray, PgTypes.Int4, PgTypes.Bool],
            (a, _, _) => Subscripts(a[0].As<PgArray>(), a[1].AsInt32, a[2].AsBool)),
        Define.Set("unnest", PgTypes.AnyElement, [PgTypes.AnyArray], (a, _, _) => Elements(a[0].As<PgArray>())),
    ]);

    static IEnumerable<Datum[]> Integers(long start, long stop, long step)
    {
        if (step == 0)
            throw ZeroStep();
        for (var value = start; step > 0 ? value <= stop : value >= stop;)
        {
            yield return [Datum.Of(value)];
            if (step > 0 ? value > long.MaxValue - step : value < long.MinValue - step)
                yield break;
            value += step;
        }
    }

    static IEnumerable<Datum[]> Numerics(PgNumeric start, PgNumeric stop, PgNumeric step)
    {
        foreach (var (value, name) in ((PgNumeric, string)[])[(start, "start"), (stop, "stop"), (step, "step size")])
        {
            if (!value.IsFinite)
                throw new PgError(SqlState.InvalidParameterValue, $"{name} value cannot be {(value.IsNaN ? "NaN" : "infinity")}".Replace("size value", "size"));
        }
        if (step.Sign == 0)
            throw ZeroStep();
        for (var value = start; step.Sign > 0 ? PgNumeric.Compare(value, stop) <= 0 : PgNumeric.Compare(value, stop) >= 0; value = NumericArithmetic.Add(value, step))
            yield return [Datum.Of(value)];
    }

    static IEnumerable<Datum[]> Times(Datum start, Datum stop, PgInterval step, PgType type, EvaluationContext context)
    {
        var sign = PgInterval.Compare(step, PgInterval.Zero);
        if (sign == 0)
            throw ZeroStep();
        var add = Adder(type);
        for (var value = start; sign > 0 ? value.AsInt64 <= stop.AsInt64 : value.AsInt64 >= stop.AsInt64; value = add(value, Datum.Of(step), context))
        {
            yield return [value];
            if (value.AsInt64 is long.MaxValue or long.MinValue)
                yield break;
        }
    }

    // timestamp + interval and timestamptz + interval, whichever file defines them.
    static Func<Datum, Datum, EvaluationContext, Datum> Adder(PgType type)
    {
        var function = BuiltinFunctions.OperatorsByName["+"].First(op => op.Left == type && op.Right == PgTypes.Interval).Function;
        var site = new CallSite([type, PgTypes.Interval], type);
        return function.Body2 is { } body ? (a, b, _) => body(a, b) : (a, b, context) => function.Body!([a, b], site, context);
    }

    static PgError ZeroStep() => new(SqlState.InvalidParameterValue, "step size cannot equal zero");

    static IEnumerable<Datum[]> Subscripts(PgArray array, int dimension, bool reverse)
    {
        if (dimension < 1 || dimension > array.Dimensions)
            return [];
        var subscripts = Enumerable.Range(array.LowerBounds[dimension - 1], array.Lengths[dimension - 1]);
        return (reverse ? subscripts.Reverse() : subscripts).Select(subscript => (Datum[])[Datum.Of((long)subscript)]);
    }

    static IEnumerable<Datum[]> Elements(PgArray array)
    {
        foreach (var item in array.Items)
            yield return [item];
    }
}
