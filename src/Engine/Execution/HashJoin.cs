using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// Joins on equal keys: the inner side goes into a hash table, the outer side looks up. Output: outer columns, then inner ones; only
/// outer ones for semi and anti joins.
/// </summary>
public sealed record HashJoinNode(
    JoinKind Kind, PlanNode Outer, PlanNode Inner, ImmutableArray<Evaluator> OuterKeys, ImmutableArray<Evaluator> InnerKeys, ImmutableArray<TypeCodec> Codecs) : PlanNode
{
    /// <summary>The equalities, for EXPLAIN.</summary>
    public required BoundExpression HashCondition { get; init; }

    /// <summary>What must hold of a pair besides the keys.</summary>
    public BoundExpression? Condition { get; init; }
    public Evaluator? ConditionEvaluator { get; init; }

    public override string Title => Kind == JoinKind.Inner ? "Hash Join" : $"Hash {Kind} Join";
    public override IEnumerable<PlanNode> Children => [Outer, new HashNode(Inner) { Columns = Inner.Columns, Cost = Inner.Cost }];

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
    {
        yield return ("Hash Cond", printer.Print(HashCondition));
        if (Condition is not null)
            yield return ("Join Filter", printer.Print(Condition));
    }

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(HashJoinNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _outer = node.Outer.Start(state);
        readonly RowSource _inner = node.Inner.Start(state);
        readonly int _outerWidth = node.Outer.Columns.Length;
        readonly Datum[] _row = new Datum[node.Outer.Columns.Length + node.Inner.Columns.Length];
        readonly Datum[] _keys = new Datum[node.Codecs.Length];
        readonly bool _outerOnly = node.Kind is JoinKind.Semi or JoinKind.Anti;
        readonly bool _keepsInner = node.Kind is JoinKind.Full or JoinKind.Right;
        readonly NodeStatistics? _statistics = state.Statistics?.Of(node);
        HashTable? _table;

        // Outer rows of later batches, and the reader of those of the batch at hand.
        TemporaryRows?[] _later = [];
        TemporaryRows.Reader? _part;
        int _chain;
        int _hash;
        bool _hasOuter;
        bool _matched;
        int _unmatched = -1;

        public override ReadOnlySpan<Datum> Current => _outerOnly ? _row.AsSpan(0, _outerWidth) : _row;

        public override bool MoveNext()
        {
            if (_table is null)
                Build();
            while (true)
            {
                if (_unmatched >= 0)
                {
                    if (NextUnmatched())
                        return true;
                    if (!NextBatch())
                        return false;
                }
                if (!_hasOuter && !NextOuter())
                {
                    if (_keepsInner)
                    {
                        _unmatched = 0;
                        _row.AsSpan(0, _outerWidth).Clear();
                    }
                    else if (!NextBatch())
                        return false;
                    continue;
                }
                while (NextMatch())
                {
                    _matched = true;
                    if (node.Kind == JoinKind.Anti)
                        break;
                    if (node.Kind == JoinKind.Semi)
                        _hasOuter = false;
                    return true;
                }
                _hasOuter = false;
                if (_matched || node.Kind is JoinKind.Inner or JoinKind.Semi or JoinKind.Right)
                    continue;
                _row.AsSpan(_outerWidth).Clear();
                return true;
            }
        }

        // The next outer row of this batch; those of later ones are put aside. A row without a key matches nothing in any batch.
        bool NextOuter()
        {
            while (_table!.Batch == 0 ? _outer.MoveNext() : _part is not null && _part.MoveNext())
            {
                var outer = _table.Batch == 0 ? _outer.Current : _part!.Current;
                for (var i = 0; i < _keys.Length; i++)
                    _keys[i] = node.OuterKeys[i].Evaluate(outer, state);
                var hasKey = _table.TryHash(_keys, out _hash);
                if (hasKey && _table.BatchOf(_hash) is var batch && batch != _table.Batch)
                {
                    if (_later.Length < _table.Batches)
                        Array.Resize(ref _later, _table.Batches);
                    (_later[batch] ??= new(state.Temporary, _outerWidth)).Add(outer);
                    continue;
                }
                outer.CopyTo(_row);
                _chain = hasKey ? _table.First(_hash) : 0;
                _hasOuter = true;
                _matched = false;
                return true;
            }
            return false;
        }

        bool NextMatch()
        {
            while (_table!.Find(ref _chain, _hash, _keys) is >= 0 and var row)
            {
                _table.Row(row).CopyTo(_row.AsSpan(_outerWidth));
                if (node.ConditionEvaluator is not null && !node.ConditionEvaluator.IsTrue(_row, state))
                {
                    if (_statistics is not null)
                        _statistics.RowsRemovedByJoinFilter++;
                    continue;
                }
                if (_keepsInner)
                    _table.MarkUsed(row);
                return true;
            }
            return false;
        }

        bool NextUnmatched()
        {
            for (; _unmatched < _table!.Count; _unmatched++)
            {
                if (_table.IsUsed(_unmatched))
                    continue;
                _table.Row(_unmatched++).CopyTo(_row.AsSpan(_outerWidth));
                return true;
            }
            return false;
        }

        bool NextBatch()
        {
            foreach (var later in _later)
                later?.Flush();
            if (!_table!.NextBatch())
            {
                Report();
                return false;
            }
            _part = _table.Batch < _later.Length ? _later[_table.Batch]?.Read() : null;
            _unmatched = -1;
            return true;
        }

        // A row with a NULL key can only be kept for RIGHT and FULL.
        void Build()
        {
            _table = new(state, node.Codecs, node.Inner.Columns.Length);
            for (var count = 0; _inner.MoveNext(); count++)
            {
                if ((count & 1023) == 0)
                    state.ThrowIfCancelled();
                var inner = _inner.Current;
                var hasKey = true;
                for (var i = 0; i < _keys.Length; i++)
                {
                    _keys[i] = node.InnerKeys[i].Evaluate(inner, state);
                    hasKey &= !_keys[i].IsNull;
                }
                if (hasKey || _keepsInner)
                    _table.Add(_keys, inner);
            }
            _table.Link();
            Report();
        }

        void Report()
        {
            if (_statistics is not null)
                _statistics.Details["Buckets"] = _table!.Description;
        }

        public override void Reset()
        {
            _outer.Reset();
            _inner.Reset();
            _table = null;
            _part = null;
            _later = [];
            _hasOuter = false;
            _unmatched = -1;
        }

        public override void Dispose()
        {
            _outer.Dispose();
            _inner.Dispose();
        }
    }
}

/// <summary>The inner side of a hash join as EXPLAIN shows it; the join itself does the work.</summary>
public sealed record HashNode(PlanNode Input) : PlanNode
{
    public override string Title => "Hash";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => Input.Start(state);
}
