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

    readonly VectorIndexOptions _options;
    readonly SpinLocks _locks = new();
    readonly HnswTwins _twins;
    readonly HnswLinker<TQuery> _linker;
    readonly HnswRepair<TQuery> _repair;
    readonly Pool<HnswScratch> _scratches = new();
    readonly Pool<HnswSearch<TQuery>> _searches = new();
    readonly Lock _writing = new();
    readonly ReaderWriterLockSlim _maintenance = new();
    readonly Queue<uint> _removed = new();
    readonly Limbo<uint> _numbers;
    readonly Limbo<nint> _oldCodes;
    readonly int _tailLimit;
    TimeSpan _buildTime;
    long _alive, _deleted;
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
        _tailLimit = Math.Clamp(TailBytes / Nodes.CodeStride, TailAtLeast, TailAtMost);
    }

    public VectorCode<TQuery> Code { get; }
    public HnswNodes Nodes { get; }
    public HnswEntry Entry { get; } = new();
    public HnswTail Tail { get; } = new();
    public Readers Readers { get; } = new();

    /// <summary>Entries that searches find.</summary>
    public long Alive => Volatile.Read(ref _alive);

    /// <summary>Removed nodes that are still linked.</summary>
    public long Deleted => Volatile.Read(ref _deleted);

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
        _buildTime = System.Diagnostics.Stopwatch.GetElapsedTime(started);
    }

    public override bool Insert(long row, int key, ReadOnlySpan<byte> value)
    {
        Use();
        try
        {
            if (Find(row, key) >= 0) return true;
            var encoded = stackalloc byte[Code.CodeBytes + VectorCode.Overread];
            if (!Code.TryEncode(value, encoded)) return false;
            while (!TryAppend(row, key, encoded))
                Fold(MaintainedPerStep);
            if (Tail.Count > _tailLimit) Fold(FoldedPerInsert);
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
            return Find(row, key) >= 0;
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
            else Sweep();
            return Tail.HasUnclaimed || _removed.Count > 0 || _sweptTo < _sweepEnd;
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
        var kind = NodeState.Linked;
        while (_linker.Link(node, (uint)Nodes.Count, scratch) is { } same)
        {
            if (!_twins.TryAttach(node, same)) continue;
            kind = NodeState.Twin;
            break;
        }
        lock (_writing)
        {
            var removed = Nodes.States[node] & NodeState.Deleted;
            Volatile.Write(ref Nodes.States[node], (byte)(kind | removed));
            if (removed != 0) QueueRepair(node);
        }
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
        if ((Nodes.States[node] & NodeState.Kind) == NodeState.Twin)
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
        if (!_twins.HasNone(node)) return;
        lock (_writing)
        {
            if (Nodes.States[node] != (NodeState.Linked | NodeState.Deleted)) return;
            Nodes.States[node] = NodeState.Leaving | NodeState.Deleted;
        }
        _repair.Unlink(node, (uint)Nodes.Count, scratch);
        lock (_writing)
        {
            Free(node);
            _deleted--;
            (_sweptTo, _sweepEnd) = (0, (uint)Nodes.Count);
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
    }

    public override VectorIndexStatistics Statistics(Quantization quantization)
    {
        Use();
        try
        {
            long links = 0, linked = 0;
            var top = Entry.TryGet(out _, out var level) ? level : 0;
            for (uint node = 0; node < Nodes.Count; node++)
            {
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
