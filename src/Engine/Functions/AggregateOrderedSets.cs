using System.Collections.Immutable;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Ordered-set aggregates (percentile_cont, percentile_disc, mode) and hypothetical-set ones (rank and kin): WITHIN GROUP (ORDER BY …).</summary>
static class AggregateOrderedSets
{
    public static readonly FunctionTable Table = new(
    [
        Set("percentile_cont", PgTypes.Float8, [PgTypes.Float8, PgTypes.Float8], (_, _) => new PercentileState(Continuous(PgTypes.Float8), PgTypes.Float8)),
        Set("percentile_cont", PgTypes.Interval, [PgTypes.Float8, PgTypes.Interval], (_, _) => new PercentileState(Continuous(PgTypes.Interval), PgTypes.Interval)),
        Set("percentile_cont", PgTypes.Float8.Array!, [PgTypes.Float8.Array!, PgTypes.Float8], (_, _) => new PercentileState(Continuous(PgTypes.Float8), PgTypes.Float8)),
        Set("percentile_cont", PgTypes.Interval.Array!, [PgTypes.Float8.Array!, PgTypes.Interval], (_, _) => new PercentileState(Continuous(PgTypes.Interval), PgTypes.Interval)),
        Set("percentile_disc", PgTypes.AnyElement, [PgTypes.Float8, PgTypes.AnyElement], (site, _) => new PercentileState(Discrete, site.ArgumentTypes[1])),
        Set("percentile_disc", PgTypes.AnyArray, [PgTypes.Float8.Array!, PgTypes.AnyElement], (site, _) => new PercentileState(Discrete, site.ArgumentTypes[1])),
        Set("mode", PgTypes.AnyElement, [PgTypes.AnyElement], (site, _) => new ModeState(site.ArgumentTypes[0].Codec)),
        Hypothetical("rank", PgTypes.Int8, s => Datum.Of(s.Before + 1L)),
        Hypothetical("dense_rank", PgTypes.Int8, s => Datum.Of(s.DistinctBefore + 1L)),
        Hypothetical("percent_rank", PgTypes.Float8, s => Datum.Of(s.Rows == 0 ? 0.0 : (double)s.Before / s.Rows)),
        Hypothetical("cume_dist", PgTypes.Float8, s => Datum.Of((s.Before + s.Equal + 1.0) / (s.Rows + 1))),
    ]);

    /// <summary>pg_aggregate's aggkind (n for an ordinary aggregate) and number of direct arguments.</summary>
    public static (char Kind, int DirectArguments) KindOf(string name) => name switch
    {
        "mode" => ('o', 0),
        "percentile_cont" or "percentile_disc" => ('o', 1),
        "rank" or "dense_rank" or "percent_rank" or "cume_dist" => ('h', 1),
        _ => ('n', 0),
    };

    static Function Set(string name, PgType result, PgType[] arguments, Func<CallSite, EvaluationContext, AggregateState> state)
        => Define.Aggregate(name, result, arguments, state) with { IsStrict = false };

    static Function Hypothetical(string name, PgType result, Func<HypotheticalState, Datum> finish)
        => Set(name, result, [PgTypes.Any], (site, _) => new HypotheticalState(site.ArgumentTypes.Count / 2, finish)) with { IsVariadic = true };

    static Func<List<Datum>, double, Datum> Continuous(PgType type) => (values, fraction) =>
    {
        var position = fraction * (values.Count - 1);
        var (low, high) = ((int)Math.Floor(position), (int)Math.Ceiling(position));
        if (low == high)
            return values[low];
        var share = position - low;
        if (type == PgTypes.Float8)
            return Datum.Of(values[low].AsDouble + (values[high].AsDouble - values[low].AsDouble) * share);
        var difference = PgInterval.Subtract(values[high].As<PgInterval>(), values[low].As<PgInterval>());
        return Datum.Of(PgInterval.Add(PgInterval.Multiply(difference, share), values[low].As<PgInterval>()));
    };

    static Datum Discrete(List<Datum> values, double fraction) => values[Math.Max(0, (int)Math.Ceiling(fraction * values.Count) - 1)];

    /// <summary>Sorted values, NULLs left out, and the fraction or array of fractions wanted of them.</summary>
    sealed class PercentileState(Func<List<Datum>, double, Datum> at, PgType type) : AggregateState
    {
        readonly List<Datum> _values = [];
        Datum _wanted;

        public override void Add(ReadOnlySpan<Datum> arguments)
        {
            _wanted = arguments[0];
            if (!arguments[1].IsNull)
                _values.Add(arguments[1]);
        }

        public override Datum Finish()
        {
            if (_wanted.IsNull || _values.Count == 0)
                return Datum.Null;
            if (_wanted.Reference is not PgArray array)
                return at(_values, Checked(_wanted));
            var items = new Datum[array.Items.Length];
            for (var i = 0; i < items.Length; i++)
                items[i] = array.Items[i].IsNull ? Datum.Null : at(_values, Checked(array.Items[i]));
            return Datum.Of(new PgArray(type, array.Lengths, array.LowerBounds, items));
        }

        static double Checked(Datum fraction)
            => fraction.AsDouble is >= 0 and <= 1 ? fraction.AsDouble
                : throw PgError.OutOfRange($"percentile value {PgTypes.Float8.Codec.ToText(fraction, TypeSettings.Default)} is not between 0 and 1");
    }

    /// <summary>The most frequent value, the first of them in order.</summary>
    sealed class ModeState(TypeCodec codec) : AggregateState
    {
        Datum _best;
        Datum _last;
        long _bestCount;
        long _count;

        public override void Add(ReadOnlySpan<Datum> arguments)
        {
            var value = arguments[0];
            if (value.IsNull)
                return;
            _count = _count > 0 && codec.Equal(value, _last) ? _count + 1 : 1;
            _last = value;
            if (_count > _bestCount)
                (_best, _bestCount) = (value, _count);
        }

        public override Datum Finish() => _best;
    }

    /// <summary>Where a row of the direct arguments would stand among the rows.</summary>
    sealed class HypotheticalState(int width, Func<HypotheticalState, Datum> finish) : AggregateState, IOrderedSetState
    {
        ImmutableArray<SortDirection> _directions = [];
        Datum[]? _last;

        public long Rows { get; private set; }
        public long Before { get; private set; }
        public long DistinctBefore { get; private set; }
        public long Equal { get; private set; }

        public void UseOrder(ImmutableArray<SortDirection> directions) => _directions = directions;

        public override void Add(ReadOnlySpan<Datum> arguments)
        {
            Rows++;
            var row = arguments[width..];
            var order = SortDirection.Compare(_directions.AsSpan(), row, arguments[..width]);
            if (order == 0)
                Equal++;
            if (order >= 0)
                return;
            Before++;
            if (_last is null || SortDirection.Compare(_directions.AsSpan(), row, _last) != 0)
                DistinctBefore++;
            _last = row.ToArray();
        }

        public override Datum Finish() => finish(this);
    }
}
