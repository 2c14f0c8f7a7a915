using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Indexes.BTree;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>A B-tree index of a table: makes keys of rows, searches, and checks that what it finds still has the key.</summary>
internal sealed class BTreeAccess : IndexAccess
{
    readonly StoredTable _table;
    readonly StoredRowDecoder _decoder;
    readonly Evaluator?[] _expressions;
    readonly Evaluator? _predicate;
    readonly int[] _rowColumns;

    // Where a key that is a column stands among the row columns; -1 for an expression.
    readonly int[] _keyPlaces;

    readonly IndexActivity _activity;

    /// <param name="rowColumns">Live columns the keys and the predicate read, in the order the evaluators expect them.</param>
    public BTreeAccess(StoredTable table, IndexDefinition definition, BTreeIndex tree, ImmutableArray<IndexKeyColumn> keys, Evaluator?[] expressions,
        BoundExpression? predicate, Evaluator? predicateEvaluator, int[] rowColumns)
    {
        _table = table;
        Definition = definition;
        Tree = tree;
        Keys = keys;
        _expressions = expressions;
        Predicate = predicate;
        _predicate = predicateEvaluator;
        _rowColumns = rowColumns;
        _keyPlaces = [.. keys.Select(key => System.Array.IndexOf(rowColumns, key.Column))];
        _activity = table.Activity.Index(definition.Oid);
        _decoder = new StoredRowDecoder(table.Relation, [.. rowColumns]);
    }

    public override IndexDefinition Definition { get; }
    public override ImmutableArray<IndexKeyColumn> Keys { get; }
    public override BoundExpression? Predicate { get; }
    public BTreeIndex Tree { get; }
    public Table Rows => _table.Rows;

    /// <summary>False only right after a build that met every key in one row alone.</summary>
    public bool MayHaveDuplicates { get; set; } = true;

    public StoredTable Table => _table;
    public bool IsUnique => Definition.IsUnique;

    /// <summary>An entry was written.</summary>
    public void CountWritten() => _activity.CountWritten();

    /// <summary>Live columns that decide the key and whether a row is in the index.</summary>
    public IReadOnlyList<int> Columns => _rowColumns;

    public override IndexCursor Open(ExecutionState state) => new Cursor(this, state);

    /// <summary>Writes the key of a stored row; false when the row is not in the index (partial index).</summary>
    public bool TryKey(RowView row, ByteWriter key)
    {
        var few = new DatumBuffer4();
        Span<Datum> values = _rowColumns.Length <= 4 ? few : new Datum[_rowColumns.Length];
        values = values[.._rowColumns.Length];
        _decoder.Decode(row, values);
        return TryKeyOfDecoded(values, key, out _);
    }

    /// <summary>Writes the key of a row given as live-column values; <paramref name="hasNull"/> says whether some key is NULL.</summary>
    public bool TryKey(ReadOnlySpan<Datum> liveValues, ByteWriter key, out bool hasNull)
    {
        var few = new DatumBuffer4();
        Span<Datum> values = _rowColumns.Length <= 4 ? few : new Datum[_rowColumns.Length];
        values = values[.._rowColumns.Length];
        for (var i = 0; i < _rowColumns.Length; i++)
            values[i] = liveValues[_rowColumns[i]];
        return TryKeyOfDecoded(values, key, out hasNull);
    }

    bool TryKeyOfDecoded(ReadOnlySpan<Datum> values, ByteWriter key, out bool hasNull)
    {
        hasNull = false;
        key.Clear();
        if (_predicate is not null && !_predicate.IsTrue(values, IndexEvaluation.State))
            return false;
        for (var i = 0; i < Keys.Length; i++)
        {
            var value = KeyValue(values, i);
            hasNull |= value.IsNull;
            IndexKeyFormat.Write(value, Keys[i], key);
        }
        return true;
    }

    /// <summary>The value of one key for a stored row; false when the row is not in the index (partial index).</summary>
    public bool TryKeyValue(RowView row, int key, out Datum value)
    {
        var values = new Datum[_rowColumns.Length];
        _decoder.Decode(row, values);
        var isIn = _predicate is null || _predicate.IsTrue(values, IndexEvaluation.State);
        value = isIn ? KeyValue(values, key) : default;
        return isIn;
    }

    Datum KeyValue(ReadOnlySpan<Datum> rowValues, int key)
        => _expressions[key] is { } expression ? expression.Evaluate(rowValues, IndexEvaluation.State) : rowValues[_keyPlaces[key]];

    Datum[] KeyValues(ReadOnlySpan<Datum> liveValues)
    {
        var values = new Datum[_rowColumns.Length];
        for (var i = 0; i < _rowColumns.Length; i++)
            values[i] = liveValues[_rowColumns[i]];
        return [.. Keys.Select((_, i) => KeyValue(values, i))];
    }

    /// <summary>The keys' names, for the DETAIL of an error.</summary>
    public string KeyNames(StoredTable table)
        => string.Join(", ", Keys.Select((key, i) => key.Column >= 0 ? Identifier.Quote(table.Column(key.Column).Name) : Definition.Keys[i].Expression));

    /// <summary>The keys' values as text, for the DETAIL of an error.</summary>
    public string ShowKey(Datum[] liveValues, TypeSettings settings)
        => string.Join(", ", KeyValues(liveValues).Select((value, i) => value.IsNull ? "null" : Keys[i].Type.Codec.ToText(value, settings)));

    [System.Runtime.CompilerServices.InlineArray(4)]
    struct DatumBuffer4
    {
        Datum _first;
    }

