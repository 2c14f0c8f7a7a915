using System.Runtime.CompilerServices;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>The links of one level: of each node a list of at most <see cref="Limit"/>, ended by <see cref="HnswNodes.None"/> if shorter.</summary>
unsafe interface ILinks
{
    int Limit { get; }

    /// <summary>Whether these are the links of level 0, where every node must be linked to by another.</summary>
    static abstract bool AreLowest { get; }

    uint* Of(uint node);
}

/// <summary>Level 0, in one array; while building, another one with room to spare.</summary>
readonly unsafe struct LowestLinks(uint* items, int limit) : ILinks
{
    public static bool AreLowest => true;

    public int Limit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => limit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint* Of(uint node) => items + (long)node * limit;
}

/// <summary>A level from 1 up.</summary>
readonly unsafe struct UpperLinks(HnswNodes nodes, int level) : ILinks
{
    readonly uint* _upper = nodes.Upper + (long)(level - 1) * nodes.M;
    readonly uint* _starts = nodes.UpperStarts;

    public static bool AreLowest => false;

    public int Limit { get; } = nodes.M;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint* Of(uint node) => _upper + _starts[node];
}
