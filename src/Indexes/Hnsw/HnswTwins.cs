namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Nodes with equal codes. Only one of them is linked; the others hang on it in a list and come out of a search with it. Without this the lists
/// of links fill up with equal nodes, and the graph falls apart.
/// </summary>
/// <remarks>A hanging node has no neighbours, so the first two places of its links hold the linked node and the one before it in the list, + 1.</remarks>
sealed unsafe class HnswTwins(HnswNodes nodes, SpinLocks locks)
{
    /// <summary>Hangs a node on a linked one with the same code; false when that was removed meanwhile.</summary>
    public bool TryAttach(uint node, uint linked)
    {
        locks.Enter(linked);
        if (nodes.States[linked] != NodeState.Linked)
        {
            locks.Exit(linked);
            return false;
        }
        Hang(node, linked);
        locks.Exit(linked);
        return true;
    }

    /// <summary>Hangs a node again on the linked one whose number it has kept in a snapshot; nobody else is there yet.</summary>
    public void Reattach(uint node) => Hang(node, nodes.Links[(long)node * nodes.Degree]);

    void Hang(uint node, uint linked)
    {
        var first = nodes.Twins[linked];
        var place = nodes.Links + (long)node * nodes.Degree;
        (place[0], place[1]) = (linked, 0);
        nodes.Twins[node] = first;
        if (first != 0) nodes.Links[(long)(first - 1) * nodes.Degree + 1] = node + 1;
        Volatile.Write(ref nodes.Twins[linked], node + 1);
    }

    /// <summary>Whether nothing hangs on a removed node: then nothing ever will.</summary>
    public bool HasNone(uint removed)
    {
        locks.Enter(removed);
        var none = nodes.Twins[removed] == 0;
        locks.Exit(removed);
        return none;
    }

    /// <summary>Takes a hanging node off and returns the linked one. Readers that stand on it still find the way on.</summary>
    public uint Detach(uint node)
    {
        var place = nodes.Links + (long)node * nodes.Degree;
        var linked = place[0];
        locks.Enter(linked);
        var (before, after) = (place[1], nodes.Twins[node]);
        Volatile.Write(ref nodes.Twins[before == 0 ? linked : before - 1], after);
        if (after != 0) nodes.Links[(long)(after - 1) * nodes.Degree + 1] = before;
        locks.Exit(linked);
        return linked;
    }
}
