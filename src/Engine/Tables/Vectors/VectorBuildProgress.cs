using PgVectorCompat.Indexes;

namespace PgVectorCompat.Engine.Tables;

/// <summary>How far a CREATE INDEX or REINDEX is, as pg_stat_progress_create_index shows it: pgvector's phases, with counts that are counted.</summary>
internal sealed class VectorBuildProgress(int processId, uint database, VectorAccess access, string command, long blocks) : IBuildProgress
{
    long _total;
    long _done;
    int _phase = (int)BuildPhase.Initializing;

    public int ProcessId { get; } = processId;
    public uint Database { get; } = database;
    public uint Table { get; } = access.Table.Relation.Oid;
    public uint Index { get; } = access.Definition.Oid;
    public string Command { get; } = command;

    /// <summary>Graphs read the rows while they link them; lists read them while they assign them.</summary>
    bool ReadsRows => Phase == BuildPhase.AssigningTuples || (Phase == BuildPhase.LoadingTuples && VectorIndexDefinition.IsGraph(access.Definition.Method));

    BuildPhase Phase => (BuildPhase)Volatile.Read(ref _phase);

    public string PhaseName => "building index: " + Phase switch
    {
        BuildPhase.PerformingKMeans => "performing k-means",
        BuildPhase.AssigningTuples => "assigning tuples",
        BuildPhase.LoadingTuples => "loading tuples",
        _ => "initializing",
    };

    public long TuplesTotal => Phase == BuildPhase.LoadingTuples ? Volatile.Read(ref _total) : 0;
    public long TuplesDone => Phase == BuildPhase.LoadingTuples ? Volatile.Read(ref _done) : 0;

    /// <summary>Blocks of 8 kB that the table takes.</summary>
    public long BlocksTotal => ReadsRows ? blocks : 0;

    public long BlocksDone => ReadsRows && Volatile.Read(ref _total) is > 0 and var total ? Math.Min(blocks, (long)((double)blocks * Volatile.Read(ref _done) / total)) : 0;

    public void Begin(BuildPhase phase, long total)
    {
        Volatile.Write(ref _done, 0);
        Volatile.Write(ref _total, total);
        Volatile.Write(ref _phase, (int)phase);
    }

    public void Advance(long vectors) => Interlocked.Add(ref _done, vectors);
}
