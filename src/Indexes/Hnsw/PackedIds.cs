using System.Numerics;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Lists of node numbers in a snapshot: how many (1 byte); unless there is none, a parameter k (1 byte) and, bits from the lowest up, the numbers in ascending
/// order, each as its difference to the one before less 1 (the first as itself) in Rice's code: what is left of it above k bits as so many ones and a zero, then the
/// k bits. Neighbours out of 100,000 nodes take 13 bits each so, instead of 17.
/// </summary>
static unsafe class PackedIds
{
    /// <summary>Links of a node on one level, at most: twice the largest m.</summary>
    const int MostIds = 200;

    // A number takes k + 1 bits, and the ones of all numbers together are fewer than the numbers times four.
    const int MostBytes = MostIds * (32 + 1 + 4) / 8 + 1;

    /// <summary>The parameter for so many numbers up to a largest one: the mean difference, as a power of two.</summary>
    static int Parameter(uint largest, int count) => BitOperations.Log2((uint)Math.Max((largest + 1L) / count, 1));

    /// <summary>About how many bytes a list takes: half the ones of a number fall away with what is below k bits, on average.</summary>
    public static int EstimateBytes(uint* ids, int count)
    {
        if (count == 0) return 1;
        var largest = ids[0];
        for (var i = 1; i < count; i++)
            largest = Math.Max(largest, ids[i]);
        var k = Parameter(largest, count);
        return (int)(2 + (((long)count * (k + 1) + ((largest + 1L) >> k) - (count / 2) + 7) / 8));
    }

    /// <summary>Writes a list, which is sorted by this.</summary>
    public static void Write(SnapshotWriter writer, Span<uint> ids)
    {
        writer.Write((byte)ids.Length);
        if (ids.Length == 0) return;
        ids.Sort();
        var k = Parameter(ids[^1], ids.Length);
        writer.Write((byte)k);
        var packed = stackalloc byte[MostBytes];
        ulong held = 0;
        int heldBits = 0, length = 0;
        long before = -1;
        foreach (var id in ids)
        {
            var difference = (ulong)(id - before - 1);
            before = id;
            for (var ones = difference >> k; ones > 0; ones--)
                Put(1, 1);
            Put(0, 1);
            Put(difference & (1UL << k) - 1, k);
        }
        if (heldBits > 0) packed[length++] = (byte)held;
        writer.Write(new ReadOnlySpan<byte>(packed, length));

        void Put(ulong bits, int count)
        {
            held |= bits << heldBits;
            for (heldBits += count; heldBits >= 8; heldBits -= 8, held >>= 8)
                packed[length++] = (byte)held;
        }
    }

    /// <summary>Fills a list and ends it if there is room; each number must be below <paramref name="nodes"/>.</summary>
    public static void Read(SnapshotReader reader, uint* ids, int limit, int nodes)
    {
        int count = reader.Read<byte>();
        if (count > limit) throw new IndexDamagedException("a node of the snapshot has too many links");
        if (count > 0)
        {
            int k = reader.Read<byte>();
            if (k > 31) throw new IndexDamagedException("links of the snapshot cannot be read");
            ulong held = 0;
            var heldBits = 0;
            long id = -1;
            for (var i = 0; i < count; i++)
            {
                for (id++; Take(1) != 0;)
                    Advance(1L << k);
                Advance((long)Take(k));
                ids[i] = (uint)id;
            }

            ulong Take(int bits)
            {
                for (; heldBits < bits; heldBits += 8)
                    held |= (ulong)reader.Read<byte>() << heldBits;
                var taken = held & (1UL << bits) - 1;
                held >>= bits;
                heldBits -= bits;
                return taken;
            }

            void Advance(long by)
            {
                id += by;
                if (id >= nodes) throw new IndexDamagedException("a link of the snapshot leads nowhere");
            }
        }
        new Span<uint>(ids + count, limit - count).Fill(HnswNodes.None);
    }
}
