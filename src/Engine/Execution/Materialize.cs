using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Keeps its input's rows, so that starting over costs nothing. Only for inputs that do not depend on outer rows.</summary>
public sealed record MaterializeNode(PlanNode Input) : PlanNode
{
    public override string Title => "Materialize";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    public static PlanNode Over(PlanNode input) => input is MaterializeNode or ValuesNode or ResultNode ? input : new MaterializeNode(input)
    {
        Columns = input.Columns,
        Cost = input.Cost with { Total = input.Cost.Total + input.Cost.Rows * 0.005 },
    };

    sealed class Source(MaterializeNode node, ExecutionState state) : RowSource
    {
        readonly RowList _rows = new(state, node.Columns.Length);
        RowSource? _input;
        bool _complete;
        int _current = -1;

        public override ReadOnlySpan<Datum> Current => _rows[_current];

        public override bool MoveNext()
        {
            if (_current + 1 < _rows.Count)
            {
                _current++;
                return true;
            }
            if (_complete)
                return false;
            _input ??= node.Input.Start(state);
            if (!_input.MoveNext())
            {
                _complete = true;
                return false;
            }
            _rows.Add(_input.Current);
            _current++;
            return true;
        }

        public override void Reset() => _current = -1;
        public override void Dispose() => _input?.Dispose();
    }
}
