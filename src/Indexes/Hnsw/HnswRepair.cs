using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Takes a removed node out of the graph and links its neighbours around it: each node that links to it gets, in its place, the best of the removed
/// node's own neighbours. Those that link to it are found among its neighbours and theirs, and what is missed by a sweep over all nodes at the end. Until
/// then such a link may lead to a node that is by now another, which costs a distance and harms nothing.
/// </summary>
sealed unsafe class HnswRepair<TQuery>(HnswNodes nodes, HnswEntry entry, SpinLocks locks, HnswLinker<TQuery> linker)
    where TQuery : unmanaged, ICodeQuery
{
    public void Unlink(uint node, HnswScratch scratch)
    {
        if (entry.TryGet(out var start, out var top) && start == node) MoveEntry(node, top);
        for (var level = (int)nodes.Levels[node]; level > 0; level--)
            UnlinkLevel(node, new UpperLinks(nodes, level), level, scratch);
        UnlinkLevel(node, new LowestLinks(nodes.Links, nodes.Degree), 0, scratch);
    }

    /// <summary>Finds links of some nodes to nodes that are gone, and replaces them.</summary>
    public void Sweep(uint first, uint end, HnswScratch scratch)
    {
        for (var node = first; node < end; node++)
        {
            if (!nodes.IsInGraph(node)) continue;
            SweepList(node, new LowestLinks(nodes.Links, nodes.Degree), 0, scratch);
            for (var level = 1; level <= nodes.Levels[node]; level++)
                SweepList(node, new UpperLinks(nodes, level), level, scratch);
        }
    }

    void SweepList<TLinks>(uint node, TLinks links, int level, HnswScratch scratch) where TLinks : struct, ILinks
    {
        var list = links.Of(node);
        var around = stackalloc uint[links.Limit];
        for (var i = 0; i < links.Limit && list[i] != HnswNodes.None; i++)
        {
            var gone = list[i];
            // Its number may have been given out again, to an entry of the tail or one that hangs on another.
            if (nodes.IsInGraph(gone)) continue;
            var isOut = (nodes.States[gone] & NodeState.Kind) is NodeState.Free or NodeState.Leaving;
            var count = isOut && nodes.Levels[gone] >= level ? Copy(links.Of(gone), around, links.Limit) : 0;
            scratch.NextEpoch((int)nodes.Count);
            Relink(node, gone, links, level, around, count, scratch);
            if (list[i] != gone) i = -1; // another list now
        }
    }

    void UnlinkLevel<TLinks>(uint node, TLinks links, int level, HnswScratch scratch) where TLinks : struct, ILinks
    {
        var limit = links.Limit;
        var own = stackalloc uint[limit];
        // Nobody links from a node that leaves. Its list stays as it is, for those who stand on it, until the number is given out again.
        locks.Enter(node);
        var count = Copy(links.Of(node), own, limit);
        locks.Exit(node);
        var epoch = scratch.NextEpoch(nodes.Count);
        scratch.Visited[node] = epoch;
        var second = stackalloc uint[limit];
        for (var i = 0; i < count; i++)
        {
            Relink(own[i], node, links, level, own, count, scratch);
            var others = Copy(links.Of(own[i]), second, limit);
            for (var j = 0; j < others; j++)
                Relink(second[j], node, links, level, own, count, scratch);
        }
        if (!TLinks.AreLowest) return;
        for (var i = 0; i < count; i++)
            if (Interlocked.Decrement(ref nodes.Incoming[own[i]]) <= 0 && nodes.IsInGraph(own[i]))
                linker.Rescue(own[i], scratch);
    }

    /// <summary>Replaces the link to <paramref name="gone"/>, if there is one, by those of its neighbours that serve best.</summary>
    void Relink<TLinks>(uint from, uint gone, TLinks links, int level, uint* around, int aroundCount, HnswScratch scratch)
        where TLinks : struct, ILinks
    {
        if (from >= scratch.End || scratch.Visited[from] == scratch.Epoch) return;
        scratch.Visited[from] = scratch.Epoch;
        if (nodes.Levels[from] < level || !nodes.IsInGraph(from)) return;
        var limit = links.Limit;
        var list = links.Of(from);
        if (!new ReadOnlySpan<uint>(list, limit).Contains(gone)) return;
        locks.Enter(from);
        var oldCount = HnswLinker<TQuery>.Length(list, limit);
        var count = 0;
        // What is removed but not yet taken out stays: its own neighbours take its place when it is its turn.
        for (var i = 0; i < oldCount; i++)
            if (list[i] != gone && nodes.IsInGraph(list[i]) && nodes.Levels[list[i]] >= level)
                scratch.Ids[count++] = list[i];
        for (var i = 0; i < aroundCount; i++)
            if (around[i] != from && nodes.IsInGraph(around[i]) && nodes.Levels[around[i]] >= level
                && !new ReadOnlySpan<uint>(scratch.Ids, count).Contains(around[i]))
                scratch.Ids[count++] = around[i];
        linker.Prune<TLinks>(from, count, list, oldCount, limit, list, limit, scratch);
        locks.Exit(from);
    }

    /// <summary>Makes another node that has entries, of the highest level, the entry.</summary>
    void MoveEntry(uint node, int top)
    {
        for (var gone = node; ;)
        {
            uint best = HnswNodes.None;
            for (uint other = 0; other < nodes.Count; other++)
                if (other != node && IsSought(other) && nodes.Levels[other] <= top && (best == HnswNodes.None || nodes.Levels[other] > nodes.Levels[best]))
                {
                    best = other;
                    if (nodes.Levels[best] == top) break;
                }
            entry.Replace(gone, best, best == HnswNodes.None ? 0 : nodes.Levels[best]);
            // One who leaves now looks whether it is the entry after it has said that it leaves.
            if (best == HnswNodes.None || nodes.IsInGraph(best)) return;
            gone = best;
        }
    }

    bool IsSought(uint node) => (nodes.States[node] & NodeState.Kind) == NodeState.Linked && new AliveFilter(nodes).Passes(node);

    static int Copy(uint* list, uint* to, int limit)
    {
        var count = 0;
        while (count < limit && list[count] != HnswNodes.None)
        {
            to[count] = list[count];
            count++;
        }
        return count;
    }
}
