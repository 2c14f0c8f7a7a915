using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>ANALYZE of one table: a random sample of its rows, and what follows from it for each column and each indexed expression.</summary>
sealed class TableAnalyzer
{
    /// <summary>PostgreSQL's rows per unit of the statistics target.</summary>
    const int RowsPerTarget = 300;

    /// <summary>Below so many row ids for each row wanted, all are read: that is as cheap as picking.</summary>
    const int PickFrom = 4;

    readonly StoredTable _table;
    readonly List<(short Number, int Position, ColumnSample Sample)> _columns = [];
    readonly List<(BTreeAccess Index, short Number, ColumnSample Sample)> _expressions = [];
    readonly long _wanted;

    /// <param name="only">Numbers of the columns to look at; null for all, with the indexes' expressions.</param>
    /// <param name="defaultTarget">default_statistics_target.</param>
    public TableAnalyzer(StoredTable table, IReadOnlyCollection<short>? only, int defaultTarget)
    {
        _table = table;
        var most = 0;
        for (var i = 0; i < table.Width; i++)
        {
            var column = table.Column(i);
            var target = column.StatisticsTarget < 0 ? defaultTarget : column.StatisticsTarget;
            if (target == 0 || (only is not null && !only.Contains(column.Number)))
                continue;
            _columns.Add((column.Number, i, new ColumnSample(column.Type, target)));
            most = Math.Max(most, target);
        }
        foreach (var index in only is null ? table.Trees : [])
            for (var i = 0; i < index.Keys.Length; i++)
                if (index.Keys[i].Expression is not null)
                    _expressions.Add((index, (short)(i + 1), new ColumnSample(index.Keys[i].Type, defaultTarget)));
        _wanted = (long)Math.Max(most, _expressions.Count > 0 ? defaultTarget : 0) * RowsPerTarget;
    }

    /// <summary>Reads the sample and keeps what it says.</summary>
    /// <param name="checkInterrupts">Called now and then; raises to stop.</param>
    public void Run(Snapshot snapshot, StatisticsRegistry registry, Action checkInterrupts)
    {
        var rows = Sample(snapshot, checkInterrupts);
        var old = registry.Find(_table.Relation)?.Columns ?? ImmutableSortedDictionary<short, ColumnStatistics>.Empty;
        var columns = old.RemoveRange(old.Keys.Where(number => number > _table.Relation.Columns.Length || _table.Relation.Column(number).IsDropped));
        foreach (var (number, _, sample) in _columns)
            columns = sample.Summarize(rows) is { } summary ? columns.SetItem(number, summary) : columns.Remove(number);
        registry.Put(_table.Relation.Oid, new(rows, columns));
        foreach (var group in _expressions.GroupBy(item => item.Index))
            registry.Put(group.Key.Definition.Oid, new(rows, group.Select(item => KeyValuePair.Create(item.Number, item.Sample.Summarize(rows)))
                .Where(item => item.Value is not null).ToImmutableSortedDictionary()!));
        _table.Activity.Analyzed();
    }

    /// <summary>Feeds the samples; returns the number of rows in the table.</summary>
    double Sample(Snapshot snapshot, Action checkInterrupts)
    {
        var decoder = _table.Decoder([.. _columns.Select(column => column.Position)]);
        var values = new Datum[_columns.Count];
        var rows = _table.Rows;
        long seen = 0;

        void Take(RowView row)
        {
            if ((++seen & 1023) == 0)
                checkInterrupts();
            decoder.Decode(row, values);
            for (var i = 0; i < values.Length; i++)
                _columns[i].Sample.Add(values[i]);
            foreach (var (index, number, sample) in _expressions)
                if (index.TryKeyValue(row, number - 1, out var value))
                    sample.Add(value);
        }

        if (rows.NextRowId <= _wanted * PickFrom)
        {
            var scan = rows.Scan(snapshot);
            while (scan.MoveNext(out var row))
                Take(row);
            return seen;
        }
        foreach (var id in Picks(rows))
            if (rows.TryRead(new(id), snapshot, out var row))
                Take(row);
        return Math.Max(seen, rows.RowCountEstimate);
    }

    // Row ids in their order, each as likely as any other; more than wanted where some ids have no row.
    SortedSet<long> Picks(Table rows)
    {
        var count = (long)(_wanted * Math.Clamp((double)rows.NextRowId / Math.Max(1, rows.RowCountEstimate), 1, PickFrom));
        var picks = new SortedSet<long>();
        while (picks.Count < count)
            picks.Add(Random.Shared.NextInt64(rows.NextRowId));
        return picks;
    }
}
