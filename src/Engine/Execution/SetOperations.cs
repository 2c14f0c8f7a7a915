using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
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
        readonly RowSource _left = node.Left.Start(state);
        readonly RowSource _right = node.Right.Start(state);
        Dictionary<Datum[], int>? _copies;
        HashSet<Datum[]>? _given;

        public override ReadOnlySpan<Datum> Current => _left.Current;

        public override bool MoveNext()
        {
            if (_copies is null)
                ReadRight();
            var copies = _copies!.GetAlternateLookup<ReadOnlySpan<Datum>>();
            for (var count = 1; _left.MoveNext(); count++)
            {
                if ((count & 1023) == 0)
                    state.ThrowIfCancelled();
                var row = _left.Current;
                var inRight = copies.TryGetValue(row, out var left) && left > 0;
                if (node.All && inRight)
                    copies[row] = left - 1;
                if (inRight != (node.Kind == SetOperationKind.Intersect))
                    continue;
                if (node.All || _given!.GetAlternateLookup<ReadOnlySpan<Datum>>().Add(row))
                    return true;
            }
            return false;
        }

        void ReadRight()
        {
            var comparer = new RowComparer([.. node.Codecs]);
            _copies = new(comparer);
            _given = new(comparer);
            var copies = _copies.GetAlternateLookup<ReadOnlySpan<Datum>>();
            while (_right.MoveNext())
            {
                copies.TryGetValue(_right.Current, out var count);
                copies[_right.Current] = count + 1;
            }
        }

        public override void Reset()
        {
            _copies = null;
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
