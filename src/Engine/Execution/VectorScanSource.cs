using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// A running vector scan. It works in rounds: the first finds as many rows as LIMIT asks for, in exact order; if more are pulled (WITH TIES,
/// rows that locking skips, no LIMIT at all) the next finds four times as many, and gives those not given before. A round that finds fewer than it
/// wanted has found all that the index has; then come the rows it has not: zero vectors under cosine distance, and NULLs.
/// </summary>
/// <remarks>
/// The index gives candidates by codes, nearest first. Each is checked against the snapshot and measured exactly; the filter is asked only of those
/// near enough to be among the nearest so far, and those whose code says that they are too far are not measured (<see cref="CodeError"/>). Which rows pass
/// is asked ahead of the search where that is cheap (<see cref="PassingRows"/>).
/// </remarks>
internal sealed class VectorScanSource(VectorScanNode node, ExecutionState state) : RowSource
{
    const int FirstWithoutLimit = 100;
    const int Growth = 4;

    /// <summary>Largest breadth of a search that goes on and on.</summary>
    const int MostBreadth = 4096;

    /// <summary>Tables of so few rows are measured whole: vectors in a column, or values that must be computed.</summary>
    const int FewVectors = 512, FewValues = 128;

    /// <summary>Of the rows that pass a filter one by one, so many times those wanted are found before the search ends: later ones may be nearer.</summary>
    const int Spare = 2;

    /// <summary>How many candidates ahead memory is asked for: about as many as are measured in all, since each waits for memory and page tables.</summary>
    const int Ahead = 12;

    /// <summary>So many candidates cost a search as much as measuring one row in so many of the table does a scan.</summary>
    const int ScanAdvantage = 8;

    enum Stage { New, Indexed, Zero, Null, Ended }

    readonly Datum[] _row = new Datum[node.Columns.Length];
    readonly Datum[] _filterRow = node.FilterColumns == 0 ? [] : new Datum[node.FilterColumns];
    Stage _stage;
    Datum _query;
    VectorMeasure? _measure;
    PassingRows? _passing;
    double _radius;
    long _wanted;
    long[] _ids = [];
    double[] _distances = [];
    int _next;
    bool _isComplete;
    HashSet<long>? _given;
    RowSet? _allowed;
    RowSet.Enumerator _restAllowed;
    RowScan? _rest;
    bool _hasBegunRest;
    long _removed;

    public override ReadOnlySpan<Datum> Current => _row;

    public override bool MoveNext()
    {
        if (_stage == Stage.New)
            Begin();
        while (_stage == Stage.Indexed)
        {
            while (_next < _ids.Length)
            {
                var at = _next++;
                if (_given is not null && _given.Contains(_ids[at]))
                    continue;
                Give(new RowId(_ids[at]), Datum.Of(_distances[at]));
                return true;
            }
            if (_isComplete)
                EndIndexed();
            else
                NextRound();
        }
        return NextUnindexed();
    }

    void Begin()
    {
        state.NoteRead(node.Table.Relation);
        _query = node.Query.Evaluate(default, state);
        var (limit, offset) = LimitNode.Counts(node.Limit, node.Offset, state);
        var rows = Math.Max(1, node.Table.Rows.NextRowId);
        _wanted = Math.Min(rows, limit == long.MaxValue ? FirstWithoutLimit : limit > rows - Math.Min(rows, offset) ? rows : limit == 0 ? 0 : limit + offset + node.ExtraRows);
        var radius = node.Radius?.Evaluate(default, state);
        _stage = _wanted == 0 || radius is { IsNull: true } ? Stage.Ended : _query.IsNull ? Stage.Null : Stage.Indexed;
        if (_stage != Stage.Indexed)
            return;
        _radius = radius?.AsDouble ?? double.PositiveInfinity;
        if (!HasDimensions())
        {
            EndIndexed();
            return;
        }
        _measure = new VectorMeasure(node, state, _query);
        Gather();
    }

