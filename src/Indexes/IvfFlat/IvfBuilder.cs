using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// Builds the lists of an index: finds centres from a sample, then the list of every vector, then gives each list its blocks and fills them.
/// The place of an entry follows from the order of rows alone, not from the number of workers.
/// </summary>
sealed unsafe class IvfBuilder(VectorIndexOptions options, IVectorRows rows, BuildSettings settings, Readers readers)
{
    /// <summary>Points whose lists are found together.</summary>
    const int Batch = 64;

    /// <summary>Parts of the rows that workers take in turn; always as many, so that the order of entries is.</summary>
    const int Parts = 64;

    /// <summary>A row that is not in the index.</summary>
    const int NoList = -1;

    readonly int[][] _labels = new int[Parts][];

    public IvfBlocks? Blocks { get; private set; }
    public IvfLists? Lists { get; private set; }

    public TimeSpan Elapsed { get; private set; }

    public void Run()
    {
        var clock = Stopwatch.StartNew();
        settings.Progress?.Begin(BuildPhase.Initializing, 0);
        var centers = ListCenters.Train(options, rows, settings);
        var residuals = IvfCodes.Residuals(options);
        var code = IvfCodes.Train(options, rows, settings);
        var lists = new IvfList[centers.Count];
        for (var list = 0; list < lists.Length; list++)
            lists[list] = new();
        Lists = new(centers, lists, residuals, residuals is null ? [] : ((FloatCenters)centers).Mean());
        Blocks = new(code, residuals?.BlockBytes ?? 0, readers);

        settings.Progress?.Begin(BuildPhase.AssigningTuples, rows.EstimatedCount);
        ForParts(Assign);
        var starts = Reserve();
        settings.Progress?.Begin(BuildPhase.LoadingTuples, rows.EstimatedCount);
        using var locks = new SpinLocks();
        ForParts(part => Fill(part, starts[part], locks));
        Publish();
        Elapsed = clock.Elapsed;
    }

    void ForParts(Action<int> work)
        => ParallelWork.ForBlocks(settings.Workers, Parts, 1, (_, part, _) => work((int)part), settings.Cancellation);

    /// <summary>Finds the list of each row of a part.</summary>
    void Assign(int part)
    {
        var centers = Lists!.Centers;
        var labels = new List<int>();
        var points = new byte[Batch * centers.PointBytes];
        var waiting = new int[Batch];
        var found = new int[Batch];
        var count = 0;
        rows.Visit(part, Parts, (_, _, value) =>
        {
            if (centers.ToPoint(value, points.AsSpan(count * centers.PointBytes, centers.PointBytes))) waiting[count++] = labels.Count;
            labels.Add(NoList);
            if (count == Batch) Flush();
            return true;
        });
        Flush();
        _labels[part] = [.. labels];

        void Flush()
        {
            settings.Cancellation.ThrowIfCancellationRequested();
            centers.Nearest(points.AsSpan(0, count * centers.PointBytes), found.AsSpan(0, count));
            for (var i = 0; i < count; i++)
                labels[waiting[i]] = found[i];
            settings.Progress?.Advance(count);
            count = 0;
        }
    }

    /// <summary>Gives every list its blocks; returns for each part and list the first entry of its rows.</summary>
    uint[][] Reserve()
    {
        var lists = Lists!.Lists;
        var starts = new uint[Parts][];
        var sizes = new uint[lists.Length];
        for (var part = 0; part < Parts; part++)
        {
            starts[part] = [.. sizes];
            foreach (var label in _labels[part])
                if (label != NoList) sizes[label]++;
        }
        var blocks = sizes.Sum(size => (long)(size + IvfBlocks.Lanes - 1) / IvfBlocks.Lanes);
        Blocks!.EnsureCapacity(blocks, exactly: true);
        for (var list = 0; list < lists.Length; list++)
        {
            var own = (sizes[list] + IvfBlocks.Lanes - 1) / IvfBlocks.Lanes;
            var first = Blocks.Add(own, list);
            lists[list].Fill(first, (int)own, (int)sizes[list]);
            for (var part = 0; part < Parts; part++)
                starts[part][list] += first * IvfBlocks.Lanes;
        }
        return starts;
    }

    /// <summary>Writes the entries of a part. Neighbours in a block share bytes, so those are written under the block's lock.</summary>
    void Fill(int part, uint[] next, SpinLocks locks)
    {
        var (lists, blocks, labels) = (Lists!, Blocks!, _labels[part]);
        using var scratch = new IvfScratch(lists, blocks);
        var row = 0;
        rows.Visit(part, Parts, (id, key, value) =>
        {
            if ((row & 255) == 0)
            {
                settings.Cancellation.ThrowIfCancellationRequested();
                settings.Progress?.Advance(Math.Min(256, labels.Length - row));
            }
            if (row == labels.Length) throw new InvalidOperationException("the rows have changed during the build");
            var list = labels[row++];
            if (list == NoList) return true;
            var entry = next[list]++;
            if (!blocks.TryEncode(value, blocks.Code(entry))) throw new InvalidOperationException("a vector has a point but no code");
            (blocks.Rows[entry], blocks.Keys[entry]) = (id, key);
            if (lists.Residuals is null) return true;
            lists.Centers.ToPoint(value, scratch.Point);
            lists.EncodeResidual(MemoryMarshal.Cast<byte, float>(scratch.Point), list, scratch.Block, 0);
            var block = entry / IvfBlocks.Lanes;
            locks.Enter(block);
            lists.Residuals.Copy(scratch.Block, 0, blocks.Scan(block), (int)(entry % IvfBlocks.Lanes));
            locks.Exit(block);
            return true;
        });
    }

    /// <summary>Makes all entries visible and links those of a row.</summary>
    void Publish()
    {
        foreach (var list in Lists!.Lists)
        {
            var left = list.Live;
            foreach (var block in list.Blocks)
            {
                var live = Math.Min(left, IvfBlocks.Lanes);
                for (var lane = 0; lane < live; lane++)
                    Blocks!.Link(block * IvfBlocks.Lanes + (uint)lane);
                Blocks!.Live[block] = (uint)((1UL << live) - 1);
                left -= live;
            }
        }
    }
}
