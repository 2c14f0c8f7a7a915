using System.Runtime.CompilerServices;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// A search of a graph. It walks (<see cref="HnswWalk{TQuery}"/>) and, when asked for more, walks on from the nearest of what it has measured but
/// not given; when nothing is left to walk to, it measures all entries that have not come yet and gives them in order. Under a filter it decides from
/// the number of rows whether walking pays at all.
/// </summary>
sealed unsafe class HnswSearch<TQuery>(HnswGraph<TQuery> graph) : VectorSearch where TQuery : unmanaged, ICodeQuery
{
    /// <summary>Distances a walk computes for each result it looks for, about, measured on several data sets.</summary>
    const int VisitsPerResult = 14;

    /// <summary>A distance on a walk (scattered, with all that is around it) costs as much as so many in a scan of codes.</summary>
    const double WalkCost = 2.5;

    /// <summary>With more than one removed node in so many, they must not take the places of others.</summary>
    const int ManyRemoved = 20;

    enum Stage { New, Walking, Listing, Ended }

    readonly HnswNodes _nodes = graph.Nodes;
    readonly HnswScratch _scratch = graph.NewScratch();
    readonly KeyList _frontier = new(256), _given = new(256), _tail = new(64);
    readonly Readers.Reader _reader = graph.Readers.Add();
    Candidate[] _candidates = new Candidate[256];
    int _candidateCount;
    TQuery _query;
    Stage _stage;
    uint _end;
    bool _filtered;
    int _heaped, _poolNext, _breadth;
    uint _twin;

    internal void Begin(ReadOnlySpan<byte> query)
    {
        graph.Readers.Enter(_reader);
        _stage = Stage.New;
        _breadth = 0;
        _scratch.Visits = 0;
        _candidateCount = 0;
        _query = graph.Code.Prepare(query, _scratch.Query);
    }

    public override ReadOnlySpan<Candidate> Candidates => _candidates.AsSpan(0, _candidateCount);
    public override long Visited => _scratch.Visits;
    public override long MemoryBytes => _scratch.HeldBytes + _frontier.Bytes + _given.Bytes + _tail.Bytes + _candidates.Length * sizeof(Candidate);
    /// <summary>Who searches widely wants to miss nothing, so more are measured: codes err where many are about as near.</summary>
    public override int RerankWidth(int k) => Math.Max(graph.Code.RerankWidth(k), graph.Code.RerankWidth(1) > 1 ? _breadth / 8 : 0);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool Next(int breadth, RowSet? allowed = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(breadth);
        _candidateCount = 0;
        while (_stage != Stage.Ended)
        {
            if (_stage == Stage.New) Start(breadth, allowed);
            else if (_poolNext == _scratch.Pool.Count) GoOn(breadth, allowed);
            Give(breadth, allowed);
            if (_candidateCount > 0) return true;
        }
        return false;
    }

    public override void Among(RowSet allowed, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _candidateCount = 0;
        _end = (uint)_nodes.Count;
        _stage = Stage.Ended;
        var nearest = _scratch.Pool;
        nearest.Count = 0;
        new NodeScan<TQuery>(_nodes, _scratch).Nearest(_query, allowed, _end, count, nearest);
        for (var i = 0; i < nearest.Count; i++)
            Add(NodeKey.Node(nearest.Items[i]), NodeKey.Distance(nearest.Items[i]));
    }

    void GoOn(int breadth, RowSet? allowed)
    {
        if (_stage == Stage.Walking) WalkOn(breadth, allowed);
        else TakeListed(breadth);
    }

