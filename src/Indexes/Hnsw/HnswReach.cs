using System.Collections;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Makes every linked node reachable from the entry. Cutting lists leaves nodes that nobody links to, thousands on data with hubs. Each such node
/// gets a link from the nearest reachable node among those it links to itself, in the place of a link whose target has others.
/// </summary>
sealed unsafe class HnswReach<TQuery>(HnswNodes nodes, VectorCode<TQuery> code, HnswEntry entry) where TQuery : unmanaged, ICodeQuery
{
    /// <summary>Replacing a link may cut off another node, rarely: that one is found in the next round.</summary>
    const int Rounds = 4;

    readonly int _degree = nodes.Degree;
    readonly BitArray _reached = new(nodes.Count);
    readonly Stack<uint> _waiting = new();

    public void Repair(CancellationToken cancellation)
    {
        if (!entry.TryGet(out var start, out _)) return;
        using var scratch = new HnswScratch(code.QueryBytes, _degree + 1);
        for (var round = 0; round < Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            _reached.SetAll(false);
            Reach(start);
            // Upper levels lead to their nodes too.
            for (uint node = 0; node < nodes.Count; node++)
                if (nodes.Levels[node] > 0 && nodes.States[node] == NodeState.Linked)
                    Reach(node);

            var changed = false;
            for (uint node = 0; node < nodes.Count; node++)
            {
                if (_reached[(int)node] || (nodes.States[node] & NodeState.Kind) != NodeState.Linked) continue;
                if (Connect(node, scratch))
                {
                    changed = true;
                    Reach(node);
                }
            }
            if (!changed) return;
        }
    }

    void Reach(uint start)
    {
        if (_reached[(int)start]) return;
        _reached[(int)start] = true;
        _waiting.Push(start);
        while (_waiting.TryPop(out var node))
        {
            var list = nodes.Links + (long)node * _degree;
            for (var i = 0; i < _degree && list[i] != HnswNodes.None; i++)
                if (!_reached[(int)list[i]])
                {
                    _reached[(int)list[i]] = true;
                    _waiting.Push(list[i]);
                }
        }
    }

    /// <summary>Gives a node a link from a reached one near it; false when none of its neighbours, and of theirs, is reached.</summary>
    bool Connect(uint node, HnswScratch scratch)
    {
        var own = nodes.Links + (long)node * _degree;
        for (var i = 0; i < _degree && own[i] != HnswNodes.None; i++)
            if (_reached[(int)own[i]] && TryLink(own[i], node, scratch))
                return true;
        return entry.TryGet(out var start, out _) && TryLink(NearestReached(node, start, scratch), node, scratch);
    }

    uint NearestReached(uint node, uint start, HnswScratch scratch)
    {
        var query = code.Prepare(nodes.Code(node), scratch.Query);
        scratch.NextEpoch(nodes.Count);
        scratch.Visited[start] = scratch.Epoch;
        scratch.Pool.Count = 0;
        scratch.Pool.Add(NodeKey.Of(query.To(nodes.Code(start)), start));
        HnswWalk<TQuery>.Search(query, nodes, new LowestLinks(nodes.Links, _degree), scratch, _degree, (uint)nodes.Count, keepSpare: false);
        return NodeKey.Node(scratch.Pool.Items[0]);
    }

    /// <summary>Links from one node to another: at the end of a list with room, else in the place of the farthest target that others link to.</summary>
    bool TryLink(uint from, uint to, HnswScratch scratch)
    {
        if (from == to) return false;
        var list = nodes.Links + (long)from * _degree;
        var count = HnswLinker<TQuery>.Length(list, _degree);
        if (count < _degree)
        {
            list[count] = to;
            if (count + 1 < _degree) list[count + 1] = HnswNodes.None;
            nodes.Incoming[to]++;
            return true;
        }
        var query = code.Prepare(nodes.Code(from), scratch.Peer);
        new ReadOnlySpan<uint>(list, count).CopyTo(new(scratch.Ids, count));
        HnswWalk<TQuery>.Measure(query, nodes.Codes, nodes.CodeStride, scratch.Ids, count, scratch.Distances);
        var place = -1;
        for (var i = 0; i < count; i++)
            if (nodes.Incoming[list[i]] > 1 && (place < 0 || scratch.Distances[i] > scratch.Distances[place]))
                place = i;
        if (place < 0) return false;
        nodes.Incoming[list[place]]--;
        nodes.Incoming[to]++;
        list[place] = to;
        return true;
    }
}
