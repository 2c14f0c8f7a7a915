using System.Diagnostics;
using System.Numerics;

namespace PgVectorCompat.Storage;

/// <summary>
/// The row segments of one table. New records go to the tail segment; a transaction that writes much takes the room for many
/// records at once (a <see cref="SegmentRoom"/>), so that its records lie side by side.
/// </summary>
sealed unsafe class RowSegments(Store store, uint table)
{
    const long SmallestFile = 16 << 10;

    /// <summary>Up to here each file is as large as those before together, for few files to sync; from here on an eighth, for little unused room.</summary>
    const long FewFilesBytes = 16 << 20;

    /// <summary>A tail up to here is kept while less than half of it was given out, though nothing lives in it.</summary>
    const long KeptTailBytes = 1 << 20;

    readonly Lock _append = new();
    Segment?[] _segments = new Segment?[4];
    int _count;
    Segment? _tail;

    public byte* Record(RowPosition position) => Volatile.Read(ref _segments)[position.Segment]!.At(position.Offset);

    public Segment this[int number] => Volatile.Read(ref _segments)[number]!;

    public Segment? Find(int number)
    {
        var segments = Volatile.Read(ref _segments);
        return number < segments.Length ? segments[number] : null;
    }

    /// <summary>One above the largest segment number ever used.</summary>
    public int Count => Volatile.Read(ref _count);

    public long FileBytes
    {
        get
        {
            var sum = 0L;
            foreach (var segment in Volatile.Read(ref _segments))
                if (segment is { IsTaken: false }) sum += segment.File.Length;
            return sum;
        }
    }

    /// <summary>Of <see cref="FileBytes"/>, those that records were written to.</summary>
    public long WrittenBytes
    {
        get
        {
            var sum = 0L;
            foreach (var segment in Volatile.Read(ref _segments))
                if (segment is { IsTaken: false }) sum += segment.Tail;
            return sum;
        }
    }

    /// <summary>Room for <paramref name="size"/> bytes (a multiple of eight); counts as one live record until given back.</summary>
    public Segment Append(long size, out long offset)
    {
        lock (_append)
        {
            if (_tail is null || _tail.Tail + size > _tail.File.Length) AddSegment(size);
            var segment = _tail!;
            offset = segment.Tail;
            segment.Tail += size;
            segment.AddLive(1, size);
            return segment;
        }
    }

    void AddSegment(long size)
    {
        if (_count > RowPosition.MaxSegment) throw new StoreFullException($"table {table} has used all segment numbers");
        var segment = CreateSegment(Math.Max(SmallestFile, FileHeader.Size + size));
        Place(segment);
        _tail = segment;
    }

    /// <summary>A file of the wanted size, or of what of it still fits on the disk, if that is <paramref name="needed"/>.</summary>
    Segment CreateSegment(long needed)
    {
        for (var bytes = Math.Max(NextFileBytes(), needed); ; bytes = Math.Max((bytes / 2) & ~7, needed))
        {
            try
            {
                return Segment.Create(store, table, _count, bytes);
            }
            catch (StoreFullException) when (bytes > needed)
            {
                // A file half as large may fit.
            }
        }
    }

    long NextFileBytes()
    {
        var bytes = FileBytes;
        var wanted = bytes < FewFilesBytes ? bytes : (long)BitOperations.RoundUpToPowerOf2((ulong)bytes / 8 + 1) / 2;
        return Math.Min(Math.Max(wanted, SmallestFile), store.Options.DataFileBytes);
    }

    void Place(Segment segment)
    {
        if (segment.Number >= _segments.Length)
        {
            var larger = new Segment?[Math.Max(_segments.Length * 2, segment.Number + 1)];
            _segments.CopyTo(larger, 0);
            Volatile.Write(ref _segments, larger);
        }
        Volatile.Write(ref _segments[segment.Number], segment);
        Volatile.Write(ref _count, Math.Max(_count, segment.Number + 1));
    }

