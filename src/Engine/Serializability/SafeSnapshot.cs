using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Serializability;

/// <summary>
/// The snapshot of a SERIALIZABLE READ ONLY DEFERRABLE transaction while it waits to be safe: reading from it takes part in no anomaly, and needs no
/// watching, once every writer that was at work when it was taken has ended without having to come before a commit that the snapshot shows.
/// </summary>
internal sealed class SafeSnapshot(Snapshot snapshot, long lastPlace, HashSet<SerializableTransaction> writers)
{
    readonly TaskCompletionSource _settled = new();

    public Snapshot Snapshot { get; } = snapshot;

    /// <summary>Whether it turned out not to be safe: another has to be taken.</summary>
    public bool IsUnsafe { get; private set; }

    /// <summary>Lets the waiter go when there is nothing to wait for any more.</summary>
    public void Settle()
    {
        if (IsUnsafe || writers.Count == 0) _settled.TrySetResult();
    }

    /// <summary>A transaction has ended; called under the graph's gate.</summary>
    public void Ended(SerializableTransaction transaction)
    {
        if (!writers.Remove(transaction)) return;
        IsUnsafe |= transaction is { IsCommitted: true, IsReadOnly: false } && transaction.EarliestOutCommit <= lastPlace;
        Settle();
    }

    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public void Wait(CancellationToken cancellation) => _settled.Task.Wait(cancellation);
}
