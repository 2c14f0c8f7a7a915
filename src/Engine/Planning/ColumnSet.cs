using System.Collections.Immutable;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Positions of columns, each once.</summary>
sealed class ColumnSet
{
    readonly List<int> _columns = [];
    ImmutableArray<int> _ascending;

    /// <summary>The positions in ascending order.</summary>
    public ImmutableArray<int> Ascending => _ascending.IsDefault ? _ascending = [.. _columns] : _ascending;

    public void Add(int column)
    {
        var at = _columns.BinarySearch(column);
        if (at >= 0)
            return;
        _columns.Insert(~at, column);
        _ascending = default;
    }
}
