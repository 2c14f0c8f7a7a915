using System.Runtime.CompilerServices;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>Measures many nodes one after the other, without the graph.</summary>
readonly unsafe struct NodeScan<TQuery>(HnswNodes nodes, HnswScratch scratch) where TQuery : unmanaged, ICodeQuery
{
    /// <summary>With more than one in so many rows allowed, going through all nodes in order is faster than looking up those of each row.</summary>
    const int Dense = 8;

    /// <summary>Keys are thinned out when there are so many times more than wanted.</summary>
    const int Surplus = 4;

    const int SurplusAtLeast = 1024;

    /// <summary>Adds the keys of all living nodes below <paramref name="end"/> (of these rows) that this epoch has not seen.</summary>
    public void All(TQuery query, RowSet? allowed, uint end, KeyList into)
        => Visit(query, allowed, end, new Collect(into), seen: true);

    /// <summary>Fills <paramref name="into"/> with the nearest living nodes of these rows, sorted.</summary>
    public void Nearest(TQuery query, RowSet allowed, uint end, int count, KeyList into)
    {
        into.EnsureCapacity(Math.Max(Surplus * count, SurplusAtLeast) + nodes.Degree);
        var keep = new Keep(into, count);
        Visit(query, allowed, end, keep, seen: false);
        into.Span.Sort();
        into.Count = Math.Min(into.Count, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Visit<TSink>(TQuery query, RowSet? allowed, uint end, TSink sink, bool seen) where TSink : struct, ISink
    {
        var ids = scratch.Ids;
        var visited = scratch.Visited;
        var epoch = scratch.Epoch;
        var bound = NodeKey.Farthest;
        var count = 0;
        if (allowed is null || allowed.Count * Dense > end)
        {
            for (uint node = 0; node < end; node++)
            {
                if (!nodes.IsAlive(node) || (seen && visited[node] == epoch) || (allowed is not null && !allowed.Contains(nodes.Rows[node]))) continue;
                ids[count++] = node;
                if (count == nodes.Degree) Flush(query, ref count, ref bound, sink);
            }
        }
        else
        {
            foreach (var row in allowed)
                for (var node = nodes.FirstOfRow(row); node >= 0; node = nodes.NextOfRow[node] - 1)
                {
                    if ((uint)node >= end || !nodes.IsAlive((uint)node) || (seen && visited[node] == epoch)) continue;
                    ids[count++] = (uint)node;
                    if (count == nodes.Degree) Flush(query, ref count, ref bound, sink);
                }
        }
        Flush(query, ref count, ref bound, sink);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Flush<TSink>(TQuery query, ref int count, ref ulong bound, TSink sink) where TSink : struct, ISink
    {
        HnswWalk<TQuery>.Measure(query, nodes.Codes, nodes.CodeStride, scratch.Ids, count, scratch.Distances);
        scratch.Visits += count;
        for (var i = 0; i < count; i++)
        {
            var key = NodeKey.Of(scratch.Distances[i], scratch.Ids[i]);
            if (key < bound) sink.Add(key, ref bound);
        }
        count = 0;
    }

    interface ISink
    {
        /// <summary>Takes a key; may lower the bound from which on keys are of no use.</summary>
        void Add(ulong key, ref ulong bound);
    }

    readonly struct Collect(KeyList into) : ISink
    {
        public void Add(ulong key, ref ulong bound) => into.Add(key);
    }

    readonly struct Keep(KeyList into, int wanted) : ISink
    {
        public void Add(ulong key, ref ulong bound)
        {
            into.Add(key);
            if (into.Count < Math.Max(Surplus * wanted, SurplusAtLeast)) return;
            into.Span.Sort();
            into.Count = wanted;
            bound = into.Items[wanted - 1];
        }
    }
}
