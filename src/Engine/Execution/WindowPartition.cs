using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>One partition of a window: its rows, its groups of peers, and the frame of the row at hand.</summary>
sealed class WindowPartition : WindowRow
{
    readonly WindowNode _node;
    readonly ExecutionState _state;
    readonly WindowFunction?[] _functions;
    readonly FrameAggregate?[] _aggregates;
    readonly List<int> _groupStarts = [];
    int[] _groups = [];
    RowList? _orderKeys;
    long _startOffset;
    long _endOffset;
    Datum _startValue;
    Datum _endValue;
    bool _hasOffsets;
    int _call;

    public WindowPartition(WindowNode node, ExecutionState state)
    {
        (_node, _state) = (node, state);
        Rows = new RowList(state, node.Input.Columns.Length);
        _functions = [.. node.Calls.Select(call => call.Function?.Invoke())];
        _aggregates = [.. node.Calls.Select(call => call.Aggregate is null ? null : new FrameAggregate(call.Aggregate, node.Frame, state))];
    }

    public RowList Rows { get; }
    public override int PartitionRows => Rows.Count;
    public override int Current => _current;
    public override int Group => _groups[_current];
    public override int PeersStart => _groupStarts[Group];
    public override int PeersEnd => GroupEnd(Group);
    public override int FrameStart => _frameStart;
    public override int FrameEnd => _frameEnd;

    int _current;
    int _frameStart;
    int _frameEnd;

    int GroupEnd(int group) => group + 1 < _groupStarts.Count ? _groupStarts[group + 1] : PartitionRows;

    public override bool IsExcluded(int row) => _node.Frame.Exclusion switch
    {
        FrameExclusion.None => false,
        FrameExclusion.CurrentRow => row == _current,
        FrameExclusion.Group => _groups[row] == Group,
        _ => row != _current && _groups[row] == Group,
    };

    public override Datum Argument(int argument, int row) => _node.Calls[_call].Arguments[argument].Evaluate(Rows[row], _state);

    public void Clear()
    {
        Rows.Clear();
        _groupStarts.Clear();
    }

    /// <summary>All rows are there: finds the groups of peers.</summary>
    public void Start()
    {
        if (!_hasOffsets)
            ReadOffsets();
        var width = _node.OrderKeys.Length;
        _orderKeys = new RowList(_state, width);
        _groups = new int[PartitionRows];
        var keys = new Datum[width];
        var last = new Datum[width];
        for (var i = 0; i < PartitionRows; i++)
        {
            for (var k = 0; k < width; k++)
                keys[k] = _node.OrderKeys[k].Evaluate(Rows[i], _state);
            if (i == 0 || SortDirection.Compare(_node.Order.AsSpan(), last, keys) != 0)
                _groupStarts.Add(i);
            _orderKeys.Add(keys);
            (keys, last) = (last, keys);
            _groups[i] = _groupStarts.Count - 1;
        }
        foreach (var function in _functions)
            function?.Start();
        foreach (var aggregate in _aggregates)
            aggregate?.Start();
    }

    void ReadOffsets()
    {
        (_startValue, _startOffset) = ReadOffset(_node.StartOffset, "starting");
        (_endValue, _endOffset) = ReadOffset(_node.EndOffset, "ending");
        _hasOffsets = true;
    }

    (Datum, long) ReadOffset(Evaluator? evaluator, string name)
    {
        if (evaluator is null)
            return default;
        var value = evaluator.Evaluate(default, _state);
        if (value.IsNull)
            throw new PgError(SqlState.NullValueNotAllowed, $"frame {name} offset must not be null");
        if (_node.Frame.Mode == FrameMode.Range)
            return (value, 0);
        return value.AsInt64 < 0 ? throw new PgError("22013", $"frame {name} offset must not be negative") : (value, value.AsInt64);
    }

    /// <summary>Computes all calls for one row.</summary>
    public void Evaluate(int row, Span<Datum> results)
    {
        _current = row;
        var frame = _node.Frame;
        _frameStart = Bound(frame.Start, _startOffset, _startValue, isStart: true);
        _frameEnd = Math.Max(_frameStart, Bound(frame.End, _endOffset, _endValue, isStart: false));
        for (_call = 0; _call < results.Length; _call++)
            results[_call] = _functions[_call] is { } function ? function.Evaluate(this) : _aggregates[_call]!.Evaluate(this, Rows);
    }

