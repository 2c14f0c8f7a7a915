using System.Collections.Concurrent;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>Counters of one table since the server started, as pg_stat_all_tables shows them. Added to from any thread.</summary>
public sealed class TableActivity
{
    readonly StripedCounter _sequentialScans = new(), _sequentialRows = new(), _indexRows = new(), _inserted = new(), _updated = new(), _updatedInPlace = new(), _deleted = new();
    readonly ConcurrentDictionary<uint, IndexActivity> _indexes = new();
    long _changedBeforeAnalyze, _insertedBeforeVacuum, _analyses, _vacuums, _autoAnalyses;

    public long SequentialScans => _sequentialScans.Value;
    public long SequentialRows => _sequentialRows.Value;

    /// <summary>Rows fetched through indexes.</summary>
    public long IndexRows => _indexRows.Value;
    public long Inserted => _inserted.Value;
    public long Updated => _updated.Value;

    /// <summary>Updates that touched no index: PostgreSQL's HOT.</summary>
    public long UpdatedInPlace => _updatedInPlace.Value;
    public long Deleted => _deleted.Value;
    public long ChangedSinceAnalyze => Changed - Volatile.Read(ref _changedBeforeAnalyze);
    public long InsertedSinceVacuum => Inserted - Volatile.Read(ref _insertedBeforeVacuum);
    public long Analyses => Volatile.Read(ref _analyses);
    public long AutoAnalyses => Volatile.Read(ref _autoAnalyses);
    public long Vacuums => Volatile.Read(ref _vacuums);

    /// <summary>When it was last analysed or vacuumed by a statement, and analysed by the server itself.</summary>
    public DateTimeOffset? LastAnalyze { get; private set; }
    public DateTimeOffset? LastAutoAnalyze { get; private set; }
    public DateTimeOffset? LastVacuum { get; private set; }

    public IndexActivity Index(uint index) => _indexes.GetOrAdd(index, _ => new());
    public long IndexScans => _indexes.Values.Sum(index => index.Scans);
    public long IndexEntries => _indexes.Values.Sum(index => index.Entries);

    long Changed => Inserted + Updated + Deleted;

    public void CountScan(long rows)
    {
        _sequentialScans.Add(1);
        _sequentialRows.Add(rows);
    }

    public void CountFetched(long rows) => _indexRows.Add(rows);
    public void CountInsert() => _inserted.Add(1);
    public void CountDelete() => _deleted.Add(1);

    public void CountUpdate(bool isInPlace)
    {
        _updated.Add(1);
        if (isInPlace)
            _updatedInPlace.Add(1);
    }

    /// <summary>The statistics are as new as the rows now.</summary>
    internal void Analyzed() => Volatile.Write(ref _changedBeforeAnalyze, Changed);

    internal void CountAnalyze(DateTimeOffset now, bool isAutomatic)
    {
        Interlocked.Increment(ref isAutomatic ? ref _autoAnalyses : ref _analyses);
        if (isAutomatic)
            LastAutoAnalyze = now;
        else
            LastAnalyze = now;
    }

    internal void CountVacuum(DateTimeOffset now)
    {
        Interlocked.Increment(ref _vacuums);
        Volatile.Write(ref _insertedBeforeVacuum, Inserted);
        LastVacuum = now;
    }
}

/// <summary>Counters of one index since the server started.</summary>
public sealed class IndexActivity
{
    readonly StripedCounter _scans = new(), _entries = new(), _rows = new();

    public long Scans => _scans.Value;
    public long Entries => _entries.Value;
    public long Rows => _rows.Value;

    /// <summary>Searches begun, entries read, rows they led to.</summary>
    public void Count(long scans, long entries, long rows)
    {
        _scans.Add(scans);
        _entries.Add(entries);
        _rows.Add(rows);
    }
}

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

/// <summary>Counters of one database since the server started, besides those of its tables.</summary>
public sealed class DatabaseActivity
{
    readonly StripedCounter _commits = new(), _rollbacks = new();
    long _deadlocks, _sessions, _temporaryFiles, _temporaryBytes, _sessionMicros, _activeMicros, _idleMicros;
    readonly long[] _ends = new long[Enum.GetValues<SessionEnd>().Length];

    public long Commits => _commits.Value;
    public long Rollbacks => _rollbacks.Value;
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
}
