using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Each row once, compared by its first columns (as many as there are codecs): DISTINCT and UNION.</summary>
public sealed record DistinctNode(PlanNode Input, ImmutableArray<TypeCodec> Codecs) : PlanNode
{
    public ImmutableArray<BoundExpression> Keys { get; init; } = [];
    public override string Title => "HashAggregate";
    public override IEnumerable<PlanNode> Children => [Input];

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
        => Keys.IsEmpty ? [] : [("Group Key", (IReadOnlyList<string>)[.. Keys.Select(printer.Print)])];

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(DistinctNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly SeenRows _seen = new(new RowComparer([.. node.Codecs]), state);
        readonly Queue<(TemporaryRows Rows, int Level)> _onDisk = new();
        TemporaryRows.Reader? _part;
        int _level;
        int _batches = 1;

        // Rows that were not seen once the memory is full: put aside, for when it is free again.
        HashPartitions? _unknown;

        public override ReadOnlySpan<Datum> Current => _part is null ? _input.Current : _part.Current;

        public override bool MoveNext()
        {
            do
            {
                for (var count = 1; _part is null ? _input.MoveNext() : _part.MoveNext(); count++)
                {
                    if ((count & 1023) == 0)
                        state.ThrowIfCancelled();
                    var row = Current;
                    if (!_seen.IsFull || _level >= HashPartitions.MostLevels)
                    {
                        if (_seen.Add(row))
                            return true;
                    }
                    else if (!_seen.Contains(row))
                        (_unknown ??= new(state, row.Length, _level)).Add(_seen.Hash(row), row);
                }
            }
            while (NextPart());
            return false;
        }

        bool NextPart()
        {
            if (_unknown is not null)
            {
                _unknown.Finish();
                for (var part = 0; part < HashPartitions.Count; part++)
                    if (_unknown[part] is { } rows)
                        _onDisk.Enqueue((rows, _unknown.Level));
                _unknown = null;
            }
            if (!_onDisk.TryDequeue(out var next))
            {
                Report();
                return false;
            }
            _seen.Clear();
            (_part, _level) = (next.Rows.Read(), next.Level);
            _batches++;
            return true;
        }

        void Report()
        {
            if (state.Statistics?.Of(node) is { } statistics)
                statistics.Details["Batches"] = $"{_batches}  Memory Usage: {Math.Max(24, _seen.MostMemory / 1024)}kB"
                    + (_batches > 1 ? $"  Disk Usage: {state.Temporary.Bytes / 1024}kB" : "");
        }

        public override void Reset()
        {
            _seen.Clear();
            _onDisk.Clear();
            (_part, _unknown, _level, _batches) = (null, null, 0, 1);
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}

/// <summary>The first row of each run of rows with equal keys, which are input columns: DISTINCT ON over a sorted input.</summary>
public sealed record UniqueNode(PlanNode Input, ImmutableArray<int> KeyColumns, ImmutableArray<TypeCodec> Codecs) : PlanNode
{
    public override string Title => "Unique";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(UniqueNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly Datum[] _last = new Datum[node.KeyColumns.Length];
        bool _hasLast;

        public override ReadOnlySpan<Datum> Current => _input.Current;

        public override bool MoveNext()
        {
            while (_input.MoveNext())
            {
                var row = _input.Current;
                if (_hasLast && IsSame(row))
                    continue;
                for (var i = 0; i < _last.Length; i++)
                    _last[i] = row[node.KeyColumns[i]];
                return _hasLast = true;
            }
            return false;
        }

        bool IsSame(ReadOnlySpan<Datum> row)
        {
            for (var i = 0; i < _last.Length; i++)
            {
                var value = row[node.KeyColumns[i]];
                if (value.IsNull || _last[i].IsNull ? value.IsNull != _last[i].IsNull : !node.Codecs[i].Equal(value, _last[i]))
                    return false;
            }
            return true;
        }

        public override void Reset()
        {
            _hasLast = false;
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}
