using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PgVectorCompat.Storage;

/// <summary>
/// The values of one fixed-size vector column, addressed by slot, read in place at memory speed. A slot is written once; when its
/// last version is gone it is given out again, but not before a checkpoint has made the log forget it (replay would write the old
/// value over the new) and nobody who may still look at it lives.
/// </summary>
public sealed unsafe class VectorColumn
{
    readonly Store _store;
    readonly uint _table;
    readonly int _column;
    readonly ExtentLayout _layout;
    readonly Lock _allocation = new();
    readonly NumberSet _free = new();
    NumberSet _freed = new();
    readonly HashSet<int> _leaving = [];
    DataFile?[] _extents = [];
    int _next;

    internal VectorColumn(Store store, uint table, int column, int valueBytes)
    {
        _store = store;
        _table = table;
        _column = column;
        _layout = new(valueBytes);
        ValueBytes = valueBytes;
    }

    /// <summary>Length of one value in bytes.</summary>
    public int ValueBytes { get; }

    /// <summary>Distance between the values of neighbouring slots in bytes; a multiple of 64 from 64 up, a power of two below.</summary>
    public int Stride => _layout.Stride;

    /// <summary>The value in a slot of a version that a live snapshot sees.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Bytes(int slot) => new(Address(slot), ValueBytes);

    /// <summary>
    /// Memory from <paramref name="slot"/> on: how many of the next <paramref name="count"/> slots lie one behind the other
    /// (<see cref="Stride"/> apart), at least 1.
    /// </summary>
    public ReadOnlySpan<byte> Run(int slot, int count, out int contiguous)
    {
        var extent = _layout.ExtentOf(slot);
        contiguous = Math.Min(count, _layout.FirstSlot(extent) + _layout.SlotCount(extent) - slot);
        return new(Address(slot), (contiguous - 1) * Stride + ValueBytes);
    }

    internal byte* Address(int slot)
    {
        var extent = _layout.ExtentOf(slot);
        return Volatile.Read(ref _extents)[extent]!.Address + _layout.OffsetOf(slot);
    }

    internal long FileBytes
    {
        get
        {
            var sum = 0L;
            foreach (var extent in Volatile.Read(ref _extents)) sum += extent?.Length ?? 0;
            return sum;
        }
    }

    internal int NextSlot => Volatile.Read(ref _next);

    /// <summary>Writes a value to a free slot; the file it is in is returned for whoever must flush it.</summary>
    internal int Write(ReadOnlySpan<byte> value, out DataFile file)
    {
        int slot;
        lock (_allocation)
        {
            if (_free.Count == 0) RestoreExtent();
            if (_free.TryTake(out var free))
            {
                slot = (int)free;
                file = _extents[_layout.ExtentOf(slot)]!;
            }
            else
            {
                if (_next == int.MaxValue) throw new StoreFullException($"vector column {_column} of table {_table} has used all slots");
                file = EnsureExtent(_layout.ExtentOf(_next), recovering: false);
                slot = _next++;
            }
        }
        StoreValue(slot, value, file);
        return slot;
    }

    /// <summary>
    /// Values from this length on are written by a call rather than through the map: the kernel then copies them into new pages, where a
    /// fault would first clear the page, and those it reads ahead. (A COPY of 3 kB vectors took half its time in that.)
    /// </summary>
    const int WrittenByCall = 512;

    void StoreValue(int slot, ReadOnlySpan<byte> value, DataFile file)
    {
        if (value.Length < WrittenByCall)
        {
            value.CopyTo(new Span<byte>(Address(slot), ValueBytes));
            file.MarkWritten();
            return;
        }
        try
        {
            file.Write(_layout.OffsetOf(slot), value);
        }
        catch (IOException)
        {
            Free(slot);
            throw;
        }
    }

    internal void Free(int slot)
    {
        lock (_allocation) _freed.Add(slot);
    }

    /// <summary>The slots freed so far: what a checkpoint beginning now will let the log forget.</summary>
    internal NumberSet TakeFreed()
    {
        lock (_allocation)
        {
            var slots = _freed;
            if (slots.Count > 0) _freed = new();
            return slots;
        }
    }

    /// <summary>Takes back what <see cref="TakeFreed"/> gave, since the checkpoint has failed.</summary>
    internal void ReturnFreed(NumberSet slots)
    {
        lock (_allocation) _freed.AddRange(slots);
    }

