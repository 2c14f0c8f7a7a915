using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>A sample of one column, and the statistics made of it by PostgreSQL's methods (compute_scalar_stats).</summary>
/// <param name="target">Most common values and histogram parts to keep (attstattarget).</param>
sealed class ColumnSample(PgType type, int target)
{
    /// <summary>WIDTH_THRESHOLD: longer values are counted, not kept.</summary>
    const int WidestKept = 1024;

    readonly List<(Datum Value, int Row)> _values = [];
    readonly ByteWriter _scratch = new();
    int _rows;
    int _nulls;
    int _tooWide;
    double _totalWidth;

    public void Add(Datum value)
    {
        _rows++;
        if (value.IsNull)
        {
            _nulls++;
            return;
        }
        var width = WidthOf(value);
        _totalWidth += width;
        if (width > WidestKept)
            _tooWide++;
        else if (type.Codec.IsOrdered)
            _values.Add((value, _values.Count));
    }

    // A value's bytes in a PostgreSQL row: with a one-byte header while it is short.
    int WidthOf(Datum value)
    {
        if (type.Length > 0)
            return type.Length;
        _scratch.Clear();
        type.Codec.WriteBinary(value, _scratch);
        var bytes = type.Codec is NumericCodec ? _scratch.Length - 6 : _scratch.Length;
        return bytes + (bytes < 127 ? 1 : 4);
    }

    /// <summary>The statistics, for a table of <paramref name="totalRows"/> rows; null when there were no rows.</summary>
    public ColumnStatistics? Summarize(double totalRows)
    {
        if (_rows == 0)
            return null;
        var notNull = _rows - _nulls;
        var summary = new ColumnStatistics
        {
            Type = type,
            NullFraction = (double)_nulls / _rows,
            Width = notNull == 0 ? Math.Max((int)type.Length, 0) : (int)(_totalWidth / notNull),
            Distinct = 0,
        };
        if (notNull == 0 || !type.Codec.IsOrdered)
            return summary;
        return _values.Count == 0 ? summary with { Distinct = -(1 - summary.NullFraction) } : Summarize(summary, totalRows);
    }

    ColumnStatistics Summarize(ColumnStatistics summary, double totalRows)
    {
        var values = _values.ToArray();
        var codec = type.Codec;
        Array.Sort(values, (a, b) => codec.Compare(a.Value, b.Value) is not 0 and var order ? order : a.Row.CompareTo(b.Row));

        var groups = Groups(values);
        var repeated = groups.Count(group => group.Count > 1);
        var distinct = Distinct(groups.Count, repeated, summary.NullFraction, totalRows);
        var common = Common(groups, repeated, distinct, summary.NullFraction, totalRows);
        var rest = groups.Count - common.Count;
        return summary with
        {
            Distinct = distinct,
            MostCommon = [.. common.Select(group => values[group.First].Value)],
            Frequencies = [.. common.Select(group => (double)group.Count / _rows)],
            Histogram = rest >= 2 ? Histogram(values, common, Math.Min(rest, target + 1)) : [],
            Correlation = Correlation(values),
        };
    }

    readonly record struct Group(int First, int Count);

    List<Group> Groups((Datum Value, int Row)[] values)
    {
        var groups = new List<Group>();
        for (var first = 0; first < values.Length;)
        {
            var next = first + 1;
            while (next < values.Length && type.Codec.Compare(values[next].Value, values[first].Value) == 0)
                next++;
            groups.Add(new(first, next - first));
            first = next;
        }
        return groups;
    }

    // Haas and Stokes' Duj1 estimator, unless the sample shows that all values are different, or that all have been met.
    double Distinct(int distinct, int repeated, double nullFraction, double totalRows)
    {
        double result;
        if (repeated == 0)
            return -(1 - nullFraction);
        if (_tooWide == 0 && repeated == distinct)
        {
            result = distinct;
        }
        else
        {
            double once = distinct - repeated + _tooWide;
            var seen = once + repeated;
            double sampled = _rows - _nulls;
            var all = totalRows * (1 - nullFraction);
            result = all > 0 ? sampled * seen / (sampled - once + once * sampled / all) : 0;
            result = Math.Floor(Math.Min(Math.Max(result, seen), Math.Max(all, seen)) + 0.5);
        }
        return result > 0.1 * totalRows ? -(result / totalRows) : result;
    }

    List<Group> Common(List<Group> groups, int repeated, double distinct, double nullFraction, double totalRows)
    {
        // Stable: of equally common values the smaller one comes first.
        var common = groups.Where(group => group.Count > 1).OrderByDescending(group => group.Count).Take(target).ToList();
        if (repeated == groups.Count && common.Count == groups.Count && _tooWide == 0 && distinct > 0)
            return common;
        return common[..KeptCommon(common, distinct, nullFraction, totalRows)];
    }

    // analyze_mcv_list: only values that are more common than the rest by more than chance.
    int KeptCommon(List<Group> common, double distinct, double nullFraction, double totalRows)
    {
        if (_rows >= totalRows || totalRows <= 1)
            return common.Count;
        var distinctInTable = distinct < 0 ? -distinct * totalRows : distinct;
        var kept = common.Count;
        var before = common.Take(Math.Max(0, kept - 1)).Sum(group => (double)group.Count);
        while (kept > 0)
        {
            var share = Math.Clamp(1 - before / _rows - nullFraction, 0, 1);
            var others = distinctInTable - (kept - 1);
            if (others > 1)
                share /= others;
            double all = totalRows, sampled = _rows, expected = all * common[kept - 1].Count / sampled;
            var variance = sampled * expected * (all - expected) * (all - sampled) / (all * all * (all - 1));
            if (common[kept - 1].Count > share * sampled + 2 * Math.Sqrt(variance) + 0.5)
                break;
            if (--kept > 0)
                before -= common[kept - 1].Count;
        }
        return kept;
    }

    static ImmutableArray<Datum> Histogram((Datum Value, int Row)[] values, List<Group> common, int bounds)
    {
        var isCommon = new bool[values.Length];
        foreach (var group in common)
            isCommon.AsSpan(group.First, group.Count).Fill(true);
        var rest = Enumerable.Range(0, values.Length).Where(i => !isCommon[i]).Select(i => values[i].Value).ToArray();
        return [.. Enumerable.Range(0, bounds).Select(i => rest[(int)((long)i * (rest.Length - 1) / (bounds - 1))])];
    }

    static double Correlation((Datum Value, int Row)[] values)
    {
        double count = values.Length, products = 0;
        if (values.Length == 1)
            return 1;
        for (var i = 0; i < values.Length; i++)
            products += (double)i * values[i].Row;
        var sum = count * (count - 1) / 2;
        var squares = count * (count - 1) * (2 * count - 1) / 6;
        return (count * products - sum * sum) / (count * squares - sum * sum);
    }
}
