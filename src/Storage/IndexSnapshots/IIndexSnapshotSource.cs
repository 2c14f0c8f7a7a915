namespace PgVectorCompat.Storage;

/// <summary>
/// An index in memory that wants to be found again after a restart. Called by the thread that writes checkpoints, while others read and
/// change the index.
/// </summary>
public interface IIndexSnapshotSource
{
    /// <summary>A count that grows with every change; from 0 for what was loaded from a snapshot.</summary>
    long Changes { get; }

    /// <summary>
    /// Whether a new snapshot is worth writing when the one in force lacks <paramref name="changes"/>, or (null) there is none;
    /// <paramref name="closing"/>: the server stops, so that the next start has to make up for what is left out.
    /// </summary>
    bool IsWorthWriting(long? changes, bool closing);

    /// <summary>
    /// Writes the index. It must have the entries of every row version whose commit was published before the call; it may have others.
    /// After loading, the owner keeps the entries of rows for which <see cref="Table.IsUnchangedSince"/> is true (of two entries of such
    /// a row, only the one that the version has: the other's version was being dropped) and adds those of <see cref="Table.VisitChanged"/>.
    /// </summary>
    void Write(Stream stream);
}
