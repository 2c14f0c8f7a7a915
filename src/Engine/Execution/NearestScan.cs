using System.Collections.Immutable;
using System.Runtime.InteropServices;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// Exact nearest neighbours: <c>ORDER BY column &lt;distance&gt; query LIMIT n</c> over a table with a fixed-size vector column. Distances
/// are computed straight from the column's mapped file, a run of neighbouring slots at a time; a bounded heap keeps the nearest rows, and
/// only they are decoded. Where an index serves the condition and finds few rows, only those are measured. Output: the scan's columns, then the distance. EXPLAIN shows PostgreSQL's Sort over a Seq Scan.
/// </summary>
/// <param name="Column">Storage's number of the vector column.</param>
/// <param name="Query">The vector to be near to.</param>
/// <param name="Decoder">Decodes the output columns.</param>
/// <param name="Operator">The distance operator as a function, for what the kernels leave to it: vectors of other dimensions.</param>
public sealed record NearestScanNode(
    TableAccess Table, int Column, PgType Type, int Typmod, Metric Metric, Evaluator Query, RowDecoder Decoder, Evaluator Limit, Evaluator? Offset) : PlanNode
{
    public required BoundSortKey Key { get; init; }

    /// <summary>The condition on rows, with what decodes the columns it reads. Asked only of rows near enough to enter the heap.</summary>
    public Evaluator? Filter { get; init; }
    public RowDecoder? FilterDecoder { get; init; }
    public int FilterColumns { get; init; }

    /// <summary>The distance of a decoded row by the operator itself; raises what it raises.</summary>
    public required Func<Datum, Datum, ExecutionState, Datum> Operator { get; init; }

    /// <summary>The scan as EXPLAIN shows it.</summary>
    public required SeqScanNode Shown { get; init; }

    /// <summary>Row ids that an index finds for a part of the condition; null when none serves.</summary>
    public IndexScanNode? Candidates { get; init; }

    /// <summary>Decodes the vector column alone.</summary>
    public required RowDecoder VectorDecoder { get; init; }

    public override string Title => "Sort";
    public override IEnumerable<PlanNode> Children => [(PlanNode?)Candidates ?? Shown];
    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer) => [("Sort Key", printer.PrintKeys([Key]))];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(NearestScanNode node, ExecutionState state) : RowSource
    {
        const int BatchRows = 1024;

        /// <summary>
        /// The index's rows are used while they are fewer than this share of all: finding a row and its vector that way costs some
        /// ten times what the scan spends on it.
        /// </summary>
        const int MostCandidatesShare = 16;

        readonly Datum[] _row = new Datum[node.Columns.Length];
        readonly Datum[] _filterRow = node.FilterColumns == 0 ? [] : new Datum[node.FilterColumns];
        long[]? _rows;
        double[] _distances = [];
        int _next;
        long _wanted;
        Datum _query;
        RowScan? _rest;
        List<RowId>? _withoutVector;
        int _nextWithoutVector;
        long _scanned;
        long _removed;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            if (_rows is null)
                Search();
            if (_next < _rows!.Length)
            {
                if (!node.Table.Rows.TryRead(new RowId(_rows[_next]), state.Snapshot, out var view))
                    throw new InvalidOperationException("a row that the snapshot saw is gone");
                node.Decoder.Decode(view, _row);
                _row[^1] = Datum.Of(_distances[_next++]);
                return true;
            }
            return _next < _wanted && NextWithoutDistance();
        }

        void Search()
        {
            _query = node.Query.Evaluate(default, state);
            var (limit, offset) = LimitNode.Counts(node.Limit, node.Offset, state);
            _wanted = Math.Min(limit > long.MaxValue - offset ? long.MaxValue : limit + offset, Math.Max(1, node.Table.Rows.NextRowId));
            _rows = [];
            if (_wanted <= 0 || _query.IsNull)
                return;
            var heap = new NearestHeap((int)Math.Min(_wanted, Array.MaxLength));
            var measure = MakeDistances();
            if (measure is null || node.Candidates is null || !ScanCandidates(heap, measure))
                Scan(heap, measure);
            heap.TakeSorted(out var distances, out var ids);
            (_distances, _rows) = (distances.ToArray(), ids.ToArray());
            CountBlocks(_rows.Length);
            Report();
        }

        /// <summary>Null when the query has other dimensions than the column, which is the operator's business.</summary>
        RowDistances? MakeDistances()
        {
            var bytes = node.Table.Rows.Vectors(node.Column).ValueBytes;
            switch (_query.Reference)
            {
                case float[] query:
                    return query.Length * sizeof(float) == bytes ? RowDistances.To(query, node.Metric) : null;
                case Half[] query:
                    return query.Length * 2 == bytes ? RowDistances.To(query, node.Metric) : null;
                default:
                    var bits = _query.As<BitString>();
                    return bits.Length == node.Typmod ? RowDistances.To(bits.Bytes, node.Metric) : null;
            }
        }

        void Scan(NearestHeap heap, RowDistances? measure)
        {
            state.NoteRead(node.Table.Relation);
            var column = node.Table.Rows.Vectors(node.Column);
            var scan = node.Table.Rows.ScanVectors(node.Column, state.Snapshot, default, new RowId(long.MaxValue));
            var batch = (int)Math.Clamp(node.Table.Rows.NextRowId, 1, BatchRows);
            var rows = new RowId[batch];
            var slots = new int[batch];
            var distances = new double[batch];
            for (int count; (count = scan.NextBatch(rows, slots)) > 0;)
            {
                state.ThrowIfCancelled();
                if (measure is null)
                    CallOperator(rows.AsSpan(0, count));
                else
                    VectorRuns.Measure(measure, column, slots.AsSpan(0, count), distances.AsSpan(0, count), heap.Bound);
                if (node.Filter is null)
                    heap.Offer(distances.AsSpan(0, count), MemoryMarshal.Cast<RowId, long>(rows.AsSpan(0, count)));
                else
                    OfferFiltered(heap, rows.AsSpan(0, count), distances);
                _scanned += count;
            }
            var blocks = Blocks.OfVectors(_scanned, column.ValueBytes);
            node.Table.Activity.CountScan(_scanned, blocks);
            state.Statistics?.Of(node.Shown).Blocks += blocks;
        }

        // False, with nothing done, when the index finds too many rows for this to be better than the scan.
        bool ScanCandidates(NearestHeap heap, RowDistances measure)
        {
            var most = node.Table.Rows.NextRowId / MostCandidatesShare;
            var withoutVector = new List<RowId>();
            var found = new List<(RowId Row, int Slot)>();
            using (var rows = node.Candidates!.Start(state))
            {
                while (rows.MoveNext())
                {
                    var row = node.Table.RowId(rows.Current[0]);
                    if (!node.Table.Rows.TryGetSlot(row, node.Column, state.Snapshot, out var slot))
                        continue;
                    if (slot < 0)
                        withoutVector.Add(row);
                    else
                        found.Add((row, slot));
                    if (found.Count > most)
                        return false;
                }
            }
            var column = node.Table.Rows.Vectors(node.Column);
            var distance = new double[1];
            var id = new RowId[1];
            foreach (var (row, slot) in found)
            {
                (id[0], distance[0]) = (row, measure.To(column.Bytes(slot)));
                OfferFiltered(heap, id, distance);
            }
            withoutVector.Sort();
            _withoutVector = withoutVector;
            return true;
        }

        void OfferFiltered(NearestHeap heap, ReadOnlySpan<RowId> rows, ReadOnlySpan<double> distances)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (distances[i] > heap.Bound)
                    continue;
                if (Passes(rows[i]))
                    heap.Offer(distances[i], rows[i].Value);
                else
                    _removed++;
            }
        }

        bool Passes(RowId row)
        {
            if (!node.Table.Rows.TryRead(row, state.Snapshot, out var view))
                return false;
            node.FilterDecoder!.Decode(view, _filterRow);
            return node.Filter!.IsTrue(_filterRow, state);
        }

        // The operator raises the error that PostgreSQL raises at the first row it is called for.
        void CallOperator(ReadOnlySpan<RowId> rows)
        {
            Span<Datum> vector = [default];
            foreach (var row in rows)
            {
                if (node.Filter is not null && !Passes(row))
                    continue;
                if (!node.Table.Rows.TryRead(row, state.Snapshot, out var view))
                    continue;
                node.VectorDecoder.Decode(view, vector);
                node.Operator(vector[0], _query, state);
            }
        }

        // Rows whose vector (or the query) is NULL come last, in the table's order.
        bool NextWithoutDistance()
        {
            while (_withoutVector is not null)
            {
                if (_nextWithoutVector == _withoutVector.Count)
                    return false;
                if (TakeWithoutDistance(_withoutVector[_nextWithoutVector++]))
                    return true;
            }
            _rest ??= BeginRest();
            while (_rest.MoveNext(out var view))
            {
                if (!_query.IsNull && !view.IsNull(node.Column))
                    continue;
                if (TakeWithoutDistance(view.Row))
                    return true;
            }
            return false;
        }

        RowScan BeginRest()
        {
            CountBlocks(Blocks.OfRows(node.Table.Rows));
            return node.Table.Rows.Scan(state.Snapshot);
        }

        void CountBlocks(long blocks)
        {
            node.Table.Activity.CountFetched(rows: 0, blocks);
            state.Statistics?.Of(node).Blocks += blocks;
        }

        bool TakeWithoutDistance(RowId row)
        {
            if ((node.Filter is not null && !Passes(row)) || !node.Table.Rows.TryRead(row, state.Snapshot, out var view))
                return false;
            node.Decoder.Decode(view, _row);
            _row[^1] = Datum.Null;
            _next++;
            return true;
        }

        void Report()
        {
            if (state.Statistics is not { } statistics)
                return;
            statistics.Of(node).Details["Sort Method"] = $"top-N heapsort  Memory: {Math.Max(25, _rows!.Length * 16 / 1024)}kB";
            if (_withoutVector is not null)
                return;
            var scan = statistics.Of(node.Shown);
            scan.Loops++;
            scan.Rows += _scanned - _removed;
            scan.RowsRemovedByFilter += _removed;
        }

        public override void Reset()
        {
            _rows = null;
            _rest = null;
            _withoutVector = null;
            _next = _nextWithoutVector = 0;
            _scanned = _removed = 0;
        }
    }
}
