using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// Which rows pass a filter, kept from one search to the next. A set is made over all versions of all rows, whoever sees them, and every row
/// written since is asked when the set is used: so it lacks no row that any snapshot sees pass, and whoever uses it asks the filter again of the
/// rows he gives.
/// </summary>
internal sealed class KeptRowSets(WrittenRows written)
{
    /// <summary>Memory for the sets of one table.</summary>
    const long MostBytes = 64L << 20;

    const int LeastSets = 16, MostSets = 4096, MostNames = 16_384;

    /// <summary>One filter's rows, with the rows written up to a mark; its lock is held while it is made or brought up to date.</summary>
    sealed class Kept
    {
        public readonly Lock Gate = new();
        public RowSet? Rows;
        public WrittenRows.Mark Mark;
        public long LastUse;
    }

    readonly Lock _gate = new();
    readonly Dictionary<string, Kept> _sets = [];
    readonly HashSet<string> _seen = [];
    Relation? _relation;
    long _uses;

    /// <summary>The rows of a filter if they are kept; null otherwise.</summary>
    /// <param name="relation">The table as the filter names its columns.</param>
    /// <param name="name">Tells filters apart.</param>
    /// <param name="rows">The table's rows.</param>
    /// <param name="passes">Whether a version passes; called for rows written since.</param>
    public RowSet? Find(Relation relation, string name, Table rows, RowVisitor passes)
    {
        Kept? kept;
        lock (_gate)
        {
            if (!ReferenceEquals(_relation, relation) || !_sets.TryGetValue(name, out kept)) return null;
            kept.LastUse = ++_uses;
        }
        lock (kept.Gate)
            return kept.Rows is not null && BringUpToDate(kept, rows, passes) ? kept.Rows : null;
    }

    /// <summary>Makes the set of a filter and keeps it; null when it is asked for the first time: most filters are.</summary>
    /// <param name="make">Finds the rows that may pass in any version, those that are there when it is called.</param>
    public RowSet? Make(Relation relation, string name, Table rows, Func<RowSet> make)
    {
        Kept? kept;
        lock (_gate)
        {
            if (!ReferenceEquals(_relation, relation))
            {
                _sets.Clear();
                _seen.Clear();
                _relation = relation;
            }
            if (!_sets.TryGetValue(name, out kept))
            {
                if (_seen.Count >= MostNames) _seen.Clear();
                if (_seen.Add(name)) return null;
                if (_sets.Count >= Math.Clamp(MostBytes / Math.Max(1, rows.NextRowId / 8), LeastSets, MostSets))
                    _sets.Remove(_sets.MinBy(pair => pair.Value.LastUse).Key);
                _sets.Add(name, kept = new Kept());
            }
            kept.LastUse = ++_uses;
        }
        lock (kept.Gate)
        {
            var mark = written.Listen();
            var made = make();
            (kept.Rows, kept.Mark) = (made, mark);
            return made;
        }
    }

    /// <summary>The filter's rows by asking every row.</summary>
    public static RowSet Scan(Table rows, RowVisitor passes)
    {
        var set = new RowSet(rows.NextRowId);
        for (long row = 0; row < rows.NextRowId; row++)
            if (rows.AnyVersion(new(row), passes)) set.Add(row);
        return set;
    }

    // False when too much was written meanwhile for anybody to say that the set is whole.
    bool BringUpToDate(Kept kept, Table rows, RowVisitor passes)
    {
        if (!written.TryTake(ref kept.Mark, out var since)) return false;
        if (since is null) return true;
        var isNew = Array.FindAll(since, row => !kept.Rows!.Contains(row) && rows.AnyVersion(new(row), passes));
        if (isNew.Length == 0) return true;
        // Others may be reading the set.
        var grown = new RowSet(kept.Rows!.End);
        grown.UnionWith(kept.Rows);
        foreach (var row in isNew)
            grown.Add(row);
        kept.Rows = grown;
        return true;
    }
}
