using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// A sequential scan with a condition <c>column &lt;distance&gt; query &lt; bound</c> on a fixed-size vector column: distances are computed straight from the
/// column's mapped file, many at a time, and only rows within the bound are read. EXPLAIN shows the sequential scan that it is.
/// </summary>
/// <param name="Plain">The scan that would do the same row by row.</param>
/// <param name="Column">Storage's number of the vector column.</param>
/// <param name="IsInside">Whether a row at the bound itself passes.</param>
sealed record DistanceScanNode(SeqScanNode Plain, int Column, int Typmod, Metric Metric, Evaluator Query, Evaluator Bound, bool IsInside) : PlanNode
{
    /// <summary>The other conditions over the output columns; null when there are none.</summary>
    public Evaluator? Rest { get; init; }

    public override string Title => Plain.Title;
    public override IEnumerable<(string Label, string Text)> Details(BoundExpressionPrinter printer) => Plain.Details(printer);
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(DistanceScanNode node, ExecutionState state) : RowSource
    {
        const int BatchRows = 1024;

        readonly Datum[] _row = new Datum[node.Columns.Length];
        readonly RowId[] _rows = new RowId[BatchRows];
        readonly int[] _slots = new int[BatchRows];
        readonly double[] _distances = new double[BatchRows];
        RowSource? _plain;
        VectorScan? _scan;
        RowDistances? _measure;
        double _bound;
        int _count;
        int _next;
        bool _isStarted;
        bool _isEmpty;

        public override ReadOnlySpan<Datum> Current => _plain is null ? _row : _plain.Current;

        public override bool MoveNext()
        {
            if (!_isStarted)
                Begin();
            if (_plain is not null)
                return _plain.MoveNext();
            while (!_isEmpty && (_next < _count || NextBatch()))
            {
                var at = _next++;
                if (!(node.IsInside ? _distances[at] <= _bound : _distances[at] < _bound) || !node.Plain.Table.Rows.TryRead(_rows[at], state.Snapshot, out var view))
                    continue;
                node.Plain.Decoder.Decode(view, _row);
                if (node.Rest is null || node.Rest.IsTrue(_row, state))
                    return true;
            }
            return false;
        }

        void Begin()
        {
            _isStarted = true;
            var query = node.Query.Evaluate(default, state);
            var bound = node.Bound.Evaluate(default, state);
            var column = node.Plain.Table.Rows.Vectors(node.Column);
            _isEmpty = query.IsNull || bound.IsNull;
            if (_isEmpty)
                return;
            _bound = bound.AsDouble;
            _measure = query.Reference switch
            {
                float[] vector when vector.Length * sizeof(float) == column.ValueBytes => RowDistances.To(vector, node.Metric),
                Half[] vector when vector.Length * 2 == column.ValueBytes => RowDistances.To(vector, node.Metric),
                BitString bits when bits.Length == node.Typmod => RowDistances.To(bits.Bytes, node.Metric),
                _ => null,
            };
            // Other dimensions, an error that the operator raises at its first row; and NaN, which is above all numbers there.
            if (_measure is null || double.IsNaN(_bound))
            {
                _plain = node.Plain.Open(state);
                return;
            }
            state.NoteRead(node.Plain.Table.Relation);
            _scan = node.Plain.Table.Rows.ScanVectors(node.Column, state.Snapshot, default, new RowId(long.MaxValue));
        }

        bool NextBatch()
        {
            state.ThrowIfCancelled();
            (_count, _next) = (_scan!.NextBatch(_rows, _slots), 0);
            VectorRuns.Measure(_measure!, node.Plain.Table.Rows.Vectors(node.Column), _slots.AsSpan(0, _count), _distances.AsSpan(0, _count));
            return _count > 0;
        }

        public override void Reset()
        {
            _plain?.Dispose();
            _plain = null;
            _isStarted = false;
            _count = _next = 0;
        }

        public override void Dispose() => _plain?.Dispose();
    }
}
