using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// Which rows pass a filter, kept from one search to the next. A set is made over all versions of all rows, whoever sees them, and every row
/// written since is added to it: so it lacks no row that any snapshot sees pass, and whoever uses it asks the filter again of the rows he gives.
/// </summary>
internal sealed class KeptRowSets
{
    /// <summary>Memory for the sets of one table.</summary>
    const long MostBytes = 64L << 20;

    const int LeastSets = 16, MostSets = 4096, MostNames = 16_384;

    /// <summary>After so many writes all sets are made anew when they are asked for.</summary>
    const int MostWritten = 65_536;

    /// <summary>One filter's rows, with the rows written up to a place in the list of them.</summary>
    sealed class Kept
    {
        public RowSet? Rows;
        public int Position;
        public long LastUse;
    }

    readonly Lock _gate = new();
    readonly Dictionary<string, Kept> _sets = [];
    readonly HashSet<string> _seen = [];
    readonly List<long> _written = [];
    volatile bool _isUsed;
    Relation? _relation;
    long _uses;

    /// <summary>A row was inserted, or has a new version. Costs nothing while no sets are kept.</summary>
    public void Touch(RowId row)
    {
        if (!_isUsed) return;
        lock (_gate)
        {
            if (_written.Count == MostWritten) Clear();
            else _written.Add(row.Value);
        }
    }

    /// <summary>The rows of a filter if they are kept; null otherwise.</summary>
    public RowSet? Find(Relation relation, string name)
    {
        if (!_isUsed) return null;
        lock (_gate)
            return ReferenceEquals(_relation, relation) && _sets.TryGetValue(name, out var kept) && kept.Rows is not null ? Current(kept) : null;
    }

    /// <summary>The rows of a filter; null when it is asked for the first time: most filters are.</summary>
    /// <param name="relation">The table as the filter names its columns.</param>
    /// <param name="name">Tells filters apart.</param>
    /// <param name="rows">The table's rows.</param>
    /// <param name="passes">Whether a version passes; called for all when there is no set yet.</param>
    public RowSet? FindOrMake(Relation relation, string name, Table rows, RowVisitor passes)
    {
        Kept? kept;
        lock (_gate)
        {
            if (!ReferenceEquals(_relation, relation))
            {
                Clear();
                _seen.Clear();
                _relation = relation;
            }
            if (!_sets.TryGetValue(name, out kept))
            {
                if (_seen.Count >= MostNames) _seen.Clear();
                if (_seen.Add(name)) return null;
                kept = Begin(name, rows);
            }
            if (kept.Rows is not null) return Current(kept);
        }
        var made = new RowSet(rows.NextRowId);
        for (long row = 0; row < rows.NextRowId; row++)
            if (rows.AnyVersion(new(row), passes)) made.Add(row);
        lock (_gate)
        {
            // Otherwise too much was written meanwhile for anybody to say that the set is whole.
            if (!_sets.TryGetValue(name, out var current) || current != kept) return null;
            kept.Rows ??= made;
            return Current(kept);
        }
    }

    void Clear()
    {
        _sets.Clear();
        _written.Clear();
        _isUsed = false;
    }

    // From now on writers are heard.
    Kept Begin(string name, Table rows)
    {
        if (_sets.Count >= Math.Clamp(MostBytes / Math.Max(1, rows.NextRowId / 8), LeastSets, MostSets))
            _sets.Remove(_sets.MinBy(pair => pair.Value.LastUse).Key);
        var kept = new Kept { Position = _written.Count, LastUse = ++_uses };
        _sets.Add(name, kept);
        _isUsed = true;
        return kept;
    }

    RowSet Current(Kept kept)
    {
        kept.LastUse = ++_uses;
        if (kept.Position == _written.Count) return kept.Rows!;
        // Others may be reading the set.
        var grown = new RowSet(kept.Rows!.End);
        grown.UnionWith(kept.Rows);
        for (; kept.Position < _written.Count; kept.Position++)
            grown.Add(_written[kept.Position]);
        return kept.Rows = grown;
    }
}
