using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>One row without columns: a SELECT without FROM. With a condition that no row can change, none when it does not hold.</summary>
public sealed record ResultNode(BoundExpression? Condition, Evaluator? Evaluator) : PlanNode
{
    public override string Title => "Result";

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
        => Condition is null ? [] : [("One-Time Filter", printer.Print(Condition))];

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(ResultNode node, ExecutionState state) : RowSource
    {
        bool _done;

        public override ReadOnlySpan<Datum> Current => default;

        public override bool MoveNext()
        {
            if (_done)
                return false;
            _done = true;
            return node.Evaluator is null || node.Evaluator.IsTrue(default, state);
        }

        public override void Reset() => _done = false;
    }
}

/// <summary>A condition that depends on nothing in the rows below: checked once, before any of them is read.</summary>
public sealed record OneTimeFilterNode(PlanNode Input, BoundExpression Condition, Evaluator Evaluator) : PlanNode
{
    public override string Title => "Result";
    public override IEnumerable<PlanNode> Children => [Input];
    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer) => [("One-Time Filter", printer.Print(Condition))];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(OneTimeFilterNode node, ExecutionState state) : RowSource
    {
        RowSource? _input;
        bool? _holds;

        public override ReadOnlySpan<Datum> Current => _input!.Current;

        public override bool MoveNext()
        {
            _holds ??= node.Evaluator.IsTrue(default, state);
            return _holds.Value && (_input ??= node.Input.Start(state)).MoveNext();
        }

        public override void Reset()
        {
            _holds = null;
            _input?.Reset();
        }

        public override void Dispose() => _input?.Dispose();
    }
}
