using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning.Estimates;

/// <summary>Shares of a column's rows by their values, from its most common values and histogram (PostgreSQL's selfuncs).</summary>
static class ValueEstimates
{
    /// <summary>DEFAULT_INEQ_SEL.</summary>
    public const double UnknownInequality = 1 / 3.0;

    /// <summary>Rows equal to a value.</summary>
    public static double Equal(in ColumnFacts facts, Datum value)
    {
        if (facts.IsUnique || facts.Statistics is not { } statistics)
            return 1 / facts.Distinct;
        var codec = statistics.Type.Codec;
        for (var i = 0; i < statistics.MostCommon.Length; i++)
            if (codec.Equal(statistics.MostCommon[i], value))
                return statistics.Frequencies[i];
        return EqualUncommon(facts, statistics);
    }

    // The rows that have none of the common values, shared evenly, but not more than the least common of those has.
    static double EqualUncommon(in ColumnFacts facts, ColumnStatistics statistics)
    {
        var common = statistics.Frequencies.Sum();
        var others = facts.Distinct - statistics.MostCommon.Length;
        var share = Math.Clamp(1 - common - statistics.NullFraction, 0, 1) / Math.Max(1, others);
        return statistics.Frequencies.IsEmpty ? share : Math.Min(share, statistics.Frequencies[^1]);
    }

    /// <summary>Rows equal to a value that is not known yet.</summary>
    public static double EqualUnknown(in ColumnFacts facts)
    {
        var share = (1 - facts.NullFraction) / facts.Distinct;
        return facts.Statistics is { Frequencies: { IsEmpty: false } frequencies } ? Math.Min(share, frequencies[0]) : share;
    }

    /// <summary>Rows below a value (with it, where <paramref name="inclusive"/>), NULLs not counted.</summary>
    public static double Below(in ColumnFacts facts, Datum value, bool inclusive)
    {
        if (facts.Statistics is not { } statistics)
            return UnknownInequality;
        var codec = statistics.Type.Codec;
        double common = 0, below = 0;
        for (var i = 0; i < statistics.MostCommon.Length; i++)
        {
            var order = codec.Compare(statistics.MostCommon[i], value);
            common += statistics.Frequencies[i];
            if (order < 0 || (inclusive && order == 0))
                below += statistics.Frequencies[i];
        }
        var others = Math.Clamp(1 - statistics.NullFraction - common, 0, 1);
        if (statistics.Histogram.Length < 2)
            return statistics.MostCommon.IsEmpty ? UnknownInequality : Math.Clamp(below + others / 2, 0, 1);
        var share = HistogramBelow(statistics, value);
        if (!inclusive && others > 0)
            share -= EqualUncommon(facts, statistics) / others;
        // Never quite none or all: the histogram's ends are only those of the sample.
        var least = 0.01 / (statistics.Histogram.Length - 1);
        return Math.Clamp(below + others * Math.Clamp(share, least, 1 - least), 0, 1);
    }

    static double HistogramBelow(ColumnStatistics statistics, Datum value)
    {
        var (bounds, codec) = (statistics.Histogram, statistics.Type.Codec);
        int low = 0, high = bounds.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (codec.Compare(bounds[middle], value) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return 0;
        if (low == bounds.Length)
            return 1;
        return (low - 1 + ScalarPosition.Between(codec, bounds[low - 1], bounds[low], value)) / (bounds.Length - 1);
    }

    /// <summary>
    /// Rows whose value passes a test, by trying it on the common values and the histogram's; null when there are too few to tell.
    /// </summary>
    public static double? Passing(in ColumnFacts facts, Func<Datum, bool> test, double otherwise)
    {
        if (facts.Statistics is not { } statistics)
            return null;
        double common = 0, passing = 0;
        for (var i = 0; i < statistics.MostCommon.Length; i++)
        {
            common += statistics.Frequencies[i];
            if (test(statistics.MostCommon[i]))
                passing += statistics.Frequencies[i];
        }
        var share = otherwise;
        if (statistics.Histogram.Length >= 10)
        {
            // The ends are extremes, not samples.
            var inner = statistics.Histogram[1..^1];
            var found = inner.Count(test) / (double)inner.Length;
            var weight = Math.Min(1, statistics.Histogram.Length / 100.0);
            share = Math.Clamp(found * weight + otherwise * (1 - weight), 0.0001, 0.9999);
        }
        return Math.Clamp(passing + share * Math.Clamp(1 - statistics.NullFraction - common, 0, 1), 0, 1);
    }
}
