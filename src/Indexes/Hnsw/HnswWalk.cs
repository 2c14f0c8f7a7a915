using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Walking through one level of a graph towards a query. Takes no locks: lists change while they are read, but every entry of a list is always
/// the number of some node.
/// </summary>
static unsafe class HnswWalk<TQuery> where TQuery : unmanaged, ICodeQuery
{
    const int CacheLine = 64;

    /// <summary>How much of a code is asked for ahead, at most; the processor's own prefetcher follows after that.</summary>
    const int PrefetchedLines = 5;

    /// <summary>How many codes ahead memory is asked for.</summary>
    const int Ahead = 8;

    /// <summary>How many nodes before its turn a node's list of links is asked for, and how much of it: all of it at the usual 32 links.</summary>
    const int LinksAhead = 3, LinkLines = 2;

    /// <summary>From <paramref name="start"/> to the node that has no nearer neighbour on this level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Descend<TLinks>(TQuery query, HnswNodes nodes, TLinks links, HnswScratch scratch, ulong start)
        where TLinks : struct, ILinks
    {
        var best = start;
        var end = scratch.End;
        for (var moved = true; moved;)
        {
            moved = false;
            var list = links.Of(NodeKey.Node(best));
            var count = 0;
            for (var i = 0; i < links.Limit && list[i] != HnswNodes.None; i++)
                if (list[i] < end)
                    scratch.Ids[count++] = list[i];
            Measure(query, nodes.Codes, nodes.CodeStride, scratch.Ids, count, scratch.Distances);
            scratch.Visits += count;
            for (var i = 0; i < count; i++)
            {
                var key = NodeKey.Of(scratch.Distances[i], scratch.Ids[i]);
                if (key >= best) continue;
                best = key;
                moved = true;
            }
        }
        return best;
    }

