using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Rows of a table by an index, in key order.</summary>
public sealed record IndexScanNode(TableAccess Table, IndexAccess Index, RowDecoder Decoder, string Alias, IndexConditions Conditions, bool Backward) : PlanNode
{
    public ImmutableArray<BoundExpression> IndexCondition { get; init; } = [];
    public BoundExpression? Filter { get; init; }

    /// <summary>The filter, and conditions shown with the index that the search does not guarantee.</summary>
    public Evaluator? FilterEvaluator { get; init; }

    public override string Title => $"Index Scan {(Backward ? "Backward " : "")}using {Quote.Name(Index.Definition.Name)}";
    public override PlanTarget Target => PlanTarget.Of(Table.Relation, Alias);

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
    {
        if (!IndexCondition.IsEmpty)
            yield return ("Index Cond", printer.PrintOf(Alias, QueryTree.And(IndexCondition)!));
        if (Filter is not null)
            yield return ("Filter", printer.PrintOf(Alias, Filter));
    }

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source : RowSource
    {
        readonly IndexScanNode _node;
        readonly ExecutionState _state;
        readonly IndexSearch _search;
        readonly Datum[] _row;
        readonly NodeStatistics? _statistics;
        int _sinceCheck;

        public Source(IndexScanNode node, ExecutionState state)
        {
            (_node, _state) = (node, state);
            _search = new(node.Index, node.Conditions, node.Backward, state);
            _row = node.Columns.Length == 0 ? [] : new Datum[node.Columns.Length];
            _statistics = state.Statistics?.Of(node);
        }

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            while (_search.MoveNext(out var view))
            {
                if (++_sinceCheck == 1024)
                {
                    _sinceCheck = 0;
                    _state.ThrowIfCancelled();
                }
                _node.Decoder.Decode(view, _row);
                if (_node.FilterEvaluator is null || _node.FilterEvaluator.IsTrue(_row, _state))
                    return true;
                if (_statistics is not null)
                    _statistics.RowsRemovedByFilter++;
            }
            return false;
        }

        public override void Reset() => _search.Reset();

        public override void Dispose()
        {
            _statistics?.Blocks += _search.Blocks;
            _search.Dispose();
        }
    }
}
