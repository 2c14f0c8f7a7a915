using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// For each outer row the whole inner side, which may read the outer row through slots (LATERAL, index lookups). Output: outer columns,
/// then inner ones; only outer ones for semi and anti joins.
/// </summary>
public sealed record NestedLoopNode(JoinKind Kind, PlanNode Outer, PlanNode Inner, ImmutableArray<SlotBinding> Bindings) : PlanNode
{
    public BoundExpression? Condition { get; init; }
    public Evaluator? ConditionEvaluator { get; init; }

    public override string Title => "Nested Loop" + Kind switch { JoinKind.Left => " Left Join", JoinKind.Semi => " Semi Join", JoinKind.Anti => " Anti Join", _ => "" };
    public override IEnumerable<PlanNode> Children => [Outer, Inner];

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
        => Condition is null ? [] : [("Join Filter", printer.Print(Condition))];

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(NestedLoopNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _outer = node.Outer.Start(state);
        readonly Datum[] _row = new Datum[node.Outer.Columns.Length + node.Inner.Columns.Length];
        readonly int _outerWidth = node.Outer.Columns.Length;
        readonly bool _outerOnly = node.Kind is JoinKind.Semi or JoinKind.Anti;
        readonly NodeStatistics? _statistics = state.Statistics?.Of(node);
        RowSource? _inner;
        bool _hasOuter;
        bool _matched;

        public override ReadOnlySpan<Datum> Current => _outerOnly ? _row.AsSpan(0, _outerWidth) : _row;

        public override bool MoveNext()
        {
            while (true)
            {
                if (!_hasOuter && !NextOuter())
                    return false;
                while (_inner!.MoveNext())
                {
                    _inner.Current.CopyTo(_row.AsSpan(_outerWidth));
                    if (node.ConditionEvaluator is not null && !node.ConditionEvaluator.IsTrue(_row, state))
                    {
                        if (_statistics is not null)
                            _statistics.RowsRemovedByJoinFilter++;
                        continue;
                    }
                    _matched = true;
                    if (node.Kind == JoinKind.Anti)
                        break;
                    if (node.Kind == JoinKind.Semi)
                        _hasOuter = false;
                    return true;
                }
                _hasOuter = false;
                if (_matched || node.Kind is JoinKind.Inner or JoinKind.Semi)
                    continue;
                _row.AsSpan(_outerWidth).Clear();
                return true;
            }
        }

        bool NextOuter()
        {
            state.ThrowIfCancelled();
            if (!_outer.MoveNext())
                return false;
            var row = _outer.Current;
            row.CopyTo(_row);
            SlotBinding.Fill(node.Bindings, row, state);
            if (_inner is null)
                _inner = node.Inner.Start(state);
            else
                _inner.Reset();
            _hasOuter = true;
            _matched = false;
            return true;
        }

        // What the inner side has kept may depend on slots that are different by now, so it is opened anew.
        public override void Reset()
        {
            _outer.Reset();
            _inner?.Dispose();
            _inner = null;
            _hasOuter = false;
        }

        public override void Dispose()
        {
            _outer.Dispose();
            _inner?.Dispose();
        }
    }
}
