using System.Collections.Immutable;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Computes one expression per output column. EXPLAIN does not show it: in PostgreSQL every node projects.</summary>
public sealed record ProjectNode(PlanNode Input, ImmutableArray<Evaluator> Targets) : PlanNode
{
    public override string Title => "Project";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(ProjectNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly Datum[] _row = new Datum[node.Targets.Length];

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (!_input.MoveNext())
                return false;
            var input = _input.Current;
            var targets = node.Targets;
            for (var i = 0; i < targets.Length; i++)
                _row[i] = targets[i].Evaluate(input, state);
            return true;
        }

        public override void Reset() => _input.Reset();
        public override void Dispose() => _input.Dispose();
    }
}