    /// <summary>
    /// Looks at the neighbours of the nearest node not looked at yet, until there is none among the nearest <paramref name="breadth"/>. The pool
    /// holds the start and, after, the result, sorted.
    /// </summary>
    /// <param name="keepSpare">Whether what is not among the nearest is kept, for a search that may go on.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Search<TLinks>(
        TQuery query, HnswNodes nodes, TLinks links, HnswScratch scratch, int breadth, bool keepSpare) where TLinks : struct, ILinks
    {
        var pool = scratch.Pool;
        pool.EnsureCapacity(breadth + links.Limit);
        var items = pool.Items;
        var codes = nodes.Codes;
        nint stride = nodes.CodeStride;
        var lines = LinesOf(stride);
        // Two nodes are under way at a time: while the neighbours of one are measured, memory brings the codes of the next one's.
        uint* ids = scratch.Ids, nextIds = scratch.Chosen;
        int found, nextFound = 0, next = 0;
        while (true)
        {
            while (next < pool.Count && (items[next] & NodeKey.Expanded) != 0)
                next++;
            (found, nextFound) = (nextFound, 0);
            if (next < pool.Count)
            {
                if (next + LinksAhead < pool.Count) PrefetchLinks(links, items[next + LinksAhead]);
                nextFound = Gather(links.Of(NodeKey.Node(items[next])), links.Limit, scratch, nextIds);
                items[next++] |= NodeKey.Expanded;
                for (var i = 0; i < nextFound; i++)
                    PrefetchFar(codes + nextIds[i] * stride, lines);
            }
            else if (found == 0)
            {
                return;
            }
            if (found > 0)
            {
                MeasureNear(in query, codes, stride, ids, found, scratch.Distances);
                scratch.Visits += found;
                next = Offer(scratch, links, ids, found, breadth, next, keepSpare);
            }
            var measured = ids;
            ids = nextIds;
            nextIds = measured;
        }
    }

    // The parts of a walk are methods of their own so that each has all registers.

    /// <summary>Marks the nodes of a list as seen, and writes those that were not to <paramref name="ids"/>; returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static int Gather(uint* list, int limit, HnswScratch scratch, uint* ids)
    {
        var visited = scratch.Visited;
        var epoch = scratch.Epoch;
        var end = scratch.End;
        var found = 0;
        for (var i = 0; i < limit; i++)
        {
            var id = list[i];
            if (id >= end)
            {
                if (id == HnswNodes.None) break;
                continue;
            }
            ids[found] = id;
            found += visited[id] == epoch ? 0 : 1;
            visited[id] = epoch;
        }
        return found;
    }

    /// <summary>As <see cref="Measure"/>, for codes that were asked for before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void MeasureNear(in TQuery query, byte* codes, nint stride, uint* ids, int count, float* distances)
    {
        var measure = query;
        ids[count] = ids[count + 1] = ids[count + 2] = ids[count - 1];
        for (var i = 0; i < count; i += 4)
            measure.To(
                codes + ids[i] * stride, codes + ids[i + 1] * stride, codes + ids[i + 2] * stride, codes + ids[i + 3] * stride,
                distances + i);
    }

    /// <summary>
    /// Puts nodes that were measured into the pool as far as they are near enough; returns where the first of them went, or <paramref name="next"/> if that is
    /// before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static int Offer<TLinks>(HnswScratch scratch, TLinks links, uint* ids, int found, int breadth, int next, bool keepSpare) where TLinks : struct, ILinks
    {
        var (pool, spare) = (scratch.Pool, scratch.Spare);
        var items = pool.Items;
        var count = pool.Count;
        var worst = count == breadth ? items[count - 1] : NodeKey.Farthest;
        // As many may fall out of the pool as come.
        spare.EnsureCapacity(spare.Count + 2 * found);
        var far = spare.Items + spare.Count;
        var near = scratch.Keys;
        int farCount = 0, nearCount = 0;
        for (var i = 0; i < found; i++)
        {
            // Written to both, without a branch: which it is cannot be foreseen.
            var key = NodeKey.Of(scratch.Distances[i], ids[i]);
            near[nearCount] = key;
            far[farCount] = key;
            var isNear = key < worst ? 1 : 0;
            nearCount += isNear;
            farCount += 1 - isNear;
        }
        if (nearCount > 0)
        {
            KeyList.Sort(near, nearCount);
            var first = KeyList.Merge(items, count, near, nearCount, scratch.Places);
            count += nearCount;
            for (; count > breadth; count--)
                far[farCount++] = items[count - 1];
            pool.Count = count;
            for (var i = first; i < next + LinksAhead && i < count; i++)
                PrefetchLinks(links, items[i]);
            next = Math.Min(next, first);
        }
        if (keepSpare) spare.Count += farCount;
        return next;
    }

    /// <summary>
    /// As <see cref="Search"/>, but only nodes that pass are results, while all lead the way: the walk ends when it has <paramref name="breadth"/> results
    /// and nothing nearer is left to look at.
    /// </summary>
    /// <param name="frontier">A heap of nodes to look at, the start among them; after, what is left.</param>
    /// <param name="budget">Distances after which the walk gives up.</param>
    /// <returns>False when the budget ran out.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool SearchPassing<TFilter>(
        TQuery query, HnswNodes nodes, HnswScratch scratch, KeyList frontier, int breadth, TFilter filter, long budget)
        where TFilter : struct, INodeFilter
    {
        scratch.Pool.EnsureCapacity(breadth + 1);
        var pool = scratch.Pool.Items;
        var count = scratch.Pool.Count;
        var spare = scratch.Spare;
        var ids = scratch.Ids;
        var distances = scratch.Distances;
        var links = nodes.Links;
        var limit = nodes.Degree;
        var worst = count == breadth ? pool[count - 1] : NodeKey.Farthest;
        long visits = 0;

        while (frontier.Count > 0 && frontier.Items[0] < worst && visits < budget)
        {
            var found = Gather(links + (long)NodeKey.Node(KeyHeap.Pop(frontier)) * limit, limit, scratch, ids);
            if (found == 0) continue;
            for (var i = 0; i < found; i++)
                filter.Prefetch(ids[i]);
            Measure(query, nodes.Codes, nodes.CodeStride, ids, found, distances);
            visits += found;

            for (var i = 0; i < found; i++)
            {
                var key = NodeKey.Of(distances[i], ids[i]);
                KeyHeap.Push(frontier, key);
                if (!filter.Passes(ids[i])) continue;
                if (key >= worst)
                {
                    spare.Add(key);
                    continue;
                }
                if (count == breadth) spare.Add(pool[count - 1]);
                KeyList.Insert(pool, ref count, breadth, key);
                if (count == breadth) worst = pool[count - 1];
            }
        }
        scratch.Pool.Count = count;
        scratch.Visits += visits;
        return visits < budget;
    }

    /// <summary>Distances to the codes of some nodes; there is room for three more after <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Measure(TQuery query, byte* codes, nint stride, uint* ids, int count, float* distances)
    {
        if (count == 0) return;
        var lines = LinesOf(stride);
        ids[count] = ids[count + 1] = ids[count + 2] = ids[count - 1];
        for (var i = 0; i < count && i < Ahead; i++)
            Prefetch(codes + ids[i] * stride, lines);
        for (var i = 0; i < count; i += 4)
        {
            for (var j = i + Ahead; j < i + Ahead + 4 && j < count; j++)
                Prefetch(codes + ids[j] * stride, lines);
            query.To(
                codes + ids[i] * stride, codes + ids[i + 1] * stride, codes + ids[i + 2] * stride, codes + ids[i + 3] * stride,
                distances + i);
        }
    }

    /// <summary>Lines in which a code lies that begins at a multiple of 8, at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int LinesOf(nint stride) => (int)Math.Min(PrefetchedLines, (stride + CacheLine - 9) / CacheLine + 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void PrefetchLinks<TLinks>(TLinks links, ulong key) where TLinks : struct, ILinks
        => Prefetch((byte*)links.Of(NodeKey.Node(key)), LinkLines);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Prefetch(byte* start, int lines)
    {
        if (!Sse.IsSupported) return;
        for (var i = 0; i < lines; i++)
            Sse.Prefetch0(start + i * CacheLine);
    }

    /// <summary>To the second cache: the first is too small for all that is under way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void PrefetchFar(byte* start, int lines)
    {
        if (!Sse.IsSupported) return;
        for (var i = 0; i < lines; i++)
            Sse.Prefetch1(start + i * CacheLine);
    }
}
