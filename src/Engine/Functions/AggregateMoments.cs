using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>
/// Count, sum and sum of squared deviations of float8 values, kept by the recurrence of Youngs and Cramer, which stays exact where
/// sums of squares cancel. Raises 22003 when finite values overflow.
/// </summary>
sealed class MomentsState(Func<MomentsState, double?> finish) : AggregateState
{
    public long Count { get; private set; }
    public double Sum { get; private set; }
    public double Deviations { get; private set; }

    public override void Add(ReadOnlySpan<Datum> arguments)
    {
        var value = arguments[0].AsDouble;
        var before = Sum;
        Count++;
        Sum += value;
        if (Count > 1)
        {
            var step = value * Count - Sum;
            Deviations += step * step / ((double)Count * (Count - 1));
            if (double.IsInfinity(Sum) || double.IsInfinity(Deviations))
            {
                if (double.IsFinite(before) && double.IsFinite(value) && double.IsInfinity(Sum))
                    throw PgError.OutOfRange("value out of range: overflow");
                Deviations = double.NaN;
            }
        }
        else if (!double.IsFinite(value))
            Deviations = double.NaN;
    }

    public override Datum Finish() => Count > 0 && finish(this) is { } value ? Datum.Of(value) : Datum.Null;
}

/// <summary>Exact sums of numeric (and integer) values and of their squares.</summary>
sealed class NumericMomentsState(Func<Datum, PgNumeric> convert, bool isSample, bool isRoot) : AggregateState
{
    long _count;
    PgNumeric _sum = PgNumeric.Zero;
    PgNumeric _squares = PgNumeric.Zero;
    bool _isSpecial;

    public override void Add(ReadOnlySpan<Datum> arguments)
    {
        var value = convert(arguments[0]);
        _count++;
        _isSpecial |= value.Kind != NumericKind.Finite;
        if (_isSpecial)
            return;
        _sum = NumericArithmetic.Add(_sum, value);
        _squares = NumericArithmetic.Add(_squares, NumericArithmetic.Multiply(value, value));
    }

    public override Datum Finish()
    {
        if (_count == 0 || (isSample && _count == 1))
            return Datum.Null;
        if (_isSpecial)
            return Datum.Of(PgNumeric.NaN);
        var count = PgNumeric.Of(_count);
        var deviations = NumericArithmetic.Subtract(NumericArithmetic.Multiply(count, _squares), NumericArithmetic.Multiply(_sum, _sum));
        if (deviations.Sign <= 0)
            return Datum.Of(PgNumeric.Zero);
        var variance = NumericArithmetic.Divide(deviations, NumericArithmetic.Multiply(count, isSample ? PgNumeric.Of(_count - 1) : count));
        return Datum.Of(isRoot ? NumericFunctions.Sqrt(variance) : variance);
    }
}

/// <summary>Count, sums and sums of products of deviations of pairs (Y, X).</summary>
sealed class PairMomentsState(Func<PairMomentsState, double?> finish) : AggregateState
{
    public long Count { get; private set; }
    public double SumX { get; private set; }
    public double SumY { get; private set; }
    public double Sxx { get; private set; }
    public double Syy { get; private set; }
    public double Sxy { get; private set; }

    public override void Add(ReadOnlySpan<Datum> arguments)
    {
        double y = arguments[0].AsDouble, x = arguments[1].AsDouble;
        Count++;
        SumX += x;
        SumY += y;
        if (Count > 1)
        {
            double stepX = x * Count - SumX, stepY = y * Count - SumY, scale = 1.0 / ((double)Count * (Count - 1));
            Sxx += stepX * stepX * scale;
            Syy += stepY * stepY * scale;
            Sxy += stepX * stepY * scale;
        }
        else if (!double.IsFinite(x) || !double.IsFinite(y))
            Sxx = Syy = Sxy = double.NaN;
    }

    public override Datum Finish() => Count > 0 && finish(this) is { } value ? Datum.Of(value) : Datum.Null;
}

/// <summary>stddev and variance families, correlation and regression.</summary>
static class AggregateMoments
{
    public static readonly FunctionTable Table = new(
    [
        .. Family("variance", true, false), .. Family("var_samp", true, false), .. Family("var_pop", false, false),
        .. Family("stddev", true, true), .. Family("stddev_samp", true, true), .. Family("stddev_pop", false, true),
        Pair("corr", s => s.Sxx == 0 || s.Syy == 0 ? null : s.Sxy / Math.Sqrt(s.Sxx * s.Syy)),
        Pair("covar_pop", s => s.Sxy / s.Count),
        Pair("covar_samp", s => s.Count < 2 ? null : s.Sxy / (s.Count - 1)),
        Pair("regr_avgx", s => s.SumX / s.Count),
        Pair("regr_avgy", s => s.SumY / s.Count),
        Pair("regr_sxx", s => s.Sxx),
        Pair("regr_syy", s => s.Syy),
        Pair("regr_sxy", s => s.Sxy),
        Pair("regr_slope", s => s.Sxx == 0 ? null : s.Sxy / s.Sxx),
        Pair("regr_intercept", s => s.Sxx == 0 ? null : (s.SumY - s.SumX * s.Sxy / s.Sxx) / s.Count),
        Pair("regr_r2", s => s.Sxx == 0 ? null : s.Syy == 0 ? 1 : s.Sxy * s.Sxy / (s.Sxx * s.Syy)),
        Define.Aggregate("regr_count", PgTypes.Int8, [PgTypes.Float8, PgTypes.Float8], (_, _) => new CountState()),
    ]);

    static Function Pair(string name, Func<PairMomentsState, double?> finish)
        => Define.Aggregate(name, PgTypes.Float8, [PgTypes.Float8, PgTypes.Float8], (_, _) => new PairMomentsState(finish));

    static IEnumerable<Function> Family(string name, bool isSample, bool isRoot)
    {
        double? Finish(MomentsState state)
        {
            if (isSample && state.Count == 1)
                return null;
            var variance = state.Deviations / (isSample ? state.Count - 1 : state.Count);
            return isRoot ? Math.Sqrt(variance) : variance;
        }

        return
        [
            .. ((PgType[])[PgTypes.Float4, PgTypes.Float8]).Select(type => Define.Aggregate(name, PgTypes.Float8, [type], (_, _) => new MomentsState(Finish))),
            .. ((PgType[])[PgTypes.Int2, PgTypes.Int4, PgTypes.Int8]).Select(type
                => Define.Aggregate(name, PgTypes.Numeric, [type], (_, _) => new NumericMomentsState(value => PgNumeric.Of(value.AsInt64), isSample, isRoot))),
            Define.Aggregate(name, PgTypes.Numeric, [PgTypes.Numeric], (_, _) => new NumericMomentsState(value => value.As<PgNumeric>(), isSample, isRoot)),
        ];
    }
}
