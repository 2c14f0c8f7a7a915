using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Serializability;

/// <summary>
/// Makes SERIALIZABLE what its name says, on top of snapshots: serializable snapshot isolation.
/// </summary>
/// <remarks>
/// <code>
/// R ──► W   R read what W, concurrent with it, has overwritten: R must come before W in any serial order.
/// T1 ──► T2 ──► T3   Whenever snapshots break serializability, there are two such arrows in a row, T2 is concurrent with both,
///                    and T3 is the first of the three to commit (Cahill, Röhm, Fekete 2008; Ports, Grittner 2012).
/// </code>
/// So one of three is stopped when such a pair appears and T3 has committed first: T2 if possible, since it can succeed when tried again,
/// else whoever is at hand. What was read is known by table or by range of index keys, so a row that appears later in a range that was
/// read is seen as well. Only SERIALIZABLE transactions count, as in PostgreSQL. One that has committed is remembered as long as one
/// that is concurrent with it runs.
/// </remarks>
internal sealed class SerializationGraph
{
    readonly Lock _gate = new();
    readonly List<SerializableTransaction> _known = [];
    readonly List<SafeSnapshot> _deferred = [];
    long _lastPlace;
    long _lastCommit;

    /// <summary>A transaction that is about to take its snapshot.</summary>
    public SerializableTransaction Begin(bool isReadOnly)
    {
        lock (_gate)
        {
            var transaction = new SerializableTransaction(this, isReadOnly, _lastCommit);
            _known.Add(transaction);
            return transaction;
        }
    }

