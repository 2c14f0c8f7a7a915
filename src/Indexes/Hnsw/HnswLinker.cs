using System.Runtime.CompilerServices;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Makes nodes part of a graph: finds their neighbours, chooses among them, and links both ways. Several threads may link at once; a list is changed
/// under its node's lock, one at a time.
/// </summary>
sealed unsafe class HnswLinker<TQuery>(HnswNodes nodes, VectorCode<TQuery> code, SpinLocks locks, HnswEntry entry, VectorIndexOptions options)
    where TQuery : unmanaged, ICodeQuery
{
    /// <summary>
    /// A candidate is passed over when a chosen neighbour is nearer to it by this factor than the new node is: above 1 more distant neighbours
    /// stay, which on data with hubs is worth half a hundredth of recall. (Distances are squared.) Not for inner products, which have no scale.
    /// </summary>
    readonly float _alpha = options.Metric switch { Metric.L2 or Metric.Cosine => 1.05f, Metric.InnerProduct => 1f, _ => 1.02f };

    /// <summary>Level-0 links in use now: the nodes' own, or the builder's.</summary>
    public required LowestLinks Lowest { get; init; }

    /// <summary>Neighbours that a new node chooses on the lowest level.</summary>
    public required int Chosen { get; init; }

    /// <summary>Links that an overflowing list of the lowest level keeps.</summary>
    public required int Kept { get; init; }

    /// <summary>
    /// Whether the graph is in use: a node with the same code is looked for, and no node may lose the last link to it. A build finds the ones before and
    /// repairs the others after, with less harm to the rest.
    /// </summary>
    public bool IsInUse { get; init; }

    /// <summary>Links a node. Its code, level and room for its links are there; nobody knows it yet.</summary>
    /// <param name="node">To be linked.</param>
    /// <param name="scratch">Belongs to this thread.</param>
    /// <returns>A linked node with the same code, on which the node is to hang instead; null when it was linked.</returns>
    public uint? Link(uint node, HnswScratch scratch)
    {
        var level = nodes.Levels[node];
        if (!entry.TryBegin(node, level, out var start, out var top)) return null;
        var isLinked = false;
        try
        {
            var query = code.Prepare(nodes.Code(node), scratch.Query);
            var best = NodeKey.Of(query.To(nodes.Code(start)), start);
            for (var at = top; at > level; at--)
                best = HnswWalk<TQuery>.Descend(query, nodes, new UpperLinks(nodes, at), scratch, best);
            var first = Math.Min(level, top);
            for (var at = first; at >= 0; at--)
            {
                var same = at > 0
                    ? LinkLevel(query, node, ref best, new UpperLinks(nodes, at), nodes.M, nodes.M, at == first, scratch)
                    : LinkLevel(query, node, ref best, Lowest, Chosen, Kept, at == first, scratch);
                if (same is not null) return same;
            }
            isLinked = true;
            return null;
        }
        finally
        {
            entry.End(node, level, top, isLinked);
        }
    }

    uint? LinkLevel<TLinks>(TQuery query, uint node, ref ulong best, TLinks links, int chosen, int kept, bool first, HnswScratch scratch)
        where TLinks : struct, ILinks
    {
        Search(query, node, best, links, scratch);
        best = scratch.Pool.Items[0] & ~NodeKey.Expanded;
        if (first && IsInUse && FindSame(node, scratch) is { } same) return same;
        Connect(node, links, chosen, kept, scratch);
        return null;
    }

    void Search<TLinks>(TQuery query, uint node, ulong start, TLinks links, HnswScratch scratch) where TLinks : struct, ILinks
    {
        var epoch = scratch.NextEpoch(nodes.Count);
        scratch.Visited[node] = epoch;
        scratch.Visited[NodeKey.Node(start)] = epoch;
        scratch.Pool.Count = 0;
        scratch.Pool.Add(start);
        HnswWalk<TQuery>.Search(query, nodes, links, scratch, Math.Max(options.EfConstruction, nodes.M), keepSpare: false);
    }

    /// <summary>A node among the nearest whose code is equal byte for byte.</summary>
    uint? FindSame(uint node, HnswScratch scratch)
    {
        const int looked = 8;
        var own = code.Stored(nodes.Code(node));
        for (var i = 0; i < Math.Min(looked, scratch.Pool.Count); i++)
        {
            var other = NodeKey.Node(scratch.Pool.Items[i]);
            if (nodes.States[other] == NodeState.Linked && own.SequenceEqual(code.Stored(nodes.Code(other)))) return other;
        }
        return null;
    }

    /// <summary>Chooses among the pool, writes the node's list, then links back.</summary>
    void Connect<TLinks>(uint node, TLinks links, int chosen, int kept, HnswScratch scratch) where TLinks : struct, ILinks
    {
        KeepCandidates(node, scratch.Pool);
        var neighbours = stackalloc uint[links.Limit];
        var filled = Choose(scratch.Pool.Items, scratch.Pool.Count, chosen, neighbours, scratch);
        WriteList(node, links, neighbours, filled);
        for (var i = 0; i < filled; i++)
            LinkBack(neighbours[i], node, links, kept, scratch);
    }

    /// <summary>
    /// Leaves those in the pool that a node may link to. Where nearly all around it is removed, those removed are among them: a node that links to nobody would
    /// be lost, and who takes them out of the graph links around them.
    /// </summary>
    void KeepCandidates(uint node, KeyList pool)
    {
        var linkable = 0;
        for (var i = 0; i < pool.Count; i++)
            linkable += nodes.IsLinkable(NodeKey.Node(pool.Items[i])) ? 1 : 0;
        var areEnough = linkable >= nodes.M;
        var count = 0;
        for (var i = 0; i < pool.Count; i++)
        {
            var other = NodeKey.Node(pool.Items[i]);
            if (other != node && (areEnough ? nodes.IsLinkable(other) : nodes.IsInGraph(other))) pool.Items[count++] = pool.Items[i] & ~NodeKey.Expanded;
        }
        pool.Count = count;
    }

    /// <summary>Writes the list of a new node, and after it those that have linked to it already.</summary>
    void WriteList<TLinks>(uint node, TLinks links, uint* neighbours, int count) where TLinks : struct, ILinks
    {
        locks.Enter(node);
        var list = links.Of(node);
        var earlier = Length(list, links.Limit);
        for (var i = 0; i < earlier && count < links.Limit; i++)
            if (!new ReadOnlySpan<uint>(neighbours, count).Contains(list[i]))
                neighbours[count++] = list[i];
        Rewrite<TLinks>(list, earlier, neighbours, count, list, links.Limit);
        locks.Exit(node);
    }

    /// <summary>Adds a link; a list that overflows keeps the best <paramref name="kept"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void LinkBack<TLinks>(uint from, uint to, TLinks links, int kept, HnswScratch scratch) where TLinks : struct, ILinks
    {
        locks.Enter(from);
        try
        {
            // Who takes it out has read its list already.
            if (!nodes.IsInGraph(from)) return;
            var list = links.Of(from);
            var length = Length(list, links.Limit);
            if (new ReadOnlySpan<uint>(list, length).Contains(to)) return;
            if (length < links.Limit)
            {
                if (length + 1 < links.Limit) list[length + 1] = HnswNodes.None;
                if (TLinks.AreLowest) Interlocked.Increment(ref nodes.Incoming[to]);
                Volatile.Write(ref list[length], to);
                return;
            }
            new ReadOnlySpan<uint>(list, length).CopyTo(new(scratch.Ids, length));
            scratch.Ids[length] = to;
            Prune<TLinks>(from, length + 1, list, length, kept, list, links.Limit, scratch);
            // Nobody else may link to it, and it is new: then this node does.
            if (TLinks.AreLowest && IsInUse && Volatile.Read(ref nodes.Incoming[to]) == 0) Keep(to, list, Length(list, links.Limit));
        }
        finally
        {
            locks.Exit(from);
        }
    }

    /// <summary>Puts a node, to which nobody links, in the place of the last in a list to which others link too.</summary>
    void Keep(uint node, uint* list, int count)
    {
        for (var place = count - 1; place >= 0; place--)
        {
            var other = list[place];
            if (Interlocked.Decrement(ref nodes.Incoming[other]) > 0)
            {
                Interlocked.Increment(ref nodes.Incoming[node]);
                Volatile.Write(ref list[place], node);
                return;
            }
            Interlocked.Increment(ref nodes.Incoming[other]);
        }
    }

    /// <summary>Links to a node that nobody links to any more, from the first of its own neighbours that can.</summary>
    public void Rescue(uint node, HnswScratch scratch)
    {
        var list = Lowest.Of(node);
        for (var i = 0; i < Lowest.Limit && list[i] != HnswNodes.None; i++)
        {
            if (!nodes.IsInGraph(list[i])) continue;
            LinkBack(list[i], node, Lowest, Kept, scratch);
            if (Volatile.Read(ref nodes.Incoming[node]) > 0) return;
        }
    }

    /// <summary>Makes the best <paramref name="kept"/> of the nodes in <see cref="HnswScratch.Ids"/> the list of <paramref name="from"/>, which is locked.</summary>
    /// <param name="from">Whose list it is.</param>
    /// <param name="count">How many there are to choose from.</param>
    /// <param name="old">The list until now.</param>
    /// <param name="oldCount">Its length.</param>
    /// <param name="kept">Length of the new one at most.</param>
    /// <param name="list">Where it goes.</param>
    /// <param name="limit">Places there.</param>
    /// <param name="scratch">Belongs to this thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Prune<TLinks>(uint from, int count, uint* old, int oldCount, int kept, uint* list, int limit, HnswScratch scratch)
        where TLinks : struct, ILinks
    {
        var query = code.Prepare(nodes.Code(from), scratch.Peer);
        HnswWalk<TQuery>.Measure(query, nodes.Codes, nodes.CodeStride, scratch.Ids, count, scratch.Distances);
        for (var i = 0; i < count; i++)
            scratch.Keys[i] = NodeKey.Of(scratch.Distances[i], scratch.Ids[i]);
        new Span<ulong>(scratch.Keys, count).Sort();
        var filled = Choose(scratch.Keys, count, kept, scratch.Chosen, scratch);
        Rewrite<TLinks>(old, oldCount, scratch.Chosen, filled, list, limit);
    }

    /// <summary>
    /// Replaces a list by a new one. On the lowest level of a graph in use a node that only the old list led to stays in it, in the place of the last that others lead to: so
    /// outliers, which are in nobody's nearest, remain reachable.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Rewrite<TLinks>(uint* old, int oldCount, uint* chosen, int count, uint* list, int limit) where TLinks : struct, ILinks
    {
        var dropped = stackalloc uint[oldCount];
        var droppedCount = 0;
        if (TLinks.AreLowest)
        {
            for (var i = 0; i < oldCount; i++)
                if (!new ReadOnlySpan<uint>(chosen, count).Contains(old[i]))
                    dropped[droppedCount++] = old[i];
            for (var i = 0; i < count; i++)
                if (!new ReadOnlySpan<uint>(old, oldCount).Contains(chosen[i]))
                    Interlocked.Increment(ref nodes.Incoming[chosen[i]]);
        }
        new ReadOnlySpan<uint>(chosen, count).CopyTo(new(list, count));
        new Span<uint>(list + count, limit - count).Fill(HnswNodes.None);
        for (var i = 0; i < droppedCount; i++)
            if (Interlocked.Decrement(ref nodes.Incoming[dropped[i]]) == 0 && IsInUse && nodes.IsInGraph(dropped[i]))
                Keep(dropped[i], list, count);
    }

    /// <summary>
    /// The HNSW paper's heuristic: nearest first, a candidate is passed over when one already chosen is nearer to it than the node is, because the way
    /// leads over that one. What room is left goes to the nearest of those passed over; without them recall breaks down on data with hubs.
    /// </summary>
    /// <param name="candidates">Sorted by distance to the node.</param>
    /// <returns>How many were chosen, at most <paramref name="limit"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Choose(ulong* candidates, int count, int limit, uint* chosen, HnswScratch scratch)
    {
        if (count <= limit)
        {
            for (var i = 0; i < count; i++)
                chosen[i] = NodeKey.Node(candidates[i]);
            return count;
        }

        // Open candidates are numbered by their place; each round the nearest is chosen and thins out the rest.
        var open = stackalloc int[count];
        var passed = stackalloc bool[count];
        new Span<bool>(passed, count).Clear();
        var ids = stackalloc uint[count + 3];
        var distances = stackalloc float[count + 3];
        for (var i = 0; i < count; i++)
            open[i] = i;
        int openCount = count, filled = 0;
        while (openCount > 0 && filled < limit)
        {
            var nearest = NodeKey.Node(candidates[open[0]]);
            chosen[filled++] = nearest;
            if (filled == limit) return filled;
            for (var i = 1; i < openCount; i++)
                ids[i - 1] = NodeKey.Node(candidates[open[i]]);
            openCount--;
            var query = code.Prepare(nodes.Code(nearest), scratch.Peer);
            HnswWalk<TQuery>.Measure(query, nodes.Codes, nodes.CodeStride, ids, openCount, distances);
            var kept = 0;
            for (var i = 0; i < openCount; i++)
            {
                var place = open[i + 1];
                var isPassed = distances[i] * _alpha < NodeKey.Distance(candidates[place]);
                passed[place] = isPassed;
                open[kept] = place;
                kept += isPassed ? 0 : 1;
            }
            openCount = kept;
        }
        for (var i = 0; i < count && filled < limit; i++)
            if (passed[i])
                chosen[filled++] = NodeKey.Node(candidates[i]);
        return filled;
    }

    public static int Length(uint* list, int limit)
    {
        var end = new ReadOnlySpan<uint>(list, limit).IndexOf(HnswNodes.None);
        return end < 0 ? limit : end;
    }
}
