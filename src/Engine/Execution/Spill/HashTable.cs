using System.Collections.Immutable;
using System.Numerics;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// The inner rows of a hash join, each behind its keys: those of the batch at hand in memory, in chains by their hash; those of later
/// batches on disk. When a batch fills the memory the number of batches doubles: a row then stays in its batch or moves to one further
/// behind, so that every batch needs to be read once.
/// </summary>
sealed class HashTable(ExecutionState state, ImmutableArray<TypeCodec> codecs, int width)
{
    const int MostBatches = 4096;

    /// <summary>Hash bits that choose a batch begin here; those below choose the chain.</summary>
    const int BatchShift = 20;

    /// <summary>Besides the row: hash, chain, mark.</summary>
    const int BytesPerRow = 16;

    RowBuffer _rows = new(codecs.Length + width);
    List<(int Hash, bool HasKey)> _hashes = [];
    TemporaryRows?[] _later = new TemporaryRows?[1];
    int[] _first = [];
    int[] _next = [];
    bool[] _used = [];
    long _memory;
    long _mostMemory;
    int _mostBuckets;
    bool _canSplit = true;

    public int Batches { get; private set; } = 1;

    /// <summary>The batch at hand, from 0.</summary>
    public int Batch { get; private set; }

    public int Count => _rows.Count;

    /// <summary>The inner row without its keys.</summary>
    public ReadOnlySpan<Datum> Row(int row) => _rows[row][codecs.Length..];

    public bool IsUsed(int row) => _used[row];
    public void MarkUsed(int row) => _used[row] = true;

    public int BatchOf(int hash) => (hash >>> BatchShift) & (Batches - 1);

    /// <summary>Hash of keys; false when one of them is NULL.</summary>
    public bool TryHash(ReadOnlySpan<Datum> keys, out int hash)
    {
        hash = 0;
        for (var i = 0; i < codecs.Length; i++)
        {
            if (keys[i].IsNull)
                return false;
            hash = unchecked(hash * 31 + codecs[i].Hash(keys[i]));
        }
        // Codecs of integers hash to the number itself; spread neighbours and multiples over the table.
        hash = unchecked((int)((uint)hash * 0x9E37_79B1));
        hash ^= (int)((uint)hash >> 15);
        return true;
    }

    /// <summary>Adds a row to its batch. Without a key it matches nothing and may be in any.</summary>
    public void Add(ReadOnlySpan<Datum> keys, ReadOnlySpan<Datum> inner)
    {
        var hasKey = TryHash(keys, out var hash);
        var batch = hasKey ? BatchOf(hash) : Batch;
        if (batch != Batch)
        {
            Later(batch).Add([.. keys, .. inner]);
            return;
        }
        var row = _rows.Add();
        keys.CopyTo(row);
        inner.CopyTo(row[codecs.Length..]);
        _hashes.Add((hash, hasKey));
        _memory += RowImage.Memory(row) + BytesPerRow;
        if (_memory > state.HashMemory && _canSplit && Batches < MostBatches)
            Split();
    }

    TemporaryRows Later(int batch) => _later[batch] ??= new(state.Temporary, codecs.Length + width);

    void Split()
    {
        Batches *= 2;
        Array.Resize(ref _later, Batches);
        var (rows, hashes) = (_rows, _hashes);
        _mostMemory = Math.Max(_mostMemory, _memory);
        (_rows, _hashes, _memory) = (new(codecs.Length + width), [], 0);
        for (var i = 0; i < rows.Count; i++)
        {
            // Rows without a key fill no chain: they follow from batch to batch, half of them each time.
            var batch = hashes[i].HasKey ? BatchOf(hashes[i].Hash) : Batch + (i & 1) * (Batches / 2);
            if (batch != Batch)
            {
                Later(batch).Add(rows[i]);
                continue;
            }
            _rows.Add(rows[i]);
            _hashes.Add(hashes[i]);
            _memory += RowImage.Memory(rows[i]) + BytesPerRow;
        }
        // Rows that are all alike are not put apart by more batches.
        _canSplit = _rows.Count > 0 && _rows.Count < rows.Count;
    }

    /// <summary>All rows of the batch were added: makes the chains.</summary>
    public void Link()
    {
        var buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, _hashes.Count));
        _first = new int[buckets];
        _next = new int[_hashes.Count];
        _used = new bool[_hashes.Count];
        // From the back, so that chains give rows in the order they came.
        for (var i = _hashes.Count - 1; i >= 0; i--)
        {
            if (!_hashes[i].HasKey)
                continue;
            ref var head = ref _first[_hashes[i].Hash & (buckets - 1)];
            _next[i] = head;
            head = i + 1;
        }
        _mostMemory = Math.Max(_mostMemory, _memory);
        _mostBuckets = Math.Max(_mostBuckets, buckets);
        foreach (var later in _later)
            later?.Flush();
    }

    /// <summary>Goes to the next batch and reads its rows; false after the last.</summary>
    public bool NextBatch()
    {
        if (Batch + 1 >= Batches)
            return false;
        var rows = _later[++Batch];
        _later[Batch] = null;
        (_rows, _hashes, _memory) = (new(codecs.Length + width), [], 0);
        var reader = rows?.Read();
        for (var count = 1; reader is not null && reader.MoveNext(); count++)
        {
            if ((count & 1023) == 0)
                state.ThrowIfCancelled();
            Add(reader.Current[..codecs.Length], reader.Current[codecs.Length..]);
        }
        Link();
        return true;
    }

    /// <summary>The first row, plus 1, of the chain of a hash of this batch; 0 when there is none.</summary>
    public int First(int hash) => _first[hash & (_first.Length - 1)];

    /// <summary>Finds the next row of a chain that has the keys, and moves behind it; -1 at the chain's end.</summary>
    public int Find(ref int chain, int hash, ReadOnlySpan<Datum> keys)
    {
        while (chain != 0)
        {
            var row = chain - 1;
            chain = _next[row];
            if (_hashes[row].Hash == hash && HasKeys(_rows[row], keys))
                return row;
        }
        return -1;
    }

    bool HasKeys(ReadOnlySpan<Datum> row, ReadOnlySpan<Datum> keys)
    {
        for (var i = 0; i < codecs.Length; i++)
            if (!codecs[i].Equal(keys[i], row[i]))
                return false;
        return true;
    }

    /// <summary>As EXPLAIN ANALYZE shows it, behind the label <c>Buckets</c>.</summary>
    public string Description
    {
        get
        {
            var original = Batches > 1 ? $" (originally {_mostBuckets})" : "";
            var originalBatches = Batches > 1 ? " (originally 1)" : "";
            return $"{_mostBuckets}{original}  Batches: {Batches}{originalBatches}  Memory Usage: {Math.Max(1, (_mostMemory + _mostBuckets * 4L) / 1024)}kB";
        }
    }
}
