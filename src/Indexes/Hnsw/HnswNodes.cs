using System.Runtime.CompilerServices;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>What a node is at the moment; <see cref="Deleted"/> is a flag on top.</summary>
static class NodeState
{
    /// <summary>The number may be given to a new entry.</summary>
    public const byte Free = 0;

    /// <summary>Not linked yet: every search scans it.</summary>
    public const byte Tail = 1;

    public const byte Linked = 2;

    /// <summary>Has the same code as a linked node and hangs on that (see <see cref="Twins"/>).</summary>
    public const byte Twin = 3;

    /// <summary>In the tail still, but about to be linked: others may link to it.</summary>
    public const byte Folding = 4;

    /// <summary>Removed, and being taken out of the graph or off the node it hangs on.</summary>
    public const byte Leaving = 5;

    public const byte Kind = 0x7F;
    public const byte Deleted = 0x80;
}

/// <summary>
/// The nodes of a graph as arrays by node number. Nothing ever moves; a number is given out again only when no search that may have seen its
/// former owner is left.
/// </summary>
sealed unsafe class HnswNodes : IDisposable
{
    /// <summary>Ends a list of links that is not full.</summary>
    public const uint None = uint.MaxValue;

    /// <summary>Node numbers have 31 bits.</summary>
    public const int MaxNodes = int.MaxValue;

    readonly ReservedArray<byte> _codes = new(), _states = new(), _levels = new();
    readonly ReservedArray<uint> _links = new(), _upper = new(), _upperStarts = new(), _twins = new();
    readonly ReservedArray<long> _rows = new();
    readonly ReservedArray<int> _keys = new(), _incoming = new(), _nextOfRow = new(), _rowHeads = new();
    long _capacity, _rowCount;

    public HnswNodes(int m, int codeBytes)
    {
        M = m;
        Degree = 2 * m;
        // Codes start at multiples of 8: a whole line each would cost a tenth more memory and was not faster.
        CodeStride = (codeBytes + 7) / 8 * 8;
    }

    public int M { get; }

    /// <summary>Links of a node on the lowest level, at most.</summary>
    public int Degree { get; }

    public int CodeStride { get; }
    public byte* Codes => _codes.Items;
    public byte* States => _states.Items;
    public byte* Levels => _levels.Items;

    /// <summary>Links of the lowest level, <see cref="Degree"/> for each node.</summary>
    public uint* Links => _links.Items;

    /// <summary>Links of all upper levels, <see cref="M"/> for each node and level from 1.</summary>
    public uint* Upper => _upper.Items;

    /// <summary>Where in <see cref="Upper"/> the links of a node of level 1 or more begin.</summary>
    public uint* UpperStarts => _upperStarts.Items;

    /// <summary>The first node that hangs on a linked one, or the next that hangs on the same; 0 for none, else node + 1.</summary>
    public uint* Twins => _twins.Items;

    public long* Rows => _rows.Items;
    public int* Keys => _keys.Items;

    /// <summary>How many lists of the lowest level a node is in. One that is in none cannot be found.</summary>
    public int* Incoming => _incoming.Items;

    /// <summary>The next node of the same row; 0 for none, else node + 1.</summary>
    public int* NextOfRow => _nextOfRow.Items;

    /// <summary>Row ids below this may have nodes.</summary>
    public long RowEnd => _rowHeads.Capacity;

    /// <summary>Node numbers given out so far; the arrays have room for them.</summary>
    public int Count { get; set; }

    /// <summary>Items of <see cref="Upper"/> in use or free for use again.</summary>
    public uint UpperCount { get; private set; }

    /// <summary>Nodes there is room for, but for their links.</summary>
    public long Capacity => Volatile.Read(ref _capacity);

    /// <summary>Bytes in use; the system gives an array memory page by page as it is written, whatever room was made.</summary>
    public long CodeBytes => (long)Count * CodeStride;

    public long LinkBytes => Count * ((long)Degree * sizeof(uint) + sizeof(int) + sizeof(uint) + sizeof(byte)) + (long)UpperCount * sizeof(uint);