    /// <summary>
    /// Slots that the log has forgotten and nobody can be looking at: given out again. Files of which every slot is free are taken out and
    /// returned; no row, no log record and no checkpoint in force names anything in them.
    /// </summary>
    internal List<DataFile> Reuse(NumberSet slots)
    {
        var emptied = new List<DataFile>();
        lock (_allocation)
        {
            _free.AddRange(slots);
            var extents = new SortedSet<int>();
            foreach (var slot in slots) extents.Add(_layout.ExtentOf((int)slot));
            foreach (var extent in extents.Reverse())
            {
                var first = _layout.FirstSlot(extent);
                if (_extents[extent] is not { } file || _leaving.Contains(extent) || !_free.TryTakeAll(first, Math.Min(_layout.SlotCount(extent), _next - first))) continue;
                Volatile.Write(ref _extents[extent], null);
                emptied.Add(file);
            }
            // Slots at the end are as if they had never been given out; those in between wait for their file to be made again.
            Trim();
        }
        return emptied;
    }

    /// <summary>
    /// Takes out the files to which only transactions wrote that were rolled back: the log and the checkpoints never heard of a value in them.
    /// They are the caller's to delete; <see cref="Forget"/> is called when nobody reads them.
    /// </summary>
    internal void TakeUnnamed(List<(int Extent, DataFile File)> taken)
    {
        lock (_allocation)
        {
            for (var extent = 0; extent < _extents.Length; extent++)
            {
                if (_extents[extent] is not { IsNamed: false } file || _leaving.Contains(extent)) continue;
                var first = _layout.FirstSlot(extent);
                var end = first + _layout.SlotCount(extent);
                if (!TryTakeUnused(first, Math.Min(end, _next))) continue;
                // The rest of it is not given out either.
                if (_next > first) _next = Math.Max(_next, end);
                _leaving.Add(extent);
                taken.Add((extent, file));
            }
        }
    }

    /// <summary>Takes the slots from <paramref name="first"/> to before <paramref name="end"/> out of both sets of free ones, if every one is in one of them.</summary>
    bool TryTakeUnused(int first, int end)
    {
        for (var slot = first; slot < end; slot++)
            if (!_freed.Contains(slot) && !_free.Contains(slot)) return false;
        for (var slot = first; slot < end; slot++)
            if (!_freed.TryTakeAll(slot, 1)) _free.TryTakeAll(slot, 1);
        return true;
    }

    /// <summary>Nobody can be reading a file that <see cref="TakeUnnamed"/> took out any more.</summary>
    internal void Forget(int extent)
    {
        lock (_allocation)
        {
            Volatile.Write(ref _extents[extent], null);
            _leaving.Remove(extent);
            Trim();
        }
    }

    void Trim()
    {
        while (_next > 0 && IsMissing(_next - 1)) _next = _layout.FirstSlot(_layout.ExtentOf(_next - 1));
    }

    /// <summary>Makes a file again that was given back while later ones were in use, if there is one.</summary>
    void RestoreExtent()
    {
        if (_next == 0) return;
        for (var extent = 0; extent < _layout.ExtentOf(_next - 1); extent++)
        {
            if (!IsMissing(_layout.FirstSlot(extent))) continue;
            EnsureExtent(extent, recovering: false);
            for (var i = 0; i < _layout.SlotCount(extent); i++) _free.Add(_layout.FirstSlot(extent) + i);
            return;
        }
    }

    /// <summary>A copy of the slots that would be given out next, and, if asked, of those freed since the last checkpoint.</summary>
    internal NumberSet FreeSlots(bool withFreed)
    {
        var slots = new NumberSet();
        lock (_allocation)
        {
            slots.AddRange(_free);
            if (withFreed) slots.AddRange(_freed);
        }
        return slots;
    }

    internal string ExtentName(int extent) => $"data/{_table}-{_column}-{extent}.vecs";

    /// <summary>Its files, without those that are on their way out.</summary>
    internal void CopyTo(List<DataFile> all)
    {
        lock (_allocation)
        {
            for (var extent = 0; extent < _extents.Length; extent++)
                if (_extents[extent] is { } file && !_leaving.Contains(extent)) all.Add(file);
        }
    }

    /// <summary>
    /// Recovery: opens the extents below <paramref name="nextSlot"/>. A file may be missing if no row has a slot in it, or be one that was made
    /// again and never flushed.
    /// </summary>
    internal void OpenExtents(int nextSlot)
    {
        _next = nextSlot;
        if (nextSlot == 0) return;
        for (var extent = 0; extent <= _layout.ExtentOf(nextSlot - 1); extent++)
        {
            if (TryOpenExtent(extent) is { } file) PlaceNamed(extent, file);
            else HasMissing = true;
        }
    }

