using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>A set of rows, compared by their first columns, that knows when it has filled the memory for hash tables.</summary>
sealed class SeenRows(RowComparer comparer, ExecutionState state)
{
    readonly HashSet<Datum[]> _rows = new(comparer);
    long _memory;

    public bool IsFull => _memory > state.HashMemory;
    public int Count => _rows.Count;
    public long MostMemory { get; private set; }

    /// <summary>Whether the row is new.</summary>
    public bool Add(ReadOnlySpan<Datum> row)
    {
        if (!_rows.GetAlternateLookup<ReadOnlySpan<Datum>>().Add(row))
            return false;
        _memory += StatementMemory.SetEntryBytes + RowImage.Memory(row);
        MostMemory = Math.Max(MostMemory, _memory);
        return true;
    }

    public bool Contains(ReadOnlySpan<Datum> row) => _rows.GetAlternateLookup<ReadOnlySpan<Datum>>().Contains(row);

    public int Hash(ReadOnlySpan<Datum> row) => comparer.GetHashCode(row);

    public void Clear()
    {
        _rows.Clear();
        _rows.TrimExcess();
        _memory = 0;
    }
}
