using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Builds a graph from nothing: encodes all vectors, links all nodes from codes, then thins out. While nodes are being linked their lists have room
/// to spare, so that most links back need no choice; each list is cut down to its final length once, at the end.
/// </summary>
sealed unsafe class HnswBuilder<TQuery>(
    HnswNodes nodes, VectorCode<TQuery> code, SpinLocks locks, HnswEntry entry, VectorIndexOptions options, BuildSettings settings)
    where TQuery : unmanaged, ICodeQuery
{
    const int BlockNodes = 64;

    /// <summary>Links a list may grow by before it is cut, while building.</summary>
    const int Slack = 32;

    readonly Lock _growing = new();
    readonly HnswTwins _twins = new(nodes, locks);
    int _count;

    public void Build(IVectorRows rows)
    {
        Encode(rows);
        HangEqual();
        using var roomy = new ReservedArray<uint>();
        var slack = (int)Math.Clamp(settings.MemoryBytes / Math.Max(1L, nodes.Count) / sizeof(uint) - nodes.Degree, 0, Slack);
        var limit = nodes.Degree + slack;
        roomy.EnsureCapacity((long)nodes.Count * limit, exactly: true);
        var links = new LowestLinks(roomy.Items, limit);
        LinkAll(links);
        Thin(links);
        MakeReachable();
    }

    /// <summary>Gives every vector a node with code, row, key and level.</summary>
    void Encode(IVectorRows rows)
    {
        nodes.EnsureNodes(Math.Max(rows.EstimatedCount, 1), exactly: true);
        var workers = Math.Max(settings.Workers, 1);
        try
        {
            ParallelWork.Run(workers, worker => EncodePart(rows, worker, workers));
        }
        finally
        {
            nodes.Count = _count;
        }
        nodes.EnsureLinks(_count, exactly: true);
        for (uint node = 0; node < _count; node++)
        {
            nodes.AssignLevel(node, options.Seed);
            nodes.ClearLinks(node);
        }
    }

    /// <summary>Of nodes with equal codes only the first is linked.</summary>
    void HangEqual()
    {
        var equal = new EqualCodes(nodes, code);
        for (uint node = 0; node < nodes.Count; node++)
        {
            nodes.States[node] = NodeState.Linked;
            var first = equal.FirstLike(node);
            if (first == node) continue;
            nodes.States[node] = NodeState.Twin;
            _twins.TryAttach(node, first);
        }
    }

    void EncodePart(IVectorRows rows, int part, int parts)
    {
        using var scratch = new HnswScratch(code.CodeBytes, 0);
        var encoded = scratch.Query;
        long lastRow = 0;
        rows.Visit(part, parts, (row, key, value) =>
        {
            settings.Cancellation.ThrowIfCancellationRequested();
            if (!code.TryEncode(value, encoded)) return true;
            var node = (uint)(Interlocked.Increment(ref _count) - 1);
            if (node >= nodes.Capacity || row >= nodes.RowEnd) Grow(node, row);
            new ReadOnlySpan<byte>(encoded, code.CodeBytes).CopyTo(new(nodes.Code(node), code.CodeBytes));
            nodes.Rows[node] = row;
            nodes.Keys[node] = key;
            nodes.AddToRow(node);
            lastRow = Math.Max(lastRow, row);
            return true;
        });
        lock (_growing)
            nodes.EnsureRow(lastRow);
    }

    void Grow(uint node, long row)
    {
        lock (_growing)
        {
            nodes.EnsureNodes(node + 1L);
            nodes.EnsureRow(row);
        }
    }

    void LinkAll(LowestLinks links)
    {
        var limit = links.Limit;
        settings.Progress?.Begin(BuildPhase.LoadingTuples, nodes.Count);
        var linker = new HnswLinker<TQuery>(nodes, code, locks, entry, options)
        {
            Lowest = links,
            Chosen = nodes.Degree,
            Kept = nodes.Degree,
        };
        ForNodes((scratch, node) =>
        {
            new Span<uint>(links.Of(node), limit).Fill(HnswNodes.None);
        }, report: false);
        ForNodes((scratch, node) =>
        {
            if (nodes.States[node] == NodeState.Linked) linker.Link(node, scratch);
        }, report: true);
    }

    /// <summary>Cuts the roomy lists down to the final ones.</summary>
    void Thin(LowestLinks links)
    {
        var limit = links.Limit;
        var linker = new HnswLinker<TQuery>(nodes, code, locks, entry, options)
        {
            Lowest = new(nodes.Links, nodes.Degree),
            Chosen = nodes.Degree,
            Kept = nodes.Degree,
        };
        ForNodes((scratch, node) =>
        {
            if (nodes.States[node] != NodeState.Linked) return;
            var list = links.Of(node);
            var final = nodes.Links + (long)node * nodes.Degree;
            var count = HnswLinker<TQuery>.Length(list, limit);
            if (count > nodes.Degree)
            {
                new ReadOnlySpan<uint>(list, count).CopyTo(new(scratch.Ids, count));
                linker.Prune<LowestLinks>(node, count, list, count, nodes.Degree, final, nodes.Degree, scratch);
                return;
            }
            new ReadOnlySpan<uint>(list, count).CopyTo(new(final, count));
            new Span<uint>(final + count, nodes.Degree - count).Fill(HnswNodes.None);
        }, report: false);
    }

    void MakeReachable()
    {
        var reach = new HnswReach<TQuery>(nodes, code, entry, locks);
        using var scratch = new HnswScratch(code.QueryBytes, nodes.Degree + 1);
        for (reach.Begin(); reach.IsRunning; reach.Step(BlockNodes, scratch))
            settings.Cancellation.ThrowIfCancellationRequested();
    }

    void ForNodes(Action<HnswScratch, uint> work, bool report)
    {
        var scratches = new HnswScratch?[Math.Max(settings.Workers, 1)];
        try
        {
            ParallelWork.ForBlocks(settings.Workers, nodes.Count, BlockNodes, (worker, first, end) =>
            {
                var scratch = scratches[worker] ??= new(code.QueryBytes, nodes.Degree + Slack + 1);
                for (var node = first; node < end; node++)
                    work(scratch, (uint)node);
                if (report) settings.Progress?.Advance(end - first);
            }, settings.Cancellation);
        }
        finally
        {
            foreach (var scratch in scratches)
                scratch?.Dispose();
        }
    }
}
