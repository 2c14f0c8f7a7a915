using System.Collections;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Makes every linked node reachable from the entry. Cutting lists leaves nodes that nobody links to, thousands on data with hubs, and groups of nodes that
/// only link to each other. Each such node gets a link from the nearest reachable node among those it links to itself, or else among those a walk finds, in
/// the place of a link whose target has others. Works in steps, beside searches and changes; one thread at a time.
/// </summary>
sealed unsafe class HnswReach<TQuery>(HnswNodes nodes, VectorCode<TQuery> code, HnswEntry entry, SpinLocks locks) where TQuery : unmanaged, ICodeQuery
{
    /// <summary>Replacing a link may cut off another node, rarely: that one is found in the next round.</summary>
    const int Rounds = 4;

    readonly int _degree = nodes.Degree;
    readonly BitArray _reached = new(0);
    readonly Stack<uint> _waiting = new();
    uint _at;
    int _round;
    bool _changed;

    public bool IsRunning { get; private set; }

    /// <summary>Begins a pass over the nodes there are now.</summary>
    public void Begin()
    {
        _round = 0;
        IsRunning = true;
        BeginRound();
    }

    void BeginRound()
    {
        _changed = false;
        _at = 0;
        _waiting.Clear();
        _reached.Length = nodes.Count;
        _reached.SetAll(false);
        if (entry.TryGet(out var start, out _)) Reach(start);
    }

    /// <summary>Looks at so many nodes.</summary>
    /// <param name="budget">How many.</param>
    /// <param name="scratch">For lists of <see cref="HnswNodes.Degree"/> links.</param>
    public void Step(int budget, HnswScratch scratch)
    {
        for (; budget > 0; budget--)
        {
            if (_waiting.TryPop(out var node))
            {
                Spread(node);
            }
            else if (_at < (uint)_reached.Length)
            {
                if (!_reached[(int)_at] && (nodes.States[_at] & NodeState.Kind) == NodeState.Linked && Connect(_at, scratch))
                {
                    _changed = true;
                    Reach(_at);
                }
                _at++;
            }
            else if (_changed && ++_round < Rounds)
            {
                BeginRound();
            }
            else
            {
                IsRunning = false;
                return;
            }
        }
    }

    void Reach(uint node)
    {
        if (node >= (uint)_reached.Length || _reached[(int)node]) return;
        _reached[(int)node] = true;
        _waiting.Push(node);
    }

    void Spread(uint node)
    {
        Spread(nodes.Links + (long)node * _degree, _degree);
        for (var level = 1; level <= nodes.Levels[node]; level++)
            Spread(nodes.UpperLinks(node, level), nodes.M);
    }

    void Spread(uint* list, int limit)
    {
        for (var i = 0; i < limit && list[i] != HnswNodes.None; i++)
            Reach(list[i]);
    }

    /// <summary>Gives a node a link from a reached one near it; false when none can.</summary>
    bool Connect(uint node, HnswScratch scratch)
    {
        if (entry.IsFirst(node, nodes.Levels[node])) return true;
        var own = nodes.Links + (long)node * _degree;
        for (var i = 0; i < _degree && own[i] != HnswNodes.None; i++)
            if (IsReached(own[i]) && TryLink(own[i], node, scratch))
                return true;
        FindNearest(node, scratch);
        for (var i = 0; i < scratch.Pool.Count; i++)
            if (IsReached(NodeKey.Node(scratch.Pool.Items[i])) && TryLink(NodeKey.Node(scratch.Pool.Items[i]), node, scratch))
                return true;
        return false;
    }

    bool IsReached(uint node) => node < (uint)_reached.Length && _reached[(int)node];

    void FindNearest(uint node, HnswScratch scratch)
    {
        scratch.Pool.Count = 0;
        if (!entry.TryGet(out var start, out var top)) return;
        var query = code.Prepare(nodes.Code(node), scratch.Query);
        scratch.NextEpoch(nodes.Count);
        var best = NodeKey.Of(query.To(nodes.Code(start)), start);
        for (var level = top; level > 0; level--)
            best = HnswWalk<TQuery>.Descend(query, nodes, new UpperLinks(nodes, level), scratch, best);
        scratch.Visited[NodeKey.Node(best)] = scratch.Epoch;
        scratch.Pool.Add(best);
        HnswWalk<TQuery>.Search(query, nodes, new LowestLinks(nodes.Links, _degree), scratch, _degree, keepSpare: false);
    }

    /// <summary>Links from one node to another: at the end of a list with room, else in the place of a target that can be spared.</summary>
    bool TryLink(uint from, uint to, HnswScratch scratch)
    {
        if (from == to) return false;
        locks.Enter(from);
        try
        {
            if (!nodes.IsInGraph(from)) return false;
            var list = nodes.Links + (long)from * _degree;
            var count = HnswLinker<TQuery>.Length(list, _degree);
            if (new ReadOnlySpan<uint>(list, count).Contains(to)) return true;
            var place = count < _degree ? count : Replaceable(from, list, scratch);
            if (place < 0) return false;
            if (place == count && count + 1 < _degree) list[count + 1] = HnswNodes.None;
            if (place < count) Interlocked.Decrement(ref nodes.Incoming[list[place]]);
            Interlocked.Increment(ref nodes.Incoming[to]);
            Volatile.Write(ref list[place], to);
            return true;
        }
        finally
        {
            locks.Exit(from);
        }
    }

    /// <summary>
    /// The place in a full list of the farthest target to which another one of the list leads, so that nothing is cut off; or of one that somebody else
    /// links to; -1 for none.
    /// </summary>
    int Replaceable(uint from, uint* list, HnswScratch scratch)
    {
        var query = code.Prepare(nodes.Code(from), scratch.Peer);
        new ReadOnlySpan<uint>(list, _degree).CopyTo(new(scratch.Ids, _degree));
        HnswWalk<TQuery>.Measure(query, nodes.Codes, nodes.CodeStride, scratch.Ids, _degree, scratch.Distances);
        for (var i = 0; i < _degree; i++)
            scratch.Keys[i] = NodeKey.Of(scratch.Distances[i], (uint)i);
        new Span<ulong>(scratch.Keys, _degree).Sort();
        var linkedTo = -1;
        for (var i = _degree - 1; i >= 0; i--)
        {
            var place = (int)NodeKey.Node(scratch.Keys[i]);
            if (nodes.Incoming[list[place]] <= 1) continue;
            if (LeadsTo(list, list[place])) return place;
            if (linkedTo < 0) linkedTo = place;
        }
        return linkedTo;
    }

    bool LeadsTo(uint* list, uint target)
    {
        for (var i = 0; i < _degree; i++)
            if (list[i] != target && nodes.IsInGraph(list[i]) && new ReadOnlySpan<uint>(nodes.Links + (long)list[i] * _degree, _degree).Contains(target))
                return true;
        return false;
    }
}
