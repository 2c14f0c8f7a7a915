namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Nodes that are not linked yet, oldest first, in a ring. Searches scan it before they walk the graph: a node that is gone from the ring by then
/// is in the graph.
/// </summary>
sealed unsafe class HnswTail : IDisposable
{
    /// <summary>Inserters fold long before the tail gets here.</summary>
    public const int Capacity = 1 << 20;

    readonly ReservedArray<uint> _ring = new();
    readonly Lock _gate = new();
    long _start, _claimed, _end;

    public int Count => (int)(Volatile.Read(ref _end) - Volatile.Read(ref _start));

    /// <summary>Whether there is a node that nobody folds yet.</summary>
    public bool HasUnclaimed => Volatile.Read(ref _claimed) < Volatile.Read(ref _end);

    /// <summary>Positions to be scanned: from the first up to the second.</summary>
    public (long Start, long End) Range
    {
        get
        {
            // The end first: what is appended later need not be seen, what was folded before the start was read is in the graph.
            var end = Volatile.Read(ref _end);
            return (Volatile.Read(ref _start), end);
        }
    }

    /// <summary>The node at a position, or <see cref="HnswNodes.None"/> when it has been folded.</summary>
    public uint this[long position] => Volatile.Read(ref _ring.Items[position % Capacity]);

    /// <summary>False when the ring is full.</summary>
    public bool TryAppend(uint node)
    {
        lock (_gate)
        {
            if (_end - _start == Capacity) return false;
            _ring.EnsureCapacity(Math.Min(_end + 1, Capacity));
            _ring.Items[_end % Capacity] = node;
            Volatile.Write(ref _end, _end + 1);
            return true;
        }
    }

    /// <summary>Takes the oldest node to fold it; it stays in the tail until <see cref="Complete"/>.</summary>
    public bool TryClaim(out long position, out uint node)
    {
        lock (_gate)
        {
            position = _claimed;
            node = HnswNodes.None;
            if (_claimed == _end) return false;
            node = _ring.Items[position % Capacity];
            Volatile.Write(ref _claimed, _claimed + 1);
            return true;
        }
    }

    public void Complete(long position)
    {
        lock (_gate)
        {
            Volatile.Write(ref _ring.Items[position % Capacity], HnswNodes.None);
            while (_start < _claimed && _ring.Items[_start % Capacity] == HnswNodes.None)
                Volatile.Write(ref _start, _start + 1);
        }
    }

    public void Dispose() => _ring.Dispose();
}
