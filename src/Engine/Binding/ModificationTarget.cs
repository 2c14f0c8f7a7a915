using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>What INSERT, UPDATE and DELETE work on: a table, or a view that is no more than one table's rows and columns.</summary>
/// <param name="Table">The table whose rows change.</param>
/// <param name="Named">The relation written: the table itself or the view.</param>
/// <param name="Columns">The columns by the names the statement may use, as expressions over the table.</param>
internal sealed record ModificationTarget(BoundTable Table, Relation Named, ImmutableArray<ScopeColumn> Columns)
{
    /// <summary>Conditions of the views on the way to the table: rows they leave out are not there.</summary>
    public ImmutableArray<BoundExpression> Conditions { get; init; } = [];

    /// <summary>WITH CHECK OPTION: what a row must obey after the change, with the view that says so.</summary>
    public ImmutableArray<(string View, BoundExpression Condition)> Checks { get; init; } = [];

    public bool IsView => Named.Kind == RelationKind.View;

    /// <summary>The name it goes by in the statement.</summary>
    public string Alias => Table.Alias;

    public ScopeRelation Scope(string? schema) => new(Alias, schema, Columns, Table.Id, IsView ? null : Table.Table);

    /// <summary>Position among the table's columns; -1 for a view's column that is none of them. Raises 42703.</summary>
    public int Find(string name, int position)
    {
        foreach (var column in Columns)
            if (column.Name == name)
                return TableColumn(column);
        throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{Named.Name}\" does not exist") { Position = position };
    }

    public int TableColumn(ScopeColumn column) => column.Expression is BoundColumn { Column: >= 0 } found && found.Relation == Table.Id ? found.Column : -1;

    /// <summary>The default that the view gives a column of the table, as stored text.</summary>
    public string? ViewDefault(int column)
    {
        if (!IsView) return null;
        var at = Columns.FindIndex(own => TableColumn(own) == column);
        return at < 0 ? null : Named.LiveColumns.ElementAt(at).Default;
    }
}

file static class ImmutableArrayExtensions
{
    public static int FindIndex<T>(this ImmutableArray<T> array, Predicate<T> match)
    {
        for (var i = 0; i < array.Length; i++)
            if (match(array[i])) return i;
        return -1;
    }
}