    /// <summary>Recovery: whether some file was not there, or not usable.</summary>
    internal bool HasMissing { get; private set; }

    /// <summary>Recovery: <see cref="StoreDamagedException"/> when the file that a row of the checkpoint needs is not usable.</summary>
    internal void RequireFile(int slot)
    {
        if (IsMissing(slot)) OpenExtent(_layout.ExtentOf(slot)).Dispose();
    }

    bool IsMissing(int slot) => _layout.ExtentOf(slot) is var extent && (extent >= _extents.Length || _extents[extent] is null);

    /// <summary>Recovery: writes a value that a log record carries.</summary>
    internal void Restore(int slot, ReadOnlySpan<byte> value)
    {
        var file = EnsureExtent(_layout.ExtentOf(slot), recovering: true);
        file.AddName();
        _next = Math.Max(_next, slot + 1);
        value.CopyTo(new Span<byte>(Address(slot), ValueBytes));
        file.MarkWritten();
    }

    /// <summary>Recovery: a value that was synced before the log record which refers to it.</summary>
    internal void Require(int slot)
    {
        var extent = _layout.ExtentOf(slot);
        if (extent >= _extents.Length || _extents[extent] is null) PlaceNamed(extent, OpenExtent(extent));
        _next = Math.Max(_next, slot + 1);
    }

    /// <summary>Recovery: slots not in use count as freed, and are given out after the next checkpoint.</summary>
    internal void FreeUnused(System.Collections.BitArray used)
    {
        Trim();
        for (var slot = 0; slot < _next; slot++)
            if ((slot >= used.Length || !used[slot]) && !IsMissing(slot)) _freed.Add(slot);
    }

    DataFile EnsureExtent(int extent, bool recovering)
    {
        if (extent < _extents.Length && _extents[extent] is { } known) return known;
        // A file left by a crash before its first flush is made anew; what the log has of it is written again.
        var file = recovering && _store.Files.Exists(ExtentName(extent)) && TryOpenExtent(extent) is { } opened ? opened : CreateExtent(extent);
        Place(extent, file);
        return file;
    }

    void PlaceNamed(int extent, DataFile file)
    {
        file.AddName();
        Place(extent, file);
    }

    void Place(int extent, DataFile file)
    {
        var extents = _extents;
        if (extent >= extents.Length)
        {
            extents = new DataFile?[Math.Max(4, Math.Max(extent + 1, _extents.Length * 2))];
            _extents.CopyTo(extents, 0);
        }
        Volatile.Write(ref extents[extent], file);
        Volatile.Write(ref _extents, extents);
    }

    /// <summary>Header fields: table (4), column (4), extent (4), value length (4).</summary>
    DataFile CreateExtent(int extent)
    {
        var file = new DataFile(_store.CreateData(ExtentName(extent), _layout.FileLength(extent)));
        WriteFields(new(file.Address, FileHeader.Size), extent);
        FileHeader.Seal(new(file.Address, FileHeader.Size), FileHeader.Vectors, _store.Identity);
        file.MarkWritten();
        return file;
    }

    void WriteFields(Span<byte> header, int extent)
    {
        var fields = header[FileHeader.FieldsOffset..];
        BinaryPrimitives.WriteUInt32LittleEndian(fields, _table);
        BinaryPrimitives.WriteInt32LittleEndian(fields[4..], _column);
        BinaryPrimitives.WriteInt32LittleEndian(fields[8..], extent);
        BinaryPrimitives.WriteInt32LittleEndian(fields[12..], ValueBytes);
    }

    DataFile? TryOpenExtent(int extent)
    {
        try
        {
            return OpenExtent(extent);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }

    DataFile OpenExtent(int extent)
    {
        var name = ExtentName(extent);
        var file = DataFiles.OpenChecked(_store.Files, name, FileHeader.Vectors, _store.Identity);
        Span<byte> header = stackalloc byte[FileHeader.Size];
        Span<byte> expected = stackalloc byte[FileHeader.Size];
        file.Read(0, header);
        header.CopyTo(expected);
        WriteFields(expected, extent);
        if (file.Length == _layout.FileLength(extent) && header.SequenceEqual(expected)) return new(file);
        file.Dispose();
        throw new StoreDamagedException($"{name} has another shape than its column");
    }
}
