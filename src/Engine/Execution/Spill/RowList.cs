using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// Rows in the order they came, read by their number: materialized inputs, WITH queries, window partitions. Past work_mem all but the newest
/// are on disk, and blocks of them come back as they are read; a row stays valid as long as its span is held.
/// </summary>
sealed class RowList(ExecutionState state, int width)
{
    const int MostBlockRows = 1024;
    const long MostBlockBytes = 256 << 10;

    /// <summary>So many blocks stay in memory however little there is: readers at a distance from each other take turns.</summary>
    const int LeastLoaded = 4;

    readonly List<Block> _blocks = [];
    readonly Queue<Block> _loaded = new();
    long _memory;
    int _last;

    public int Count { get; private set; }
    public int Width => width;

    public ReadOnlySpan<Datum> this[int row]
    {
        get
        {
            var block = BlockOf(row);
            return (block.Rows ?? Load(block)).AsSpan((row - block.First) * width, width);
        }
    }

    public void Add(ReadOnlySpan<Datum> row)
    {
        if (_blocks.Count == 0 || _blocks[^1] is var last && (last.Count == MostBlockRows || last.Bytes > MostBlockBytes))
            NextBlock();
        var block = _blocks[^1];
        if (block.Rows!.Length < (block.Count + 1) * width)
            Array.Resize(ref block.Rows, Math.Min(block.Rows.Length * 4, MostBlockRows * width));
        row.CopyTo(block.Rows.AsSpan(block.Count++ * width, width));
        var bytes = RowImage.Memory(row);
        block.Bytes += bytes;
        _memory += bytes;
        Count++;
    }

    void NextBlock()
    {
        // Most lists have a few rows only.
        var rows = _blocks.Count == 0 ? 8 : MostBlockRows;
        if (_memory > state.WorkMemory)
            MoveToDisk();
        _blocks.Add(new() { First = Count, Rows = new Datum[rows * width] });
    }

    void MoveToDisk()
    {
        ByteWriter? output = null;
        foreach (var block in _blocks)
        {
            if (block.Rows is null)
                continue;
            if (block.Place < 0)
            {
                output ??= new(TemporarySpace.PieceBytes);
                output.Clear();
                RowImage.Write(block.Rows.AsSpan(0, block.Count * width), output, state.Temporary.Kept);
                block.Place = state.Temporary.Write(output.Written);
                block.Length = output.Length;
            }
            block.Rows = null;
        }
        _loaded.Clear();
        _memory = 0;
    }

    Datum[] Load(Block block)
    {
        while (_memory > state.WorkMemory && _loaded.Count >= LeastLoaded)
        {
            var oldest = _loaded.Dequeue();
            _memory -= oldest.Bytes;
            oldest.Rows = null;
        }
        var bytes = new byte[block.Length];
        state.Temporary.Read(block.Place, bytes);
        block.Rows = new Datum[block.Count * width];
        var input = new Types.BinaryReader(bytes);
        RowImage.Read(ref input, block.Rows, state.Temporary.Kept);
        _memory += block.Bytes;
        _loaded.Enqueue(block);
        return block.Rows;
    }

    Block BlockOf(int row)
    {
        var block = _blocks[_last];
        if (row >= block.First && row < block.First + block.Count)
            return block;
        int low = 0, high = _blocks.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_blocks[middle].First <= row)
                low = middle;
            else
                high = middle - 1;
        }
        return _blocks[_last = low];
    }

    public void Clear()
    {
        foreach (var block in _blocks)
            if (block.Place >= 0)
                state.Temporary.Free(block.Place, block.Length);
        _blocks.Clear();
        _loaded.Clear();
        (Count, _memory, _last) = (0, 0, 0);
    }

    /// <summary>Neighbouring rows. <see cref="Place"/> is -1 while they are not on disk, <see cref="Rows"/> null while they are not in memory.</summary>
    sealed class Block
    {
        public required int First { get; init; }
        public Datum[]? Rows;
        public int Count { get; set; }
        public long Bytes { get; set; }
        public long Place { get; set; } = -1;
        public int Length { get; set; }
    }
}