    // False for an empty graph, which has nothing to compare. As pgvector: the graph compares the query with what it has, lists compare their centres with the query.
    bool HasDimensions()
    {
        var dimensions = _query.Reference switch
        {
            float[] vector => vector.Length,
            Half[] vector => vector.Length,
            SparseVector vector => vector.Dimensions,
            _ => _query.As<BitString>().Length,
        };
        var index = node.Index;
        if (dimensions == index.Dimensions)
            return true;
        if (VectorIndexDefinition.IsGraph(index.Definition.Method) && index.Tree.Statistics() is { Count: 0 })
            return false;
        var (first, second) = VectorIndexDefinition.IsGraph(index.Definition.Method) ? (dimensions, index.Dimensions) : (index.Dimensions, dimensions);
        throw new PgError(SqlState.DataException, index.Key.Type == PgTypes.Bit
            ? $"different bit lengths {first} and {second}"
            : $"different {index.Key.Type.Name} dimensions {first} and {second}");
    }

    void NextRound()
    {
        _given ??= [];
        _given.UnionWith(_ids);
        _wanted = Math.Min(node.Table.Rows.NextRowId, _wanted * Growth);
        Gather();
    }

    // ---- One round

    void Gather()
    {
        var heap = new NearestHeap((int)Math.Min(_wanted, Array.MaxLength));
        var candidates = 0L;
        using (var search = node.IsExact || IsSmall ? null : Open())
        {
            if (search is null)
                ScanAll(heap);
            else
                Search(search, heap, out candidates);
        }
        _isComplete |= heap.Count < heap.Capacity || _wanted >= node.Table.Rows.NextRowId;
        heap.TakeSorted(out var distances, out var ids);
        TakeOnce(distances, ids);
        foreach (var id in _ids)
            node.Table.Rows.PrefetchRecord(new RowId(id));
        // Later rounds find the rows of earlier ones again.
        var isFirst = _given is null;
        node.Index.Activity.Count(isFirst ? 1 : 0, isFirst ? candidates : 0, isFirst ? _ids.Length : 0, nodes: candidates);
        // Each candidate's vector, and each row that is given.
        CountTable(isFirst ? _ids.Length : 0, candidates + _ids.Length + _measure!.TakeBlocks());
        state.Statistics?.Of(node).Blocks += candidates;
        state.Statistics?.Of(node).RowsRemovedByFilter += _removed;
        _removed = 0;
    }

    void CountTable(long rows, long blocks)
    {
        node.Table.Activity.CountFetched(rows, blocks);
        state.Statistics?.Of(node).Blocks += blocks;
    }

    // An entry that was folded into the index during the search may have come twice: its distances are equal, so that they lie side by side.
    void TakeOnce(ReadOnlySpan<double> distances, ReadOnlySpan<long> ids)
    {
        (_distances, _ids, _next) = (distances.ToArray(), ids.ToArray(), 0);
        var count = 0;
        for (var i = 0; i < _ids.Length; i++)
        {
            if (i > 0 && _ids[i] == _ids[i - 1])
                continue;
            (_ids[count], _distances[count]) = (_ids[i], _distances[i]);
            count++;
        }
        if (count == _ids.Length)
            return;
        _ids = _ids[..count];
        _distances = _distances[..count];
    }

    // So few rows are measured in the time that a walk takes, and none is missed. (Lists have limits that a user may have set.)
    bool IsSmall => node.Breadth is null && VectorIndexDefinition.IsGraph(node.Index.Definition.Method) && node.Table.Rows.NextRowId <= (node.Index.VectorColumn >= 0 ? FewVectors : FewValues);

    VectorSearch? Open()
    {
        if (node.Index.VectorColumn >= 0 || _query.Reference is not SparseVector)
            return node.Index.Tree.Search(RowFormat.VectorValue(node.Index.Key.Type, _query));
        var bytes = new ByteWriter();
        VectorKey.Write(node.Index.Key.Type, _query, bytes);
        return node.Index.Tree.Search(bytes.Written);
    }

