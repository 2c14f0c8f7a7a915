using System.Numerics;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Rows kept in memory, one after the other in large blocks, so that many small rows cost few objects.</summary>
sealed class RowBuffer(int width)
{
    const int BlockDatums = 4096;

    readonly List<Datum[]> _blocks = [];
    readonly int _blockShift = BitOperations.Log2((uint)Math.Max(1, BlockDatums / Math.Max(1, width)));

    public int Count { get; private set; }
    public int Width => width;

    /// <summary>Bytes of the datums themselves, for EXPLAIN.</summary>
    public long Bytes => (long)Count * width * 16;

    int RowsPerBlock => 1 << _blockShift;

    public ReadOnlySpan<Datum> this[int row] => Writable(row);

    /// <summary>A new row, to be filled by the caller.</summary>
    public Span<Datum> Add()
    {
        var block = Count >> _blockShift;
        if (block == _blocks.Count)
            _blocks.Add(new Datum[(Count == 0 ? Math.Min(RowsPerBlock, 16) : RowsPerBlock) * width]);
        else if (_blocks[block].Length < ((Count & (RowsPerBlock - 1)) + 1) * width)
        {
            // The first block starts small: most statements keep only a few rows.
            var grown = _blocks[block];
            Array.Resize(ref grown, Math.Min(grown.Length * 4, RowsPerBlock * width));
            _blocks[block] = grown;
        }
        return Writable(Count++);
    }

    public Span<Datum> Writable(int row) => _blocks[row >> _blockShift].AsSpan((row & (RowsPerBlock - 1)) * width, width);

    public void Add(ReadOnlySpan<Datum> row) => row.CopyTo(Add());

    /// <summary>Forgets the rows and keeps their memory for others.</summary>
    public void Reuse() => Count = 0;

    public void Clear()
    {
        _blocks.Clear();
        Count = 0;
    }
}