    /// <summary>A running search: batches of entries, each checked against the version the snapshot sees.</summary>
    sealed class Cursor(BTreeAccess index, ExecutionState state) : IndexCursor
    {
        readonly BTreeBatch _batch = new();
        readonly ByteWriter _low = new(32);
        readonly ByteWriter _high = new(32);
        readonly ByteWriter _check = new(32);
        byte[]? _end;
        byte[] _start = [];
        RowId _startRow;
        byte[]? _before;
        bool _backward;
        bool _done = true;
        int _at;
        long _searches, _entries, _rows, _nodes, _looked;

        public override long Blocks => _nodes + _looked;

        public override void Seek(IndexRange range)
        {
            _backward = range.Backward;
            _searches++;
            _low.Clear();
            for (var i = 0; i < range.Equal.Length; i++)
                IndexKeyFormat.Write(range.Equal[i], index.Keys[i], _low);
            _high.Clear();
            _high.WriteBytes(_low.Written);
            var prefix = _low.Length;
            byte[]? end = null;
            var hasEnd = false;

            if (range.Lower.Length > 0 || range.Upper.Length > 0 || range.NotNull)
            {
                var key = index.Keys[range.Equal.Length];
                // Bounds follow the type's order; a descending key lies in the index the other way round.
                var first = key.Descending ? range.Upper : range.Lower;
                var last = key.Descending ? range.Lower : range.Upper;
                var (firstInclusive, lastInclusive) = key.Descending ? (range.UpperInclusive, range.LowerInclusive) : (range.LowerInclusive, range.UpperInclusive);
                if (HasNull(first) || HasNull(last))
                {
                    _done = true;
                    return;
                }
                if (first.Length > 0)
                {
                    WriteBound(first, range.Equal.Length, _low);
                    if (!firstInclusive && IndexKeyFormat.After(_low.Written) is { } after)
                    {
                        _low.Clear();
                        _low.WriteBytes(after);
                    }
                }
                else
                {
                    _low.WriteByte(IndexKeyFormat.Marker(key, false));
                }
                if (last.Length > 0)
                {
                    WriteBound(last, range.Equal.Length, _high);
                    end = lastInclusive ? IndexKeyFormat.After(_high.Written) : _high.Written.ToArray();
                }
                else
                {
                    _high.WriteByte(IndexKeyFormat.Marker(key, false));
                    end = IndexKeyFormat.After(_high.Written);
                }
                hasEnd = true;
            }
            if (!hasEnd)
                end = prefix == 0 ? null : IndexKeyFormat.After(_high.Written);

            _end = end;
            _start = _low.Written.ToArray();
            _startRow = new(long.MinValue);
            _before = end;
            _batch.Restart();
            _done = false;
            Fill(first: true);
        }

        static bool HasNull(ReadOnlySpan<Datum> values)
        {
            foreach (var value in values)
                if (value.IsNull) return true;
            return false;
        }

        void WriteBound(ReadOnlySpan<Datum> values, int firstKey, ByteWriter output)
        {
            for (var i = 0; i < values.Length; i++)
                IndexKeyFormat.Write(values[i], index.Keys[firstKey + i], output);
        }

        void Fill(bool first)
        {
            if (_backward)
            {
                if (first) index.Tree.ReadBackward(_before, new(long.MinValue), _start, _batch);
                else index.Tree.ReadBackward(_batch.Key(_batch.Count - 1).ToArray(), _batch.Row(_batch.Count - 1), _start, _batch);
            }
            else
            {
                if (!first)
                {
                    _start = _batch.Key(_batch.Count - 1).ToArray();
                    _startRow = new(_batch.Row(_batch.Count - 1).Value + 1);
                }
                index.Tree.ReadForward(_start, _startRow, _end, _batch);
            }
            _at = 0;
            _entries += _batch.Count;
            _nodes += _batch.Nodes;
            if (state.Session.Block?.Serial is { } serial)
                NoteRead(serial);
        }

        // What a full batch leaves unread is noted with the next.
        void NoteRead(Serializability.SerializableTransaction serial)
        {
            var last = _batch.IsFull ? _batch.Key(_batch.Count - 1).ToArray() : null;
            var (low, high) = (_start, _end);
            if (last is not null && _backward) low = last;
            else if (last is not null) high = [.. last, 0];
            serial.ReadRange(index._table.Relation.Oid, index.Definition.Oid, low, high);
        }

        public override bool MoveNext(out RowView row)
        {
            while (HasEntry())
            {
                var at = _at++;
                _looked++;
                if (!index._table.Rows.TryRead(_batch.Row(at), state.Snapshot, out row)) continue;
                if (!index.TryKey(row, _check) || !_check.Written.SequenceEqual(_batch.Key(at))) continue;
                _rows++;
                return true;
            }
            row = default;
            return false;
        }

        public override bool MoveNextEntry(out RowId row)
        {
            var has = HasEntry();
            row = has ? _batch.Row(_at++) : default;
            return has;
        }

        bool HasEntry()
        {
            while (!_done && _at == _batch.Count)
            {
                if (!_batch.IsFull)
                {
                    _done = true;
                    break;
                }
                state.ThrowIfCancelled();
                Fill(first: false);
            }
            return !_done;
        }

        public override void Dispose()
        {
            base.Dispose();
            index._activity.Count(_searches, _entries, _rows, _nodes);
            index._table.Activity.CountFetched(_rows, blocks: _looked);
        }
    }
}
