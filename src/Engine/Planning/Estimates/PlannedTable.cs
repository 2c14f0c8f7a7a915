using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Planning.Estimates;

/// <summary>A table of the statement being planned, with what is known of its values. Rows are exact as of planning.</summary>
sealed class PlannedTable(BoundTable table, TableAccess access, StatisticsRegistry? registry)
{
    readonly RelationStatistics? _statistics = registry?.Find(table.Table);
    readonly ColumnFacts?[] _columns = new ColumnFacts?[table.Columns.Length];

    public TableAccess Access => access;
    public double Rows { get; } = Math.Max(1, access.Rows.RowCountEstimate);

    /// <summary>What is known of a column, by its position among the live ones.</summary>
    public ColumnFacts Column(int position) => _columns[position] ??= FactsOf(position);

    ColumnFacts FactsOf(int position)
    {
        var column = table.Columns[position];
        var known = _statistics?.Columns.GetValueOrDefault(column.Number);
        return new(known?.Type == column.Type ? known : null, Rows, IsUnique(position));
    }

    /// <summary>Bytes of a column's average value.</summary>
    public int Width(int position)
        => Column(position).Statistics is { Width: > 0 } known ? known.Width : Costs.Width(table.Columns[position].Type, table.Columns[position].Typmod);

    /// <summary>What is known of an expression that an index has; null when none has it.</summary>
    public ColumnFacts? Expression(BoundExpression expression)
    {
        foreach (var index in access.Indexes)
            for (var i = 0; i < index.Keys.Length; i++)
            {
                if (index.Keys[i].Expression is not { } indexed || !BoundTree.Same(IndexPath.Over(table, indexed), expression))
                    continue;
                var known = registry?.Find(index)?.Columns.GetValueOrDefault((short)(i + 1));
                return new(known?.Type == index.Keys[i].Type ? known : null, Rows, IsUnique(index));
            }
        return null;
    }

    bool IsUnique(int column)
    {
        foreach (var index in access.Indexes)
            if (IsUnique(index) && index.Keys[0].Column == column) return true;
        return false;
    }

    /// <summary>Whether no two rows have the same value of the index's only key.</summary>
    static bool IsUnique(IndexAccess index) => index.Definition.IsUnique && index.Predicate is null && index.Keys.Length == 1;
}
