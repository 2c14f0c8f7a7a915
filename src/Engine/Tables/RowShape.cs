using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;

namespace PgVectorCompat.Engine.Tables;

/// <summary>Where a relation's columns stand in its rows, worked out once for all who write them.</summary>
public sealed class RowShape
{
    public RowShape(Relation relation)
    {
        Columns = relation.Columns;
        LivePositions = new int[Columns.Length];
        var live = 0;
        for (var i = 0; i < Columns.Length; i++)
            LivePositions[i] = Columns[i].IsDropped ? -1 : live++;
        VectorOrder = [.. Enumerable.Range(0, Columns.Length).Where(i => Columns[i].VectorColumn >= 0).OrderBy(i => Columns[i].VectorColumn)];
    }

    /// <summary>All attributes, dropped ones too.</summary>
    public ImmutableArray<Column> Columns { get; }

    /// <summary>For each attribute its position among the live columns, -1 for dropped ones.</summary>
    public int[] LivePositions { get; }

    /// <summary>The attributes that lie in vector columns, in the order of storage's numbers.</summary>
    public int[] VectorOrder { get; }
}
