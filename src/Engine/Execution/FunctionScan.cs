using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>One entry of a function scan: a set-returning call, or an expression that gives one row.</summary>
/// <param name="Columns">Output columns it gives; a single value that is a record is spread over several.</param>
public sealed record FunctionSource(CompiledSetCall? Set, Evaluator? Single, int Columns);

/// <summary>Functions in FROM, side by side (ROWS FROM): as many rows as the longest gives, with an ordinality column when asked for.</summary>
public sealed record FunctionScanNode(ImmutableArray<FunctionSource> Sources, bool WithOrdinality, string Alias) : PlanNode
{
    public ImmutableArray<BoundExpression> Calls { get; init; } = [];

    public override string Title => "Function Scan";

    public override PlanTarget Target
        => (Calls is [var only] ? only switch { BoundSetCall set => set.Function, BoundCall call => call.Function, _ => null } : null) is { } function
            ? new(PlanTargetKind.Function, function.Schema, function.Name, Alias)
            : new(PlanTargetKind.Function, null, null, Alias);

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(FunctionScanNode node, ExecutionState state) : RowSource
    {
        readonly Datum[] _row = new Datum[node.Sources.Sum(source => source.Columns) + (node.WithOrdinality ? 1 : 0)];
        IEnumerator<Datum[]>?[]? _sets;
        long _ordinal;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (_sets is null)
                Begin();
            if ((++_ordinal & 1023) == 0)
                state.ThrowIfCancelled();
            var any = false;
            var at = 0;
            for (var i = 0; i < _sets!.Length; i++)
            {
                var width = node.Sources[i].Columns;
                var target = _row.AsSpan(at, width);
                at += width;
                if (_sets[i] is { } set && set.MoveNext())
                {
                    any = true;
                    Spread(set.Current, target);
                }
                else
                {
                    _sets[i] = null;
                    target.Clear();
                }
            }
            if (node.WithOrdinality)
                _row[at] = Datum.Of(_ordinal);
            return any;
        }

        static void Spread(Datum[] values, Span<Datum> target)
        {
            if (values is [{ Reference: PgRecord record }])
                record.Values.CopyTo(target);
            else if (values.Length == target.Length)
                values.CopyTo(target);
            else
                target.Clear();
        }

        void Begin()
        {
            _ordinal = 0;
            _sets = new IEnumerator<Datum[]>?[node.Sources.Length];
            for (var i = 0; i < _sets.Length; i++)
            {
                var source = node.Sources[i];
                IEnumerable<Datum[]> rows = source.Set is not null ? source.Set.Run(default, state) : [[source.Single!.Evaluate(default, state)]];
                _sets[i] = rows.GetEnumerator();
            }
        }

        public override void Reset() => _sets = null;

        public override void Dispose()
        {
            foreach (var set in _sets ?? [])
                set?.Dispose();
        }
    }
}
