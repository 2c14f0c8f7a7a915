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
    public void Unlink(uint node, uint end, HnswScratch scratch)
    {
        if (entry.TryGet(out var start, out var top) && start == node) MoveEntry(node, top, end);
        for (var level = (int)nodes.Levels[node]; level > 0; level--)
            UnlinkLevel(node, new UpperLinks(nodes, level), level, end, scratch);
        UnlinkLevel(node, new LowestLinks(nodes.Links, nodes.Degree), 0, end, scratch);
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
            if ((nodes.States[gone] & NodeState.Kind) is not (NodeState.Free or NodeState.Leaving)) continue;
            var count = nodes.Levels[gone] >= level ? Copy(links.Of(gone), around, links.Limit) : 0;
            scratch.NextEpoch((int)nodes.Count);
            Relink(node, gone, links, level, around, count, (uint)nodes.Count, scratch);
            i = -1; // another list now
        }
    }

    void UnlinkLevel<TLinks>(uint node, TLinks links, int level, uint end, HnswScratch scratch) where TLinks : struct, ILinks
    {
        var limit = links.Limit;
        var own = stackalloc uint[limit];
        var count = Copy(links.Of(node), own, limit);
        var epoch = scratch.NextEpoch((int)end);
        scratch.Visited[node] = epoch;
        var second = stackalloc uint[limit];
        for (var i = 0; i < count; i++)
        {
            Relink(own[i], node, links, level, own, count, end, scratch);
            var others = Copy(links.Of(own[i]), second, limit);
            for (var j = 0; j < others; j++)
                Relink(second[j], node, links, level, own, count, end, scratch);
        }
        if (!TLinks.AreLowest) return;
        for (var i = 0; i < count; i++)
            if (Interlocked.Decrement(ref nodes.Incoming[own[i]]) <= 0 && nodes.IsInGraph(own[i]))
                linker.Rescue(own[i], scratch);
        links.Of(node)[0] = HnswNodes.None;
    }

    /// <summary>Replaces the link to <paramref name="gone"/>, if there is one, by those of its neighbours that serve best.</summary>
    void Relink<TLinks>(uint from, uint gone, TLinks links, int level, uint* around, int aroundCount, uint end, HnswScratch scratch)
        where TLinks : struct, ILinks
    {
        if (from >= end || scratch.Visited[from] == scratch.Epoch) return;
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

    /// <summary>Makes another node of the highest level that has one the entry.</summary>
    void MoveEntry(uint node, int top, uint end)
    {
        uint best = HnswNodes.None;
        for (uint other = 0; other < end; other++)
            if (other != node && nodes.States[other] == NodeState.Linked && nodes.Levels[other] <= top
                && (best == HnswNodes.None || nodes.Levels[other] > nodes.Levels[best]))
            {
                best = other;
                if (nodes.Levels[best] == top) break;
            }
        entry.Replace(node, best, best == HnswNodes.None ? 0 : nodes.Levels[best]);
    }

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
