using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
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

    public override IEnumerable<(string Label, string Text)> Details(BoundExpressionPrinter printer)
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

        // Chains of inner rows: _first[hash & mask] and _next[row] hold row number + 1, 0 ends.
        RowBuffer? _rows;
        int[] _first = [];
        int[] _next = [];
        int[] _hashes = [];
        bool[] _used = [];
        int _candidate;
        int _hash;
        bool _hasOuter;
        bool _matched;
        int _unmatched = -1;

        public override ReadOnlySpan<Datum> Current => _outerOnly ? _row.AsSpan(0, _outerWidth) : _row;

        public override bool MoveNext()
        {
            if (_rows is null)
                Build();
            while (true)
            {
                if (_unmatched >= 0)
                    return NextUnmatched();
                if (!_hasOuter && !NextOuter())
                {
                    if (!_keepsInner)
                        return false;
                    _unmatched = 0;
                    _row.AsSpan(0, _outerWidth).Clear();
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

        bool NextOuter()
        {
            if (!_outer.MoveNext())
                return false;
            _outer.Current.CopyTo(_row);
            _candidate = TryHash(node.OuterKeys, _row.AsSpan(0, _outerWidth), out _hash) ? _first[_hash & (_first.Length - 1)] : 0;
            _hasOuter = true;
            _matched = false;
            return true;
        }

        bool NextMatch()
        {
            while (_candidate != 0)
            {
                var row = _candidate - 1;
                _candidate = _next[row];
                if (_hashes[row] != _hash)
                    continue;
                var inner = _rows![row];
                if (!KeysEqual(inner))
                    continue;
                inner[node.Codecs.Length..].CopyTo(_row.AsSpan(_outerWidth));
                if (node.ConditionEvaluator is not null && !node.ConditionEvaluator.IsTrue(_row, state))
                {
                    if (_statistics is not null)
                        _statistics.RowsRemovedByJoinFilter++;
                    continue;
                }
                _used[row] = true;
                return true;
            }
            return false;
        }

        bool KeysEqual(ReadOnlySpan<Datum> inner)
        {
            for (var i = 0; i < _keys.Length; i++)
            {
                if (!node.Codecs[i].Equal(_keys[i], inner[i]))
                    return false;
            }
            return true;
        }

        bool NextUnmatched()
        {
            for (; _unmatched < _rows!.Count; _unmatched++)
            {
                if (_used[_unmatched])
                    continue;
                _rows[_unmatched++][node.Codecs.Length..].CopyTo(_row.AsSpan(_outerWidth));
                return true;
            }
            return false;
        }

        // Rows in the buffer: keys first, then the inner row. A row with a NULL key can only be kept for RIGHT and FULL.
        void Build()
        {
            var keyCount = node.Codecs.Length;
            _rows = new RowBuffer(keyCount + node.Inner.Columns.Length);
            var hashes = new List<(int Hash, bool HasKey)>();
            while (_inner.MoveNext())
            {
                if ((hashes.Count & 1023) == 0)
                    state.ThrowIfCancelled();
                var inner = _inner.Current;
                var hasKey = TryHash(node.InnerKeys, inner, out var hash);
                if (!hasKey && !_keepsInner)
                    continue;
                var row = _rows.Add();
                _keys.CopyTo(row);
                inner.CopyTo(row[keyCount..]);
                hashes.Add((hash, hasKey));
            }
            var buckets = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, hashes.Count));
            _first = new int[buckets];
            _next = new int[hashes.Count];
            _hashes = new int[hashes.Count];
            _used = new bool[hashes.Count];
            // From the back, so that chains give rows in the order they came.
            for (var i = hashes.Count - 1; i >= 0; i--)
            {
                if (!hashes[i].HasKey)
                    continue;
                _hashes[i] = hashes[i].Hash;
                ref var head = ref _first[hashes[i].Hash & (buckets - 1)];
                _next[i] = head;
                head = i + 1;
            }
            if (_statistics is not null)
                _statistics.Details["Buckets"] = $"{buckets}  Batches: 1  Memory Usage: {Math.Max(1, (_rows.Bytes + buckets * 8L) / 1024)}kB";
        }

        bool TryHash(ImmutableArray<Evaluator> keys, ReadOnlySpan<Datum> row, out int hash)
        {
            hash = 0;
            for (var i = 0; i < _keys.Length; i++)
            {
                _keys[i] = keys[i].Evaluate(row, state);
                if (_keys[i].IsNull)
                    return false;
                hash = unchecked(hash * 31 + node.Codecs[i].Hash(_keys[i]));
            }
            // Codecs of integers hash to the number itself; spread neighbours and multiples over the table.
            hash = unchecked((int)((uint)hash * 0x9E37_79B1));
            hash ^= (int)((uint)hash >> 15);
            return true;
        }

        public override void Reset()
        {
            _outer.Reset();
            _inner.Reset();
            _rows = null;
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
