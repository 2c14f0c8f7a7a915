using System.Collections.Immutable;
using System.Diagnostics;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// A node that gives a set of row ids at once: all rows that pass its conditions are in it, with others perhaps (versions the snapshot does
/// not see, values the index cannot tell apart), so that whoever reads the rows checks the conditions.
/// </summary>
public abstract record BitmapNode : PlanNode
{
    /// <summary>The rows, for this execution. The caller disposes the set.</summary>
    public RowSet Rows(ExecutionState state)
    {
        var statistics = state.Statistics?.Of(this);
        var start = Stopwatch.GetTimestamp();
        var rows = Collect(state);
        if (statistics is not null)
        {
            statistics.Loops++;
            statistics.StartupTicks += Stopwatch.GetTimestamp() - start;
            statistics.TotalTicks += Stopwatch.GetTimestamp() - start;
            // As in PostgreSQL only the index scans know their rows.
            statistics.Rows += this is BitmapIndexScanNode ? rows.Count : 0;
        }
        return rows;
    }

    protected abstract RowSet Collect(ExecutionState state);

    public sealed override RowSource Open(ExecutionState state) => throw new UnreachableException("a bitmap has no rows of its own");
}

/// <summary>The rows that a search of one index finds.</summary>
public sealed record BitmapIndexScanNode(TableAccess Table, IndexAccess Index, IndexConditions Conditions, string Alias) : BitmapNode
{
    public ImmutableArray<BoundExpression> IndexCondition { get; init; } = [];

    public override string Title => $"Bitmap Index Scan on {Quote.Name(Index.Definition.Name)}";

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
        => IndexCondition.IsEmpty ? [] : [("Index Cond", printer.PrintOf(Alias, QueryTree.And(IndexCondition)!))];

    protected override RowSet Collect(ExecutionState state)
    {
        var rows = new RowSet(Table.Rows.NextRowId);
        using var search = new IndexSearch(Index, Conditions, backward: false, state);
        while (search.MoveNextEntry(out var row))
            rows.Add(row.Value);
        state.Statistics?.Of(this).Blocks += search.Blocks;
        return rows;
    }
}

/// <summary>One set made of several.</summary>
public abstract record BitmapCombinationNode(ImmutableArray<BitmapNode> Inputs) : BitmapNode
{
    public override IEnumerable<PlanNode> Children => Inputs;

    /// <summary>Changes <paramref name="rows"/> by the next input's.</summary>
    protected abstract void Combine(RowSet rows, RowSet next);

    protected override RowSet Collect(ExecutionState state)
    {
        var rows = Inputs[0].Rows(state);
        foreach (var input in Inputs.AsSpan()[1..])
        {
            using var next = input.Rows(state);
            Combine(rows, next);
        }
        return rows;
    }
}

/// <summary>The rows that all inputs have.</summary>
public sealed record BitmapAndNode(ImmutableArray<BitmapNode> Inputs) : BitmapCombinationNode(Inputs)
{
    public override string Title => "BitmapAnd";
    protected override void Combine(RowSet rows, RowSet next) => rows.IntersectWith(next);
}

/// <summary>The rows that some input has.</summary>
public sealed record BitmapOrNode(ImmutableArray<BitmapNode> Inputs) : BitmapCombinationNode(Inputs)
{
    public override string Title => "BitmapOr";
    protected override void Combine(RowSet rows, RowSet next) => rows.UnionWith(next);
}

/// <summary>Rows of a table by a set of row ids, in the order of their ids, each checked against all conditions.</summary>
public sealed record BitmapHeapScanNode(TableAccess Table, RowDecoder Decoder, string Alias, BitmapNode Bitmap) : PlanNode
{
    /// <summary>What the bitmap stands for, and what else must hold, as EXPLAIN shows them.</summary>
    public BoundExpression? RecheckCondition { get; init; }
    public BoundExpression? Filter { get; init; }

    /// <summary>All conditions on the table's rows.</summary>
    public required Evaluator Conditions { get; init; }

    public override string Title => "Bitmap Heap Scan";
    public override PlanTarget Target => PlanTarget.Of(Table.Relation, Alias);
    public override IEnumerable<PlanNode> Children => [Bitmap];

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
    {
        if (RecheckCondition is not null)
            yield return ("Recheck Cond", printer.PrintOf(Alias, RecheckCondition));
        if (Filter is not null)
            yield return ("Filter", printer.PrintOf(Alias, Filter));
    }

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(BitmapHeapScanNode node, ExecutionState state) : RowSource
    {
        readonly Datum[] _row = node.Columns.Length == 0 ? [] : new Datum[node.Columns.Length];
        readonly NodeStatistics? _statistics = state.Statistics?.Of(node);
        RowSet? _rows;
        RowSet.Enumerator _next;
        int _sinceCheck;
        long _fetched, _looked;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (_rows is null)
            {
                _rows = node.Bitmap.Rows(state);
                _next = _rows.GetEnumerator();
            }
            while (_next.MoveNext())
            {
                if (++_sinceCheck == 1024)
                {
                    _sinceCheck = 0;
                    state.ThrowIfCancelled();
                }
                _looked++;
                if (!node.Table.Rows.TryRead(new RowId(_next.Current), state.Snapshot, out var view))
                    continue;
                _fetched++;
                node.Decoder.Decode(view, _row);
                if (node.Conditions.IsTrue(_row, state))
                    return true;
                if (_statistics is not null && node.Filter is not null)
                    _statistics.RowsRemovedByFilter++;
            }
            return false;
        }

        public override void Reset() => Dispose();

        public override void Dispose()
        {
            _rows?.Dispose();
            _rows = null;
            node.Table.Activity.CountFetched(_fetched, blocks: _looked);
            _statistics?.Blocks += _looked;
            (_fetched, _looked) = (0, 0);
        }
    }
}
