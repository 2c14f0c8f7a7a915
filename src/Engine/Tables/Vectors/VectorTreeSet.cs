namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// The vector indexes over one storage, whichever catalog knows them: one that another session is building concurrently must hear of every
/// write too.
/// </summary>
internal sealed class VectorTreeSet
{
    readonly Lock _gate = new();
    volatile VectorTree[] _all = [];

    public VectorTree[] All => _all;

    /// <summary>What was written lately, for what is kept below.</summary>
    public WrittenRows Written { get; } = new();

    /// <summary>Sets of rows that pass filters, kept for searches of these indexes.</summary>
    public KeptRowSets Kept { get; }

    /// <summary>Columns that searches of these indexes filter on.</summary>
    public ColumnImages Images { get; }

    public VectorTreeSet() => (Kept, Images) = (new(Written), new(Written));

    public void Add(VectorTree tree)
    {
        lock (_gate)
            if (Array.IndexOf(_all, tree) < 0) _all = [.. _all, tree];
    }

    public void Remove(VectorTree tree)
    {
        lock (_gate) _all = [.. _all.Where(other => other != tree)];
    }
}
