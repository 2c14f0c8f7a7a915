using System.Runtime.InteropServices;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>What one thread needs to walk through a graph; taken from a pool, so that no search allocates.</summary>
sealed unsafe class HnswScratch : IDisposable
{
    const int Alignment = 64;

    readonly byte* _memory;
    long _visitedCapacity;

    /// <param name="queryBytes">What a prepared query needs.</param>
    /// <param name="longestList">Links of a node at most, here and while building.</param>
    public HnswScratch(int queryBytes, int longestList)
    {
        var query = Rounded(queryBytes + VectorCode.Overread);
        var room = longestList + 8;
        var ids = Rounded(room * sizeof(uint));
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(2 * query + 4 * ids + Rounded(room * sizeof(ulong))), Alignment);
        Query = _memory;
        Peer = Query + query;
        Ids = (uint*)(Peer + query);
        Chosen = (uint*)((byte*)Ids + ids);
        Distances = (float*)((byte*)Chosen + ids);
        Places = (int*)((byte*)Distances + ids);
        Keys = (ulong*)((byte*)Places + ids);
        Bytes = 2 * query + 4 * ids + Rounded(room * sizeof(ulong));

        static int Rounded(int bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>Memory of the prepared query.</summary>
    public byte* Query { get; }

    /// <summary>Memory of a second query, a node's code, while neighbours are chosen.</summary>
    public byte* Peer { get; }

    /// <summary>Nodes whose distances are computed together, as many as a list of links is long, and their distances.</summary>
    public uint* Ids { get; }

    public float* Distances { get; }

    /// <summary>Neighbours chosen, and keys of a list that is looked through.</summary>
    public uint* Chosen { get; }

    public ulong* Keys { get; }

    /// <summary>Where keys go in a sorted list.</summary>
    public int* Places { get; }

    /// <summary>The nearest found, sorted.</summary>
    public KeyList Pool { get; } = new(256);

    /// <summary>What was measured but is not among the nearest: where a search goes on.</summary>
    public KeyList Spare { get; } = new(1024);

    /// <summary>Registered by who walks through a graph in use.</summary>
    public Readers.Reader? Reader { get; set; }

    /// <summary>Distances computed.</summary>
    public long Visits { get; set; }

    public long Bytes { get; }
    public long HeldBytes => Bytes + _visitedCapacity + Pool.Bytes + Spare.Bytes;

    /// <summary>One byte for each node, equal to the epoch when the node was seen by this walk.</summary>
    public byte* Visited { get; private set; }

    public byte Epoch { get; private set; }

    /// <summary>
    /// Nodes below this can be marked as seen: walks pass over others. More than there were when the walk began, because what was there then may by now be
    /// reached only by way of nodes that came later.
    /// </summary>
    public uint End => (uint)Math.Min(_visitedCapacity, HnswNodes.None);

    /// <summary>Begins a walk over nodes below <paramref name="nodes"/>: none is seen yet. Returns the epoch.</summary>
    public byte NextEpoch(int nodes)
    {
        if (nodes > _visitedCapacity)
        {
            _visitedCapacity = nodes + nodes / 4 + 4096;
            NativeMemory.AlignedFree(Visited);
            Visited = (byte*)NativeMemory.AlignedAlloc((nuint)_visitedCapacity, Alignment);
            Epoch = byte.MaxValue;
        }
        if (++Epoch == 0)
        {
            NativeMemory.Clear(Visited, (nuint)_visitedCapacity);
            Epoch = 1;
        }
        return Epoch;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        NativeMemory.AlignedFree(Visited);
        Pool.Dispose();
        Spare.Dispose();
    }
}
