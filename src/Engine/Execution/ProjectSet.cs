using System.Collections.Immutable;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>A set-returning function with compiled arguments.</summary>
public sealed record CompiledSetCall(Function Function, ImmutableArray<Evaluator> Arguments, CallSite Site)
{
    /// <summary>The function's rows for one input row. A strict function gives none when an argument is NULL.</summary>
    public IEnumerable<Datum[]> Run(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var values = new Datum[Arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Arguments[i].Evaluate(row, state);
            if (Function.IsStrict && values[i].IsNull)
                return [];
        }
        return Function.SetBody!(values, Site, state);
    }
}

/// <summary>
/// Set-returning functions of a target list: each input row gives as many rows as its longest set has, shorter ones filled with NULL.
/// The output is the input row followed by one column per function.
/// </summary>
public sealed record ProjectSetNode(PlanNode Input, ImmutableArray<CompiledSetCall> Calls) : PlanNode
{
    public override string Title => "ProjectSet";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(ProjectSetNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly int _width = node.Input.Columns.Length;
        readonly Datum[] _row = new Datum[node.Columns.Length];
        readonly IEnumerator<Datum[]>?[] _sets = new IEnumerator<Datum[]>?[node.Calls.Length];
        bool _hasInput;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            while (true)
            {
                if (_hasInput && NextOfSets())
                    return true;
                state.ThrowIfCancelled();
                if (!(_hasInput = _input.MoveNext()))
                    return false;
                _input.Current.CopyTo(_row);
                for (var i = 0; i < _sets.Length; i++)
                    _sets[i] = node.Calls[i].Run(_input.Current, state).GetEnumerator();
            }
        }

        bool NextOfSets()
        {
            var any = false;
            for (var i = 0; i < _sets.Length; i++)
            {
                if (_sets[i] is { } set && set.MoveNext())
                {
                    any = true;
                    var columns = set.Current;
                    _row[_width + i] = columns.Length == 1 ? columns[0] : Datum.Of(new PgRecord(Fields(i), columns));
                }
                else
                {
                    _sets[i]?.Dispose();
                    _sets[i] = null;
                    _row[_width + i] = Datum.Null;
                }
            }
            return any;
        }

        ImmutableArray<RecordField> Fields(int call)
            => [.. node.Calls[call].Function.OutputColumns.Select(column => new RecordField(column.Name, column.Type))];

        public override void Reset()
        {
            _hasInput = false;
            _input.Reset();
        }

        public override void Dispose()
        {
            foreach (var set in _sets)
                set?.Dispose();
            _input.Dispose();
        }
    }
}
