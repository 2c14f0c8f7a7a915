namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>Lists of node numbers in a snapshot: how many, then each in as many bits as the highest number needs.</summary>
static unsafe class PackedIds
{
    const int MostBytes = 1024; // lists have up to 200 numbers of 31 bits

    public static int BitsFor(int nodes) => 32 - int.LeadingZeroCount(Math.Max(nodes - 1, 1));

    public static void Write(SnapshotWriter writer, uint* ids, int count, int bits)
    {
        writer.Write((byte)count);
        Span<byte> packed = stackalloc byte[MostBytes];
        ulong held = 0;
        int heldBits = 0, length = 0;
        for (var i = 0; i < count; i++)
        {
            held |= (ulong)ids[i] << heldBits;
            heldBits += bits;
            for (; heldBits >= 8; heldBits -= 8, held >>= 8)
                packed[length++] = (byte)held;
        }
        if (heldBits > 0) packed[length++] = (byte)held;
        writer.Write(packed[..length]);
    }

    /// <summary>Fills a list and ends it if there is room; each number must be below <paramref name="nodes"/>.</summary>
    public static void Read(SnapshotReader reader, uint* ids, int limit, int nodes, int bits)
    {
        int count = reader.Read<byte>();
        if (count > limit) throw new IndexDamagedException("a node of the snapshot has too many links");
        Span<byte> packed = stackalloc byte[MostBytes];
        packed = packed[..((count * bits + 7) / 8)];
        reader.Read(packed);
        ulong held = 0;
        int heldBits = 0, at = 0;
        for (var i = 0; i < count; i++)
        {
            for (; heldBits < bits; heldBits += 8)
                held |= (ulong)packed[at++] << heldBits;
            ids[i] = (uint)(held & (1UL << bits) - 1);
            held >>= bits;
            heldBits -= bits;
            if (ids[i] >= nodes) throw new IndexDamagedException("a link of the snapshot leads nowhere");
        }
        new Span<uint>(ids + count, limit - count).Fill(HnswNodes.None);
    }
}
