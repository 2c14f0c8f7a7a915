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

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
    {
        if (IsPlain)
            yield break;
        foreach (var set in Sets)
        {
            if (Sets.Length > 1 && set.IsEmpty)
                yield return ("Group Key", "()");
            else
                yield return (Sets.Length > 1 ? "Hash Key" : "Group Key", (IReadOnlyList<string>)[.. set.Select(key => printer.Print(GroupKeys[key]))]);
        }
    }

    public override RowSource Open(ExecutionState state)
        => IsPlain ? new PlainSource(this, state) : GathersRows ? new SortedAggregation(this, state) : new HashAggregation(this, state);

    /// <summary>
    /// Whether an aggregate keeps a group's rows (DISTINCT, ORDER BY): then one group is computed after the other, over sorted rows, since
    /// the rows of all groups at once might not fit into memory.
    /// </summary>
    bool GathersRows => Sets.Length == 1 && Aggregates.Any(aggregate => aggregate.IsBuffered) && KeyCodecs.All(codec => codec.IsOrdered);

    internal int MostArguments => Aggregates.IsEmpty ? 0 : Aggregates.Max(aggregate => aggregate.Arguments.Length);

    internal AggregateRun[] NewRuns(ExecutionState state)
    {
        var runs = new AggregateRun[Aggregates.Length];
        for (var i = 0; i < runs.Length; i++)
            runs[i] = new AggregateRun(Aggregates[i], state);
        return runs;
    }

    /// <summary>The carried columns of a group whose first row is <paramref name="input"/>.</summary>
    internal Datum[] Carry(ReadOnlySpan<Datum> input, ExecutionState state)
    {
        if (Carried.IsEmpty)
            return [];
        var carried = new Datum[Carried.Length];
        for (var i = 0; i < carried.Length; i++)
            carried[i] = Carried[i].Evaluate(input, state);
        return carried;
    }

    /// <summary>Writes the output row of a group of a set.</summary>
    internal void WriteGroup(Span<Datum> row, ImmutableArray<int> set, Group group)
    {
        var at = Keys.Length;
        row[..at].Clear();
        for (var i = 0; i < set.Length; i++)
            row[set[i]] = group.Keys[i];
        group.Carried.CopyTo(row[at..]);
        at += group.Carried.Length;
        foreach (var run in group.Runs)
            row[at++] = run.Finish();
        foreach (var grouping in Groupings)
        {
            var mask = 0;
            foreach (var key in grouping)
                mask = mask << 1 | (set.Contains(key) ? 0 : 1);
            row[at++] = Datum.Of((long)mask);
        }
    }

    /// <summary>A group: its keys, of its set only, its carried columns and its aggregates.</summary>
    internal sealed record Group(Datum[] Keys, Datum[] Carried, AggregateRun[] Runs);

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
            {
                _row[carried + i] = runs[i].Finish();
                runs[i].Release();
            }
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
}
