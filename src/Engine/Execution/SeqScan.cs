using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>All rows of a table that the snapshot sees, in the order of their ids, decoded as far as the plan needs them.</summary>
public sealed record SeqScanNode(TableAccess Table, RowDecoder Decoder, string Alias) : PlanNode
{
    public BoundExpression? Filter { get; init; }
    public Evaluator? FilterEvaluator { get; init; }

    /// <summary>Decodes only what the filter reads, into a row of its own, where the other columns are not needed for rows it rejects.</summary>
    public RowDecoder? FilterDecoder { get; init; }
    public int FilterColumns { get; init; }

    /// <summary>TABLESAMPLE: the percentage of rows to keep, and the seed of REPEATABLE.</summary>
    public (string Method, Evaluator Percentage, Evaluator? Seed)? Sample { get; init; }

    public override string Title => Sample is null ? "Seq Scan" : "Sample Scan";
    public override PlanTarget Target => PlanTarget.Of(Table.Relation, Alias);

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
        => Filter is null ? [] : [("Filter", printer.PrintOf(Alias, Filter))];

    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(SeqScanNode node, ExecutionState state) : RowSource
    {
        readonly Datum[] _row = new Datum[node.Columns.Length];
        readonly Datum[] _filterRow = new Datum[node.FilterColumns];
        readonly NodeStatistics? _statistics = state.Statistics?.Of(node);
        RowScan? _scan;
        double _threshold = 1;
        ulong _seed;
        int _sinceCheck;
        long _read;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            var scan = _scan ??= Begin();
            while (scan.MoveNext(out var view))
            {
                _read++;
                if (++_sinceCheck == 1024)
                {
                    _sinceCheck = 0;
                    state.ThrowIfCancelled();
                }
                if (node.Sample is not null && !IsInSample(view.Row.Value))
                    continue;
                if (Passes(view))
                    return true;
                if (_statistics is not null)
                    _statistics.RowsRemovedByFilter++;
            }
            return false;
        }

        bool Passes(RowView view)
        {
            if (node.FilterDecoder is null)
            {
                node.Decoder.Decode(view, _row);
                return node.FilterEvaluator is null || node.FilterEvaluator.IsTrue(_row, state);
            }
            node.FilterDecoder.Decode(view, _filterRow);
            if (!node.FilterEvaluator!.IsTrue(_filterRow, state))
                return false;
            node.Decoder.Decode(view, _row);
            return true;
        }

        RowScan Begin()
        {
            if (node.Sample is var (_, percentage, seed))
            {
                var value = percentage.Evaluate(default, state);
                if (value.IsNull)
                    throw new PgError("2202H", "TABLESAMPLE parameter cannot be null");
                if (value.AsDouble is not (>= 0 and <= 100))
                    throw new PgError("2202H", "sample percentage must be between 0 and 100");
                _threshold = value.AsDouble / 100;
                var given = seed?.Evaluate(default, state) ?? Datum.Of(Random.Shared.NextInt64());
                if (given.IsNull)
                    throw new PgError("2202G", "TABLESAMPLE REPEATABLE parameter cannot be null");
                _seed = (ulong)given.AsInt64;
            }
            state.NoteRead(node.Table.Relation);
            return node.Table.Rows.Scan(state.Snapshot);
        }

        // A row's place in the sample depends on its id and the seed alone, as REPEATABLE promises.
        bool IsInSample(long row)
        {
            var mixed = ((ulong)row ^ _seed) * 0x9E37_79B9_7F4A_7C15;
            mixed = (mixed ^ (mixed >> 32)) * 0xD6E8_FEB8_6659_FD93;
            return ((mixed ^ (mixed >> 32)) >> 11) * (1.0 / (1UL << 53)) < _threshold;
        }

        public override void Reset() => Dispose();

        public override void Dispose()
        {
            if (_scan is not null)
            {
                var blocks = Blocks.OfRows(node.Table.Rows);
                node.Table.Activity.CountScan(_read, blocks);
                _statistics?.Blocks += blocks;
            }
            (_scan, _read) = (null, 0);
        }
    }
}
