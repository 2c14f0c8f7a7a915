using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// Groups of all grouping sets in hash tables. When they have filled the memory, rows of groups not known yet go to disk, parted by their
/// hash, and are grouped after the others have been given.
/// </summary>
sealed class HashAggregation : RowSource
{
    /// <summary>What a group takes besides its values: the objects, the entry in the table, each aggregate's state.</summary>
    const int GroupBytes = 150, RunBytes = 120;

    readonly AggregateNode _node;
    readonly ExecutionState _state;
    readonly RowSource _input;
    readonly Datum[] _row;
    readonly RowComparer[] _comparers;
    readonly Datum[] _scratch;
    readonly Datum[] _all;
    readonly Datum[] _keys;
    readonly Queue<(int Set, TemporaryRows Rows, int Level)> _onDisk = new();
    List<(int Set, AggregateNode.Group Group)>? _groups;
    long _mostMemory;
    int _batches;
    int _next;

    public HashAggregation(AggregateNode node, ExecutionState state)
    {
        (_node, _state) = (node, state);
        _input = node.Input.Start(state);
        _row = new Datum[node.Columns.Length];
        _comparers = [.. node.Sets.Select(set => new RowComparer([.. set.Select(key => node.KeyCodecs[key])]))];
        _scratch = new Datum[node.MostArguments];
        _all = new Datum[node.Keys.Length];
        _keys = new Datum[node.Keys.Length];
    }

    public override ReadOnlySpan<Datum> Current => _row;

    public override bool MoveNext()
    {
        _groups ??= GroupInput();
        while (_next >= _groups.Count)
        {
            if (!_onDisk.TryDequeue(out var part))
                return false;
            _groups = GroupPart(part.Set, part.Rows, part.Level);
            _next = 0;
        }
        var (set, group) = _groups[_next++];
        _node.WriteGroup(_row, _node.Sets[set], group);
        foreach (var run in group.Runs)
            run.Release();
        return true;
    }

    List<(int, AggregateNode.Group)> GroupInput()
    {
        var groups = new List<(int, AggregateNode.Group)>();
        var sets = Enumerable.Range(0, _comparers.Length).Select(set => new Table(this, set, level: 0, groups)).ToArray();
        for (var count = 0; _input.MoveNext(); count++)
        {
            if ((count & 1023) == 0)
                _state.ThrowIfCancelled();
            var input = _input.Current;
            for (var i = 0; i < _all.Length; i++)
                _all[i] = _node.Keys[i].Evaluate(input, _state);
            foreach (var table in sets)
                table.Add(input);
        }
        // A grand total exists also over no rows.
        for (var s = 0; s < sets.Length; s++)
            if (_node.Sets[s].IsEmpty && sets[s].Count == 0)
                groups.Add((s, new([], new Datum[_node.Carried.Length], _node.NewRuns(_state))));
        if (sets.Length > 1)
            groups = [.. groups.OrderBy(group => group.Item1)];
        EndBatch(sets);
        return groups;
    }

    List<(int, AggregateNode.Group)> GroupPart(int set, TemporaryRows rows, int level)
    {
        var groups = new List<(int, AggregateNode.Group)>();
        var table = new Table(this, set, level, groups);
        var reader = rows.Read();
        for (var count = 0; reader.MoveNext(); count++)
        {
            if ((count & 1023) == 0)
                _state.ThrowIfCancelled();
            for (var i = 0; i < _all.Length; i++)
                _all[i] = _node.Keys[i].Evaluate(reader.Current, _state);
            table.Add(reader.Current);
        }
        EndBatch([table]);
        return groups;
    }

    void EndBatch(Table[] tables)
    {
        foreach (var table in tables)
            table.QueueParts();
        _batches++;
        _mostMemory = Math.Max(_mostMemory, tables.Sum(table => table.Memory));
        if (_state.Statistics?.Of(_node) is not { } statistics)
            return;
        var disk = _batches + _onDisk.Count > 1 ? $"  Disk Usage: {_state.Temporary.Bytes / 1024}kB" : "";
        statistics.Details["Batches"] = $"{_batches + _onDisk.Count}  Memory Usage: {Math.Max(24, _mostMemory / 1024)}kB{disk}";
    }

    public override void Reset()
    {
        for (; _groups is not null && _next < _groups.Count; _next++)
            foreach (var run in _groups[_next].Group.Runs)
                run.Release();
        _groups = null;
        _onDisk.Clear();
        _next = 0;
        _input.Reset();
    }

    public override void Dispose() => _input.Dispose();

    /// <summary>The groups of one set, as far as they fit.</summary>
    sealed class Table(HashAggregation owner, int set, int level, List<(int, AggregateNode.Group)> groups)
    {
        readonly Dictionary<Datum[], AggregateNode.Group> _known = new(owner._comparers[set]);
        HashPartitions? _unknown;

        public int Count => _known.Count;
        public long Memory { get; private set; }

        long Share => owner._state.HashMemory / (level == 0 ? owner._comparers.Length : 1);

        /// <summary>Adds a row whose keys the owner has computed.</summary>
        public void Add(ReadOnlySpan<Datum> input)
        {
            var columns = owner._node.Sets[set];
            for (var i = 0; i < columns.Length; i++)
                owner._keys[i] = owner._all[columns[i]];
            var key = (ReadOnlySpan<Datum>)owner._keys.AsSpan(0, columns.Length);
            if (!_known.GetAlternateLookup<ReadOnlySpan<Datum>>().TryGetValue(key, out var group))
            {
                if (Memory > Share && level < HashPartitions.MostLevels)
                {
                    _unknown ??= new(owner._state, input.Length, level);
                    _unknown.Add(owner._comparers[set].GetHashCode(key), input);
                    return;
                }
                group = new(key.ToArray(), owner._node.Carry(input, owner._state), owner._node.NewRuns(owner._state));
                Memory += GroupBytes + RunBytes * group.Runs.Length + RowImage.Memory(group.Keys) + RowImage.Memory(group.Carried);
                _known.Add(group.Keys, group);
                groups.Add((set, group));
            }
            foreach (var run in group.Runs)
            {
                run.Add(input, owner._scratch, owner._state);
                Memory += run.Growth();
            }
        }

        public void QueueParts()
        {
            if (_unknown is null)
                return;
            _unknown.Finish();
            for (var part = 0; part < HashPartitions.Count; part++)
                if (_unknown[part] is { } rows)
                    owner._onDisk.Enqueue((set, rows, _unknown.Level));
        }
    }
}
