using System.Collections.Immutable;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>A WITH query's rows within one execution: computed as they are asked for, kept for all who read them.</summary>
sealed class CteRows(CtePlan plan, ExecutionState state)
{
    readonly RowSource _source = plan.Plan!.Start(state);
    bool _complete;

    public RowList Rows { get; } = new(state, plan.Plan.Columns.Length);

    /// <summary>Whether the row exists; reads on from the query until it does.</summary>
    public bool Has(int row)
    {
        while (row >= Rows.Count && !_complete)
        {
            if (_source.MoveNext())
                Rows.Add(_source.Current);
            else
                _complete = true;
        }
        return row < Rows.Count;
    }

    public static CteRows Of(CtePlan plan, ExecutionState state)
    {
        if (state.Shared.TryGetValue(plan, out var kept))
            return (CteRows)kept;
        var rows = new CteRows(plan, state);
        state.Shared[plan] = rows;
        state.Keep(rows._source);
        return rows;
    }
}

/// <summary>Reads a WITH query that is computed once. One that depends on outer rows is computed again when they change.</summary>
public sealed record CteScanNode(CtePlan Cte, string Alias) : PlanNode
{
    public override string Title => "CTE Scan";
    public override PlanTarget Target => new(PlanTargetKind.Cte, null, Cte.Name, Alias);
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(CteScanNode node, ExecutionState state) : RowSource
    {
        CteRows? _rows;
        int _current = -1;

        public override ReadOnlySpan<Datum> Current => _rows!.Rows[_current];

        public override bool MoveNext()
        {
            _rows ??= CteRows.Of(node.Cte, state);
            if (!_rows.Has(_current + 1))
                return false;
            _current++;
            return true;
        }

        public override void Reset()
        {
            _rows = null;
            _current = -1;
        }
    }
}

/// <summary>Forgets the rows of correlated WITH queries whenever its plan starts over, then runs it.</summary>
public sealed record CteResetNode(PlanNode Input, ImmutableArray<CtePlan> Ctes) : PlanNode
{
    public override string Title => Input.Title;
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(CteResetNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        public override ReadOnlySpan<Datum> Current => _input.Current;
        public override bool MoveNext() => _input.MoveNext();

        public override void Reset()
        {
            foreach (var cte in node.Ctes)
                state.Shared.Remove(cte);
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}

/// <summary>
/// A recursive WITH query: the first term's rows, then the second term's over the rows of the round before, until a round gives none.
/// </summary>
public sealed record RecursiveUnionNode(PlanNode Initial, PlanNode Recursive, CtePlan Cte, bool All, ImmutableArray<TypeCodec> Codecs) : PlanNode
{
    public override string Title => "Recursive Union";
    public override IEnumerable<PlanNode> Children => [Initial, Recursive];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    internal static object WorkingTableKey(CtePlan cte) => (cte, "working table");

    sealed class Source(RecursiveUnionNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _initial = node.Initial.Start(state);
        readonly HashSet<Datum[]>? _seen = node.All ? null : new(new RowComparer([.. node.Codecs]));
        RowSource? _recursive;
        RowList _next = new(state, node.Columns.Length);
        bool _inRecursion;
        long _seenMemory;

        public override ReadOnlySpan<Datum> Current => _next[_next.Count - 1];

        public override bool MoveNext()
        {
            while (true)
            {
                var source = _inRecursion ? _recursive! : _initial;
                while (source.MoveNext())
                {
                    if (_seen is not null && !IsNew(source.Current))
                        continue;
                    _next.Add(source.Current);
                    return true;
                }
                state.ThrowIfCancelled();
                if (_next.Count == 0)
                    return false;
                state.Shared[WorkingTableKey(node.Cte)] = _next;
                _next = new(state, node.Columns.Length);
                _inRecursion = true;
                if (_recursive is null)
                    _recursive = node.Recursive.Start(state);
                else
                    _recursive.Reset();
            }
        }

        bool IsNew(ReadOnlySpan<Datum> row)
        {
            if (!_seen!.GetAlternateLookup<ReadOnlySpan<Datum>>().Add(row))
                return false;
            var bytes = StatementMemory.SetEntryBytes + RowImage.Memory(row);
            state.Memory.Take(bytes);
            _seenMemory += bytes;
            return true;
        }

        public override void Reset()
        {
            _seen?.Clear();
            state.Memory.Give(_seenMemory);
            _seenMemory = 0;
            _next = new(state, node.Columns.Length);
            _inRecursion = false;
            _initial.Reset();
        }

        public override void Dispose()
        {
            _initial.Dispose();
            _recursive?.Dispose();
        }
    }
}

/// <summary>The rows of the last round, inside the recursive term.</summary>
public sealed record WorkTableScanNode(CtePlan Cte, string Alias) : PlanNode
{
    public override string Title => "WorkTable Scan";
    public override PlanTarget Target => new(PlanTargetKind.Cte, null, Cte.Name, Alias);
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(WorkTableScanNode node, ExecutionState state) : RowSource
    {
        RowList? _rows;
        int _current = -1;

        public override ReadOnlySpan<Datum> Current => _rows![_current];

        public override bool MoveNext()
        {
            _rows ??= (RowList)state.Shared[RecursiveUnionNode.WorkingTableKey(node.Cte)];
            if (_current + 1 >= _rows.Count)
                return false;
            _current++;
            return true;
        }

        public override void Reset()
        {
            _rows = null;
            _current = -1;
        }
    }
}