    /// <summary>The first batch: the tail, and a walk from the entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Start(int breadth, RowSet? allowed)
    {
        _end = (uint)_nodes.Count;
        _breadth = breadth;
        _filtered = allowed is not null || graph.Deleted * ManyRemoved > graph.Alive;
        _heaped = _poolNext = 0;
        _twin = 0;
        _given.Count = _tail.Count = _frontier.Count = 0;
        _scratch.Spare.Count = 0;
        var pool = _scratch.Pool;
        pool.Count = 0;
        _scratch.NextEpoch((int)_end);

        if (allowed is not null && !WalkPays(allowed.Count, breadth))
        {
            List(allowed);
            TakeListed(breadth);
            return;
        }
        _stage = Stage.Walking;
        ScanTail(breadth, allowed);
        if (graph.Entry.TryGet(out var start, out var top) && start < _end)
        {
            var best = NodeKey.Of(_query.To(_nodes.Code(start)), start);
            for (var level = top; level > 0; level--)
                best = HnswWalk<TQuery>.Descend(_query, _nodes, new UpperLinks(_nodes, level), _scratch, best, _end);
            _scratch.Visited[NodeKey.Node(best)] = _scratch.Epoch;
            if (!_filtered)
            {
                pool.Add(best);
                Walk(breadth);
            }
            else
            {
                KeyHeap.Push(_frontier, best);
                if (Passes(NodeKey.Node(best), allowed)) pool.Add(best);
                if (!WalkFiltered(breadth, allowed)) return;
            }
        }
        for (var i = 0; i < _tail.Count; i++)
            Merge(_tail.Items[i], breadth);
    }

    void Walk(int breadth)
        => HnswWalk<TQuery>.Search(_query, _nodes, new LowestLinks(_nodes.Links, _nodes.Degree), _scratch, breadth, _end, keepSpare: true);

    /// <summary>A walk that finds too few passing nodes gives up and lists them all; false then.</summary>
    bool WalkFiltered(int breadth, RowSet? allowed)
    {
        var budget = allowed is null ? long.MaxValue : (long)(allowed.Count / WalkCost) + 1000;
        var done = allowed is null
            ? HnswWalk<TQuery>.SearchPassing(_query, _nodes, _scratch, _frontier, breadth, _end, new AliveFilter(_nodes), budget)
            : HnswWalk<TQuery>.SearchPassing(_query, _nodes, _scratch, _frontier, breadth, _end, new RowFilter(_nodes, allowed), budget);
        if (done) return true;
        List(allowed);
        TakeListed(breadth);
        return false;
    }

    /// <summary>Goes on from the nearest that were measured and not given.</summary>
    void WalkOn(int breadth, RowSet? allowed)
    {
        var (pool, spare) = (_scratch.Pool, _scratch.Spare);
        pool.Count = _poolNext = 0;
        pool.EnsureCapacity(breadth + 1);
        KeyHeap.Extend(spare, _heaped);
        while (spare.Count > 0 && pool.Count < breadth)
            pool.Items[pool.Count++] = KeyHeap.Pop(spare);
        _heaped = spare.Count;
        if (_filtered && _frontier.Count > 0)
        {
            if (!WalkFiltered(breadth, allowed)) return;
        }
        else if (!_filtered && pool.Count > 0)
        {
            Walk(breadth);
        }
        if (pool.Count > 0) return;
        List(allowed);
        TakeListed(breadth);
    }

    /// <summary>Measures every entry that has not been given, for the batches to come.</summary>
    void List(RowSet? allowed)
    {
        _stage = Stage.Listing;
        _poolNext = _scratch.Pool.Count = 0;
        var spare = _scratch.Spare;
        spare.Count = 0;
        var epoch = _scratch.NextEpoch((int)_end);
        for (var i = 0; i < _given.Count; i++)
            _scratch.Visited[(uint)_given.Items[i]] = epoch;
        new NodeScan<TQuery>(_nodes, _scratch).All(_query, allowed, _end, spare);
        KeyHeap.Extend(spare, 0);
    }

    void TakeListed(int breadth)
    {
        var (pool, spare) = (_scratch.Pool, _scratch.Spare);
        pool.Count = _poolNext = 0;
        pool.EnsureCapacity(breadth + 1);
        while (spare.Count > 0 && pool.Count < breadth)
            pool.Items[pool.Count++] = KeyHeap.Pop(spare);
        if (pool.Count == 0) _stage = Stage.Ended;
    }

