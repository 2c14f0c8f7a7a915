using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Clustering;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// Splits a list that has grown far beyond the others into two, with centres of their own. Vectors are taken from their codes, so only codes that give
/// them back allow it. Entries are written to new blocks beside everything; under the lock of the index they only change places. Searches that began
/// before go on with the old list.
/// </summary>
sealed unsafe class IvfSplitter(VectorIndexOptions options, IvfLists lists, IvfBlocks blocks, int list, Lock gate)
{
    /// <summary>A list so many times as long as the mean is split.</summary>
    const int TimesMean = 4;

    /// <summary>Lists below this are read so fast that splitting gains nothing.</summary>
    const int LeastEntries = 512;

    const int SampleSize = 4096;

    readonly IvfList _old = lists.Lists[list], _first = new(), _second = new();

    /// <summary>The longest list, if it is to be split, or −1.</summary>
    public static int Choose(IvfLists lists)
    {
        long all = 0;
        var longest = 0;
        for (var i = 0; i < lists.Lists.Length; i++)
        {
            all += lists.Lists[i].Live;
            if (lists.Lists[i].Live > lists.Lists[longest].Live) longest = i;
        }
        var most = lists.Lists[longest].Live;
        return most >= LeastEntries && (double)most * lists.Lists.Length > TimesMean * (double)all && lists.Lists.Length < ListCenters.MaxLists ? longest : -1;
    }

    /// <summary>Splits the list; false when it cannot be, since all its vectors are equal or codes do not give them back.</summary>
    /// <param name="publish">Called under the lock with the lists after the split.</param>
    public bool TryRun(Action<IvfLists> publish, CancellationToken cancellation)
    {
        if (FindCenters(cancellation) is not { } centers) return false;
        var split = new IvfLists(centers, [.. lists.Lists, _second], lists.Residuals, lists.Origin);
        split.Lists[list] = _first;

        // Most entries are moved without the lock, what came meanwhile with it.
        var moved = new Dictionary<uint, (uint Entry, long Row, int Key)>();
        Move(split, moved, cancellation);
        lock (gate)
        {
            Move(split, moved, CancellationToken.None);
            foreach (var (from, (to, row, key)) in moved)
            {
                if (!blocks.IsLive(from) || blocks.Rows[from] != row || blocks.Keys[from] != key)
                {
                    Drop(to);
                    continue;
                }
                blocks.Unlink(from);
                blocks.Link(to);
            }
            publish(split);
            foreach (var block in _old.Blocks)
                blocks.Retire(block);
        }
        return true;
    }

    ListCenters? FindCenters(CancellationToken cancellation)
    {
        if (lists.Centers is not FloatCenters { Dimensions: var dimensions } || options.Element == VectorElement.Sparse) return null;
        var step = Math.Max(1, _old.Live / SampleSize);
        var sample = new float[(long)SampleSize * dimensions];
        int count = 0, seen = 0;
        foreach (var block in _old.Blocks)
            for (var live = blocks.Live[block]; live != 0 && count < SampleSize; live &= live - 1)
            {
                if (seen++ % step != 0) continue;
                var entry = (long)block * IvfBlocks.Lanes + BitOperations.TrailingZeroCount(live);
                if (!blocks.Kind.TryDecode(blocks.Code(entry), sample.AsSpan(count * dimensions, dimensions))) return null;
                count++;
            }
        if (count < 2) return null;
        var found = KMeans.Train(sample.AsMemory(0, count * dimensions), dimensions, new()
        {
            Clusters = 2, Seed = options.Seed + lists.Lists.Length, Cancellation = cancellation,
        });
        var first = found.AsSpan(0, dimensions);
        var second = found.AsSpan(dimensions);
        return first.SequenceEqual(second) ? null : lists.Centers.Split(list, MemoryMarshal.AsBytes(first), MemoryMarshal.AsBytes(second));
    }

    /// <summary>Writes entries of the old list that were not moved yet, or that another entry has taken the place of, to the new ones.</summary>
    void Move(IvfLists split, Dictionary<uint, (uint Entry, long Row, int Key)> moved, CancellationToken cancellation)
    {
        var centers = (FloatCenters)split.Centers;
        var vector = new float[centers.Dimensions];
        var scratch = (byte*)NativeMemory.AlignedAlloc((nuint)blocks.ScanBytes + 64, 64);
        NativeMemory.Clear(scratch, (nuint)blocks.ScanBytes);
        try
        {
            foreach (var block in _old.Blocks)
            {
                cancellation.ThrowIfCancellationRequested();
                for (var live = Volatile.Read(ref blocks.Live[block]); live != 0; live &= live - 1)
                {
                    var from = block * IvfBlocks.Lanes + (uint)BitOperations.TrailingZeroCount(live);
                    var (row, key) = (blocks.Rows[from], blocks.Keys[from]);
                    var again = moved.TryGetValue(from, out var before);
                    if (again && before.Row == row && before.Key == key) continue;
                    blocks.Kind.TryDecode(blocks.Code(from), vector);
                    var isFirst = IsNearer(vector, centers[list], centers[^1]);
                    var (target, number) = isFirst ? (_first, list) : (_second, split.Lists.Length - 1);
                    if (lists.Residuals is not null) split.EncodeResidual(vector, number, scratch, 0);
                    lock (gate)
                    {
                        // The entry may have gone meanwhile, or another have come: that is seen when the lists change.
                        if (again) Drop(before.Entry);
                        var to = target.Take(blocks, number);
                        blocks.SetCode(to, blocks.Code(from));
                        lists.Residuals?.Copy(scratch, 0, blocks.Scan(to / IvfBlocks.Lanes), (int)(to % IvfBlocks.Lanes));
                        blocks.Place(to, row, key);
                        moved[from] = (to, row, key);
                    }
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(scratch);
        }
    }

    /// <summary>Takes an entry out of a list that nobody has seen yet.</summary>
    void Drop(uint entry)
    {
        var block = entry / IvfBlocks.Lanes;
        blocks.Clear(entry);
        (blocks.Owners[block] == list ? _first : _second).Give(block);
    }

    bool IsNearer(ReadOnlySpan<float> vector, ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        Debug.Assert(!blocks.Kind.IsVariable, "codes are copied as they are");
        if (options.Metric != Metric.InnerProduct) return Float32Kernels.SquaredL2(vector, first) <= Float32Kernels.SquaredL2(vector, second);
        return Float32Kernels.Dot(vector, first) * Norms.L2(second) >= Float32Kernels.Dot(vector, second) * Norms.L2(first);
    }
}