    void Search(VectorSearch search, NearestHeap heap, out long candidates)
    {
        var limits = new ScanLimits(node.Index.Definition.Method, node.Metric, state.Session.Settings, search);
        var hasFilter = node.FilterEvaluator is not null;
        var allowed = _allowed = hasFilter && !limits.AreSet ? Passing.Find() : null;
        var isAsked = hasFilter && (allowed is null || !Passing.IsWhole);
        var enough = isAsked ? Spare * heap.Capacity : heap.Capacity;
        var breadth = node.Breadth ?? limits.Breadth(heap.Capacity);
        var width = search.HasBounds ? int.MaxValue : Math.Max(enough, search.RerankWidth(heap.Capacity, breadth));
        // Most of a graph's candidates are never looked at, unless many of them do not count.
        var looksAtAll = VectorIndexDefinition.IsGraph(node.Index.Definition.Method) && (hasFilter || limits.AreSet || node.Radius is not null);
        search.Wanted = search.HasBounds ? enough : looksAtAll ? int.MaxValue : Math.Max(enough, search.RerankWidth(heap.Capacity, 0));
        var mostCandidates = isAsked && !limits.AreSet ? Math.Max(1000, node.Table.Rows.RowCountEstimate / ScanAdvantage) : long.MaxValue;
        candidates = 0;
        var measured = 0;
        var beyond = 0;
        var error = new CodeError(node.Metric);
        while (search.Next(breadth, allowed))
        {
            state.ThrowIfCancelled();
            var withinBefore = heap.Count;
            var batchBeyond = 0;
            var batch = search.Candidates;
            for (var i = 0; i < Math.Min(Ahead, batch.Length); i++)
                _measure!.Prefetch(batch[i]);
            var isAtEnd = false;
            var unseen = 0;
            for (var i = 0; i < batch.Length; i++)
            {
                ref readonly var candidate = ref batch[i];
                if (search.HasBounds ? candidate.Bound > heap.Bound : error.IsBeyond(candidate.Distance, heap.Bound))
                {
                    // As good as measured.
                    measured += batch.Length - i;
                    isAtEnd = true;
                    break;
                }
                if (i + Ahead < batch.Length)
                    _measure!.Prefetch(batch[i + Ahead]);
                candidates++;
                if (!_measure!.TryMeasure(candidate.Row, candidate.Key, out var distance))
                {
                    unseen++;
                    continue;
                }
                error.Add(candidate.Distance, distance);
                if (!IsWithin(distance))
                {
                    batchBeyond++;
                    if (++beyond >= width && node.Radius is not null && heap.Count == withinBefore)
                        break;
                    continue;
                }
                if (distance > heap.Bound)
                {
                    if (++measured >= width)
                        break;
                    continue;
                }
                if (hasFilter && !Passes(candidate.Row))
                {
                    _removed++;
                    continue;
                }
                heap.Offer(distance, candidate.Row);
                if (++measured >= width)
                    break;
            }
            // Of bounded candidates there were as many as are wanted if all were seen; else the next may belong to the nearest.
            if ((heap.Count == heap.Capacity && measured >= enough && (isAtEnd || unseen == 0 || !search.HasBounds)) || measured >= width)
                return;
            // Nothing within the radius any more.
            if (node.Radius is not null && heap.Count == withinBefore && batchBeyond > 0)
                return;
            if (limits.AreReached(search))
                return;
            if (candidates > mostCandidates)
            {
                heap.Clear();
                _removed = 0;
                ScanAll(heap);
                return;
            }
            breadth = limits.Next(breadth, MostBreadth);
        }
    }

    PassingRows Passing => _passing ??= new(node, state);

    bool IsWithin(double distance) => node.Radius is null || (node.RadiusIsInside ? distance <= _radius : distance < _radius);

