namespace PgVectorCompat.Engine.Serializability;

/// <summary>
/// What is known of one SERIALIZABLE transaction: what it has read and written, and its dependencies. All of it is guarded by the gate of
/// its <see cref="SerializationGraph"/>.
/// </summary>
internal sealed class SerializableTransaction(SerializationGraph graph, bool isReadOnly, long lastCommitBefore)
{
    /// <summary>Number of the last commit its snapshot is sure to see.</summary>
    public long LastCommitBefore { get; } = lastCommitBefore;

    /// <summary>Declared READ ONLY, or committed without having written.</summary>
    public bool IsReadOnly { get; set; } = isReadOnly;

    /// <summary>Its place among the commits, given when it can no longer be stopped; 0 before.</summary>
    public long Place { get; set; }

    public bool IsPrepared => Place != 0;
    public bool IsCommitted { get; set; }

    /// <summary>Another one had to stop it; it learns so at its next read, write or commit.</summary>
    public bool IsDoomed { get; set; }

    /// <summary>Place of the first of those it depends on that committed before it; <see cref="long.MaxValue"/> when none did.</summary>
    public long EarliestOutCommit { get; set; } = long.MaxValue;

    /// <summary>Those that read what it has overwritten: they come before it in any serial order.</summary>
    public HashSet<SerializableTransaction> In { get; } = [];

    /// <summary>Those that overwrote what it has read: they come after it.</summary>
    public HashSet<SerializableTransaction> Out { get; } = [];

    public ReadSet Reads { get; } = new();
    public WriteSet Writes { get; } = new();

    /// <summary>Whether neither sees the other's writes. Of two whose order is not known for sure, true.</summary>
    public bool IsConcurrentWith(SerializableTransaction other)
        => (!IsCommitted || Place > other.LastCommitBefore) && (!other.IsCommitted || other.Place > LastCommitBefore);

    /// <summary>Notes that all rows of a table were read. Raises 40001.</summary>
    public void ReadTable(uint table) => graph.ReadTable(this, table);

    /// <summary>Notes that all rows with keys from <paramref name="low"/> to before <paramref name="high"/> (null: to the end) of an index were read. Raises 40001.</summary>
    public void ReadRange(uint table, uint index, byte[] low, byte[]? high) => graph.ReadRange(this, table, index, low, high);

    /// <summary>Notes a change of one row, given by the keys it had and has in the table's indexes. Raises 40001.</summary>
    public void Write(uint table, IReadOnlyList<(uint Index, byte[]? Before, byte[]? After)> keys) => graph.Write(this, table, keys);

    /// <summary>Notes a change of a table as a whole. Raises 40001.</summary>
    public void WriteTable(uint table) => graph.WriteTable(this, table);

    /// <summary>Raises 40001 when it has been doomed by another's commit.</summary>
    public void ThrowIfDoomed() => graph.ThrowIfDoomed(this);

    /// <summary>Gives it its place; from here on others yield to it. Raises 40001.</summary>
    public void Prepare() => graph.Prepare(this);

    /// <summary>Its writes are visible.</summary>
    public void Committed() => graph.Committed(this);

    public void RolledBack() => graph.RolledBack(this);
}
