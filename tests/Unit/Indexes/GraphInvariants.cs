using PgVectorCompat.Indexes.Hnsw;
using Xunit;

namespace PgVectorCompat.Unit.Indexes;

/// <summary>What must hold of a graph that nobody is changing, and whose maintenance has nothing left to do, whatever was done to it.</summary>
static unsafe class GraphInvariants
{
    public static void Hold(HnswIndex index)
    {
        var nodes = index.Graph.Nodes;
        var tail = Tail(index.Graph);
        for (uint node = 0; node < nodes.Count; node++)
        {
            var state = nodes.States[node];
            Assert.True((state == NodeState.Tail || state == (NodeState.Tail | NodeState.Deleted)) == tail.Contains(node), $"node {node} has state {state}, in the tail: {tail.Contains(node)}");
            Assert.False((state & NodeState.Kind) is NodeState.Folding or NodeState.Leaving, $"node {node} has been left in state {state}");
            Assert.True(state is not (NodeState.Twin | NodeState.Deleted), $"node {node} was removed and still hangs");
            if ((state & NodeState.Kind) != NodeState.Linked) continue;
            Assert.True(state == NodeState.Linked || nodes.Twins[node] != 0, $"node {node} was removed and still leads, to nobody");
            List(nodes, node, nodes.Links + (long)node * nodes.Degree, nodes.Degree, 0);
            for (var level = 1; level <= nodes.Levels[node]; level++)
                List(nodes, node, nodes.UpperLinks(node, level), nodes.M, level);
        }
        var reached = Reached(index.Graph);
        for (uint node = 0; node < nodes.Count; node++)
        {
            if (!nodes.IsAlive(node) || tail.Contains(node)) continue;
            var linked = nodes.States[node] == NodeState.Twin ? Hanger(nodes, node) : node;
            Assert.True(reached.Contains(linked), $"node {node} of row {nodes.Rows[node]} cannot be reached");
        }
    }

    // No link leads to the node itself, twice to another, or to one that is not linked.
    static void List(HnswNodes nodes, uint node, uint* list, int limit, int level)
    {
        var seen = new HashSet<uint>();
        for (var i = 0; i < limit; i++)
        {
            if (list[i] == HnswNodes.None)
            {
                for (; i < limit; i++)
                    Assert.Equal(HnswNodes.None, list[i]);
                return;
            }
            Assert.InRange(list[i], 0u, (uint)nodes.Count - 1);
            Assert.NotEqual(node, list[i]);
            Assert.True(seen.Add(list[i]), $"node {node} links twice to {list[i]}");
            Assert.True((nodes.States[list[i]] & NodeState.Kind) == NodeState.Linked, $"node {node} links to {list[i]}, which has state {nodes.States[list[i]]}");
            Assert.True(nodes.Levels[list[i]] >= level, $"node {node} links on level {level} to {list[i]} of level {nodes.Levels[list[i]]}");
        }
    }

    static uint Hanger(HnswNodes nodes, uint node)
    {
        var linked = nodes.Links[(long)node * nodes.Degree];
        Assert.Equal(NodeState.Linked, nodes.States[linked] & NodeState.Kind);
        for (var twin = nodes.Twins[linked]; twin != 0; twin = nodes.Twins[twin - 1])
            if (twin - 1 == node)
                return linked;
        Assert.Fail($"node {node} hangs on {linked}, which does not know of it");
        return linked;
    }

    static HashSet<uint> Tail(HnswGraph graph)
    {
        var tail = new HashSet<uint>();
        var (start, end) = graph.Tail.Range;
        for (var position = start; position < end; position++)
            if (graph.Tail[position] != HnswNodes.None)
                tail.Add(graph.Tail[position]);
        return tail;
    }

    static HashSet<uint> Reached(HnswGraph graph)
    {
        var reached = new HashSet<uint>();
        var waiting = new Stack<uint>();
        if (graph.Entry.TryGet(out var entry, out var top))
        {
            Assert.Equal(graph.Nodes.Levels[entry], top);
            Assert.Equal(NodeState.Linked, graph.Nodes.States[entry] & NodeState.Kind);
            waiting.Push(entry);
        }
        while (waiting.TryPop(out var node))
        {
            if (!reached.Add(node)) continue;
            Push(graph.Nodes.Links + (long)node * graph.Nodes.Degree, graph.Nodes.Degree);
            for (var level = 1; level <= graph.Nodes.Levels[node]; level++)
                Push(graph.Nodes.UpperLinks(node, level), graph.Nodes.M);
        }
        return reached;

        void Push(uint* list, int limit)
        {
            for (var i = 0; i < limit && list[i] != HnswNodes.None; i++)
                waiting.Push(list[i]);
        }
    }
}
