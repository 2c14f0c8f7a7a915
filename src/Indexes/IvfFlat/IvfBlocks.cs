using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// The entries of all lists, in blocks of 32, as arrays by block and entry (block · 32 + place in the block). Nothing ever moves, so that
/// searches need no lock: an entry is there when its bit in <see cref="Live"/> is set, which is done last, and gone when it is cleared.
/// </summary>
/// <remarks>Changes are made by one thread at a time, under the lock of the index.</remarks>
sealed unsafe class IvfBlocks(VectorCode kind, int scanBytes, Readers readers) : IDisposable
{
    /// <summary>Entries of a block.</summary>
    public const int Lanes = FastScan.Codes;

    /// <summary>Ends a chain of entries.</summary>
    const uint None = uint.MaxValue;

    readonly ReservedArray<byte> _codes = new(), _scans = new();
    readonly ReservedArray<long> _rows = new();
    readonly ReservedArray<int> _keys = new(), _owners = new();
    readonly ReservedArray<uint> _live = new(), _nextOfRow = new(), _rowHeads = new();
    readonly Limbo<nint> _oldCodes = new(readers);
    long _rowsKnown;

    /// <summary>The kind of codes.</summary>
    public VectorCode Kind => kind;

    /// <summary>Whether each code is followed by its error (float32), as <see cref="VectorCode.TryEncode(ReadOnlySpan{byte}, byte*, out float)"/> gives it.</summary>
    bool HasErrors { get; } = scanBytes > 0 && kind.CodeBytes > 0;

    /// <summary>Bytes of a code and its error.</summary>
    public int CodeBytes { get; } = kind.CodeBytes + (scanBytes > 0 && kind.CodeBytes > 0 ? sizeof(float) : 0);

    /// <summary>Bytes of a block of one-bit codes, 0 if there are none.</summary>
    public int ScanBytes { get; } = scanBytes;

    /// <summary>Blocks that were given to lists.</summary>
    public uint Count { get; private set; }

    public uint* Live => _live.Items;
    public long* Rows => _rows.Items;
    public int* Keys => _keys.Items;

    /// <summary>The list each block belongs to.</summary>
    public int* Owners => _owners.Items;

    public byte* Code(long entry) => _codes.Items + entry * CodeBytes;
    public byte* Scan(long block) => _scans.Items + block * ScanBytes;

    public long CodeMemory => _codes.Bytes + _scans.Bytes;
    public long RowMemory => _rows.Bytes + _keys.Bytes + _owners.Bytes + _live.Bytes + _nextOfRow.Bytes + _rowHeads.Bytes;

    /// <summary>Empty blocks for a list; returns the first of them.</summary>
    public uint Add(uint blocks, int owner)
    {
        var first = Count;
        EnsureCapacity(first + (long)blocks, exactly: false);
        Count += blocks;
        for (var block = first; block < Count; block++)
            Owners[block] = owner;
        return first;
    }

    /// <summary>Makes room for so many blocks in all.</summary>
    public void EnsureCapacity(long blocks, bool exactly)
    {
        if (blocks * Lanes >= None) throw new OutOfMemoryException("an index has more than four billion places");
        _codes.EnsureCapacity(blocks * Lanes * CodeBytes + VectorCode.Overread, exactly);
        _scans.EnsureCapacity(blocks * ScanBytes, exactly);
        _rows.EnsureCapacity(blocks * Lanes, exactly);
        _keys.EnsureCapacity(blocks * Lanes, exactly);
        _nextOfRow.EnsureCapacity(blocks * Lanes, exactly);
        _live.EnsureCapacity(blocks, exactly);
        _owners.EnsureCapacity(blocks, exactly);
    }

    /// <summary>Encodes a vector and its error; false when the metric cannot order it.</summary>
    public bool TryEncode(ReadOnlySpan<byte> value, byte* code)
    {
        if (!HasErrors) return kind.TryEncode(value, code);
        if (!kind.TryEncode(value, code, out var error)) return false;
        *(float*)(code + kind.CodeBytes) = error;
        return true;
    }