    void ScanAll(NearestHeap heap) => _measure!.MeasureAll(() => heap.Bound, (ids, distances) =>
    {
        var rows = ids.Span;
        var values = distances.Span;
        for (var i = 0; i < rows.Length; i++)
        {
            if (values[i] > heap.Bound || !IsWithin(values[i]) || (node.Index.Tree.Core is not null && IsLeftOut(rows[i], values[i])))
                continue;
            if (node.FilterEvaluator is null || Passes(rows[i]))
                heap.Offer(values[i], rows[i]);
            else
                _removed++;
        }
    });

    // Rows that the index has not come after it.
    bool IsLeftOut(long row, double distance)
        => node.Metric == Metric.Cosine && double.IsNaN(distance) && node.Table.Rows.TryRead(new RowId(row), state.Snapshot, out var view) && IsZero(view);

    bool Passes(long row)
    {
        if (!node.Table.Rows.TryRead(new RowId(row), state.Snapshot, out var view))
            return false;
        node.FilterDecoder!.Decode(view, _filterRow);
        return node.FilterEvaluator!.IsTrue(_filterRow, state);
    }

    void Give(RowId row, Datum distance)
    {
        if (!node.Table.Rows.TryRead(row, state.Snapshot, out var view))
            throw new InvalidOperationException("a row that the snapshot saw is gone");
        node.Decoder.Decode(view, _row);
        _row[^1] = distance;
    }

    // ---- Rows that are not in the index

    void EndIndexed() => _stage = node.Radius is not null ? Stage.Ended : node.Metric == Metric.Cosine ? Stage.Zero : Stage.Null;

    bool NextUnindexed()
    {
        while (_stage is Stage.Zero or Stage.Null)
        {
            if (!_hasBegunRest)
                BeginRest();
            while (NextOfRest(out var view))
            {
                var isTaken = _stage == Stage.Zero ? IsZero(view) : _query.IsNull || IsNull(view);
                if (!isTaken || (node.FilterEvaluator is not null && !Passes(view.Row.Value)))
                    continue;
                node.Decoder.Decode(view, _row);
                _row[^1] = _stage == Stage.Zero ? Datum.Of(double.NaN) : Datum.Null;
                return true;
            }
            _hasBegunRest = false;
            _stage = _stage == Stage.Zero ? Stage.Null : Stage.Ended;
        }
        return false;
    }

    // Where it is known which rows pass, only those are looked at.
    void BeginRest()
    {
        _hasBegunRest = true;
        if (_allowed is null)
        {
            CountTable(0, Blocks.OfRows(node.Table.Rows));
            _rest = node.Table.Rows.Scan(state.Snapshot);
        }
        else
            _restAllowed = _allowed.GetEnumerator();
    }

    bool NextOfRest(out RowView view)
    {
        if (_allowed is null)
            return _rest!.MoveNext(out view);
        while (_restAllowed.MoveNext())
            if (node.Table.Rows.TryRead(new RowId(_restAllowed.Current), state.Snapshot, out view))
                return true;
        view = default;
        return false;
    }

    bool IsNull(RowView view)
        => node.Index.VectorColumn >= 0 ? view.IsNull(node.Index.VectorColumn) : node.Index.Value(view, out _).IsNull;

    bool IsZero(RowView view)
    {
        if (node.Index.VectorColumn >= 0 && view.IsNull(node.Index.VectorColumn))
            return false;
        var value = node.Index.VectorColumn >= 0 ? RowFormat.ReadVector(node.Index.Key.Type, node.Index.Dimensions, view.Vector(node.Index.VectorColumn)) : node.Index.Value(view, out _);
        return value.Reference switch
        {
            float[] vector => !vector.AsSpan().ContainsAnyExcept(0f),
            Half[] vector => Array.TrueForAll(vector, element => element == Half.Zero),
            SparseVector vector => vector.Indices.Length == 0,
            _ => false,
        };
    }

    public override void Reset()
    {
        _stage = Stage.New;
        _hasBegunRest = false;
        _allowed = null;
        _given = null;
        _passing?.Reset();
        _ids = [];
        _next = 0;
        _isComplete = false;
    }

    public override void Dispose() => _passing?.Dispose();
}