    /// <summary>Takes a snapshot with <paramref name="take"/>, and says of whom it depends whether nothing it shows can ever be contradicted.</summary>
    public SafeSnapshot BeginDeferrable(Func<Storage.Snapshot> take)
    {
        lock (_gate)
        {
            var waiting = new SafeSnapshot(take(), _lastPlace, [.. _known.Where(transaction => transaction is { IsCommitted: false, IsReadOnly: false })]);
            waiting.Settle();
            _deferred.Add(waiting);
            return waiting;
        }
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void EndDeferrable(SafeSnapshot waiting)
    {
        lock (_gate) _deferred.Remove(waiting);
    }

    public void ReadTable(SerializableTransaction reader, uint table)
    {
        lock (_gate)
        {
            ThrowIfDoomed(reader, "during conflict out checking");
            if (!reader.Reads.AddTable(table)) return;
            foreach (var other in _known)
                if (other != reader && other.Writes.MeetsTable(table)) NoteOut(reader, other);
        }
    }

    public void ReadRange(SerializableTransaction reader, uint table, uint index, byte[] low, byte[]? high)
    {
        lock (_gate)
        {
            ThrowIfDoomed(reader, "during conflict out checking");
            if (!reader.Reads.AddRange(table, index, low, high)) return;
            foreach (var other in _known)
                if (other != reader && other.Writes.Meets(table, index, low, high)) NoteOut(reader, other);
        }
    }

    public void Write(SerializableTransaction writer, uint table, IReadOnlyList<(uint Index, byte[]? Before, byte[]? After)> keys)
    {
        lock (_gate)
        {
            ThrowIfDoomed(writer, "during conflict in checking");
            writer.Writes.Add(table, keys);
            foreach (var other in _known)
                if (other != writer && other.Reads.Meets(table, keys)) NoteIn(other, writer);
        }
    }

    public void WriteTable(SerializableTransaction writer, uint table)
    {
        lock (_gate)
        {
            ThrowIfDoomed(writer, "during conflict in checking");
            writer.Writes.AddTable(table);
            foreach (var other in _known)
                if (other != writer && other.Reads.Meets(table, null)) NoteIn(other, writer);
        }
    }

    public void ThrowIfDoomed(SerializableTransaction transaction)
    {
        lock (_gate) ThrowIfDoomed(transaction, "during conflict in checking");
    }

    static void ThrowIfDoomed(SerializableTransaction transaction, string when)
    {
        if (transaction.IsDoomed) throw Failure($"Canceled on identification as a pivot, {when}.");
    }

    // ---- Arrows

    static void NoteOut(SerializableTransaction reader, SerializableTransaction writer)
    {
        // A reader whose snapshot is older than all that the writer depends on may simply come first.
        if (reader.IsReadOnly && writer.IsCommitted && reader.LastCommitBefore < writer.EarliestOutCommit) return;
        Note(reader, writer, self: reader);
    }

    static void NoteIn(SerializableTransaction reader, SerializableTransaction writer) => Note(reader, writer, self: writer);

    static void Note(SerializableTransaction reader, SerializableTransaction writer, SerializableTransaction self)
    {
        var other = self == reader ? writer : reader;
        if (other.IsDoomed || !reader.IsConcurrentWith(writer) || reader.Out.Contains(writer)) return;
        if (IsDangerous(reader, writer))
        {
            if (self == writer) throw Failure("Canceled on identification as a pivot, during write.");
            if (writer.IsPrepared) throw Failure("Canceled on conflict out to pivot, during read.");
            writer.IsDoomed = true;
        }
        reader.Out.Add(writer);
        writer.In.Add(reader);
    }

    /// <summary>Whether the arrow from <paramref name="reader"/> to <paramref name="writer"/> completes a pair whose last has committed first.</summary>
    static bool IsDangerous(SerializableTransaction reader, SerializableTransaction writer)
    {
        if (writer.IsCommitted && writer.EarliestOutCommit != long.MaxValue) return true;

        // reader ──► writer ──► third
        foreach (var third in writer.Out)
            if (third.IsPrepared
                && (!reader.IsCommitted || third.Place <= reader.Place)
                && (!writer.IsCommitted || third.Place <= writer.Place)
                && (!reader.IsReadOnly || third.Place <= reader.LastCommitBefore))
                return true;

        // first ──► reader ──► writer
        if (!writer.IsPrepared || reader.IsReadOnly) return false;
        foreach (var first in reader.In)
            if ((!first.IsCommitted || first.Place >= writer.Place) && (!first.IsReadOnly || first.LastCommitBefore >= writer.Place))
                return true;
        return false;
    }

    // ---- The end

    public void Prepare(SerializableTransaction transaction)
    {
        lock (_gate)
        {
            ThrowIfDoomed(transaction, "during commit attempt");
            // far ──► near ──► transaction, which commits first: near is stopped, or itself when near is past stopping.
            foreach (var near in transaction.In)
            {
                if (near.IsCommitted || near.IsDoomed) continue;
                foreach (var far in near.In)
                {
                    if (far != transaction && (far.IsCommitted || far.IsReadOnly || far.IsDoomed)) continue;
                    if (near.IsPrepared) throw Failure("Canceled on commit attempt with conflict in from prepared pivot.");
                    near.IsDoomed = true;
                    break;
                }
            }
            transaction.Place = ++_lastPlace;
        }
    }

    public void Committed(SerializableTransaction transaction)
    {
        lock (_gate)
        {
            transaction.IsCommitted = true;
            Advance();
            if (transaction.Writes.IsEmpty)
                transaction.IsReadOnly = true;
            else
                foreach (var other in transaction.Out)
                    if (other.IsCommitted) transaction.EarliestOutCommit = Math.Min(transaction.EarliestOutCommit, other.Place);
            foreach (var waiting in _deferred) waiting.Ended(transaction);
            ForgetFinished();
        }
    }

    public void RolledBack(SerializableTransaction transaction)
    {
        lock (_gate)
        {
            foreach (var other in transaction.In) other.Out.Remove(transaction);
            foreach (var other in transaction.Out) other.In.Remove(transaction);
            Forget(transaction);
            _known.Remove(transaction);
            foreach (var waiting in _deferred) waiting.Ended(transaction);
            Advance();
            ForgetFinished();
        }
    }

    // Only what is visible counts as before a snapshot; places are given a moment earlier.
    void Advance()
    {
        _lastCommit = _lastPlace;
        foreach (var other in _known)
            if (other is { IsPrepared: true, IsCommitted: false }) _lastCommit = Math.Min(_lastCommit, other.Place - 1);
    }

    void ForgetFinished()
    {
        var oldest = long.MaxValue;
        foreach (var transaction in _known)
            if (!transaction.IsCommitted) oldest = Math.Min(oldest, transaction.LastCommitBefore);
        _known.RemoveAll(transaction =>
        {
            if (!transaction.IsCommitted || transaction.Place > oldest) return false;
            Forget(transaction);
            return true;
        });
    }

    // Others may still point to it, but look only at its place.
    static void Forget(SerializableTransaction transaction)
    {
        transaction.Reads.Clear();
        transaction.Writes.Clear();
        transaction.In.Clear();
        transaction.Out.Clear();
    }

    static PgError Failure(string reason) => new(SqlState.SerializationFailure, "could not serialize access due to read/write dependencies among transactions")
    {
        Detail = "Reason code: " + reason,
        Hint = "The transaction might succeed if retried.",
    };
}
