using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Rows kept in memory, one after the other in large blocks, so that many small rows cost few objects.</summary>
sealed class RowBuffer(int width)
{
    const int BlockDatums = 4096;

    readonly List<Datum[]> _blocks = [];
    readonly int _rowsPerBlock = Math.Max(1, BlockDatums / Math.Max(1, width));

    public int Count { get; private set; }
    public int Width => width;

    /// <summary>Bytes of the datums themselves, for EXPLAIN.</summary>
    public long Bytes => (long)Count * width * 16;

    public ReadOnlySpan<Datum> this[int row] => _blocks[row / _rowsPerBlock].AsSpan(row % _rowsPerBlock * width, width);

    /// <summary>A new row, to be filled by the caller.</summary>
    public Span<Datum> Add()
    {
        var block = Count / _rowsPerBlock;
        if (block == _blocks.Count)
            _blocks.Add(new Datum[(Count == 0 ? Math.Min(_rowsPerBlock, 16) : _rowsPerBlock) * width]);
        else if (_blocks[block].Length < (Count % _rowsPerBlock + 1) * width)
        {
            // The first block starts small: most statements keep only a few rows.
            var grown = _blocks[block];
            Array.Resize(ref grown, Math.Min(grown.Length * 4, _rowsPerBlock * width));
            _blocks[block] = grown;
        }
        return _blocks[block].AsSpan(Count++ % _rowsPerBlock * width, width);
    }

    public Span<Datum> Writable(int row) => _blocks[row / _rowsPerBlock].AsSpan(row % _rowsPerBlock * width, width);

    public void Add(ReadOnlySpan<Datum> row) => row.CopyTo(Add());

    public void Clear()
    {
        _blocks.Clear();
        Count = 0;
    }
}