    public long RowBytes => Count * (long)(sizeof(long) + 2 * sizeof(int) + sizeof(uint) + sizeof(byte)) + _rowCount * sizeof(int);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Code(uint node) => Codes + (long)node * CodeStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAlive(uint node) => States[node] is not NodeState.Free and < NodeState.Deleted;

    /// <summary>Whether others may link to the node.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLinkable(uint node) => States[node] is NodeState.Linked or NodeState.Folding;

    /// <summary>Whether a node leads on, removed or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsInGraph(uint node) => (States[node] & NodeState.Kind) is NodeState.Linked or NodeState.Folding;

    /// <summary>Links of a node on an upper level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint* UpperLinks(uint node, int level) => Upper + UpperStarts[node] + (long)(level - 1) * M;

    /// <summary>The first node of a row, or -1; the others follow by <see cref="NextOfRow"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstOfRow(long row) => (ulong)row < (ulong)RowEnd ? Volatile.Read(ref _rowHeads.Items[row]) - 1 : -1;

    /// <summary>Makes room for so many nodes; links by the caller, when they are needed.</summary>
    public void EnsureNodes(long count, bool exactly = false)
    {
        if (count > MaxNodes) throw new OutOfMemoryException("an index cannot have more than 2,147,483,647 entries");
        if (count <= Capacity) return;
        if (!exactly) count += Math.Max(count / 4, 64);
        _codes.EnsureCapacity(count * CodeStride + VectorCode.Overread, exactly: true);
        _states.EnsureCapacity(count, exactly: true);
        _levels.EnsureCapacity(count, exactly: true);
        _upperStarts.EnsureCapacity(count, exactly: true);
        _twins.EnsureCapacity(count, exactly: true);
        _rows.EnsureCapacity(count, exactly: true);
        _incoming.EnsureCapacity(count, exactly: true);
        _nextOfRow.EnsureCapacity(count, exactly: true);
        _keys.EnsureCapacity(count, exactly: true);
        Volatile.Write(ref _capacity, count);
    }

    /// <summary>Gives a new number its level, which it keeps for ever, and room for the links there; numbers come in ascending order.</summary>
    public void AssignLevel(uint node, int seed)
    {
        var level = HnswLevels.Of(node, seed, M);
        Levels[node] = (byte)level;
        UpperStarts[node] = UpperCount;
        if (level == 0) return;
        _upper.EnsureCapacity(UpperCount + (long)level * M);
        UpperCount += (uint)(level * M);
    }

    /// <summary>Empties the lists of a node on all its levels.</summary>
    public void ClearLinks(uint node)
    {
        new Span<uint>(Links + (long)node * Degree, Degree).Fill(None);
        if (Levels[node] > 0) new Span<uint>(UpperLinks(node, 1), Levels[node] * M).Fill(None);
    }

    public void EnsureLinks(long count, bool exactly = false) => _links.EnsureCapacity(count * Degree, exactly);
    /// <summary>Makes room for a row id; by one thread at a time.</summary>
    public void EnsureRow(long row)
    {
        _rowHeads.EnsureCapacity(row + 1);
        _rowCount = Math.Max(_rowCount, row + 1);
    }

    /// <summary>Puts a node before the others of its row; there is room for the row, and several threads may do so.</summary>
    public void AddToRow(uint node)
    {
        ref var head = ref _rowHeads.Items[Rows[node]];
        int first;
        do
        {
            first = Volatile.Read(ref head);
            NextOfRow[node] = first;
        }
        while (Interlocked.CompareExchange(ref head, (int)node + 1, first) != first);
    }

    /// <summary>Takes a node out of its row; one thread at a time. Readers on their way through the row still pass it.</summary>
    public void RemoveFromRow(uint node)
    {
        var at = &_rowHeads.Items[Rows[node]];
        while (*at != (int)node + 1)
        {
            if (*at == 0) return;
            at = &NextOfRow[*at - 1];
        }
        Volatile.Write(ref *at, NextOfRow[node]);
    }

    public void Dispose()
    {
        foreach (IDisposable array in (IDisposable[])[_codes, _states, _levels, _links, _upper, _upperStarts, _twins, _rows, _keys, _incoming, _nextOfRow, _rowHeads])
            array.Dispose();
    }
}
