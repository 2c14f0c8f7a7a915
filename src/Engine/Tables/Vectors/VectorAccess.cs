using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Indexes.IvfFlat;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// A vector index of a table as one version of the catalog defines it: which rows belong into it, and under which key. A value that lies in a
/// fixed-size vector column goes by its slot there; any other (of an expression, or of a sparse vector) by a hash of its bytes.
/// </summary>
internal sealed class VectorAccess
{
    readonly StoredRowDecoder _decoder;
    readonly Evaluator? _expression;
    readonly Evaluator? _predicate;
    readonly int _keyPosition;
    readonly int _rowColumns;

    /// <param name="expression">The key over the row columns; null for a column.</param>
    /// <param name="rowColumns">Live columns that the key and the predicate read, in the order the evaluators expect them.</param>
    public VectorAccess(
        StoredTable table, VectorTree tree, IndexDefinition definition, IndexKeyColumn key, int typmod, Evaluator? expression, BoundExpression? predicate, Evaluator? predicateEvaluator, int[] rowColumns)
    {
        Table = table;
        Tree = tree;
        Definition = definition;
        Key = key;
        Dimensions = VectorIndexDefinition.Dimensions(key.Type, typmod);
        OperatorClass = definition.Keys[0].OperatorClass is { } name ? OperatorClasses.Find(definition.Method, name)! : OperatorClasses.DefaultFor(definition.Method, key.Type)!;
        VectorColumn = key.Column >= 0 ? table.VectorColumn(key.Column) : -1;
        Predicate = predicate;
        _expression = expression;
        _predicate = predicateEvaluator;
        _keyPosition = System.Array.IndexOf(rowColumns, key.Column);
        _rowColumns = rowColumns.Length;
        _decoder = new StoredRowDecoder(table.Relation, [.. rowColumns]);
        Columns = rowColumns;
        Activity = table.Activity.Index(definition.Oid);
    }

    public StoredTable Table { get; }

    /// <summary>The index in memory, which stays the same through versions of the catalog.</summary>
    public VectorTree Tree { get; }

    public IndexDefinition Definition { get; }

    /// <summary>Counters of searches; a candidate is an entry, and a block.</summary>
    public Statistics.IndexActivity Activity { get; }
    public IndexKeyColumn Key { get; }

    /// <summary>The type modifier of the key; -1 when it has none, which no index that was built has.</summary>
    public int Dimensions { get; }

    public OperatorClass OperatorClass { get; }

    /// <summary>Whether the index's codes prove of rows that they are farther than a distance.</summary>
    public bool FindsRanges
        => !VectorIndexDefinition.IsGraph(Definition.Method) && Dimensions > 0
            && IvfIndex.FindsRanges(VectorIndexDefinition.Options(Definition, Key.Type, Dimensions, OperatorClass));

    /// <summary>Storage's number of the vector column that the key is; -1 when the key is an expression or lies in the row image.</summary>
    public int VectorColumn { get; }

    /// <summary>A partial index's condition, bound over the table as relation 0; null for all rows.</summary>
    public BoundExpression? Predicate { get; }

    /// <summary>Live columns that decide the key and whether a row is in the index.</summary>
    public IReadOnlyList<int> Columns { get; }

    /// <summary>
    /// The key and bytes of a row's vector; false when the row is not in the index: its vector is NULL, or the predicate does not hold.
    /// The bytes live in the row or in <paramref name="buffer"/>. Raises 54000 for sparse vectors with too many elements, and what the key's
    /// expression raises.
    /// </summary>
    public bool TryKey(RowView row, ByteWriter buffer, out int key, out ReadOnlySpan<byte> bytes)
    {
        if (VectorColumn >= 0 && _predicate is null)
        {
            key = row.Slot(VectorColumn);
            bytes = row.Vector(VectorColumn);
            return key >= 0;
        }
        key = 0;
        bytes = default;
        var value = Value(row, out var isIndexed);
        if (!isIndexed)
            return false;
        if (VectorColumn >= 0)
        {
            key = row.Slot(VectorColumn);
            bytes = row.Vector(VectorColumn);
            return true;
        }
        if (value.Reference is SparseVector sparse && sparse.Indices.Length > VectorIndexDefinition.MaxNonZeros)
            throw new PgError(SqlState.ProgramLimitExceeded, $"sparsevec cannot have more than {VectorIndexDefinition.MaxNonZeros} non-zero elements for hnsw index");
        VectorKey.Write(Key.Type, value, buffer);
        bytes = buffer.Written;
        key = VectorKey.Hash(bytes);
        return true;
    }

    /// <summary>The vector of a row that may be in the index, by the key's expression.</summary>
    public Datum Value(RowView row, out bool isIndexed)
    {
        var few = new DatumBuffer();
        Span<Datum> values = _rowColumns <= DatumBuffer.Length ? few : new Datum[_rowColumns];
        values = values[.._rowColumns];
        _decoder.Decode(row, values);
        isIndexed = false;
        if (_predicate is not null && !_predicate.IsTrue(values, IndexEvaluation.State))
            return Datum.Null;
        var value = _expression is null ? values[_keyPosition] : _expression.Evaluate(values, IndexEvaluation.State);
        isIndexed = !value.IsNull;
        return value;
    }

    [System.Runtime.CompilerServices.InlineArray(Length)]
    struct DatumBuffer
    {
        public const int Length = 4;
        Datum _first;
    }
}
