using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>One input after the other: UNION ALL.</summary>
public sealed record AppendNode(ImmutableArray<PlanNode> Inputs) : PlanNode
{
    public override string Title => "Append";
    public override IEnumerable<PlanNode> Children => Inputs;
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(AppendNode node, ExecutionState state) : RowSource
    {
        readonly RowSource?[] _inputs = new RowSource?[node.Inputs.Length];
        int _current;

        public override ReadOnlySpan<Datum> Current => _inputs[_current]!.Current;

        public override bool MoveNext()
        {
            for (; _current < _inputs.Length; _current++)
            {
                if ((_inputs[_current] ??= node.Inputs[_current].Start(state)).MoveNext())
                    return true;
            }
            return false;
        }

        public override void Reset()
        {
            foreach (var input in _inputs)
                input?.Reset();
            _current = 0;
        }

        public override void Dispose()
        {
            foreach (var input in _inputs)
                input?.Dispose();
        }
    }
}

/// <summary>INTERSECT and EXCEPT: rows of the left side, as often as the right side's copies allow.</summary>
public sealed record SetOpNode(SetOperationKind Kind, bool All, PlanNode Left, PlanNode Right, ImmutableArray<TypeCodec> Codecs) : PlanNode
{
    public override string Title => $"HashSetOp {Kind}{(All ? " All" : "")}";
    public override IEnumerable<PlanNode> Children => [Left, Right];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(SetOpNode node, ExecutionState state) : RowSource
    {
        /// <summary>An entry of the table and the array's header.</summary>
        const int EntryBytes = 60;

        readonly RowSource _left = node.Left.Start(state);
        readonly RowSource _right = node.Right.Start(state);
        readonly RowComparer _comparer = new([.. node.Codecs]);
        readonly int _width = node.Codecs.Length;
        readonly Queue<(TemporaryRows? Left, TemporaryRows? Right, int Level)> _onDisk = new();
        Dictionary<Datum[], int>? _copies;
        SeenRows? _given;
        TemporaryRows.Reader? _leftPart;
        bool _isPart;
        int _level;

        // Both sides are put apart once the tables have filled the memory; rows with the number of their copies behind them on the right.
        HashPartitions? _leftRest;
        HashPartitions? _rightRest;

        public override ReadOnlySpan<Datum> Current => _isPart ? _leftPart!.Current : _left.Current;

        public override bool MoveNext()
        {
            if (_copies is null)
                ReadRight(null);
            do
            {
                for (var count = 1; MoveNextLeft(); count++)
                {
                    if ((count & 1023) == 0)
                        state.ThrowIfCancelled();
                    if (Passes(Current))
                        return true;
                }
            }
            while (NextPart());
            return false;
        }

        bool MoveNextLeft() => _isPart ? _leftPart is not null && _leftPart.MoveNext() : _left.MoveNext();

        bool Passes(ReadOnlySpan<Datum> row)
        {
            if (_leftRest is not null)
            {
                if (node.All || !_given!.Contains(row))
                    _leftRest.Add(_comparer.GetHashCode(row), row);
                return false;
            }
            var copies = _copies!.GetAlternateLookup<ReadOnlySpan<Datum>>();
            var inRight = copies.TryGetValue(row, out var left) && left > 0;
            if (node.All && inRight)
                copies[row] = left - 1;
            if (inRight != (node.Kind == SetOperationKind.Intersect))
                return false;
            if (node.All)
                return true;
            var isNew = _given!.Add(row);
            if (_given.IsFull && _level < HashPartitions.MostLevels)
                PutAside();
            return isNew;
        }

        void ReadRight(TemporaryRows? part)
        {
            (_copies, _given) = (new(_comparer), new(_comparer, state));
            var copies = _copies.GetAlternateLookup<ReadOnlySpan<Datum>>();
            var reader = part?.Read();
            var memory = 0L;
            for (var count = 1; _isPart ? reader is not null && reader.MoveNext() : _right.MoveNext(); count++)
            {
                if ((count & 1023) == 0)
                    state.ThrowIfCancelled();
                var row = _isPart ? reader!.Current[.._width] : _right.Current;
                var more = _isPart ? reader!.Current[_width].AsInt32 : 1;
                if (_rightRest is not null)
                {
                    AddRight(row, more);
                    continue;
                }
                if (!copies.TryGetValue(row, out var known))
                    memory += EntryBytes + RowImage.Memory(row);
                copies[row] = known + more;
                if (memory > state.HashMemory && _level < HashPartitions.MostLevels)
                    PutAside();
            }
        }

        void PutAside()
        {
            (_leftRest, _rightRest) = (new(state, node.Left.Columns.Length, _level), new(state, _width + 1, _level));
            foreach (var (row, count) in _copies!)
                AddRight(row, count);
            _copies.Clear();
        }

        void AddRight(ReadOnlySpan<Datum> row, int count)
            => _rightRest!.Add(_comparer.GetHashCode(row), [.. row[.._width], Datum.Of((long)count)]);

        bool NextPart()
        {
            if (_leftRest is not null)
            {
                _leftRest.Finish();
                _rightRest!.Finish();
                for (var part = 0; part < HashPartitions.Count; part++)
                    if (_leftRest[part] is not null)
                        _onDisk.Enqueue((_leftRest[part], _rightRest[part], _leftRest.Level));
                (_leftRest, _rightRest) = (null, null);
            }
            if (!_onDisk.TryDequeue(out var next))
                return false;
            (_isPart, _level) = (true, next.Level);
            ReadRight(next.Right);
            _leftPart = next.Left?.Read();
            return true;
        }

        public override void Reset()
        {
            (_copies, _given, _leftPart, _leftRest, _rightRest) = (null, null, null, null, null);
            (_isPart, _level) = (false, 0);
            _onDisk.Clear();
            _left.Reset();
            _right.Reset();
        }

        public override void Dispose()
        {
            _left.Dispose();
            _right.Dispose();
        }
    }
}
