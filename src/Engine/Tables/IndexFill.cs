using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Indexes.BTree;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// Builds a B-tree from a table's rows: several threads take a part of the rows each and sort its entries, then the sorted runs are merged
/// into leaves. Entries are made of all row versions, since some snapshot may see any of them.
/// </summary>
/// <param name="access">The index; over an empty tree where one is to be built.</param>
internal sealed class IndexFill(BTreeAccess access)
{
    /// <summary>Below so many rows another thread costs more than it brings.</summary>
    const long RowsPerWorker = 50_000;

    readonly List<(byte[] Key, RowId Row)> _dropped = [];
    BTreeIndex? _tree;

    public BTreeAccess Access => access;

    /// <summary>Whether some key was met in more than one row, perhaps in versions that nobody sees any more.</summary>
    public bool HasEqualKeys { get; private set; }

    delegate void Sink(ReadOnlySpan<byte> key, RowId row);

    /// <summary>Reads the rows and makes the tree. Raises what the index's expressions raise.</summary>
    public BTreeIndex Build(CancellationToken cancellation)
    {
        var builder = new BTreeBuilder();
        Merge(Read(cancellation), builder.Add);
        return builder.Finish();
    }

    /// <summary>Reads the rows and adds what is missing to the index's own tree, which others may read and write meanwhile.</summary>
    public void Complete(CancellationToken cancellation)
        => Merge(Read(cancellation), (key, row) =>
        {
            if ((row.Value & 4095) == 0)
                cancellation.ThrowIfCancellationRequested();
            access.Tree.Insert(key, row);
        });

    SortedRun[] Read(CancellationToken cancellation)
    {
        var rows = access.Rows.NextRowId;
        var workers = (int)Math.Clamp(rows / RowsPerWorker, 1, Environment.ProcessorCount);
        var runs = new SortedRun[workers];
        try
        {
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation },
                part => runs[part] = Collect(rows * part / workers, rows * (part + 1) / workers, cancellation));
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
        return runs;
    }

    SortedRun Collect(long first, long end, CancellationToken cancellation)
    {
        var run = new SortedRun();
        var key = new ByteWriter();
        bool Add(RowView version)
        {
            if (access.TryKey(version, key))
                run.Add(key.Written, version.Row);
            return false;
        }
        RowVisitor visitor = Add;
        for (var row = first; row < end; row++)
        {
            if ((row & 4095) == 0)
                cancellation.ThrowIfCancellationRequested();
            access.Rows.AnyVersion(new(row), visitor);
        }
        run.Sort();
        return run;
    }

    void Merge(SortedRun[] runs, Sink sink)
    {
        var previous = (Run: -1, At: 0);
        while (true)
        {
            var next = -1;
            for (var i = 0; i < runs.Length; i++)
                if (runs[i].HasMore && (next < 0 || runs[i].Compare(runs[next]) < 0))
                    next = i;
            if (next < 0)
                return;
            var run = runs[next];
            var isSameKey = previous.Run >= 0 && runs[previous.Run].KeyAt(previous.At).SequenceEqual(run.Key);
            // A row whose versions have the same key has one entry.
            if (!isSameKey || runs[previous.Run].RowAt(previous.At) != run.Row)
                sink(run.Key, run.Row);
            HasEqualKeys |= isSameKey && runs[previous.Run].RowAt(previous.At) != run.Row;
            previous = (next, run.At);
            run.Advance();
        }
    }

    // ---- Versions that are dropped while the tree is made

    /// <summary>Hears that a version was dropped: the entry made of it, perhaps, has to go again.</summary>
    public void Dropped(RowView version, TableRegistry registry)
    {
        var key = new ByteWriter();
        if (!access.TryKey(version, key))
            return;
        lock (_dropped)
        {
            if (_tree is null)
                _dropped.Add((key.Written.ToArray(), version.Row));
            else
                Remove(key.Written.ToArray(), version.Row, registry);
        }
    }

    /// <summary>The tree is in use: removes what was dropped meanwhile.</summary>
    public void End(BTreeIndex tree, TableRegistry registry)
    {
        lock (_dropped)
        {
            _tree = tree;
            foreach (var (key, row) in _dropped)
                Remove(key, row, registry);
            _dropped.Clear();
        }
    }

    void Remove(byte[] dropped, RowId row, TableRegistry registry)
    {
        var key = new ByteWriter();
        lock (registry.RowLock(row))
            if (!access.Rows.AnyVersion(row, other => access.TryKey(other, key) && key.Written.SequenceEqual(dropped)))
                _tree!.Remove(dropped, row);
    }
}

