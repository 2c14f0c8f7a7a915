using System.Numerics;
using System.Runtime.InteropServices;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// The file form of lists: options, build time and vectors that the build found; origin and centres; what training found for codes; then for each list the number of its blocks, and
/// of each block its mask, of its entries row, key (as differences) and code, and its one-bit codes.
/// </summary>
static unsafe class IvfSnapshot
{
    const ulong Magic = 0x3146_5649_6776_6370; // "pcvgIVF1"
    const int Version = 3, Kind = 'I' | 'V' << 8 | 'F' << 16;

    /// <summary>Blocks copied under the lock at once: some hundred microseconds.</summary>
    const int BlocksAtOnce = 64;

    /// <param name="gate">The lock of the index: taken for a few blocks at a time, while they are copied.</param>
    public static void Save(Stream stream, VectorIndexOptions options, (TimeSpan Time, long Vectors) build, IvfLists lists, IvfBlocks blocks, Lock gate)
    {
        using var writer = new SnapshotWriter(stream, Magic, Version);
        writer.WritePart(part => SnapshotParts.WriteOptions(part, Kind, options));
        writer.Write(build.Time.Ticks);
        writer.Write(build.Vectors);
        writer.WritePart(part => part.Write(MemoryMarshal.AsBytes<float>(lists.Origin)));
        writer.WritePart(lists.Centers.Save);
        writer.WritePart(blocks.Kind.Save);
        foreach (var list in lists.Lists)
        {
            var count = list.Blocks.Length;
            writer.Write((long)count);
            for (var first = 0; first < count; first += BlocksAtOnce)
                lock (gate)
                    foreach (var block in list.Blocks.Slice(first, Math.Min(BlocksAtOnce, count - first)))
                        Write(writer, block, blocks);
        }
        writer.Complete();
    }

    static void Write(SnapshotWriter writer, uint block, IvfBlocks blocks)
    {
        var mask = blocks.Live[block];
        writer.Write(mask);
        writer.Write(new ReadOnlySpan<byte>(blocks.Scan(block), blocks.ScanBytes));
        long row = 0, key = 0;
        for (; mask != 0; mask &= mask - 1)
        {
            var entry = (long)block * IvfBlocks.Lanes + BitOperations.TrailingZeroCount(mask);
            writer.WriteVariable(blocks.Rows[entry] - row);
            writer.WriteVariable(blocks.Keys[entry] - key);
            (row, key) = (blocks.Rows[entry], blocks.Keys[entry]);
            var code = blocks.Code(entry);
            var stored = blocks.Kind.IsVariable ? blocks.Kind.Stored(code) : new(code, blocks.CodeBytes);
            if (blocks.Kind.IsVariable) writer.WriteVariable(stored.Length);
            writer.Write(stored);
        }
    }

    /// <summary>Reads the options, of which everything else follows, and what is known of the build.</summary>
    public static (SnapshotReader Reader, VectorIndexOptions Options, TimeSpan BuildTime, long Built) Open(Stream stream)
    {
        var reader = new SnapshotReader(stream, Magic, Version);
        return (reader, reader.ReadPart(part => SnapshotParts.ReadOptions(part, Kind)), new(reader.Read<long>()), reader.Read<long>());
    }

    public static IvfLists LoadLists(SnapshotReader reader, VectorIndexOptions options)
    {
        var residuals = IvfCodes.Residuals(options);
        var origin = new float[residuals is null ? 0 : options.Dimensions];
        if (reader.ReadCount(int.MaxValue) != origin.Length * sizeof(float)) throw new IndexDamagedException("an origin of other dimensions");
        reader.Read(MemoryMarshal.AsBytes(origin.AsSpan()));
        var centers = reader.ReadPart(part => ListCenters.Load(options, part));
        var lists = new IvfList[centers.Count];
        for (var list = 0; list < lists.Length; list++)
            lists[list] = new();
        return new(centers, lists, residuals, origin);
    }

    public static VectorCode LoadCode(SnapshotReader reader, VectorIndexOptions options) => reader.ReadPart(part => IvfCodes.Load(options, part));

    public static void LoadBlocks(SnapshotReader reader, IvfLists lists, IvfBlocks blocks)
    {
        for (var list = 0; list < lists.Lists.Length; list++)
        {
            var count = (int)reader.ReadCount(uint.MaxValue / IvfBlocks.Lanes - blocks.Count);
            var first = blocks.Count;
            var live = 0;
            for (var i = 0; i < count; i++)
                live += Read(reader, blocks.Add(1, list), blocks);
            lists.Lists[list].Fill(first, count, live);
        }
        reader.Complete();
    }

    static int Read(SnapshotReader reader, uint block, IvfBlocks blocks)
    {
        var mask = reader.Read<uint>();
        reader.Read(new Span<byte>(blocks.Scan(block), blocks.ScanBytes));
        long row = 0, key = 0;
        for (var rest = mask; rest != 0; rest &= rest - 1)
        {
            var entry = block * IvfBlocks.Lanes + (uint)BitOperations.TrailingZeroCount(rest);
            row += reader.ReadVariable();
            key += reader.ReadVariable();
            if (row < 0) throw new IndexDamagedException("a row id of the snapshot is negative");
            (blocks.Rows[entry], blocks.Keys[entry]) = (row, (int)key);
            ReadCode(reader, blocks, blocks.Code(entry));
            // An entry that came to another place while the snapshot was written may be there twice.
            if (blocks.TryFind(row, (int)key, out _)) mask &= ~(rest & (0 - rest));
            else blocks.Link(entry);
        }
        blocks.Live[block] = mask;
        return BitOperations.PopCount(mask);
    }

    static void ReadCode(SnapshotReader reader, IvfBlocks blocks, byte* code)
    {
        if (!blocks.Kind.IsVariable)
        {
            reader.Read(new Span<byte>(code, blocks.CodeBytes));
            return;
        }
        const int longest = 1 << 20;
        var length = reader.ReadVariable();
        if (length is < 0 or > longest) throw new IndexDamagedException("a code of the snapshot has an impossible length");
        var stored = new byte[length];
        reader.Read(stored);
        blocks.Kind.Restore(stored, code);
    }
}
