namespace PgVectorCompat.Storage;

/// <summary>
/// Makes commits visible: in the order of the log, each after the flush it waits for. A commit's rows are stamped with its number
/// first, then the number is published; a snapshot reads the published number once, so it sees all of a commit or nothing. A large commit
/// is published first, as one of the <see cref="UnstampedCommits"/>, and stamped by its own thread before <see cref="Transaction.Commit"/> returns.
/// </summary>
sealed class Publisher(Store store)
{
    readonly Queue<Pending> _queue = new();
    readonly object _gate = new();
    long _published;

    readonly record struct Pending(Transaction Transaction, long Csn, long EndLsn, bool WaitsForFlush);

    /// <summary>The newest commit that snapshots see.</summary>
    public long Csn => Volatile.Read(ref _published);

    public UnstampedCommits Unstamped { get; } = new();

    /// <summary>The newest commit that is published and of which, and of all before it, every row is stamped.</summary>
    public long StampedCsn
    {
        get
        {
            lock (_gate) return Unstamped.OldestCsn - 1 ?? Csn;
        }
    }

    /// <summary>Recovery: the newest commit of the log.</summary>
    public void Start(long csn) => _published = csn;

    /// <summary>Called in log order, under the lock of the log.</summary>
    public void Enqueue(Transaction transaction, long csn, long endLsn, bool waitsForFlush)
    {
        lock (_queue) _queue.Enqueue(new(transaction, csn, endLsn, waitsForFlush));
    }

    /// <summary>Returns when commit <paramref name="csn"/> is visible. <see cref="StoreFailedException"/> when it can no longer be.</summary>
    public void PublishThrough(long csn)
    {
        lock (_gate)
        {
            while (Csn < csn)
            {
                if (PublishReady()) continue;
                store.Log.ThrowIfFailed();
                Monitor.Wait(_gate, 100);
            }
        }
    }

    /// <summary>Returns when commit <paramref name="csn"/> and all before it are visible and stamped.</summary>
    public void StampThrough(long csn)
    {
        PublishThrough(csn);
        lock (_gate)
        {
            while (Unstamped.OldestCsn <= csn) Monitor.Wait(_gate);
        }
    }

    public bool IsStampedLater(Transaction transaction) => transaction.Writes.Rows.Rows > store.Options.LargeCommitRows;

    /// <summary>Stamps the rows of a large commit that is published.</summary>
    public void StampLater(Transaction transaction, long csn)
    {
        CommitStamps.ApplyRows(store, transaction, csn);
        lock (_gate)
        {
            Unstamped.Remove(csn);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Publishes what a flush has made ready, for commits nobody waits for.</summary>
    public void PublishFlushed()
    {
        lock (_gate) PublishReady();
    }

    bool PublishReady()
    {
        var any = false;
        while (true)
        {
            Pending pending;
            lock (_queue)
            {
                if (!_queue.TryPeek(out pending) || (pending.WaitsForFlush && store.Log.DurableLsn < pending.EndLsn)) break;
                _queue.Dequeue();
            }
            var transaction = pending.Transaction;
            if (IsStampedLater(transaction)) Unstamped.Add(Stamp.Of(transaction.Id), pending.Csn);
            else CommitStamps.ApplyRows(store, transaction, pending.Csn);
            store.ApplyDefinitions(transaction.Writes);
            Volatile.Write(ref _published, pending.Csn);
            any = true;
        }
        if (any) Monitor.PulseAll(_gate);
        return any;
    }

    /// <summary>Waits out the moment between a commit's stamps and its publication.</summary>
    public void Await(long csn)
    {
        var spin = new SpinWait();
        while (Csn < csn) spin.SpinOnce();
    }
}
