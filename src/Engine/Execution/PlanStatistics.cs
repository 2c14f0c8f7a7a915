using System.Diagnostics;
using System.Runtime.CompilerServices;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>What EXPLAIN ANALYZE knows of each node of a plan after it ran.</summary>
public sealed class PlanStatistics
{
    readonly Dictionary<PlanNode, NodeStatistics> _nodes = new(ByReference.Instance);

    /// <summary>Whether nodes are timed, not only counted.</summary>
    public bool Timing { get; init; } = true;

    /// <summary>The node's counters; made at the first call.</summary>
    public NodeStatistics Of(PlanNode node)
    {
        if (!_nodes.TryGetValue(node, out var statistics))
            _nodes.Add(node, statistics = new());
        return statistics;
    }

    // Plan nodes are records; two alike are still two nodes.
    sealed class ByReference : IEqualityComparer<PlanNode>
    {
        public static readonly ByReference Instance = new();
        public bool Equals(PlanNode? x, PlanNode? y) => ReferenceEquals(x, y);
        public int GetHashCode(PlanNode obj) => RuntimeHelpers.GetHashCode(obj);
    }
}

/// <summary>Counters of one node over all its loops; times in ticks of <see cref="Stopwatch"/>.</summary>
public sealed class NodeStatistics
{
    public long Loops { get; set; }
    public long Rows { get; set; }
    public long StartupTicks { get; set; }
    public long TotalTicks { get; set; }
    public long RowsRemovedByFilter { get; set; }
    public long RowsRemovedByJoinFilter { get; set; }

    /// <summary>What was looked at of the table and its indexes, or written to them: <c>Buffers</c>.</summary>
    public long Blocks { get; set; }

    /// <summary>Further lines (<c>Sort Method</c>, <c>Buckets</c>), by label.</summary>
    public Dictionary<string, string> Details { get; } = [];
}

/// <summary>Counts and times what goes through it.</summary>
sealed class MeasuredSource(RowSource source, NodeStatistics statistics, bool timing) : RowSource
{
    bool _isRunning;
    bool _hasRows;
    long _loopTicks;

    public override bool MoveNext()
    {
        if (!_isRunning)
        {
            _isRunning = true;
            statistics.Loops++;
        }
        var start = timing ? Stopwatch.GetTimestamp() : 0;
        var moved = source.MoveNext();
        if (timing)
            _loopTicks += Stopwatch.GetTimestamp() - start;
        if (!_hasRows)
        {
            _hasRows = true;
            statistics.StartupTicks += _loopTicks;
        }
        if (moved)
            statistics.Rows++;
        return moved;
    }

    public override ReadOnlySpan<Datum> Current => source.Current;

    public override void Reset()
    {
        EndLoop();
        source.Reset();
    }

    void EndLoop()
    {
        statistics.TotalTicks += _loopTicks;
        (_isRunning, _hasRows, _loopTicks) = (false, false, 0);
    }

    public override void Dispose()
    {
        EndLoop();
        source.Dispose();
    }
}
