using System.Collections.Immutable;
using PgVectorCompat.Engine.Execution.Spill;
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

    /// <summary>How gathered rows are sorted: by ORDER BY, then, so that equal ones meet, by the arguments of DISTINCT.</summary>
    internal SortDirection[] BufferOrder => field ??= [.. Directions, .. IsDistinct ? ArgumentOrder : []];

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
    readonly RowSorter? _sorter;
    readonly CollectingState? _collecting;
    long _counted;
    bool _finished;

    public AggregateRun(CompiledAggregate aggregate, ExecutionState state)
    {
        _aggregate = aggregate;
        _state = aggregate.NewState(state);
        _collecting = _state as CollectingState;
        if (aggregate.IsBuffered)
            _sorter = new(state, aggregate.OrderKeys.Length + aggregate.Arguments.Length, keys: 0, aggregate.BufferOrder);
    }

    /// <summary>Bytes by which the state has grown since this was last asked.</summary>
    public long Growth()
    {
        if (_collecting is null)
            return 0;
        var grown = _collecting.Memory - _counted;
        _counted = _collecting.Memory;
        return grown;
    }

    /// <summary>The group is done.</summary>
    public void Release() => _collecting?.Release();

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
        if (_sorter is null)
        {
            _state.Add(values);
            return;
        }
        var kept = _sorter.Add();
        for (var i = 0; i < _aggregate.OrderKeys.Length; i++)
            kept[i] = _aggregate.OrderKeys[i].Evaluate(row, state);
        values.CopyTo(kept[_aggregate.OrderKeys.Length..]);
        _sorter.Added(kept);
    }

    public Datum Finish()
    {
        if (_sorter is not null && !_finished)
            Replay(_sorter);
        _finished = true;
        return _state.Finish();
    }

    void Replay(RowSorter rows)
    {
        rows.Finish();
        var last = new Datum[_aggregate.Arguments.Length];
        for (var isFirst = true; rows.MoveNext(); isFirst = false)
        {
            var values = rows.Current[_aggregate.OrderKeys.Length..];
            if (_aggregate.IsDistinct)
            {
                if (!isFirst && SortDirection.Compare(_aggregate.ArgumentOrder.AsSpan(), last, values) == 0)
                    continue;
                values.CopyTo(last);
            }
            _state.Add(values);
        }
    }
}
