using System.Collections;

namespace PgVectorCompat.Storage;

/// <summary>Something of each of <paramref name="Count"/> consecutive rows.</summary>
/// <param name="Table">Their table.</param>
/// <param name="First">The first row.</param>
/// <param name="Count">How many.</param>
/// <param name="Tag">What the list says of all of them.</param>
readonly record struct RowRange(Table Table, long First, int Count, byte Tag);

/// <summary>
/// A list of rows in order, of as many as a table has: those that a transaction wrote or locked, or whose old versions wait for the collector.
/// The newest ranges are kept as they are, older ones in blocks of differences, four to six bytes each.
/// </summary>
sealed class RowRanges : IEnumerable<RowRange>
{
    const int BlockRanges = 1024;

    readonly List<byte[]> _blocks = [];
    readonly List<RowRange> _open = [];
    readonly List<Table> _tables = [];

    /// <summary>How many ranges.</summary>
    public int Count => _blocks.Count * BlockRanges + _open.Count;

    /// <summary>How many rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a row: to the newest range if that ends with the row before and is at or after <paramref name="mergeFloor"/>.</summary>
    public void Add(Table table, long row, int mergeFloor = 0, byte tag = 0)
    {
        Rows++;
        if (_open.Count > 0 && Count > mergeFloor && _open[^1] is var last && last.Table == table && last.Tag == tag && last.First + last.Count == row && last.Count < int.MaxValue)
        {
            _open[^1] = last with { Count = last.Count + 1 };
            return;
        }
        if (_open.Count == BlockRanges) CloseBlock();
        _open.Add(new(table, row, 1, tag));
    }

    /// <summary>Takes the newest range out; there is one.</summary>
    public RowRange RemoveLast()
    {
        if (_open.Count == 0)
        {
            _open.AddRange(Read(_blocks[^1]));
            _blocks.RemoveAt(_blocks.Count - 1);
        }
        var last = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        Rows -= last.Count;
        return last;
    }

    public IEnumerator<RowRange> GetEnumerator()
    {
        foreach (var block in _blocks)
            foreach (var range in Read(block)) yield return range;
        foreach (var range in _open) yield return range;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void CloseBlock()
    {
        using var buffer = new ByteBuffer();
        var table = 0;
        var end = 0L;
        foreach (var range in _open)
        {
            var number = _tables.LastIndexOf(range.Table);
            if (number < 0)
            {
                number = _tables.Count;
                _tables.Add(range.Table);
            }
            buffer.WriteZigzag(number - table);
            buffer.WriteZigzag(range.First - end);
            buffer.WriteVarint((ulong)range.Count);
            buffer.WriteByte(range.Tag);
            (table, end) = (number, range.First + range.Count);
        }
        _blocks.Add(buffer.Written.ToArray());
        _open.Clear();
    }

    RowRange[] Read(byte[] block)
    {
        var ranges = new RowRange[BlockRanges];
        var reader = new ByteSpanReader(block);
        var table = 0;
        var end = 0L;
        for (var i = 0; i < ranges.Length; i++)
        {
            table += (int)reader.ReadZigzag();
            var first = end + reader.ReadZigzag();
            ranges[i] = new(_tables[table], first, (int)reader.ReadVarint(), reader.ReadByte());
            end = first + ranges[i].Count;
        }
        return ranges;
    }
}
