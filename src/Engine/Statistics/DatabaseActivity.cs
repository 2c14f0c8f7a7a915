namespace PgVectorCompat.Engine.Statistics;

/// <summary>How a session came to its end.</summary>
public enum SessionEnd
{
    /// <summary>The client said so.</summary>
    Normal,

    /// <summary>The client was lost.</summary>
    Abandoned,

    /// <summary>By a fatal error, as a timeout.</summary>
    Fatal,

    /// <summary>By pg_terminate_backend or the server's end.</summary>
    Killed,
}

/// <summary>Counters of one database since the server started or they were reset, besides those of the tables it has.</summary>
public sealed class DatabaseActivity
{
    readonly StripedCounter _commits = new(), _rollbacks = new();
    long _deadlocks, _sessions, _temporaryFiles, _temporaryBytes, _sessionMicros, _activeMicros, _idleMicros;
    readonly Lock _gate = new();
    RowTotals _dropped;
    readonly long[] _ends = new long[Enum.GetValues<SessionEnd>().Length];

    public long Commits => _commits.Value;
    public long Rollbacks => _rollbacks.Value;

    /// <summary>What was counted of tables that are dropped by now.</summary>
    public RowTotals Dropped
    {
        get
        {
            lock (_gate)
                return _dropped;
        }
    }

    /// <summary>When the counters were reset; null when never.</summary>
    public DateTimeOffset? ResetAt { get; private set; }

    public long Deadlocks => Volatile.Read(ref _deadlocks);
    public long Sessions => Volatile.Read(ref _sessions);

    public long TemporaryFiles => Volatile.Read(ref _temporaryFiles);
    public long TemporaryBytes => Volatile.Read(ref _temporaryBytes);

    /// <summary>How long sessions that have ended lasted, in microseconds.</summary>
    public long SessionMicros => Volatile.Read(ref _sessionMicros);

    /// <summary>How long sessions were busy with messages, and idle inside transactions, in microseconds.</summary>
    public long ActiveMicros => Volatile.Read(ref _activeMicros);
    public long IdleInTransactionMicros => Volatile.Read(ref _idleMicros);

    /// <summary>Sessions that ended so.</summary>
    public long Ends(SessionEnd how) => Volatile.Read(ref _ends[(int)how]);

    public void CountTemporaryFile(long bytes)
    {
        Interlocked.Increment(ref _temporaryFiles);
        Interlocked.Add(ref _temporaryBytes, bytes);
    }

    public void CountActive(long micros) => Interlocked.Add(ref _activeMicros, micros);
    public void CountIdleInTransaction(long micros) => Interlocked.Add(ref _idleMicros, micros);

    public void CountSessionEnd(SessionEnd how, long micros)
    {
        Interlocked.Increment(ref _ends[(int)how]);
        Interlocked.Add(ref _sessionMicros, micros);
    }

    public void CountEnd(bool committed) => (committed ? _commits : _rollbacks).Add(1);
    public void CountDeadlock() => Interlocked.Increment(ref _deadlocks);
    public void CountSession() => Interlocked.Increment(ref _sessions);

    public void CountDropped(RowTotals totals)
    {
        lock (_gate)
            _dropped += totals;
    }

    /// <summary>All counters begin again.</summary>
    public void Reset(DateTimeOffset now)
    {
        _commits.Reset();
        _rollbacks.Reset();
        _deadlocks = _sessions = _temporaryFiles = _temporaryBytes = _sessionMicros = _activeMicros = _idleMicros = 0;
        Array.Clear(_ends);
        lock (_gate)
            _dropped = default;
        ResetAt = now;
    }
}
