using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Groups of one grouping set, one after the other, over the input sorted by their keys.</summary>
sealed class SortedAggregation : RowSource
{
    readonly AggregateNode _node;
    readonly ExecutionState _state;
    readonly RowSource _input;
    readonly Datum[] _row;
    readonly Datum[] _scratch;
    readonly SortDirection[] _directions;
    readonly int _inputWidth;
    RowSorter? _sorter;
    bool _hasRow;

    public SortedAggregation(AggregateNode node, ExecutionState state)
    {
        (_node, _state) = (node, state);
        _input = node.Input.Start(state);
        _inputWidth = node.Input.Columns.Length;
        _row = new Datum[node.Columns.Length];
        _scratch = new Datum[node.MostArguments];
        _directions = [.. node.Sets[0].Select(key => new SortDirection(node.KeyCodecs[key], Descending: false, NullsFirst: false))];
    }

    public override ReadOnlySpan<Datum> Current => _row;

    public override bool MoveNext()
    {
        if (_sorter is null)
            Sort();
        if (!_hasRow)
            return false;
        var set = _node.Sets[0];
        var keys = _sorter!.Current[_inputWidth..].ToArray();
        var group = new AggregateNode.Group(keys, _node.Carry(_sorter.Current[.._inputWidth], _state), _node.NewRuns(_state));
        do
        {
            foreach (var run in group.Runs)
                run.Add(_sorter.Current[.._inputWidth], _scratch, _state);
            _hasRow = _sorter.MoveNext();
        }
        while (_hasRow && SortDirection.Compare(_directions, _sorter.Current[_inputWidth..], keys) == 0);
        _node.WriteGroup(_row, set, group);
        foreach (var run in group.Runs)
            run.Release();
        return true;
    }

    void Sort()
    {
        var set = _node.Sets[0];
        _sorter = new(_state, _inputWidth + set.Length, _inputWidth, _directions);
        for (var count = 0; _input.MoveNext(); count++)
        {
            if ((count & 1023) == 0)
                _state.ThrowIfCancelled();
            var input = _input.Current;
            var row = _sorter.Add();
            input.CopyTo(row);
            for (var i = 0; i < set.Length; i++)
                row[_inputWidth + i] = _node.Keys[set[i]].Evaluate(input, _state);
            _sorter.Added(row);
        }
        _sorter.Finish();
        _hasRow = _sorter.MoveNext();
    }

    public override void Reset()
    {
        _sorter = null;
        _input.Reset();
    }

    public override void Dispose() => _input.Dispose();
}
