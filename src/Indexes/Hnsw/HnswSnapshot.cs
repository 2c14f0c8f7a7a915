using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// The nodes of a graph in a snapshot. Of each node: state; and unless it is free, row, key (as differences), code and links; of a hanging node the one it
/// hangs on. Levels follow from seed and number, everything else from these.
/// </summary>
static unsafe class HnswSnapshot
{
    public static void Write(SnapshotWriter writer, HnswNodes nodes, byte[] states, VectorCode code)
    {
        writer.Write(states);
        long row = 0, key = 0;
        for (uint node = 0; node < states.Length; node++)
        {
            if (states[node] == NodeState.Free) continue;
            writer.WriteVariable(nodes.Rows[node] - row);
            writer.WriteVariable(nodes.Keys[node] - key);
            (row, key) = (nodes.Rows[node], nodes.Keys[node]);
            var stored = code.Stored(nodes.Code(node));
            if (code.IsVariable) writer.WriteVariable(stored.Length);
            writer.Write(stored);
            var links = nodes.Links + (long)node * nodes.Degree;
            if ((states[node] & NodeState.Kind) == NodeState.Twin)
            {
                writer.Write(links[0]);
                continue;
            }
            WriteLinks(writer, links, nodes.Degree, states);
            for (var level = 1; level <= nodes.Levels[node]; level++)
                WriteLinks(writer, nodes.UpperLinks(node, level), nodes.M, states);
        }
    }

    /// <summary>About how many bytes <see cref="Write"/> would take for a node that is linked.</summary>
    public static long EstimateBytes(HnswNodes nodes, uint node, VectorCode code)
    {
        var bytes = OwnBytes(nodes, node, code) + EstimateBytes(nodes.Links + (long)node * nodes.Degree, nodes.Degree);
        for (var level = 1; level <= nodes.Levels[node]; level++)
            bytes += EstimateBytes(nodes.UpperLinks(node, level), nodes.M);
        return bytes;
    }

    /// <summary>The same for one that hangs on another.</summary>
    public static long EstimateTwinBytes(HnswNodes nodes, uint node, VectorCode code) => OwnBytes(nodes, node, code) + sizeof(uint);

    static long OwnBytes(HnswNodes nodes, uint node, VectorCode code)
    {
        const int stateRowAndKey = 1 + 2;
        return stateRowAndKey + code.Stored(nodes.Code(node)).Length + (code.IsVariable ? sizeof(ushort) : 0);
    }

    static int EstimateBytes(uint* list, int limit)
    {
        var end = new ReadOnlySpan<uint>(list, limit).IndexOf(HnswNodes.None);
        return PackedIds.EstimateBytes(list, end < 0 ? limit : end);
    }

    /// <summary>Fills nodes, which are empty; lists of hanging nodes and free numbers are for the caller to set up.</summary>
    public static void Read(SnapshotReader reader, HnswNodes nodes, int count, VectorCode code, int seed)
    {
        nodes.EnsureNodes(Math.Max(count, 1), exactly: true);
        nodes.EnsureLinks(Math.Max(count, 1), exactly: true);
        reader.Read(new Span<byte>(nodes.States, count));
        nodes.Count = count;
        for (uint node = 0; node < count; node++)
            nodes.AssignLevel(node, seed);
        long row = 0, key = 0;
        for (uint node = 0; node < count; node++)
        {
            nodes.ClearLinks(node);
            if (nodes.States[node] == NodeState.Free) continue;
            row += reader.ReadVariable();
            key += reader.ReadVariable();
            if (row < 0) throw new IndexDamagedException("a row id of the snapshot is negative");
            nodes.Rows[node] = row;
            nodes.Keys[node] = (int)key;
            nodes.EnsureRow(row);
            nodes.AddToRow(node);
            ReadCode(reader, nodes.Code(node), code);
            var links = nodes.Links + (long)node * nodes.Degree;
            if ((nodes.States[node] & NodeState.Kind) == NodeState.Twin)
            {
                links[0] = reader.Read<uint>();
                if (links[0] >= count) throw new IndexDamagedException("a node of the snapshot hangs on nothing");
                continue;
            }
            PackedIds.Read(reader, links, nodes.Degree, count);
            for (var i = 0; i < nodes.Degree && links[i] != HnswNodes.None; i++)
                nodes.Incoming[links[i]]++;
            for (var level = 1; level <= nodes.Levels[node]; level++)
                PackedIds.Read(reader, nodes.UpperLinks(node, level), nodes.M, count);
        }
    }

    static void ReadCode(SnapshotReader reader, byte* at, VectorCode code)
    {
        if (!code.IsVariable)
        {
            reader.Read(new Span<byte>(at, code.CodeBytes));
            return;
        }
        var length = reader.ReadVariable();
        if (length < 0 || length > Array.MaxLength) throw new IndexDamagedException("a code of the snapshot has an impossible length");
        var stored = new byte[length];
        reader.Read(stored);
        code.Restore(stored, at);
    }

    /// <summary>Writes the links of a node to nodes that are in the snapshot: a repair may have missed some to others.</summary>
    static void WriteLinks(SnapshotWriter writer, uint* list, int limit, byte[] states)
    {
        var kept = stackalloc uint[limit];
        var count = 0;
        for (var i = 0; i < limit && list[i] != HnswNodes.None; i++)
            if (list[i] < states.Length && states[list[i]] != NodeState.Free)
                kept[count++] = list[i];
        PackedIds.Write(writer, new(kept, count));
    }
}