    /// <summary>The error behind a code, where there are one-bit codes and others.</summary>
    public float Error(byte* code) => *(float*)(code + kind.CodeBytes);

    /// <summary>Writes the code of a place; what another entry had there is freed when no search can hold it any more.</summary>
    public void SetCode(uint entry, byte* encoded)
    {
        var code = Code(entry);
        if (!kind.IsVariable)
        {
            new ReadOnlySpan<byte>(encoded, CodeBytes).CopyTo(new(code, CodeBytes));
            return;
        }
        while (_oldCodes.TryTake(out var old))
            kind.Release((byte*)&old);
        var before = *(nint*)code;
        Volatile.Write(ref *(nint*)code, *(nint*)encoded);
        if (before != 0) _oldCodes.Retire(before);
    }

    /// <summary>Makes an entry, whose codes are written, visible to searches of its list.</summary>
    public void Place(uint entry, long row, int key)
    {
        Rows[entry] = row;
        Keys[entry] = key;
        Interlocked.Or(ref Live[entry / Lanes], 1u << (int)(entry % Lanes));
    }

    /// <summary>Hides an entry from searches; its place may be filled again at once.</summary>
    public void Clear(uint entry) => Interlocked.And(ref Live[entry / Lanes], ~(1u << (int)(entry % Lanes)));

    /// <summary>Puts an entry into the chain of its row.</summary>
    public void Link(uint entry)
    {
        var row = Rows[entry];
        if (row >= _rowsKnown)
        {
            _rowHeads.EnsureCapacity(row + 1);
            new Span<uint>(_rowHeads.Items + _rowsKnown, checked((int)(_rowHeads.Capacity - _rowsKnown))).Fill(None);
            Volatile.Write(ref _rowsKnown, _rowHeads.Capacity);
        }
        _nextOfRow.Items[entry] = _rowHeads.Items[row];
        Volatile.Write(ref _rowHeads.Items[row], entry);
    }

    /// <summary>Takes an entry out of the chain of its row.</summary>
    public void Unlink(uint entry)
    {
        var at = &_rowHeads.Items[Rows[entry]];
        while (*at != entry)
            at = &_nextOfRow.Items[*at];
        Volatile.Write(ref *at, _nextOfRow.Items[entry]);
    }

    /// <summary>The first entry of a row.</summary>
    public bool TryFirst(long row, out uint entry)
    {
        entry = row < Volatile.Read(ref _rowsKnown) ? Volatile.Read(ref _rowHeads.Items[row]) : None;
        return entry != None;
    }

    /// <summary>The next entry of the same row. A chain that changes meanwhile may lead astray: look at <see cref="Rows"/>.</summary>
    public bool TryNext(ref uint entry)
    {
        entry = Volatile.Read(ref _nextOfRow.Items[entry]);
        return entry != None;
    }

    /// <summary>The entry of a row under a key; under the lock of the index.</summary>
    public bool TryFind(long row, int key, out uint entry)
    {
        for (var found = TryFirst(row, out entry); found; found = TryNext(ref entry))
            if (Keys[entry] == key)
                return true;
        return false;
    }

    public bool IsLive(uint entry) => (Volatile.Read(ref Live[entry / Lanes]) >> (int)(entry % Lanes) & 1) != 0;

    /// <summary>Frees all memory; nobody reads any more.</summary>
    public void Dispose()
    {
        if (kind.IsVariable)
        {
            for (long entry = 0; entry < (long)Count * Lanes; entry++)
                kind.Release(Code(entry));
            while (_oldCodes.TryTake(out var old))
                kind.Release((byte*)&old);
        }
        kind.Dispose();
        _codes.Dispose();
        _scans.Dispose();
        _rows.Dispose();
        _keys.Dispose();
        _owners.Dispose();
        _live.Dispose();
        _nextOfRow.Dispose();
        _rowHeads.Dispose();
    }
}