/// <summary>Entries in memory, sorted by key bytes and row, and a place in them.</summary>
sealed class SortedRun
{
    const int ChunkBytes = 1 << 20;

    /// <param name="Prefix">The key's first bytes as a number: its marker in the two highest bits, then what follows. Decides most comparisons.</param>
    readonly record struct Entry(ulong Prefix, long Row, int Chunk, int Start, int Length);

    readonly List<byte[]> _chunks = [];
    Entry[] _entries = new Entry[1024];
    int _count;
    int _used;

    public void Add(ReadOnlySpan<byte> key, RowId row)
    {
        if (_chunks.Count == 0 || _used + key.Length > _chunks[^1].Length)
        {
            _chunks.Add(GC.AllocateUninitializedArray<byte>(Math.Max(ChunkBytes, key.Length)));
            _used = 0;
        }
        key.CopyTo(_chunks[^1].AsSpan(_used));
        if (_count == _entries.Length)
            Array.Resize(ref _entries, 2 * _count);
        _entries[_count++] = new(Prefix(key), row.Value, _chunks.Count - 1, _used, key.Length);
        _used += key.Length;
    }

    static ulong Prefix(ReadOnlySpan<byte> key)
    {
        Span<byte> eight = stackalloc byte[8];
        eight.Clear();
        key[1..Math.Min(9, key.Length)].CopyTo(eight);
        return ((ulong)key[0] << 62) | (BinaryPrimitives.ReadUInt64BigEndian(eight) >> 2);
    }

    ReadOnlySpan<byte> KeyOf(in Entry entry) => _chunks[entry.Chunk].AsSpan(entry.Start, entry.Length);

    /// <summary>Puts the entries in order: by their prefixes without comparing, then those of equal prefix by the rest.</summary>
    public void Sort()
    {
        // Keys given in the order of the rows, as serial numbers and times are.
        if (IsSorted(0, _count))
            return;
        var prefixes = new ulong[_count];
        var order = new int[_count];
        for (var i = 0; i < _count; i++)
            (prefixes[i], order[i]) = (_entries[i].Prefix, i);
        PrefixSort.Sort(prefixes, order);
        var sorted = new Entry[_count];
        for (var i = 0; i < _count; i++)
            sorted[i] = _entries[order[i]];
        _entries = sorted;

        var byKey = new ByKey(this);
        for (int start = 0, end; start < _count; start = end)
        {
            for (end = start + 1; end < _count && prefixes[end] == prefixes[start]; end++)
            {
            }
            // Equal keys are in the order of their rows already.
            if (!IsSorted(start, end))
                _entries.AsSpan(start, end - start).Sort(byKey);
        }
    }

    bool IsSorted(int start, int end)
    {
        var byKey = new ByKey(this);
        for (var i = start + 1; i < end; i++)
            if (_entries[i].Prefix <= _entries[i - 1].Prefix && (_entries[i].Prefix < _entries[i - 1].Prefix || byKey.Compare(_entries[i - 1], _entries[i]) > 0))
                return false;
        return true;
    }

    // Entries of equal prefix.
    readonly struct ByKey(SortedRun run) : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y)
        {
            var order = run.KeyOf(x).SequenceCompareTo(run.KeyOf(y));
            return order != 0 ? order : x.Row.CompareTo(y.Row);
        }
    }

    public int At { get; private set; }
    public bool HasMore => At < _count;
    public ReadOnlySpan<byte> Key => KeyOf(_entries[At]);
    public RowId Row => new(_entries[At].Row);
    public void Advance() => At++;

    public ReadOnlySpan<byte> KeyAt(int at) => KeyOf(_entries[at]);
    public RowId RowAt(int at) => new(_entries[at].Row);

    /// <summary>Order of this run's next entry and another's.</summary>
    public int Compare(SortedRun other)
    {
        ref readonly var mine = ref _entries[At];
        ref readonly var theirs = ref other._entries[other.At];
        if (mine.Prefix != theirs.Prefix)
            return mine.Prefix < theirs.Prefix ? -1 : 1;
        var order = Key.SequenceCompareTo(other.Key);
        return order != 0 ? order : mine.Row.CompareTo(theirs.Row);
    }
}
