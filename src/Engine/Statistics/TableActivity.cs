using System.Collections.Concurrent;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>Counters of one table since the server started or they were reset, as pg_stat_all_tables shows them. Added to from any thread.</summary>
public sealed class TableActivity
{
    readonly StripedCounter _sequentialScans = new(), _sequentialRows = new(), _indexRows = new(), _inserted = new(), _updated = new(), _updatedInPlace = new(), _deleted = new(), _blocks = new();
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

    /// <summary>Blocks of its rows and vectors that were looked at or written (<see cref="Statistics.Blocks"/>).</summary>
    public long RowBlocks => _blocks.Value + Changed;

    /// <summary>Blocks of its B-trees that were looked at or written.</summary>
    public long IndexBlocks => _indexes.Values.Sum(index => index.Blocks);

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

    public void CountScan(long rows, long blocks)
    {
        _sequentialScans.Add(1);
        _sequentialRows.Add(rows);
        _blocks.Add(blocks);
    }

    /// <summary>Rows reached through an index, and the blocks that were looked at for them.</summary>
    public void CountFetched(long rows, long blocks)
    {
        _indexRows.Add(rows);
        _blocks.Add(blocks);
    }


    public void CountInsert() => _inserted.Add(1);
    public void CountDelete() => _deleted.Add(1);

    public void CountUpdate(bool isInPlace)
    {
        _updated.Add(1);
        if (isInPlace)
            _updatedInPlace.Add(1);
    }

    /// <summary>All counters begin again, and with them what waits for ANALYZE.</summary>
    public void Reset()
    {
        foreach (var counter in new[] { _sequentialScans, _sequentialRows, _indexRows, _inserted, _updated, _updatedInPlace, _deleted, _blocks })
            counter.Reset();
        foreach (var index in _indexes.Values)
            index.Reset();
        _changedBeforeAnalyze = _insertedBeforeVacuum = _analyses = _vacuums = _autoAnalyses = 0;
        LastAnalyze = LastAutoAnalyze = LastVacuum = null;
    }

    /// <summary>What its database counts of it.</summary>
    public RowTotals Totals => new(SequentialRows + IndexEntries, IndexRows, Inserted, Updated, Deleted, RowBlocks + IndexBlocks);

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