    /// <summary>Turns the pool into candidates: its nodes and those that hang on them, as far as they are wanted and alive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Give(int breadth, RowSet? allowed)
    {
        var pool = _scratch.Pool;
        for (; _poolNext < pool.Count; _poolNext++)
        {
            var key = pool.Items[_poolNext];
            var node = NodeKey.Node(key);
            if (_twin == 0)
            {
                GiveOne(node, key, allowed);
                if (_stage == Stage.Listing) continue;
                _twin = _nodes.Twins[node];
            }
            while (_twin != 0)
            {
                // Of many equal entries the rest comes with the next batch.
                if (_candidateCount >= breadth + pool.Count) return;
                GiveOne(_twin - 1, key, allowed);
                _twin = _nodes.Twins[_twin - 1];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void GiveOne(uint node, ulong key, RowSet? allowed)
    {
        if (node >= _end || !_nodes.IsAlive(node) || (allowed is not null && !allowed.Contains(_nodes.Rows[node]))) return;
        Add(node, NodeKey.Distance(key));
        _given.Add(node);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Add(uint node, float distance)
    {
        if (_candidateCount == _candidates.Length) Array.Resize(ref _candidates, 2 * _candidateCount);
        _candidates[_candidateCount++] = new(_nodes.Rows[node], _nodes.Keys[node], distance);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ScanTail(int breadth, RowSet? allowed)
    {
        var (position, end) = graph.Tail.Range;
        var ids = _scratch.Ids;
        var distances = _scratch.Distances;
        _tail.EnsureCapacity(breadth + 1);
        while (position < end)
        {
            var count = 0;
            for (; position < end && count < _nodes.Degree; position++)
            {
                var node = graph.Tail[position];
                if (node >= _end || !_nodes.IsAlive(node) || (allowed is not null && !allowed.Contains(_nodes.Rows[node]))) continue;
                // Should it be folded meanwhile, the walk passes it over.
                _scratch.Visited[node] = _scratch.Epoch;
                ids[count++] = node;
            }
            HnswWalk<TQuery>.Measure(_query, _nodes.Codes, _nodes.CodeStride, ids, count, distances);
            _scratch.Visits += count;
            for (var i = 0; i < count; i++)
            {
                var key = NodeKey.Of(distances[i], ids[i]) | NodeKey.Expanded;
                var held = _tail.Count;
                if (held == breadth)
                {
                    if (key >= _tail.Items[held - 1])
                    {
                        _scratch.Spare.Add(key);
                        continue;
                    }
                    _scratch.Spare.Add(_tail.Items[held - 1]);
                }
                KeyList.Insert(_tail.Items, ref held, breadth, key);
                _tail.Count = held;
            }
        }
    }

    /// <summary>Puts an entry of the tail among the results.</summary>
    void Merge(ulong key, int breadth)
    {
        var pool = _scratch.Pool;
        pool.EnsureCapacity(breadth + 1);
        var count = pool.Count;
        if (count == breadth)
        {
            if (key >= pool.Items[count - 1])
            {
                _scratch.Spare.Add(key);
                return;
            }
            _scratch.Spare.Add(pool.Items[count - 1]);
        }
        KeyList.Insert(pool.Items, ref count, breadth, key);
        pool.Count = count;
    }

    bool Passes(uint node, RowSet? allowed)
        => allowed is null ? new AliveFilter(_nodes).Passes(node) : new RowFilter(_nodes, allowed).Passes(node);

    /// <summary>Whether walking to the nearest of so many rows costs less than measuring them all.</summary>
    bool WalkPays(long rows, int breadth)
    {
        if (rows == 0) return false;
        var visits = VisitsPerResult * (double)breadth * Math.Max(graph.Alive, rows) / rows;
        return visits * WalkCost < rows;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        Readers.Exit(_reader);
        graph.Return(this);
    }

    /// <summary>Frees the memory; the search cannot be used again.</summary>
    internal void Free()
    {
        graph.Readers.Remove(_reader);
        _scratch.Dispose();
        _frontier.Dispose();
        _given.Dispose();
        _tail.Dispose();
    }
}
