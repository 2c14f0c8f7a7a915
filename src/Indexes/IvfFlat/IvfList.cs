using System.Numerics;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>The blocks of one list. Read without a lock, changed under the lock of the index.</summary>
sealed class IvfList
{
    uint[] _blocks = [];
    int _count;

    /// <summary>The first block that may have an empty place.</summary>
    int _firstWithRoom;

    /// <summary>Entries in it.</summary>
    public int Live { get; private set; }

    /// <summary>Places in its blocks.</summary>
    public int Places => _count * IvfBlocks.Lanes;

    public ReadOnlySpan<uint> Blocks
    {
        get
        {
            // The count first: an array that is read later has at least as many blocks.
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _blocks).AsSpan(0, count);
        }
    }

    /// <summary>Gives the list its blocks, one after the other, with so many entries that are about to be published.</summary>
    public void Fill(uint first, int blocks, int live)
    {
        _blocks = new uint[blocks];
        for (var i = 0; i < blocks; i++)
            _blocks[i] = first + (uint)i;
        _count = blocks;
        _firstWithRoom = 0;
        Live = live;
    }

    /// <summary>An empty place, which counts as taken from now on.</summary>
    public unsafe uint Take(IvfBlocks blocks, int list)
    {
        Live++;
        for (; _firstWithRoom < _count; _firstWithRoom++)
        {
            var block = _blocks[_firstWithRoom];
            var live = blocks.Live[block];
            if (live != uint.MaxValue) return block * IvfBlocks.Lanes + (uint)BitOperations.TrailingZeroCount(~live);
        }
        var added = blocks.Add(1, list);
        if (_count == _blocks.Length)
        {
            var longer = new uint[Math.Max(4, _count + _count / 2)];
            _blocks.CopyTo(longer, 0);
            Volatile.Write(ref _blocks, longer);
        }
        _blocks[_count] = added;
        Volatile.Write(ref _count, _count + 1);
        return added * IvfBlocks.Lanes;
    }

    /// <summary>An entry of the list was withdrawn.</summary>
    public void Give(uint block)
    {
        Live--;
        var at = Array.IndexOf(_blocks, block, 0, _count);
        if (at < _firstWithRoom) _firstWithRoom = at;
    }
}
