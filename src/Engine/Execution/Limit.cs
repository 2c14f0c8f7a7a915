using System.Collections.Immutable;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>OFFSET and LIMIT; WITH TIES goes on while the sort keys (given as input columns) stay the same.</summary>
public sealed record LimitNode(PlanNode Input, Evaluator? Limit, Evaluator? Offset) : PlanNode
{
    /// <summary>For WITH TIES: the sort keys and their types' equality.</summary>
    internal ImmutableArray<(int Column, TypeCodec Codec)>? Ties { get; init; }

    public override string Title => "Limit";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    /// <summary>How many rows at most are asked of the input; long.MaxValue for all. Raises 2201W, 2201X.</summary>
    internal static (long Limit, long Offset) Counts(Evaluator? limit, Evaluator? offset, ExecutionState state)
        => (Count(limit, state, long.MaxValue, SqlState.InvalidRowCountInLimitClause, "LIMIT"),
            Count(offset, state, 0, SqlState.InvalidRowCountInResultOffsetClause, "OFFSET"));

    static long Count(Evaluator? evaluator, ExecutionState state, long whenNull, string error, string name)
    {
        if (evaluator is null)
            return whenNull;
        var value = evaluator.Evaluate(default, state);
        if (value.IsNull)
            return whenNull;
        return value.AsInt64 < 0 ? throw new PgError(error, $"{name} must not be negative") : value.AsInt64;
    }

    sealed class Source(LimitNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        bool _counted;
        long _skip;
        long _rest;
        Datum[]? _last;

        public override ReadOnlySpan<Datum> Current => _input.Current;

        public override bool MoveNext()
        {
            if (!_counted)
            {
                (_rest, _skip) = Counts(node.Limit, node.Offset, state);
                _counted = true;
            }
            if (_rest <= 0)
                return NextTie();
            for (; _skip > 0; _skip--)
            {
                if (!_input.MoveNext())
                    return false;
            }
            if (!_input.MoveNext())
            {
                _rest = 0;
                return false;
            }
            if (--_rest == 0 && node.Ties is not null)
                _last = _input.Current.ToArray();
            return true;
        }

        bool NextTie()
        {
            if (_last is null)
                return false;
            if (_input.MoveNext() && IsTie(_input.Current))
                return true;
            _last = null;
            return false;
        }

        bool IsTie(ReadOnlySpan<Datum> row)
        {
            foreach (var (column, codec) in node.Ties!)
            {
                var (a, b) = (row[column], _last![column]);
                if (a.IsNull || b.IsNull ? a.IsNull != b.IsNull : !codec.Equal(a, b))
                    return false;
            }
            return true;
        }

        public override void Reset()
        {
            _counted = false;
            _last = null;
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}
