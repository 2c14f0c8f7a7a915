using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>A graph, whatever its codes; the members are those of <see cref="VectorIndex"/>.</summary>
abstract class HnswGraph : IDisposable
{
    public abstract void Build(IVectorRows rows, BuildSettings settings);
    public abstract bool Insert(long row, int key, ReadOnlySpan<byte> value);
    public abstract bool Remove(long row, int key);
    public abstract bool Contains(long row, int key);
    public abstract void VisitEntries(Action<long, int> visitor);
    public abstract bool Maintain(CancellationToken cancellation);
    public abstract VectorSearch Search(ReadOnlySpan<byte> query);
    public abstract void Save(SnapshotWriter writer);
    public abstract void Load(SnapshotReader reader);
    public abstract VectorIndexStatistics Statistics(Quantization quantization);

    public abstract HnswNodes Nodes { get; }
    public HnswEntry Entry { get; } = new();
    public HnswTail Tail { get; } = new();

    /// <summary>Frees the memory once no call is under way and no search open.</summary>
    public abstract void Dispose();
}

/// <summary>
/// Ties the parts together: nodes, linking, tail, removal and recycling. Searches take no locks. Those who change something take, in this order:
/// <c>_maintenance</c> (shared to fold and repair, alone to save), then for moments <c>_writing</c> (states, rows, numbers) or one node's lock.
/// </summary>
sealed unsafe class HnswGraph<TQuery> : HnswGraph where TQuery : unmanaged, ICodeQuery
{
    /// <summary>Codes of a tail that is too long: as much as a core reads in some 20 µs.</summary>
    const int TailBytes = 512 << 10;

    const int TailAtLeast = 256, TailAtMost = 8192;

    /// <summary>Nodes an insert folds when the tail is too long.</summary>
    const int FoldedPerInsert = 2;

    /// <summary>Nodes folded or repaired in one step of maintenance: about a millisecond.</summary>
    const int MaintainedPerStep = 16;

    /// <summary>Nodes whose links are looked at in one step of maintenance.</summary>
    const int SweptPerStep = 4096;

    /// <summary>
    /// Whether all nodes can be reached is looked at when one in so many has been linked or taken out since; in a small graph, where that takes less than a
    /// millisecond, after every change.
    /// </summary>
    const int ChangesOfReach = 64;

    const int SmallGraph = 8192;

    readonly VectorIndexOptions _options;
    readonly SpinLocks _locks = new();
    readonly HnswTwins _twins;
    readonly HnswLinker<TQuery> _linker;
    readonly HnswRepair<TQuery> _repair;
    readonly HnswReach<TQuery> _reach;
    readonly Pool<HnswScratch> _scratches = new();
    readonly Pool<HnswSearch<TQuery>> _searches = new();
    readonly Lock _writing = new();
    readonly Lock _reaching = new();
    readonly ReaderWriterLockSlim _maintenance = new();
    readonly Queue<uint> _removed = new();
    readonly Limbo<uint> _numbers;
    readonly Limbo<nint> _oldCodes;
    readonly int _tailLimit;
    TimeSpan _buildTime;
    long _alive, _deleted, _linked, _changes;
    uint _sweptTo, _sweepEnd;
    int _users = 1;
    bool _disposed;
    int _freed;

    public HnswGraph(VectorIndexOptions options, VectorCode<TQuery> code)
    {
        (_options, Code) = (options, code);
        Nodes = new(options.M, code.CodeBytes);
        _twins = new(Nodes, _locks);
        (_numbers, _oldCodes) = (new(Readers), new(Readers));
        _linker = NewLinker();
        _repair = new(Nodes, Entry, _locks, _linker);
        _reach = new(Nodes, code, Entry, _locks);
        _tailLimit = Math.Clamp(TailBytes / Nodes.CodeStride, TailAtLeast, TailAtMost);
    }

    public VectorCode<TQuery> Code { get; }
    public override HnswNodes Nodes { get; }
    public Readers Readers { get; } = new();

    /// <summary>Entries that searches find.</summary>
    public long Alive => Volatile.Read(ref _alive);

    /// <summary>Removed nodes that are still linked.</summary>
    public long Deleted => Volatile.Read(ref _deleted);

