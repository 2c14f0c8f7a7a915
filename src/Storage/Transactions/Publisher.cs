namespace PgVectorCompat.Storage;

/// <summary>
/// Makes commits visible: in the order of the log, each after the flush it waits for. A commit's rows are stamped with its number
/// first, then the number is published; a snapshot reads the published number once, so it sees all of a commit or nothing.
/// </summary>
sealed class Publisher(Store store)
{
    readonly Queue<Pending> _queue = new();
    readonly object _gate = new();
    long _published;

    readonly record struct Pending(Transaction Transaction, long Csn, long EndLsn, bool WaitsForFlush);

    /// <summary>The newest commit that snapshots see.</summary>
    public long Csn => Volatile.Read(ref _published);

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
            CommitStamps.Apply(store, pending.Transaction, pending.Csn);
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
