using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>Which nodes a walk may give as results.</summary>
unsafe interface INodeFilter
{
    /// <summary>Asks for what <see cref="Passes"/> will read.</summary>
    void Prefetch(uint node);

    /// <summary>Whether the node, or one that hangs on it, passes.</summary>
    bool Passes(uint node);
}

/// <summary>Nodes that are not removed: used when many are.</summary>
readonly unsafe struct AliveFilter(HnswNodes nodes) : INodeFilter
{
    readonly byte* _states = nodes.States;
    readonly uint* _twins = nodes.Twins;

    public void Prefetch(uint node) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Passes(uint node) => _states[node] < NodeState.Deleted || _twins[node] != 0;
}

/// <summary>Nodes of given rows.</summary>
readonly unsafe struct RowFilter(HnswNodes nodes, RowSet allowed) : INodeFilter
{
    /// <summary>Of many equal nodes some may be looked at in vain; finding out for each would cost more.</summary>
    const int TwinsLookedAt = 64;

    readonly long* _rows = nodes.Rows;
    readonly uint* _twins = nodes.Twins;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint node)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(_rows + node);
        Sse.Prefetch0(_twins + node);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Passes(uint node) => allowed.Contains(_rows[node]) || (_twins[node] != 0 && AnyTwin(node));

    [MethodImpl(MethodImplOptions.NoInlining)]
    bool AnyTwin(uint node)
    {
        var looked = 0;
        for (var twin = _twins[node]; twin != 0; twin = _twins[twin - 1])
            if (looked++ == TwinsLookedAt || allowed.Contains(_rows[twin - 1]))
                return true;
        return false;
    }
}
