using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// A sequential scan with a condition <c>column &lt;distance&gt; query &lt; bound</c> on a fixed-size vector column: distances are computed straight from the
/// column's mapped file, many at a time, and only rows within the bound are read. EXPLAIN shows the sequential scan that it is. With an index whose
/// codes prove of most rows that they are too far, only the others are measured.
/// </summary>
/// <param name="Plain">The scan that would do the same row by row.</param>
/// <param name="Column">Storage's number of the vector column.</param>
/// <param name="IsInside">Whether a row at the bound itself passes.</param>
sealed record DistanceScanNode(SeqScanNode Plain, int Column, int Typmod, Metric Metric, Evaluator Query, Evaluator Bound, bool IsInside) : PlanNode
{
    /// <summary>The other conditions over the output columns; null when there are none.</summary>
    public Evaluator? Rest { get; init; }

    /// <summary>The index to ask first; null when none serves.</summary>
    public VectorAccess? Index { get; init; }

    public override string Title => Index is null ? Plain.Title : $"Index Scan using {Quote.Name(Index.Definition.Name)}";
    public override PlanTarget Target => Plain.Target;

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer) => Plain.Details(printer);
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(DistanceScanNode node, ExecutionState state) : RowSource
    {
        const int BatchRows = 1024;

        /// <summary>Measuring more than one row in so many one by one takes longer than measuring all in order.</summary>
        const int MostShare = 4;

        readonly Datum[] _row = new Datum[node.Columns.Length];
        readonly RowId[] _rows = new RowId[BatchRows];
        readonly int[] _slots = new int[BatchRows];
        readonly double[] _distances = new double[BatchRows];
        RowSource? _plain;
        VectorScan? _scan;
        IEnumerator<(RowId Row, int Slot)>? _candidates;
        RowDistances? _measure;
        double _bound;
        int _count;
        int _next;
        long _measured, _read;
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
                if (!(node.IsInside ? _distances[at] <= _bound : _distances[at] < _bound))
                    continue;
                _read++;
                if (!node.Plain.Table.Rows.TryRead(_rows[at], state.Snapshot, out var view))
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
            _candidates = AskIndex(query);
            _scan = node.Plain.Table.Rows.ScanVectors(node.Column, state.Snapshot, default, new RowId(long.MaxValue));
        }

        bool NextBatch()
        {
            state.ThrowIfCancelled();
            (_count, _next) = (_candidates is null ? _scan!.NextBatch(_rows, _slots) : NextCandidates(), 0);
            VectorRuns.Measure(_measure!, node.Plain.Table.Rows.Vectors(node.Column), _slots.AsSpan(0, _count), _distances.AsSpan(0, _count), _bound);
            _measured += _count;
            return _count > 0;
        }

        // The rows that may be near enough, in the order of their ids; null when most may be, or the index cannot say.
        IEnumerator<(RowId Row, int Slot)>? AskIndex(Datum query)
        {
            if (node.Index is not { Tree: var tree } index)
                return null;
            using var search = tree.Search(RowFormat.VectorValue(index.Key.Type, query));
            var most = (int)Math.Min(int.MaxValue, node.Plain.Table.Rows.RowCountEstimate / MostShare);
            if (search is null || !tree.IsSettled || !search.TryWithin(_bound, most))
                return null;
            var found = new (RowId Row, int Slot)[search.Candidates.Length];
            for (var i = 0; i < found.Length; i++)
                found[i] = (new RowId(search.Candidates[i].Row), search.Candidates[i].Key);
            Array.Sort(found, (a, b) => (a.Row.Value, a.Slot).CompareTo((b.Row.Value, b.Slot)));
            index.Activity.Count(scans: 1, found.Length, rows: 0, nodes: found.Length);
            return found.Distinct().GetEnumerator();
        }

        // Of a row's vectors only that counts which the snapshot sees.
        int NextCandidates()
        {
            var count = 0;
            while (count < BatchRows && _candidates!.MoveNext())
            {
                var (row, key) = _candidates.Current;
                if (!node.Plain.Table.Rows.TryGetSlot(row, node.Column, state.Snapshot, out var slot) || slot != key)
                    continue;
                (_rows[count], _slots[count]) = (row, slot);
                count++;
            }
            return count;
        }

        void Count()
        {
            if (_scan is null)
                return;
            var blocks = _read + (_candidates is null ? Blocks.OfVectors(_measured, node.Plain.Table.Rows.Vectors(node.Column).ValueBytes) : _measured);
            if (_candidates is null)
                node.Plain.Table.Activity.CountScan(_measured, blocks);
            else
                node.Plain.Table.Activity.CountFetched(_read, blocks);
            state.Statistics?.Of(node).Blocks += blocks;
            (_scan, _measured, _read) = (null, 0, 0);
        }

        public override void Reset()
        {
            Count();
            _plain?.Dispose();
            _candidates = null;
            _plain = null;
            _isStarted = false;
            _count = _next = 0;
        }

        public override void Dispose()
        {
            Count();
            _plain?.Dispose();
        }
    }
}
