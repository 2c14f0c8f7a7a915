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

    /// <summary>How much of a code is asked for ahead; the processor's own prefetcher follows after that.</summary>
    const int PrefetchedLines = 4;

    /// <summary>How many codes ahead memory is asked for.</summary>
    const int Ahead = 8;

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
        scratch.Pool.EnsureCapacity(breadth + 1);
        var pool = scratch.Pool.Items;
        var count = scratch.Pool.Count;
        var spare = scratch.Spare;
        var visited = scratch.Visited;
        var epoch = scratch.Epoch;
        var end = scratch.End;
        var ids = scratch.Ids;
        var distances = scratch.Distances;
        var codes = nodes.Codes;
        nint stride = nodes.CodeStride;
        var limit = links.Limit;
        var worst = count == breadth ? pool[count - 1] : NodeKey.Farthest;
        long visits = 0;

        for (var next = 0; next < count;)
        {
            var key = pool[next];
            if ((key & NodeKey.Expanded) != 0)
            {
                next++;
                continue;
            }
            pool[next++] = key | NodeKey.Expanded;

            var list = links.Of(NodeKey.Node(key));
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
            if (found == 0) continue;
            Measure(query, codes, stride, ids, found, distances);
            visits += found;

            if (keepSpare) spare.EnsureCapacity(spare.Count + found);
            for (var i = 0; i < found; i++)
            {
                var candidate = NodeKey.Of(distances[i], ids[i]);
                if (candidate >= worst)
                {
                    if (keepSpare) spare.Items[spare.Count++] = candidate;
                    continue;
                }
                if (count == breadth && keepSpare) spare.Items[spare.Count++] = pool[count - 1];
                var place = KeyList.Insert(pool, ref count, breadth, candidate);
                if (count == breadth) worst = pool[count - 1];
                if (place < next + 4)
                {
                    Prefetch((byte*)links.Of(ids[i]), 2);
                    if (place < next) next = place;
                }
            }
        }
        scratch.Pool.Count = count;
        scratch.Visits += visits;
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
        var visited = scratch.Visited;
        var epoch = scratch.Epoch;
        var end = scratch.End;
        var ids = scratch.Ids;
        var distances = scratch.Distances;
        var links = nodes.Links;
        var limit = nodes.Degree;
        var worst = count == breadth ? pool[count - 1] : NodeKey.Farthest;
        long visits = 0;

        while (frontier.Count > 0 && frontier.Items[0] < worst && visits < budget)
        {
            var list = links + (long)NodeKey.Node(KeyHeap.Pop(frontier)) * limit;
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
        var last = ids[count - 1];
        ids[count] = ids[count + 1] = ids[count + 2] = last;
        for (var i = 0; i < count && i < Ahead; i++)
            Prefetch(codes + ids[i] * stride, PrefetchedLines);
        for (var i = 0; i < count; i += 4)
        {
            for (var j = i + Ahead; j < i + Ahead + 4 && j < count; j++)
                Prefetch(codes + ids[j] * stride, PrefetchedLines);
            query.To(
                codes + ids[i] * stride, codes + ids[i + 1] * stride, codes + ids[i + 2] * stride, codes + ids[i + 3] * stride,
                distances + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Prefetch(byte* start, int lines)
    {
        if (!Sse.IsSupported) return;
        for (var i = 0; i < lines; i++)
            Sse.Prefetch0(start + i * CacheLine);
    }
}
