using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Sql;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Writes a view's column names into its query as aliases, so that the query alone tells the view.</summary>
static class OutputNames
{
    /// <summary>The query with these names for its first columns.</summary>
    public static Query Give(Query query, ImmutableArray<string> names) => query switch
    {
        SelectQuery select => OrderBy(select with { Targets = [.. select.Targets.Select((target, i) => i < names.Length ? Named(target, names[i]) : target)] }, Changes(select, names)),
        SetOperationQuery set => OrderBy(set with { Left = Give(set.Left, names) }, Changes(set, names)),
        ValuesQuery values => Select(values, names),
        _ => query,
    };

    static SelectTarget Named(SelectTarget target, string name)
        => target.Alias == name || (target.Alias is null && target.Value is ColumnReference column && column.Name == name) ? target : target with { Alias = name };

    // VALUES has no aliases of its own; PostgreSQL shows it so.
    static SelectQuery Select(ValuesQuery values, ImmutableArray<string> names)
        => new([.. values.Rows[0].Select((_, i) => Named(new SelectTarget(new ColumnReference([$"column{i + 1}"], 0), null, 0), i < names.Length ? names[i] : $"column{i + 1}"))],
            [new SubqueryReference(values, false, 0) { Alias = new Alias("*VALUES*", [], 0) }], 0);

    static Dictionary<string, string> Changes(Query query, ImmutableArray<string> names)
    {
        while (query is SetOperationQuery set)
            query = set.Left;
        var changes = new Dictionary<string, string>();
        if (query is SelectQuery select)
            foreach (var (target, name) in select.Targets.Zip(names))
                if ((target.Alias ?? TargetBinder.NameOf(target.Value)) is { } old && old != name)
                    changes.TryAdd(old, name);
        return changes;
    }

    // ORDER BY may use the names that the columns had.
    static T OrderBy<T>(T query, Dictionary<string, string> changes) where T : Query => changes.Count == 0 ? query : query with
    {
        OrderBy = [.. query.OrderBy.Select(item => item.Value is ColumnReference { Names: [var name] } column && changes.TryGetValue(name, out var changed)
            ? item with { Value = column with { Names = [changed] } } : item)],
    };
}