    // The first row of the frame, or the row behind its last.
    int Bound(FrameBound bound, long offset, Datum value, bool isStart)
    {
        switch (bound)
        {
            case FrameBound.UnboundedPreceding:
                return 0;
            case FrameBound.UnboundedFollowing:
                return PartitionRows;
            case FrameBound.CurrentRow:
                return _node.Frame.Mode == FrameMode.Rows ? (isStart ? _current : _current + 1) : isStart ? PeersStart : PeersEnd;
        }
        var distance = bound == FrameBound.Preceding ? -offset : offset;
        switch (_node.Frame.Mode)
        {
            case FrameMode.Rows:
                return (int)Math.Clamp(_current + distance + (isStart ? 0 : 1), 0, PartitionRows);
            case FrameMode.Groups:
            {
                var group = Group + distance;
                if (group < 0)
                    return 0;
                return group >= _groupStarts.Count ? PartitionRows : isStart ? _groupStarts[(int)group] : GroupEnd((int)group);
            }
            default:
                return RangeBound(bound == FrameBound.Preceding, value, isStart);
        }
    }

    // RANGE with an offset: the place of key ± offset among the keys. A NULL key only has NULLs in its frame.
    int RangeBound(bool isPreceding, Datum offset, bool isStart)
    {
        var key = _orderKeys![_current][0];
        if (key.IsNull)
            return isStart ? PeersStart : PeersEnd;
        var order = _node.Order[0];
        var function = isPreceding == order.Descending ? _node.Frame.RangeAdd! : _node.Frame.RangeSubtract!;
        var limit = new BinaryFunction(function).Invoke(key, offset, _state);
        if (_node.KeyType == PgTypes.Date && function.Result != PgTypes.Date)
            limit = Datum.Of(limit.AsInt64 / MicrosPerDay - (limit.AsInt64 % MicrosPerDay < 0 ? 1 : 0));
        var moved = order.Compare(limit, key);
        if (isPreceding ? moved > 0 : moved < 0)
            throw new PgError("22013", "invalid preceding or following size in window function");

        // Binary search among the rows whose key is not NULL.
        int low = 0, high = PartitionRows;
        while (low < high && _orderKeys[low][0].IsNull)
            low = GroupEnd(_groups[low]);
        while (high > low && _orderKeys[high - 1][0].IsNull)
            high = _groupStarts[_groups[high - 1]];
        while (low < high)
        {
            var middle = (low + high) / 2;
            var comparison = order.Compare(_orderKeys[middle][0], limit);
            if (isStart ? comparison < 0 : comparison <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    const long MicrosPerDay = 86_400_000_000;
}

/// <summary>An aggregate over window frames: goes on from the last row's frame where that only grew, else starts over.</summary>
sealed class FrameAggregate(CompiledAggregate aggregate, BoundFrame frame, ExecutionState state)
{
    readonly Datum[] _scratch = new Datum[aggregate.Arguments.Length];
    AggregateRun? _run;
    int _start;
    int _end;
    Datum _value;
    bool _isFinished;

    public void Start()
    {
        _run?.Release();
        _run = null;
    }

    public Datum Evaluate(WindowRow row, RowList rows)
    {
        var excludes = frame.Exclusion != FrameExclusion.None;
        if (_run is null || excludes || row.FrameStart != _start || row.FrameEnd < _end)
        {
            _run?.Release();
            _run = new AggregateRun(aggregate, state);
            _end = _start = row.FrameStart;
            _isFinished = false;
        }
        for (; _end < row.FrameEnd; _end++)
        {
            if (excludes && row.IsExcluded(_end))
                continue;
            _run.Add(rows[_end], _scratch, state);
            _isFinished = false;
        }
        if (!_isFinished)
        {
            _value = _run.Finish();
            _isFinished = true;
        }
        return _value;
    }
}
