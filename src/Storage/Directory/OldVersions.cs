using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Storage;

/// <summary>
/// The old versions of one chunk's rows: a hash table with chains, in which the versions of a row lie newest first. A full one has a
/// bucket for each row. Many of them may lie in a mapped temporary file (<see cref="VersionSpace"/>), so that a transaction that changes every row
/// of a table does not need memory for all that it superseded.
/// </summary>
/// <remarks>
/// Changed under the chunk's gate. A reader without it may see anything and has to look at the chunk's sequence number at each step; so
/// <see cref="First"/>, <see cref="Next"/> and <see cref="At"/> stay inside the memory whatever they read.
/// </remarks>
sealed unsafe class OldVersions
{
    const int SmallestCapacity = 4;

    /// <summary>From here on it grows to a version for each row at once: more of the rows are likely to follow.</summary>
    const int ManyVersions = 512;

    /// <summary>Bytes from which on it counts against the memory for old versions. Smaller ones do not: there is one a chunk at most, beside the 98 kB of its newest versions.</summary>
    const int SmallestCounted = 2 << 10;

    readonly VersionSpace _space;
    readonly VersionSpace.Block? _block;
    readonly byte[] _memory;
    readonly int _buckets;
    int _used;
    int _free;

    OldVersions(VersionSpace space, int capacity)
    {
        _space = space;
        Capacity = capacity;
        _buckets = Math.Min(capacity, Chunk.Rows);
        var bytes = BytesFor(capacity);
        _block = bytes >= SmallestCounted ? space.TryTake(bytes) : null;
        _memory = _block is null ? GC.AllocateUninitializedArray<byte>(bytes) : Array.Empty<byte>();
        Buckets.Clear();
    }

    public OldVersions(VersionSpace space)
        : this(space, SmallestCapacity)
    {
    }

    public int Capacity { get; }

    public int Count { get; private set; }

    public bool IsFull => _free == 0 && _used == Capacity;

    static int BytesFor(int capacity) => checked(capacity * sizeof(OldVersion)) + Math.Min(capacity, Chunk.Rows) * sizeof(int);

    Span<byte> Memory => _block is { } block ? new Span<byte>(block.Address, block.Length) : _memory;
    Span<OldVersion> Versions => MemoryMarshal.Cast<byte, OldVersion>(Memory)[..Capacity];
    Span<int> Buckets => MemoryMarshal.Cast<byte, int>(Memory[(Capacity * sizeof(OldVersion))..]);

    /// <summary>Number of the newest old version of a row; 0: none.</summary>
    public int First(int row) => Match(Buckets[row & (_buckets - 1)], row);

    /// <summary>Number of the version before.</summary>
    public int Next(int number) => At(number) is var old ? Match(old.Next, old.Row) : 0;

    /// <summary>A version by its number, from 1.</summary>
    public ref OldVersion At(int number) => ref Versions[number - 1];

    int Match(int number, int row)
    {
        var versions = Versions;
        // Not longer than there are versions: what is read without the gate may run in a circle.
        for (var steps = Capacity; steps > 0 && (uint)(number - 1) < (uint)versions.Length; steps--)
        {
            ref var old = ref versions[number - 1];
            if (old.Row == row) return number;
            number = old.Next;
        }
        return 0;
    }

    /// <summary>The same versions with twice the room.</summary>
    public OldVersions Grow()
    {
        var larger = new OldVersions(_space, Capacity is >= ManyVersions and < Chunk.Rows ? Chunk.Rows : checked(Capacity * 2));
        // Oldest first, so that each chain keeps its order.
        var chain = new List<int>();
        foreach (var first in Buckets)
        {
            chain.Clear();
            for (var number = first; number != 0; number = At(number).Next) chain.Add(number);
            for (var i = chain.Count - 1; i >= 0; i--) larger.Add(At(chain[i]).Row, At(chain[i]).Version);
        }
        return larger;
    }

    /// <summary>Adds the newest old version of a row. There is room.</summary>
    public void Add(int row, in RowVersion version)
    {
        int number;
        if (_free != 0)
        {
            number = _free;
            _free = At(number).Next;
        }
        else
        {
            number = ++_used;
        }
        ref var bucket = ref Buckets[row & (_buckets - 1)];
        At(number) = new OldVersion { Version = version, Row = row, Next = bucket };
        bucket = number;
        Count++;
    }

    /// <summary>Takes a version out.</summary>
    public void Remove(int number)
    {
        ref var link = ref Buckets[At(number).Row & (_buckets - 1)];
        while (link != number) link = ref At(link).Next;
        ref var old = ref At(number);
        link = old.Next;
        old.Next = _free;
        _free = number;
        Count--;
    }

    /// <summary>Gives the memory up: nobody adds or removes any more.</summary>
    public void Release()
    {
        if (_block is not null) _space.Release(_block);
        else if (_memory.Length >= SmallestCounted) _space.ReleaseMemory(_memory.Length);
    }
}
