using System.Collections.Immutable;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>An aggregate call with compiled arguments.</summary>
/// <param name="Arguments">For ordered-set aggregates the direct arguments, then the sorted ones.</param>
public sealed record CompiledAggregate(Function Function, ImmutableArray<Evaluator> Arguments, CallSite Site, Evaluator? Filter)
{
    public bool IsDistinct { get; init; }
    public ImmutableArray<Evaluator> OrderKeys { get; init; } = [];
    internal ImmutableArray<SortDirection> Directions { get; init; } = [];
    internal ImmutableArray<SortDirection> ArgumentOrder { get; init; } = [];

    /// <summary>Whether rows must be gathered and sorted before the aggregate sees them.</summary>
    public bool IsBuffered => IsDistinct || !OrderKeys.IsEmpty;

    /// <summary>One group's state.</summary>
    internal AggregateState NewState(EvaluationContext context)
    {
        var state = Function.NewState!(Site, context);
        (state as IOrderedSetState)?.UseOrder(Directions);
        return state;
    }
}

/// <summary>A state of an ordered-set aggregate: it is told the order of its sorted arguments before the first row.</summary>
interface IOrderedSetState
{
    void UseOrder(ImmutableArray<SortDirection> directions);
}

/// <summary>One aggregate over one group or window frame: takes input rows, gives the value.</summary>
sealed class AggregateRun
{
    readonly CompiledAggregate _aggregate;
    readonly AggregateState _state;
    readonly RowBuffer? _buffer;
    bool _finished;

    public AggregateRun(CompiledAggregate aggregate, ExecutionState state)
    {
        _aggregate = aggregate;
        _state = aggregate.NewState(state);
        if (aggregate.IsBuffered)
            _buffer = new RowBuffer(aggregate.Arguments.Length + aggregate.OrderKeys.Length);
    }

    /// <param name="scratch">At least as long as the arguments; overwritten.</param>
    public void Add(ReadOnlySpan<Datum> row, Datum[] scratch, ExecutionState state)
    {
        var arguments = _aggregate.Arguments;
        if (_aggregate.Filter is { } filter && !filter.IsTrue(row, state))
            return;
        for (var i = 0; i < arguments.Length; i++)
        {
            scratch[i] = arguments[i].Evaluate(row, state);
            if (scratch[i].IsNull && _aggregate.Function.IsStrict)
                return;
        }
        var values = scratch.AsSpan(0, arguments.Length);
        if (_buffer is null)
        {
            _state.Add(values);
            return;
        }
        var kept = _buffer.Add();
        values.CopyTo(kept);
        for (var i = 0; i < _aggregate.OrderKeys.Length; i++)
            kept[arguments.Length + i] = _aggregate.OrderKeys[i].Evaluate(row, state);
    }

    public Datum Finish()
    {
        if (_buffer is not null && !_finished)
            Replay();
        _finished = true;
        return _state.Finish();
    }

    void Replay()
    {
        var width = _aggregate.Arguments.Length;
        var order = new int[_buffer!.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, Compare);
        for (var i = 0; i < order.Length; i++)
        {
            var values = _buffer[order[i]][..width];
            if (_aggregate.IsDistinct && i > 0 && SortDirection.Compare(_aggregate.ArgumentOrder.AsSpan(), _buffer[order[i - 1]], values) == 0)
                continue;
            _state.Add(values);
        }
    }

    int Compare(int left, int right)
    {
        var width = _aggregate.Arguments.Length;
        var order = SortDirection.Compare(_aggregate.Directions.AsSpan(), _buffer![left][width..], _buffer[right][width..]);
        if (order == 0 && _aggregate.IsDistinct)
            order = SortDirection.Compare(_aggregate.ArgumentOrder.AsSpan(), _buffer[left], _buffer[right]);
        return order != 0 ? order : left.CompareTo(right);
    }
}
