using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Which part of an index a scan reads, with values that are known when it starts.</summary>
/// <param name="Equal">One value for each of the first keys; null for IS NULL.</param>
/// <param name="AnyOf">For the key after those: an array each of whose elements is looked up in turn. Excludes bounds.</param>
public sealed record IndexConditions(
    ImmutableArray<Evaluator?> Equal, Evaluator? AnyOf, Evaluator? Lower, bool LowerInclusive, Evaluator? Upper, bool UpperInclusive, bool NotNull);

/// <summary>Rows of a table by an index, in key order unless <see cref="IndexConditions.AnyOf"/> is set.</summary>
public sealed record IndexScanNode(TableAccess Table, IndexAccess Index, RowDecoder Decoder, string Alias, IndexConditions Conditions, bool Backward) : PlanNode
{
    public ImmutableArray<BoundExpression> IndexCondition { get; init; } = [];
    public BoundExpression? Filter { get; init; }
    public Evaluator? FilterEvaluator { get; init; }

    public override string Title
        => $"Index Scan {(Backward ? "Backward " : "")}using {Quote.Name(Index.Definition.Name)} on {Quote.Table(Table.Relation.Name, Alias)}";

    public override IEnumerable<(string Label, string Text)> Details(BoundExpressionPrinter printer)
    {
        if (!IndexCondition.IsEmpty)
            yield return ("Index Cond", printer.Print(QueryTree.And(IndexCondition)!));
        if (Filter is not null)
            yield return ("Filter", printer.Print(Filter));
    }

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source : RowSource
    {
        readonly IndexScanNode _node;
        readonly ExecutionState _state;
        readonly IndexCursor _cursor;
        readonly Datum[] _row;
        readonly Datum[] _equal;
        readonly NodeStatistics? _statistics;
        Datum[]? _choices;
        int _nextChoice;
        bool _isSearching;
        int _sinceCheck;

        public Source(IndexScanNode node, ExecutionState state)
        {
            (_node, _state) = (node, state);
            _cursor = node.Index.Open(state);
            _row = node.Columns.Length == 0 ? [] : new Datum[node.Columns.Length];
            _equal = new Datum[node.Conditions.Equal.Length + (node.Conditions.AnyOf is null ? 0 : 1)];
            _statistics = state.Statistics?.Of(node);
        }

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            while (_isSearching || NextSearch())
            {
                while (_cursor.MoveNext(out var view))
                {
                    if (++_sinceCheck == 1024)
                    {
                        _sinceCheck = 0;
                        _state.ThrowIfCancelled();
                    }
                    _node.Decoder.Decode(view, _row);
                    if (_node.FilterEvaluator is null || _node.FilterEvaluator.IsTrue(_row, _state))
                        return true;
                    if (_statistics is not null)
                        _statistics.RowsRemovedByFilter++;
                }
                _isSearching = false;
            }
            return false;
        }

        // Starts the first search, or the one for the next element of an IN list; false when there are no more.
        bool NextSearch()
        {
            var conditions = _node.Conditions;
            if (_nextChoice == 0)
            {
                for (var i = 0; i < conditions.Equal.Length; i++)
                {
                    if (conditions.Equal[i] is not { } evaluator)
                        continue;
                    _equal[i] = evaluator.Evaluate(default, _state);
                    if (_equal[i].IsNull)
                        return false;
                }
            }
            if (conditions.AnyOf is { } anyOf)
            {
                _choices ??= Choices(anyOf.Evaluate(default, _state));
                if (_nextChoice >= _choices.Length)
                    return false;
                _equal[^1] = _choices[_nextChoice];
            }
            else if (_nextChoice > 0)
                return false;
            _nextChoice++;

            Datum? lower = conditions.Lower?.Evaluate(default, _state), upper = conditions.Upper?.Evaluate(default, _state);
            if (lower is { IsNull: true } || upper is { IsNull: true })
                return false;
            _cursor.Seek(new IndexRange
            {
                Equal = _equal,
                Lower = lower,
                LowerInclusive = conditions.LowerInclusive,
                Upper = upper,
                UpperInclusive = conditions.UpperInclusive,
                NotNull = conditions.NotNull,
                Backward = _node.Backward,
            });
            return _isSearching = true;
        }

        Datum[] Choices(Datum array)
        {
            if (array.IsNull)
                return [];
            var codec = _node.Index.Keys[_node.Conditions.Equal.Length].Type.Codec;
            var choices = array.As<PgArray>().Items.Where(item => !item.IsNull).Distinct(new DatumComparer(codec)).ToArray();
            Array.Sort(choices, (a, b) => codec.Compare(a, b));
            return choices;
        }

        public override void Reset()
        {
            _isSearching = false;
            _nextChoice = 0;
            _choices = null;
        }

        public override void Dispose() => _cursor.Dispose();
    }
}