    /// <summary>Recovery: a segment the checkpoint lists.</summary>
    public void AddOpened(Segment segment)
    {
        segment.File.AddName();
        Place(segment);
        if (_tail is null || segment.Number > _tail.Number) _tail = segment;
    }

    /// <summary>Recovery: no number below this was free.</summary>
    public void Reserve(int count) => _count = Math.Max(_count, count);

    /// <summary>Recovery: the segment a log record names; made again when the crash came before its file was durable.</summary>
    public Segment OpenOrCreate(int number, long length)
    {
        if (Find(number) is { } known) return known;
        Segment segment;
        try
        {
            segment = Segment.Open(store.Files, store.Identity, table, number);
            if (segment.File.Length >= length)
            {
                AddOpened(segment);
                return segment;
            }
            segment.Dispose();
        }
        catch (StoreDamagedException)
        {
            // A file created but never flushed: whatever the log has of it is written again below.
        }
        segment = Segment.Create(store, table, number, length);
        AddOpened(segment);
        return segment;
    }

    /// <summary>Recovery: a segment that was synced before the log record which names it.</summary>
    public Segment OpenSynced(int number)
    {
        if (Find(number) is { } known) return known;
        var segment = Segment.Open(store.Files, store.Identity, table, number);
        AddOpened(segment);
        return segment;
    }

    /// <summary>Numbers of the segments, other than the tail, of whose used bytes less than half belong to live records.</summary>
    public HashSet<int> MostlyGarbage()
    {
        var numbers = new HashSet<int>();
        lock (_append)
        {
            foreach (var segment in _segments)
                if (segment is { IsTaken: false } && segment != _tail && segment.LiveRecords > 0 && segment.LiveBytes * 2 < segment.Tail - FileHeader.Size)
                    numbers.Add(segment.Number);
        }
        return numbers;
    }

    /// <summary>
    /// Takes out the segments nothing lives in any more; their files are the caller's to delete, and <see cref="Forget"/> is called when
    /// nobody reads them. <paramref name="namedToo"/>: also those that a checkpoint or the log may name.
    /// </summary>
    public void TakeDead(bool namedToo, List<Segment> dead)
    {
        lock (_append)
        {
            for (var i = 0; i < _count; i++)
            {
                if (_segments[i] is not { LiveRecords: 0, IsTaken: false } segment || (segment.File.IsNamed && !namedToo)) continue;
                // A table that is filled and emptied in turn keeps its tail until it is worth a new file.
                if (segment == _tail && segment.Tail * 2 < segment.File.Length && (segment.File.IsNamed || segment.File.Length <= KeptTailBytes)) continue;
                if (segment == _tail) _tail = null;
                segment.IsTaken = true;
                dead.Add(segment);
            }
        }
    }

    /// <summary>Nobody can be reading a segment that was taken out any more.</summary>
    public void Forget(Segment segment)
    {
        lock (_append) Volatile.Write(ref _segments[segment.Number], null);
    }

    public void CopyTo(List<Segment> all)
    {
        foreach (var segment in Volatile.Read(ref _segments))
            if (segment is { IsTaken: false }) all.Add(segment);
    }

    public void Release(RowPosition position, int columns)
    {
        if (position.IsDeletion) return;
        var segment = this[position.Segment];
        segment.AddLive(-1, -RowRecord.Size(segment.At(position.Offset), columns));
        Debug.Assert(segment.LiveRecords >= 0);
    }
}

/// <summary>Room one transaction has taken in a segment of one table, not yet filled.</summary>
sealed class SegmentRoom
{
    /// <summary>Enough for hundreds of rows, little enough to lose at the end of a transaction.</summary>
    public const long Bytes = 256 << 10;

    public Segment? Segment { get; set; }
    public long Offset { get; set; }
    public long End { get; set; }

    /// <summary>Gives the unfilled rest up.</summary>
    public void Close()
    {
        Segment?.AddLive(-1, Offset - End);
        Segment = null;
    }
}
