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
    /// <summary>
    /// Distances that a walk computes for each result it looks for, about, measured on several data sets: to come near, and for each node that must be passed
    /// over because its row is not allowed.
    /// </summary>
    const int VisitsPerResult = 13, VisitsPerPassedOver = 7;

    /// <summary>A distance on a walk (scattered, with all that is around it) costs as much as so many in a scan of codes: 1.2 at 768 bytes, 2 at 256.</summary>
    const double WalkCost = 1.5;

    /// <summary>After so many distances for each result that is looked for, a walk among allowed rows has seen how many of the nodes about the query are theirs.</summary>
    const int ProbesPerResult = 8;

    /// <summary>A walk that takes so many times longer than expected gives up.</summary>
    const int Patience = 2;

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
    bool _filtered, _countsGiven;
    int _heaped, _poolNext;
    uint _twin;

    internal void Begin(ReadOnlySpan<byte> query)
    {
        graph.Readers.Enter(_reader);
        _stage = Stage.New;
        _scratch.Visits = 0;
        _countsGiven = false;
        _candidateCount = 0;
        Wanted = int.MaxValue;
        _query = graph.Code.Prepare(query, _scratch.Query);
    }

    public override ReadOnlySpan<Candidate> Candidates => _candidates.AsSpan(0, _candidateCount);
    public override long Visited => _scratch.Visits;
    public override long MemoryBytes => _scratch.HeldBytes + _frontier.Bytes + _given.Bytes + _tail.Bytes + _candidates.Length * sizeof(Candidate);
    /// <summary>Who searches widely wants to miss nothing, so more are measured: codes err where many are about as near.</summary>
    public override int RerankWidth(int k, int breadth) => Math.Max(graph.Code.RerankWidth(k), graph.Code.RerankWidth(1) > 1 ? breadth / 2 : 0);

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
        _filtered = allowed is not null || graph.Deleted * ManyRemoved > graph.Alive;
        _heaped = _poolNext = 0;
        _twin = 0;
        _given.Count = _tail.Count = _frontier.Count = 0;
        _scratch.Spare.Count = 0;
        var pool = _scratch.Pool;
        pool.Count = 0;
        _scratch.NextEpoch((int)_end);

        if (allowed is null ? ExpectedVisits(1, breadth) * WalkCost >= graph.Alive : allowed.Count <= 2 * ProbesPerResult * breadth)
        {
            ListFromStart(breadth, allowed);
            return;
        }
        _stage = Stage.Walking;
        ScanTail(breadth, allowed);
        if (WalkFromEntry(breadth, allowed)) MergeTail(breadth, allowed);
    }

    /// <summary>Measures all, as an index of so few rows is searched; what counts as visited is what is given.</summary>
    void ListFromStart(int breadth, RowSet? allowed)
    {
        var visits = _scratch.Visits;
        List(allowed);
        _scratch.Visits = visits;
        _countsGiven = true;
        TakeListed(breadth);
    }

    /// <summary>False when it has led to a list of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    bool WalkFromEntry(int breadth, RowSet? allowed)
    {
        var reached = 0L;
        if (graph.Entry.TryGet(out var start, out var top) && start < _scratch.End)
        {
            var best = NodeKey.Of(_query.To(_nodes.Code(start)), start);
            for (var level = top; level > 0; level--)
                best = HnswWalk<TQuery>.Descend(_query, _nodes, new UpperLinks(_nodes, level), _scratch, best);
            _scratch.Visited[NodeKey.Node(best)] = _scratch.Epoch;
            var visits = _scratch.Visits - 1;
            if (!_filtered)
            {
                _scratch.Pool.Add(best);
                Walk(breadth);
            }
            else
            {
                KeyHeap.Push(_frontier, best);
                if (Passes(NodeKey.Node(best), allowed)) _scratch.Pool.Add(best);
                if (!WalkFiltered(breadth, allowed)) return false;
            }
            reached = _scratch.Visits - visits;
        }
        // A walk that came to the end of the graph without having seen all of it: the graph was changed under it, or has a part that it does not lead to.
        if (_scratch.Pool.Count == breadth || reached + _tail.Count >= graph.Linked) return true;
        List(allowed);
        TakeListed(breadth);
        return false;
    }

    void Walk(int breadth)
        => HnswWalk<TQuery>.Search(_query, _nodes, new LowestLinks(_nodes.Links, _nodes.Degree), _scratch, breadth, keepSpare: true);

    /// <summary>A walk that finds too few passing nodes gives up and lists them all; false then.</summary>
    bool WalkFiltered(int breadth, RowSet? allowed)
    {
        if (allowed is null
            ? HnswWalk<TQuery>.SearchPassing(_query, _nodes, _scratch, _frontier, breadth, new AliveFilter(_nodes), long.MaxValue)
            : WalkAmong(breadth, allowed))
            return true;
        List(allowed);
        TakeListed(breadth);
        return false;
    }

    /// <summary>
    /// Walks a little, to see how many of the nodes about the query are allowed, which the number of all rows allowed does not tell; walks on if reaching enough of
    /// them that way costs less than measuring every one. False when it does not, or has not ended in time.
    /// </summary>
    bool WalkAmong(int breadth, RowSet allowed)
    {
        var filter = new RowFilter(_nodes, allowed);
        var (visits, found) = (_scratch.Visits, _scratch.Pool.Count + _scratch.Spare.Count);
        if (HnswWalk<TQuery>.SearchPassing(_query, _nodes, _scratch, _frontier, breadth, filter, ProbesPerResult * breadth)) return true;
        visits = _scratch.Visits - visits;
        found = _scratch.Pool.Count + _scratch.Spare.Count - found;
        var expected = ExpectedVisits((double)found / visits, breadth);
        return (expected - visits) * WalkCost < allowed.Count
            && HnswWalk<TQuery>.SearchPassing(
                _query, _nodes, _scratch, _frontier, breadth, filter, (long)Math.Min(allowed.Count / WalkCost, Patience * expected) + ProbesPerResult * breadth);
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
        if (_countsGiven) _scratch.Visits += pool.Count;
        if (pool.Count == 0) _stage = Stage.Ended;
    }

    /// <summary>Turns the pool into candidates: its nodes and those that hang on them, as far as they are wanted and alive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Give(int breadth, RowSet? allowed)
    {
        var pool = _scratch.Pool;
        for (; _poolNext < pool.Count; _poolNext++)
        {
            if (_candidateCount >= Wanted) return;
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
                // One that was in the tail when that was scanned comes, or came, by itself.
                if (!IsMarked(_twin - 1)) GiveOne(_twin - 1, key, allowed);
                _twin = _nodes.Twins[_twin - 1];
            }
        }
    }

    /// <summary>Marks a node; true when it was marked, or came long after the search began.</summary>
    bool IsMarked(uint node)
    {
        if (node >= _scratch.End) return true;
        var isMarked = _scratch.Visited[node] == _scratch.Epoch;
        _scratch.Visited[node] = _scratch.Epoch;
        return isMarked;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void GiveOne(uint node, ulong key, RowSet? allowed)
    {
        if (!_nodes.IsAlive(node) || (allowed is not null && !allowed.Contains(_nodes.Rows[node]))) return;
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
                // Should it be folded meanwhile, the walk passes it over, and goes on from it at its end.
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

    /// <summary>
    /// Puts the tail's nearest among the results. From those that have been folded since the tail was scanned the walk goes on: others may by now be reached only
    /// by way of them.
    /// </summary>
    void MergeTail(int breadth, RowSet? allowed)
    {
        var goesOn = false;
        for (var i = 0; i < _tail.Count; i++)
        {
            var key = _tail.Items[i];
            if (_nodes.IsInGraph(NodeKey.Node(key)))
            {
                goesOn = true;
                key &= ~NodeKey.Expanded;
                if (_filtered) KeyHeap.Push(_frontier, key);
            }
            Merge(key, breadth);
        }
        if (!goesOn) return;
        if (_filtered) WalkFiltered(breadth, allowed);
        else Walk(breadth);
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

    /// <param name="share">Of the nodes about the query, those that are results.</param>
    static double ExpectedVisits(double share, int breadth) => breadth * (VisitsPerResult + VisitsPerPassedOver / share);

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
