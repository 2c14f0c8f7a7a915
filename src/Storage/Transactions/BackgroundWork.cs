namespace PgVectorCompat.Storage;

/// <summary>
/// Threads of a store: one drops old versions and flushes the log for commits that did not wait, one writes checkpoints when due, and, if
/// log is archived, one hands it over.
/// Failures of a checkpoint (a full disk, say) leave the store as it was; the next round tries again.
/// </summary>
sealed class BackgroundWork : IDisposable
{
    static readonly TimeSpan CollectEvery = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan ArchiveEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    readonly Store _store;
    readonly ManualResetEventSlim _stop = new();
    readonly AutoResetEvent _hint = new(false);
    readonly Thread _collector;
    readonly Thread _checkpointer;
    readonly Thread? _archiver;
    int _idle;

    public BackgroundWork(Store store)
    {
        _store = store;
        _collector = Start(Collect, "storage collector");
        _checkpointer = Start(WriteCheckpoints, "storage checkpointer");
        if (store.Archiver is not null) _archiver = Start(ArchiveLog, "storage archiver");
    }

    static Thread Start(ThreadStart run, string name)
    {
        var thread = new Thread(run) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    /// <summary>There may be something to do.</summary>
    public void Hint()
    {
        if (Volatile.Read(ref _idle) != 0) _hint.Set();
    }

    void Collect()
    {
        var lastFlush = _store.Options.Time.GetTimestamp();
        while (!_stop.IsSet)
        {
            Try(_store.CollectGarbage);
            if (_store.Log.HasUnflushed && _store.Options.Time.GetElapsedTime(lastFlush) >= FlushEvery)
            {
                lastFlush = _store.Options.Time.GetTimestamp();
                Try(() => _store.Log.Flush(_store.Log.EndLsn));
                _store.Publisher.PublishFlushed();
            }
            if (_store.Garbage.HasFresh || _store.Log.HasUnflushed)
            {
                _stop.Wait(CollectEvery);
                continue;
            }
            Volatile.Write(ref _idle, 1);
            _hint.WaitOne(LookEvery);
            Volatile.Write(ref _idle, 0);
        }
    }

    void WriteCheckpoints()
    {
        var last = _store.Options.Time.GetTimestamp();
        while (!_stop.Wait(LookEvery))
        {
            Try(_store.Log.EnsureReserve);
            if (_store.Log.HasFailed || !_store.IsCheckpointDue(_store.Options.Time.GetElapsedTime(last))) continue;
            Try(_store.RunCheckpoint);
            last = _store.Options.Time.GetTimestamp();
        }
    }

    void ArchiveLog()
    {
        while (!_stop.Wait(ArchiveEvery))
            if (!_store.Log.HasFailed) Try(_store.Archiver!.Run);
    }

    static void Try(Action work)
    {
        try
        {
            work();
        }
        catch (IOException)
        {
            // A failed log speaks up at the next commit; a full disk may have room again.
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _hint.Set();
        _collector.Join();
        _checkpointer.Join();
        _archiver?.Join();
        _stop.Dispose();
        _hint.Dispose();
    }
}