    /// <summary>Nodes that an endless walk would find.</summary>
    public long Linked => Volatile.Read(ref _linked);

    public HnswScratch NewScratch() => new(Code.QueryBytes, 2 * Nodes.Degree + 1);

    HnswLinker<TQuery> NewLinker() => new(Nodes, Code, _locks, Entry, _options)
    {
        Lowest = new(Nodes.Links, Nodes.Degree),
        Chosen = Nodes.Degree,
        Kept = Nodes.Degree,
        IsInUse = true,
    };

    public override void Build(IVectorRows rows, BuildSettings settings)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        new HnswBuilder<TQuery>(Nodes, Code, _locks, Entry, _options, settings).Build(rows);
        _alive = Nodes.Count;
        _linked = CountLinked();
        _buildTime = System.Diagnostics.Stopwatch.GetElapsedTime(started);
    }

    public override bool Insert(long row, int key, ReadOnlySpan<byte> value)
    {
        Use();
        try
        {
            if (Has(row, key)) return true;
            var encoded = stackalloc byte[Code.CodeBytes + VectorCode.Overread];
            if (!Code.TryEncode(value, encoded)) return false;
            while (!TryAppend(row, key, encoded))
                Fold(MaintainedPerStep);
            // While the graph is saved the tail may grow: who waited for that would keep a commit waiting.
            if (Tail.Count > _tailLimit && _maintenance.TryEnterReadLock(0)) FoldShared(FoldedPerInsert);
            return true;
        }
        finally
        {
            EndUse();
        }
    }

    /// <summary>Makes a node and adds it to the tail; false when the tail is full.</summary>
    bool TryAppend(long row, int key, byte* encoded)
    {
        lock (_writing)
        {
            if (Tail.Count == HnswTail.Capacity) return false;
            var node = TakeNumber();
            SetCode(node, encoded);
            Nodes.EnsureRow(row);
            Nodes.Rows[node] = row;
            Nodes.Keys[node] = key;
            Nodes.States[node] = NodeState.Tail;
            Nodes.AddToRow(node);
            _alive++;
            return Tail.TryAppend(node);
        }
    }

    /// <summary>Writes the code of a number that may have had another: a link that a repair missed still leads readers there.</summary>
    void SetCode(uint node, byte* encoded)
    {
        var code = Nodes.Code(node);
        if (!Code.IsVariable)
        {
            new ReadOnlySpan<byte>(encoded, Code.CodeBytes).CopyTo(new(code, Code.CodeBytes));
            return;
        }
        while (_oldCodes.TryTake(out var old))
            Code.Release((byte*)&old);
        var before = *(nint*)code;
        Volatile.Write(ref *(nint*)code, *(nint*)encoded);
        if (before != 0) _oldCodes.Retire(before);
    }

    /// <summary>A node number with empty lists; the same number always has the same level.</summary>
    uint TakeNumber()
    {
        if (!_numbers.TryTake(out var node))
        {
            node = (uint)Nodes.Count;
            Nodes.EnsureNodes(node + 1L);
            Nodes.EnsureLinks(node + 1L);
            Nodes.AssignLevel(node, _options.Seed);
            Nodes.Count++;
        }
        Nodes.ClearLinks(node);
        Nodes.Twins[node] = 0;
        return node;
    }

    public override bool Contains(long row, int key)
    {
        Use();
        try
        {
            return Has(row, key);
        }
        finally
        {
            EndUse();
        }
    }

    public override void VisitEntries(Action<long, int> visitor)
    {
        Use();
        try
        {
            for (uint node = 0; node < Nodes.Count; node++)
                if (Nodes.IsAlive(node))
                    visitor(Nodes.Rows[node], Nodes.Keys[node]);
        }
        finally
        {
            EndUse();
        }
    }

    // Under the lock: whoever stands on a node that is freed and given to another row would go on through that one's.
    bool Has(long row, int key)
    {
        lock (_writing)
            return Find(row, key) >= 0;
    }

    int Find(long row, int key)
    {
        for (var node = Nodes.FirstOfRow(row); node >= 0; node = Nodes.NextOfRow[node] - 1)
            if (Nodes.Keys[node] == key && Nodes.IsAlive((uint)node))
                return node;
        return -1;
    }

    public override bool Remove(long row, int key)
    {
        Use();
        try
        {
            lock (_writing)
            {
                var node = Find(row, key);
                if (node < 0) return false;
                var state = Nodes.States[node];
                Volatile.Write(ref Nodes.States[node], (byte)(state | NodeState.Deleted));
                _alive--;
                // One in the tail is dealt with when it is folded.
                if (state is not (NodeState.Tail or NodeState.Folding)) QueueRepair((uint)node);
                return true;
            }
        }
        finally
        {
            EndUse();
        }
    }

    void QueueRepair(uint node)
    {
        _removed.Enqueue(node);
        _deleted++;
    }

    public override bool Maintain(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Use();
        try
        {
            if (Tail.HasUnclaimed) Fold(MaintainedPerStep);
            else if (_removed.Count > 0) RepairRemoved(MaintainedPerStep);
            else if (_sweptTo < _sweepEnd) Sweep();
            else CheckReach();
            return Tail.HasUnclaimed || _removed.Count > 0 || _sweptTo < _sweepEnd || _reach.IsRunning || IsReachDoubtful;
        }
        finally
        {
            EndUse();
        }
    }

    /// <summary>Links so many nodes of the tail.</summary>
    void Fold(int count)
    {
        _maintenance.EnterReadLock();
        FoldShared(count);
    }

    /// <summary>The same for a caller who shares <see cref="_maintenance"/>, which he no longer does afterwards.</summary>
    void FoldShared(int count)
    {
        var scratch = TakeScratch();
        try
        {
            while (count-- > 0 && Tail.TryClaim(out var position, out var node))
            {
                FoldOne(node, scratch);
                Tail.Complete(position);
            }
        }
        finally
        {
            ReturnScratch(scratch);
            _maintenance.ExitReadLock();
        }
    }

    HnswScratch TakeScratch()
    {
        var scratch = _scratches.TryTake() ?? NewScratch();
        scratch.Reader ??= Readers.Add();
        Readers.Enter(scratch.Reader);
        return scratch;
    }

    void ReturnScratch(HnswScratch scratch)
    {
        Readers.Exit(scratch.Reader!);
        if (_scratches.TryReturn(scratch)) return;
        Readers.Remove(scratch.Reader!);
        scratch.Dispose();
    }

    void FoldOne(uint node, HnswScratch scratch)
    {
        lock (_writing)
        {
            if (!Nodes.IsAlive(node))
            {
                Free(node);
                return;
            }
            Nodes.States[node] = NodeState.Folding;
        }
        var kind = LinkOrHang(node, scratch);
        lock (_writing)
        {
            _changes++;
            if (kind == NodeState.Linked) _linked++;
            var removed = Nodes.States[node] & NodeState.Deleted;
            Volatile.Write(ref Nodes.States[node], (byte)(kind | removed));
            if (removed != 0) QueueRepair(node);
        }
    }

    byte LinkOrHang(uint node, HnswScratch scratch)
    {
        // What a node was linked to may have been on its way out, all of it: then again, beginning from another entry. Whom even that does not help is left to
        // the check of reach.
        const int attempts = 8;
        for (var attempt = 0; attempt < attempts;)
        {
            if (_linker.Link(node, scratch) is not { } same)
            {
                if (Volatile.Read(ref Nodes.Incoming[node]) > 0 || Entry.IsFirst(node, Nodes.Levels[node])) break;
                attempt++;
            }
            else if (attempt > 0)
            {
                // Who saw its first links may link to it.
                break;
            }
            else if (_twins.TryAttach(node, same))
            {
                return NodeState.Twin;
            }
        }
        return NodeState.Linked;
    }

    void RepairRemoved(int count)
    {
        _maintenance.EnterReadLock();
        var scratch = TakeScratch();
        try
        {
            while (count-- > 0)
            {
                uint node;
                lock (_writing)
                    if (!_removed.TryDequeue(out node))
                        return;
                RepairOne(node, scratch);
            }
        }
        finally
        {
            ReturnScratch(scratch);
            _maintenance.ExitReadLock();
        }
    }

    void RepairOne(uint node, HnswScratch scratch)
    {
        if (TryLeave(node, NodeState.Twin))
        {
            var linked = _twins.Detach(node);
            lock (_writing)
            {
                Free(node);
                _deleted--;
                // The node it hung on was removed before, and stayed only to lead to such as this.
                if (Nodes.States[linked] == (NodeState.Linked | NodeState.Deleted) && Nodes.Twins[linked] == 0) _removed.Enqueue(linked);
            }
            return;
        }
        // A node on which others hang goes on leading to them.
        if (!_twins.HasNone(node) || !TryLeave(node, NodeState.Linked)) return;
        _repair.Unlink(node, scratch);
        lock (_writing)
        {
            Free(node);
            _deleted--;
            _linked--;
            _changes++;
            (_sweptTo, _sweepEnd) = (0, (uint)Nodes.Count);
        }
    }

    /// <summary>
    /// Whether a removed node of this kind is to be taken out now. A node may have been queued twice, by its removal and by the last of those that hung on it, and be
    /// another entry by the second time.
    /// </summary>
    bool TryLeave(uint node, byte kind)
    {
        lock (_writing)
        {
            if (Nodes.States[node] != (kind | NodeState.Deleted)) return false;
            Nodes.States[node] = NodeState.Leaving | NodeState.Deleted;
            return true;
        }
    }

    /// <summary>A part of the sweep for links to nodes that were taken out.</summary>
    void Sweep()
    {
        uint first, end;
        lock (_writing)
        {
            first = _sweptTo;
            end = _sweptTo = Math.Min(_sweepEnd, first + SweptPerStep);
        }
        if (first >= end) return;
        _maintenance.EnterReadLock();
        var scratch = TakeScratch();
        try
        {
            _repair.Sweep(first, end, scratch);
        }
        finally
        {
            ReturnScratch(scratch);
            _maintenance.ExitReadLock();
        }
    }

    bool IsReachDoubtful => Volatile.Read(ref _changes) is > 0 and var changes && (Nodes.Count <= SmallGraph || changes * ChangesOfReach >= Nodes.Count);

    /// <summary>A part of the check that all nodes can be reached.</summary>
    void CheckReach()
    {
        if (!_reaching.TryEnter()) return; // somebody else does it
        try
        {
            if (!_reach.IsRunning)
            {
                if (!IsReachDoubtful) return;
                lock (_writing)
                    _changes = 0;
                EnsureEntry();
                _reach.Begin();
            }
            _maintenance.EnterReadLock();
            var scratch = TakeScratch();
            try
            {
                _reach.Step(SweptPerStep, scratch);
            }
            finally
            {
                ReturnScratch(scratch);
                _maintenance.ExitReadLock();
            }
        }
        finally
        {
            _reaching.Exit();
        }
    }

    /// <summary>Nodes that were being linked while the last entry left may stand without one.</summary>
    void EnsureEntry()
    {
        for (uint node = 0; node < Nodes.Count && !Entry.TryGet(out _, out _); node++)
            if (Nodes.States[node] == NodeState.Linked)
                Entry.IsFirst(node, Nodes.Levels[node]);
    }

    void Free(uint node)
    {
        Nodes.RemoveFromRow(node);
        Nodes.States[node] = NodeState.Free;
        _numbers.Retire(node);
    }

    public override VectorSearch Search(ReadOnlySpan<byte> query)
    {
        Use();
        var search = _searches.TryTake() ?? new(this);
        search.Begin(query);
        return search;
    }

    internal void Return(HnswSearch<TQuery> search)
    {
        if (!_searches.TryReturn(search)) search.Free();
        EndUse();
    }

    public override void Save(SnapshotWriter writer)
    {
        Use();
        _maintenance.EnterWriteLock();
        try
        {
            byte[] states;
            lock (_writing)
                states = new ReadOnlySpan<byte>(Nodes.States, Nodes.Count).ToArray();
            long alive = 0;
            foreach (ref var state in states.AsSpan())
                if ((state & NodeState.Kind) == NodeState.Tail) state = NodeState.Free;
                else if (state is not NodeState.Free and < NodeState.Deleted) alive++;
            var hasEntry = Entry.TryGet(out var entry, out var level);
            writer.WritePart(Code.Save);
            writer.Write((long)states.Length);
            writer.Write(alive);
            writer.Write(hasEntry ? entry : HnswNodes.None);
            writer.Write(level);
            writer.Write(_buildTime.Ticks);
            HnswSnapshot.Write(writer, Nodes, states, Code);
        }
        finally
        {
            _maintenance.ExitWriteLock();
            EndUse();
        }
    }

    public override void Load(SnapshotReader reader)
    {
        var count = (int)reader.ReadCount(HnswNodes.MaxNodes);
        _alive = reader.ReadCount(count);
        var entry = reader.Read<uint>();
        var level = reader.Read<int>();
        _buildTime = new(reader.Read<long>());
        HnswSnapshot.Read(reader, Nodes, count, Code, _options.Seed);
        if (entry < count) Entry.Set(entry, Nodes.Levels[entry]);
        else if (entry != HnswNodes.None) throw new IndexDamagedException("the snapshot begins nowhere");
        for (uint node = 0; node < count; node++)
        {
            var state = Nodes.States[node];
            if ((state & NodeState.Kind) == NodeState.Twin) _twins.Reattach(node);
            if (state == NodeState.Free) _numbers.Retire(node);
            else if (state >= NodeState.Deleted) QueueRepair(node);
        }
        _linked = CountLinked();
    }

    long CountLinked()
    {
        long linked = 0;
        for (uint node = 0; node < Nodes.Count; node++)
            linked += (Nodes.States[node] & NodeState.Kind) == NodeState.Linked ? 1 : 0;
        return linked;
    }

    public override VectorIndexStatistics Statistics(Quantization quantization)
    {
        Use();
        try
        {
            long links = 0, linked = 0, snapshot = 0;
            var top = Entry.TryGet(out _, out var level) ? level : 0;
            for (uint node = 0; node < Nodes.Count; node++)
            {
                snapshot += (Nodes.States[node] & NodeState.Kind) switch
                {
                    NodeState.Linked => HnswSnapshot.EstimateBytes(Nodes, node, Code),
                    NodeState.Twin => HnswSnapshot.EstimateTwinBytes(Nodes, node, Code),
                    _ => 0,
                };
                if (Nodes.States[node] != NodeState.Linked) continue;
                linked++;
                links += HnswLinker<TQuery>.Length(Nodes.Links + (long)node * Nodes.Degree, Nodes.Degree);
            }
            return new()
            {
                Count = Alive,
                Tail = Tail.Count,
                Deleted = Deleted,
                Quantization = quantization,
                MaxLevel = top,
                AverageDegree = linked == 0 ? 0 : links / (double)linked,
                CodeBytes = Nodes.CodeBytes + Code.StateBytes,
                StructureBytes = Nodes.LinkBytes,
                RowBytes = Nodes.RowBytes,
                SnapshotBytes = snapshot + Code.StateBytes,
                BuildTime = _buildTime,
            };
        }
        finally
        {
            EndUse();
        }
    }

    /// <summary>Keeps the memory until <see cref="EndUse"/>.</summary>
    void Use()
    {
        Interlocked.Increment(ref _users);
        if (!Volatile.Read(ref _disposed)) return;
        EndUse();
        throw new ObjectDisposedException(nameof(VectorIndex), "the index is dropped");
    }

    void EndUse()
    {
        if (Interlocked.Decrement(ref _users) == 0) FreeMemory();
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        EndUse();
    }

    void FreeMemory()
    {
        // A call that came too late was counted in and out again.
        if (Interlocked.Exchange(ref _freed, 1) != 0) return;
        while (_searches.TryTake() is { } search)
            search.Free();
        while (_scratches.TryTake() is { } scratch)
            scratch.Dispose();
        if (Code.IsVariable)
        {
            for (uint node = 0; node < Nodes.Count; node++)
                Code.Release(Nodes.Code(node));
            while (_oldCodes.TryTake(out var old))
                Code.Release((byte*)&old);
        }
        Nodes.Dispose();
        Tail.Dispose();
        Code.Dispose();
        _locks.Dispose();
        _maintenance.Dispose();
    }
}
