using System.Runtime.InteropServices;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// One query against the rows of a vector index: says of an entry whether the snapshot sees a version of the row with that very vector, and
/// how far it is, exactly.
/// </summary>
internal sealed class VectorMeasure
{
    const int BatchRows = 1024;

    /// <summary>How much of a vector is asked for ahead; the processor's own prefetcher follows after that.</summary>
    const int PrefetchBytes = 512;

    readonly VectorScanNode _node;
    readonly ExecutionState _state;
    readonly Table _rows;
    readonly VectorColumn? _column;
    readonly RowDistances? _distances;
    readonly Datum _query;
    readonly ByteWriter? _buffer;
    long _blocks;

    /// <param name="query">A vector of the index's dimensions; not NULL.</param>
    public VectorMeasure(VectorScanNode node, ExecutionState state, Datum query)
    {
        (_node, _state, _query) = (node, state, query);
        _rows = node.Table.Rows;
        if (node.Index.VectorColumn >= 0)
        {
            _column = _rows.Vectors(node.Index.VectorColumn);
            _distances = query.Reference switch
            {
                float[] vector => RowDistances.Of(vector, node.Metric),
                Half[] vector => RowDistances.To(vector, node.Metric),
                _ => RowDistances.To(query.As<BitString>().Bytes, node.Metric),
            };
        }
        else
            _buffer = new ByteWriter();
    }

    /// <summary>Asks the memory for what <see cref="TryMeasure"/> of a candidate will read.</summary>
    public void Prefetch(in Candidate candidate)
    {
        _rows.PrefetchVersion(new RowId(candidate.Row));
        if (_column is not null)
            Vectors.Prefetch.Lines(in MemoryMarshal.GetReference(_column.Bytes(candidate.Key)), Math.Min(_column.ValueBytes, PrefetchBytes));
    }

    /// <summary>The distance of an entry; false when the snapshot sees another vector of the row, or none.</summary>
    public bool TryMeasure(long row, int key, out double distance)
    {
        distance = 0;
        if (_column is not null)
        {
            if (!_rows.TryGetSlot(new RowId(row), _node.Index.VectorColumn, _state.Snapshot, out var slot) || slot != key)
                return false;
            distance = _distances!.To(_column.Bytes(slot));
            return true;
        }
        if (!_rows.TryRead(new RowId(row), _state.Snapshot, out var view))
            return false;
        var value = _node.Index.Value(view, out var isIndexed);
        if (!isIndexed)
            return false;
        VectorKey.Write(_node.Index.Key.Type, value, _buffer!);
        if (VectorKey.Hash(_buffer!.Written) != key)
            return false;
        distance = _node.Operator(value, _query, _state).AsDouble;
        return true;
    }

    /// <summary>Blocks that <see cref="MeasureAll"/> looked at since this was asked last.</summary>
    public long TakeBlocks() => (_blocks, _blocks = 0).Item1;

    /// <summary>The distances of all rows that the snapshot sees and whose vector is not NULL, a batch at a time.</summary>
    /// <param name="limit">Asked before each batch: rows farther than this may get infinity for their distance; NaN for none.</param>
    public void MeasureAll(Func<double> limit, Action<ReadOnlyMemory<long>, ReadOnlyMemory<double>> receive)
    {
        var rows = new RowId[BatchRows];
        var ids = new long[BatchRows];
        var distances = new double[BatchRows];
        if (_column is not null)
        {
            var slots = new int[BatchRows];
            long scanned = 0;
            var scan = _rows.ScanVectors(_node.Index.VectorColumn, _state.Snapshot, default, new RowId(long.MaxValue));
            for (int count; (count = scan.NextBatch(rows, slots)) > 0;)
            {
                _state.ThrowIfCancelled();
                scanned += count;
                VectorRuns.Measure(_distances!, _column, slots.AsSpan(0, count), distances.AsSpan(0, count), limit());
                for (var i = 0; i < count; i++)
                    ids[i] = rows[i].Value;
                receive(ids.AsMemory(0, count), distances.AsMemory(0, count));
            }
            _blocks += Blocks.OfVectors(scanned, _column.ValueBytes);
            return;
        }
        _blocks += Blocks.OfRows(_rows);
        var filled = 0;
        var each = _rows.Scan(_state.Snapshot);
        while (each.MoveNext(out var view))
        {
            var value = _node.Index.Value(view, out var isIndexed);
            if (!isIndexed)
                continue;
            (ids[filled], distances[filled]) = (view.Row.Value, _node.Operator(value, _query, _state).AsDouble);
            if (++filled < BatchRows)
                continue;
            _state.ThrowIfCancelled();
            receive(ids.AsMemory(0, filled), distances.AsMemory(0, filled));
            filled = 0;
        }
        receive(ids.AsMemory(0, filled), distances.AsMemory(0, filled));
    }
}
