using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>One call of a window: a window function, or an aggregate over the frame.</summary>
public sealed record CompiledWindowCall(Func<WindowFunction>? Function, CompiledAggregate? Aggregate, ImmutableArray<Evaluator> Arguments);

/// <summary>
/// Computes the calls of one window over an input sorted by its partition and order. A partition is gathered, then its rows are given
/// with the results behind them.
/// </summary>
public sealed record WindowNode(
    PlanNode Input, ImmutableArray<Evaluator> Partition, ImmutableArray<TypeCodec> PartitionCodecs, ImmutableArray<Evaluator> OrderKeys,
    ImmutableArray<CompiledWindowCall> Calls, BoundFrame Frame, Evaluator? StartOffset, Evaluator? EndOffset) : PlanNode
{
    internal ImmutableArray<SortDirection> Order { get; init; } = [];

    /// <summary>Type of the first sort key, which RANGE offsets are added to.</summary>
    public PgType? KeyType { get; init; }

    public override string Title => "WindowAgg";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source : RowSource
    {
        readonly WindowNode _node;
        readonly ExecutionState _state;
        readonly RowSource _input;
        readonly Datum[] _row;
        readonly int _inputWidth;
        readonly WindowPartition _partition;
        readonly Datum[] _keys;
        Datum[]? _pending;
        bool _inputDone;
        int _next;

        public Source(WindowNode node, ExecutionState state)
        {
            (_node, _state) = (node, state);
            _input = node.Input.Start(state);
            _row = new Datum[node.Columns.Length];
            _inputWidth = node.Input.Columns.Length;
            _keys = new Datum[node.Partition.Length];
            _partition = new WindowPartition(node, state);
        }

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (_next >= _partition.PartitionRows && !NextPartition())
                return false;
            _partition.Rows[_next].CopyTo(_row);
            _partition.Evaluate(_next++, _row.AsSpan(_inputWidth));
            return true;
        }

        bool NextPartition()
        {
            _partition.Clear();
            _next = 0;
            if (_pending is not null)
            {
                _partition.Rows.Add(_pending);
                _pending = null;
            }
            while (!_inputDone)
            {
                if ((_partition.PartitionRows & 1023) == 0)
                    _state.ThrowIfCancelled();
                if (!_input.MoveNext())
                {
                    _inputDone = true;
                    break;
                }
                var row = _input.Current;
                if (_partition.PartitionRows == 0)
                {
                    IsSamePartition(row, isFirst: true);
                    _partition.Rows.Add(row);
                }
                else if (IsSamePartition(row, isFirst: false))
                    _partition.Rows.Add(row);
                else
                {
                    _pending = row.ToArray();
                    break;
                }
            }
            if (_partition.PartitionRows == 0)
                return false;
            _partition.Start();
            return true;
        }

        // Also remembers the keys of a row that begins a partition.
        bool IsSamePartition(ReadOnlySpan<Datum> row, bool isFirst)
        {
            var same = true;
            for (var i = 0; i < _keys.Length; i++)
            {
                var value = _node.Partition[i].Evaluate(row, _state);
                same &= !isFirst && (value.IsNull || _keys[i].IsNull ? value.IsNull == _keys[i].IsNull : _node.PartitionCodecs[i].Equal(value, _keys[i]));
                _keys[i] = value;
            }
            return same || _keys.Length == 0;
        }

        public override void Reset()
        {
            _input.Reset();
            _partition.Clear();
            _pending = null;
            _inputDone = false;
            _next = 0;
        }

        public override void Dispose() => _input.Dispose();
    }
}
