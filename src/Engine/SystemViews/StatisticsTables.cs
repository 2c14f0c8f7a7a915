using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>What ANALYZE has gathered: pg_statistic and the view pg_stats.</summary>
static class StatisticsTables
{
    public static readonly SystemTable[] All =
    [
        Live(2619, "pg_statistic",
            "starelid oid, staattnum int2, stainherit bool, stanullfrac float4, stawidth int4, stadistinct float4, " +
            "stakind1 int2, stakind2 int2, stakind3 int2, stakind4 int2, stakind5 int2, staop1 oid, staop2 oid, staop3 oid, staop4 oid, staop5 oid, " +
            "stacoll1 oid, stacoll2 oid, stacoll3 oid, stacoll4 oid, stacoll5 oid, stanumbers1 _float4, stanumbers2 _float4, stanumbers3 _float4, stanumbers4 _float4, stanumbers5 _float4, " +
            "stavalues1 anyarray, stavalues2 anyarray, stavalues3 anyarray, stavalues4 anyarray, stavalues5 anyarray",
            context => Columns(context).Select(Statistic)) with { IsView = false },
        Live(12_053, "pg_stats",
            "schemaname name, tablename name, attname name, inherited bool, null_frac float4, avg_width int4, n_distinct float4, most_common_vals anyarray, most_common_freqs _float4, " +
            "histogram_bounds anyarray, correlation float4, most_common_elems anyarray, most_common_elem_freqs _float4, elem_count_histogram _float4",
            context => Columns(context).Where(column => IsReadable(context, column)).Select(Shown)),
    ];

    /// <summary>A column (or key of an index) with its statistics.</summary>
    readonly record struct Known(NameResolver Names, SchemaObject Relation, Relation Table, short Number, string Name, ColumnStatistics Statistics);

    static IEnumerable<Known> Columns(EvaluationContext context)
    {
        var cluster = context.Session.Cluster;
        var names = context.Session.NewNames();
        foreach (var table in names.Snapshot.All<Relation>().Where(relation => relation.HasRows))
        {
            foreach (var (number, statistics) in cluster.Statistics.Find(table)?.Columns.ToArray() ?? [])
                if (number <= table.Columns.Length && table.Column(number) is { IsDropped: false } column && column.Type == statistics.Type)
                    yield return new(names, table, table, number, column.Name, statistics);
            foreach (var index in names.Snapshot.IndexesOf(table.Oid).Where(index => index.Keys.Any(key => key.Expression is not null)))
                foreach (var known in Keys(cluster, names, table, index))
                    yield return known;
        }
    }

    static IEnumerable<Known> Keys(Cluster cluster, NameResolver names, Relation table, IndexDefinition index)
    {
        if (cluster.Tables.Access(table, names).Indexes.FirstOrDefault(access => access.Definition.Oid == index.Oid) is not { } access
            || cluster.Statistics.Find(access) is not { } statistics)
            yield break;
        var keyNames = RelationTables.IndexColumnNames(table, index);
        foreach (var (number, column) in statistics.Columns)
            yield return new(names, index, table, number, keyNames[number - 1], column);
    }

    static bool IsReadable(EvaluationContext context, Known column)
        => Privileges.Has(column.Names.Snapshot, context.Session.CurrentRole, column.Table, Rights.Select);

    static Datum Numbers(IEnumerable<double> numbers) => Datum.Of(new PgArray(PgTypes.Float4, [.. numbers.Select(number => Real((float)number))]));
    static Datum Values(ColumnStatistics statistics, IEnumerable<Datum> values) => Datum.Of(new PgArray(statistics.Type, [.. values]));

    static Datum[] Shown(Known column)
    {
        var s = column.Statistics;
        return
        [
            Text(column.Names.SchemaName(column.Relation.Schema)), Text(column.Relation.Name), Text(column.Name), Bool(false), Real((float)s.NullFraction), Int(s.Width), Real((float)s.Distinct),
            s.MostCommon.IsEmpty ? Null : Values(s, s.MostCommon), s.Frequencies.IsEmpty ? Null : Numbers(s.Frequencies), s.Histogram.IsEmpty ? Null : Values(s, s.Histogram),
            s.Correlation is { } correlation ? Real((float)correlation) : Null, Null, Null, Null,
        ];
    }

    /// <summary>STATISTIC_KIND_MCV, _HISTOGRAM and _CORRELATION.</summary>
    const int MostCommon = 1, Histogram = 2, Correlation = 3;

    const int Slots = 5;

    static Datum[] Statistic(Known column)
    {
        var s = column.Statistics;
        var slots = new List<(int Kind, Datum Numbers, Datum Values)>();
        if (!s.MostCommon.IsEmpty)
            slots.Add((MostCommon, Numbers(s.Frequencies), Values(s, s.MostCommon)));
        if (!s.Histogram.IsEmpty)
            slots.Add((Histogram, Null, Values(s, s.Histogram)));
        if (s.Correlation is { } correlation)
            slots.Add((Correlation, Numbers([correlation]), Null));
        while (slots.Count < Slots)
            slots.Add((0, Null, Null));
        var operators = BuiltinFunctions.Operators.Where(op => op.Left == s.Type && op.Right == s.Type && op.Strategy is 1 or 3).ToLookup(op => op.Strategy, op => op.Oid);
        return
        [
            Oid(column.Relation.Oid), Int(column.Number), Bool(false), Real((float)s.NullFraction), Int(s.Width), Real((float)s.Distinct),
            .. slots.Select(slot => Int(slot.Kind)),
            .. slots.Select(slot => Oid(slot.Kind == 0 ? 0 : operators[slot.Kind == MostCommon ? 3 : 1].FirstOrDefault())),
            .. slots.Select(slot => Oid(slot.Kind != 0 && s.Type.IsCollatable ? DefaultCollation : 0)),
            .. slots.Select(slot => slot.Numbers), .. slots.Select(slot => slot.Values),
        ];
    }

    /// <summary>OID of the collation "default".</summary>
    const uint DefaultCollation = 100;
}
