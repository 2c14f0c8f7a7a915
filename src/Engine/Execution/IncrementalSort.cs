using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// Sorts an input that is already in the order of the first key, its last column: rows that are equal there are put in the order of the other
/// keys. Gives its first rows as soon as they are known. Output: the input row, then the other keys.
/// </summary>
sealed record IncrementalSortNode(PlanNode Input, ImmutableArray<BoundSortKey> Keys, ImmutableArray<Evaluator> OtherKeys) : PlanNode
{
    public SortDirection First { get; } = new(Keys[0].Expression.Type.Codec, Keys[0].Descending, Keys[0].NullsFirst);
    public SortDirection[] Others { get; } = [.. Keys.Skip(1).Select(key => new SortDirection(key.Expression.Type.Codec, key.Descending, key.NullsFirst))];

    public override string Title => "Incremental Sort";
    public override IEnumerable<PlanNode> Children => [Input];
    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
        => [("Sort Key", printer.PrintKeys(Keys)), ("Presorted Key", printer.PrintKeys([Keys[0]]))];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(IncrementalSortNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly int _width = node.Input.Columns.Length;
        readonly List<Datum[]> _group = [];
        Datum[]? _ahead;
        bool _ended;
        int _next;

        public override ReadOnlySpan<Datum> Current => _group[_next - 1];

        public override bool MoveNext()
        {
            if (_next == _group.Count && !NextGroup())
                return false;
            _next++;
            return true;
        }

        bool NextGroup()
        {
            _next = 0;
            _group.Clear();
            if ((_ahead ??= Pull()) is not { } first)
                return false;
            _group.Add(first);
            while ((_ahead = Pull()) is not null && node.First.Compare(in _ahead[_width - 1], in first[_width - 1]) == 0)
                _group.Add(_ahead);
            if (_group.Count > 1)
                _group.Sort((a, b) => SortDirection.Compare(node.Others, a.AsSpan(_width), b.AsSpan(_width)));
            return true;
        }

        Datum[]? Pull()
        {
            if (_ended || !_input.MoveNext())
            {
                _ended = true;
                return null;
            }
            var row = new Datum[node.Columns.Length];
            var input = _input.Current;
            input.CopyTo(row);
            for (var i = 0; i < node.OtherKeys.Length; i++)
                row[_width + i] = node.OtherKeys[i].Evaluate(input, state);
            return row;
        }

        public override void Reset()
        {
            _group.Clear();
            (_ahead, _ended, _next) = (null, false, 0);
            _input.Reset();
        }

        public override void Dispose() => _input.Dispose();
    }
}
