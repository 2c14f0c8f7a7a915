using System.Collections.Immutable;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>The rows of a VALUES list.</summary>
public sealed record ValuesNode(ImmutableArray<Evaluator[]> Rows) : PlanNode
{
    public string Alias { get; init; } = "*VALUES*";

    /// <summary>One row is PostgreSQL's Result.</summary>
    public override string Title => Rows.Length == 1 ? "Result" : "Values Scan";
    public override PlanTarget? Target => Rows.Length == 1 ? null : new(PlanTargetKind.Other, null, null, Alias);
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(ValuesNode node, ExecutionState state) : RowSource
    {
        readonly Datum[] _row = new Datum[node.Columns.Length];
        int _next;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (_next >= node.Rows.Length)
                return false;
            var values = node.Rows[_next++];
            for (var i = 0; i < values.Length; i++)
                _row[i] = values[i].Evaluate(default, state);
            return true;
        }

        public override void Reset() => _next = 0;
    }
}
