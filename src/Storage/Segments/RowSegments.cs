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
            foreach (var segment in Volatile.Read(ref _segments)) sum += segment?.File.Length ?? 0;
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
        var number = _count;
        var segment = Segment.Create(store.Files, store.Identity, table, number, Math.Max(NextFileBytes(), FileHeader.Size + size));
        store.FolderChanged();
        Place(segment);
        _tail = segment;
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
        segment = Segment.Create(store.Files, store.Identity, table, number, length);
        store.FolderChanged();
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
                if (segment is not null && segment != _tail && segment.LiveRecords > 0 && segment.LiveBytes * 2 < segment.Tail - FileHeader.Size)
                    numbers.Add(segment.Number);
        }
        return numbers;
    }

    /// <summary>Takes out the segments nothing lives in any more; their files are the caller's to delete.</summary>
    public void TakeDead(List<Segment> dead)
    {
        lock (_append)
        {
            for (var i = 0; i < _count; i++)
            {
                if (_segments[i] is not { LiveRecords: 0 } segment) continue;
                // A table that is filled and emptied in turn keeps its tail until it is worth a new file.
                if (segment == _tail && segment.Tail * 2 < segment.File.Length) continue;
                if (segment == _tail) _tail = null;
                _segments[i] = null;
                dead.Add(segment);
            }
        }
    }

    public void CopyTo(List<Segment> all)
    {
        foreach (var segment in Volatile.Read(ref _segments))
            if (segment is not null) all.Add(segment);
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
