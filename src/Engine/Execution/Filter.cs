using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Rows for which a condition holds. EXPLAIN prints it as part of the node below, as PostgreSQL has it.</summary>
public sealed record FilterNode(PlanNode Input, BoundExpression Condition, Evaluator Evaluator) : PlanNode
{
    public override string Title => "Filter";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(FilterNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly NodeStatistics? _statistics = state.Statistics?.Of(node);

        public override ReadOnlySpan<Datum> Current => _input.Current;

        public override bool MoveNext()
        {
            while (_input.MoveNext())
            {
                if (node.Evaluator.IsTrue(_input.Current, state))
                    return true;
                if (_statistics is not null)
                    _statistics.RowsRemovedByFilter++;
            }
            return false;
        }

        public override void Reset() => _input.Reset();
        public override void Dispose() => _input.Dispose();
    }
}
