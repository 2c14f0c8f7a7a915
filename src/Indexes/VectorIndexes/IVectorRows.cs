namespace PgVectorCompat.Indexes;

/// <summary>Receives one vector; false ends the visit.</summary>
/// <param name="row">Row id.</param>
/// <param name="key">Slot of the value in its column, or a hash of the value.</param>
/// <param name="value">The stored bytes; valid during the call only.</param>
public delegate bool VectorVisitor(long row, int key, ReadOnlySpan<byte> value);

/// <summary>
/// The vectors an index is built from. A build visits them several times (to sample, to encode), each time all parts, from several
/// threads at once; every visit must show the same vectors.
/// </summary>
public interface IVectorRows
{
    /// <summary>About how many there are; sizes samples and memory, need not be exact.</summary>
    long EstimatedCount { get; }

    /// <summary>Visits part <paramref name="part"/> of <paramref name="parts"/> about equal ones, in a stable order.</summary>
    void Visit(int part, int parts, VectorVisitor visitor);
}
