using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// Groups rows by keys, once per grouping set, and computes aggregates over each group. Output: the keys (NULL where the set lacks
/// one), the carried columns (functionally dependent on the keys, taken from the group's first row), the aggregates, the GROUPING() masks.
/// </summary>
public sealed record AggregateNode(
    PlanNode Input, ImmutableArray<Evaluator> Keys, ImmutableArray<TypeCodec> KeyCodecs, ImmutableArray<ImmutableArray<int>> Sets,
    ImmutableArray<Evaluator> Carried, ImmutableArray<CompiledAggregate> Aggregates, ImmutableArray<ImmutableArray<int>> Groupings) : PlanNode
{
    /// <summary>The grouping expressions, for EXPLAIN.</summary>
    public ImmutableArray<BoundExpression> GroupKeys { get; init; } = [];

    bool IsPlain => Keys.IsEmpty && Sets.Length == 1;

    public override string Title => IsPlain ? "Aggregate" : Sets.Length > 1 ? "MixedAggregate" : "HashAggregate";
    public override IEnumerable<PlanNode> Children => [Input];

    public override IEnumerable<(string Label, string Text)> Details(BoundExpressionPrinter printer)
    {
        if (IsPlain)
            yield break;
        foreach (var set in Sets)
        {
            if (Sets.Length > 1 && set.IsEmpty)
                yield return ("Group Key", "()");
            else
                yield return (Sets.Length > 1 ? "Hash Key" : "Group Key", string.Join(", ", set.Select(key => printer.Print(GroupKeys[key]))));
        }
    }

    public override RowSource Open(ExecutionState state) => IsPlain ? new PlainSource(this, state) : new HashSource(this, state);

    int MostArguments => Aggregates.IsEmpty ? 0 : Aggregates.Max(aggregate => aggregate.Arguments.Length);

    AggregateRun[] NewRuns(ExecutionState state)
    {
        var runs = new AggregateRun[Aggregates.Length];
        for (var i = 0; i < runs.Length; i++)
            runs[i] = new AggregateRun(Aggregates[i], state);
        return runs;
    }

    /// <summary>Without keys: one row, also for no input.</summary>
    sealed class PlainSource(AggregateNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly Datum[] _row = new Datum[node.Columns.Length];
        bool _done;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (_done)
                return false;
            _done = true;
            var runs = node.NewRuns(state);
            var scratch = new Datum[node.MostArguments];
            var carried = node.Carried.Length;
            var isFirst = true;
            while (_input.MoveNext())
            {
                var input = _input.Current;
                for (var i = 0; isFirst && i < carried; i++)
                    _row[i] = node.Carried[i].Evaluate(input, state);
                isFirst = false;
                foreach (var run in runs)
                    run.Add(input, scratch, state);
            }
            for (var i = 0; i < runs.Length; i++)
                _row[carried + i] = runs[i].Finish();
            for (var i = 0; i < node.Groupings.Length; i++)
                _row[carried + runs.Length + i] = Datum.Of(0L);
            return true;
        }

        public override void Reset()
        {
            _done = false;
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }

    sealed class HashSource : RowSource
    {
        readonly AggregateNode _node;
        readonly ExecutionState _state;
        readonly RowSource _input;
        readonly Datum[] _row;
        readonly TypeCodec[][] _codecs;
        List<(int Set, Group Group)>? _groups;
        int _next;

        public HashSource(AggregateNode node, ExecutionState state)
        {
            (_node, _state) = (node, state);
            _input = node.Input.Start(state);
            _row = new Datum[node.Columns.Length];
            _codecs = [.. node.Sets.Select(set => set.Select(key => node.KeyCodecs[key]).ToArray())];
        }

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            _groups ??= Gather();
            if (_next >= _groups.Count)
                return false;
            var (set, group) = _groups[_next++];
            Write(_node.Sets[set], group);
            return true;
        }

        List<(int, Group)> Gather()
        {
            var groups = new List<(int, Group)>();
            var tables = new Dictionary<Datum[], Group>[_codecs.Length];
            var lookups = new Dictionary<Datum[], Group>.AlternateLookup<ReadOnlySpan<Datum>>[_codecs.Length];
            for (var s = 0; s < tables.Length; s++)
            {
                tables[s] = new(new RowComparer(_codecs[s]));
                lookups[s] = tables[s].GetAlternateLookup<ReadOnlySpan<Datum>>();
            }
            var scratch = new Datum[_node.MostArguments];
            var all = new Datum[_node.Keys.Length];
            var keys = new Datum[_node.Keys.Length];
            for (var count = 0; _input.MoveNext(); count++)
            {
                if ((count & 1023) == 0)
                    _state.ThrowIfCancelled();
                var input = _input.Current;
                for (var i = 0; i < all.Length; i++)
                    all[i] = _node.Keys[i].Evaluate(input, _state);
                for (var s = 0; s < tables.Length; s++)
                {
                    var set = _node.Sets[s];
                    for (var i = 0; i < set.Length; i++)
                        keys[i] = all[set[i]];
                    var key = (ReadOnlySpan<Datum>)keys.AsSpan(0, set.Length);
                    if (!lookups[s].TryGetValue(key, out var group))
                    {
                        group = new Group(key.ToArray(), Carry(input), _node.NewRuns(_state));
                        tables[s].Add(group.Keys, group);
                        groups.Add((s, group));
                    }
                    foreach (var run in group.Runs)
                        run.Add(input, scratch, _state);
                }
            }
            // A grand total exists also over no rows.
            for (var s = 0; s < tables.Length; s++)
            {
                if (_node.Sets[s].IsEmpty && tables[s].Count == 0)
                    groups.Add((s, new Group([], new Datum[_node.Carried.Length], _node.NewRuns(_state))));
            }
            if (tables.Length > 1)
                groups = [.. groups.OrderBy(group => group.Item1)];
            if (_state.Statistics?.Of(_node) is { } statistics)
                statistics.Details["Batches"] = $"1  Memory Usage: {Math.Max(24, groups.Count * (long)(all.Length + _node.Aggregates.Length) * 48 / 1024)}kB";
            return groups;
        }

        Datum[] Carry(ReadOnlySpan<Datum> input)
        {
            if (_node.Carried.IsEmpty)
                return [];
            var carried = new Datum[_node.Carried.Length];
            for (var i = 0; i < carried.Length; i++)
                carried[i] = _node.Carried[i].Evaluate(input, _state);
            return carried;
        }

        void Write(ImmutableArray<int> set, Group group)
        {
            var at = _node.Keys.Length;
            _row.AsSpan(0, at).Clear();
            for (var i = 0; i < set.Length; i++)
                _row[set[i]] = group.Keys[i];
            group.Carried.CopyTo(_row, at);
            at += group.Carried.Length;
            foreach (var run in group.Runs)
                _row[at++] = run.Finish();
            foreach (var grouping in _node.Groupings)
            {
                var mask = 0;
                foreach (var key in grouping)
                    mask = mask << 1 | (set.Contains(key) ? 0 : 1);
                _row[at++] = Datum.Of((long)mask);
            }
        }

        public override void Reset()
        {
            _groups = null;
            _next = 0;
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();

        sealed record Group(Datum[] Keys, Datum[] Carried, AggregateRun[] Runs);
    }
}
