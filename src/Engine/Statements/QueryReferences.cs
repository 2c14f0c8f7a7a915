using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;

namespace PgVectorCompat.Engine.Statements;

/// <summary>The tables and columns that a bound query reads, wherever in it.</summary>
static class QueryReferences
{
    /// <summary>Adds what the query needs. Columns of views in it count as columns of the views, not of the tables under them.</summary>
    public static void Collect(BoundQuery query, StatementContext context, HashSet<ObjectAddress> found)
    {
        var columns = new Dictionary<int, (uint Table, short[] Numbers)>();
        var visited = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Walk(query);

        void Walk(object? part)
        {
            switch (part)
            {
                case null or string or Types.PgType or Functions.Function or Relation or Types.Datum:
                    return;
                case BoundTable table:
                    columns[table.Id] = (table.Table.Oid, [.. table.Columns.Select(column => column.Number)]);
                    found.Add(new ObjectAddress(table.Table.Oid));
                    break;
                case BoundDerived derived when ViewOf(derived, context) is { } view:
                    columns[derived.Id] = (view.Oid, [.. derived.Columns.Select(column => column.Number)]);
                    found.Add(new ObjectAddress(view.Oid));
                    return;
                case BoundColumn { Column: >= 0 } column when columns.TryGetValue(column.Relation, out var source):
                    found.Add(new ObjectAddress(source.Table, source.Numbers[column.Column]));
                    return;
            }
            if (!visited.Add(part))
                return;
            foreach (var child in BoundParts.Of(part))
                Walk(child);
        }
    }

    /// <summary>The view that a derived table stands for; null when it is a subquery.</summary>
    public static Relation? ViewOf(BoundDerived derived, StatementContext context)
        => derived.Columns is [{ TableOid: not 0 } first, ..] && context.Snapshot.Find<Relation>(first.TableOid) is { Kind: RelationKind.View } view
            && derived.Columns.All(column => column.TableOid == first.TableOid) && derived.Columns.Length == view.LiveColumns.Count() ? view : null;
}

/// <summary>The parts of bound queries and expressions, by reflection: for definitions only, never while a query runs.</summary>
static class BoundParts
{
    public static IEnumerable<object?> Of(object part)
    {
        // FROM first: columns are known by then.
        var properties = part.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0
            && property.Name is not "EqualityContract" and not "VisibleTargets").OrderBy(property => property.Name is "From" or "Ctes" or "Target" or "Left" ? 0 : property.Name == "Right" ? 1 : 2);
        foreach (var property in properties)
            foreach (var item in Flatten(property.GetValue(part)))
                yield return item;
    }

    static IEnumerable<object?> Flatten(object? value)
    {
        if (value is BoundQuery or BoundExpression or BoundFrom or BoundCte or BoundTarget or BoundWindow or BoundFrame or BoundSortKey)
            yield return value;
        else if (value is System.Runtime.CompilerServices.ITuple tuple)
            for (var i = 0; i < tuple.Length; i++)
                foreach (var item in Flatten(tuple[i]))
                    yield return item;
        else if (value is System.Collections.IEnumerable list and not string)
            foreach (var element in list)
                foreach (var item in Flatten(element))
                    yield return item;
    }
}
