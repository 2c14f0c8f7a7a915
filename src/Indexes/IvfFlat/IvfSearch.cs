using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>What searches have in common whatever the code: the order of lists, and batches made of what a scan found.</summary>
/// <remarks>
/// A scan of some lists gives each entry a bound, which its distance is hardly ever below: from one-bit codes, or the distance by the code
/// itself. Entries are looked at in sections of the order of bounds: all up to the distance of the n-th best are measured, so that none of the
/// n nearest is missed; the next section starts where the last ended. No entry comes twice, and nothing need be remembered but where the
/// section ended.
/// </remarks>
abstract unsafe class IvfSearch(IvfIndex index) : VectorSearch
{
    const int Alignment = 64;

    readonly Readers.Reader _reader = index.Readers.Add();
    readonly BestDistances _best = new();
    ulong[] _order = [];
    float[] _ranks = [];
    ulong[] _keys = [];
    Found[] _found = new Found[256];
    Candidate[] _candidates = [];
    int _candidateCount, _foundCount;

    /// <summary>Lists in <see cref="_order"/>: scanned for good, being scanned, sorted.</summary>
    int _closed, _opened, _sorted;

    bool _ranked;

    /// <summary>How many entries the section was made for; 0 before the first of the opened lists.</summary>
    int _sectionWidth;

    /// <summary>Measured entries of the section: those before the first are given out.</summary>
    int _given, _measured;

    protected IvfIndex Index => index;
    protected IvfLists Lists { get; private set; } = null!;
    protected byte[] Point { get; private set; } = [];
    protected long Distances { get; set; }

    /// <summary>Where the last section ended; entries with bounds up to it have been given out.</summary>
    protected float After { get; private set; }

    /// <summary>Whether this is the first section of the opened lists, so that <see cref="After"/> means nothing.</summary>
    protected bool IsFirst => _sectionWidth == 0;

    /// <summary>Entries with a greater bound need not be measured.</summary>
    protected float Limit => _best.Limit;

    public override ReadOnlySpan<Candidate> Candidates => _candidates.AsSpan(0, _candidateCount);
    public override long Visited => Distances;
    public override int RerankWidth(int k) => index.Code.RerankWidth(k);

    public override long MemoryBytes
        => _order.Length * 12L + _keys.Length * 8L + _candidates.Length * (long)sizeof(Candidate) + _found.Length * (long)sizeof(Found) + Point.Length;

    /// <summary>Starts on a query.</summary>
    public void Begin(ReadOnlySpan<byte> query)
    {
        index.Readers.Enter(_reader);
        Lists = index.Lists;
        if (Point.Length == 0) Point = new byte[Lists.Centers.PointBytes];
        if (!Lists.Centers.ToPoint(query, Point)) Array.Clear(Point);
        (_closed, _opened, _sorted, _ranked) = (0, 0, 0, false);
        (_sectionWidth, _given, _measured, _candidateCount) = (0, 0, 0, 0);
        (Wanted, MaxProbes, Distances) = (40, int.MaxValue, 0);
        Prepare(query);
    }

    public sealed override bool Next(int breadth, RowSet? allowed = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(breadth, 1);
        while (true)
        {
            if (_given < _measured)
            {
                // First the nearest, as many as are wanted, then the rest of the section.
                Give(_given == 0 ? _sectionWidth : _measured - _given);
                return true;
            }
            if (_opened == _closed && !Open(breadth)) return false;
            ScanSection(allowed);
        }
    }

    public sealed override void Among(RowSet allowed, int count)
    {
        // One in so many rows: reading every list in turn is as fast as finding each row.
        const int dense = 8;
        _best.Start(Math.Max(count, 1));
        _foundCount = 0;
        if (allowed.Count * dense > index.Blocks.Count * (long)IvfBlocks.Lanes)
        {
            for (var list = 0; list < Lists.Lists.Length; list++)
                ScanList(list, allowed);
        }
        else
        {
            ScanRows(allowed);
        }
        Measure(_best.Limit);
        Give(count);
    }

    /// <summary>Makes the query ready for codes.</summary>
    protected abstract void Prepare(ReadOnlySpan<byte> query);

    /// <summary>Looks at the entries of a list, and reports by <see cref="Add"/> those that are in the section.</summary>
    protected abstract void ScanList(int list, RowSet? allowed);

    /// <summary>Looks at the entries of some rows.</summary>
    protected abstract void ScanRows(RowSet rows);

    /// <summary>Frees memory outside the managed heap.</summary>
    public virtual void Free() => index.Readers.Remove(_reader);

    /// <summary>An entry was measured.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Add(float bound, float distance, uint entry)
    {
        if (_foundCount == _found.Length) Grow();
        _found[_foundCount++] = new(bound, distance, entry);
        if (distance < _best.Limit) _best.Offer(distance);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        Readers.Exit(_reader);
        index.Return(this);
    }

    protected static byte* Allocate(long bytes)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes + VectorCode.Overread, Alignment);
        NativeMemory.Clear(memory, (nuint)bytes + VectorCode.Overread);
        return memory;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void Grow()
    {
        var more = new Found[2 * _found.Length];
        _found.CopyTo(more, 0);
        _found = more;
    }

    void Rank()
    {
        if (_ranked) return;
        _ranked = true;
        var count = Lists.Lists.Length;
        if (_ranks.Length < count) (_ranks, _order) = (new float[count], new ulong[count]);
        Lists.Centers.Rank(Point, _ranks);
        for (var list = 0; list < count; list++)
            _order[list] = OrderedKey.Of(_ranks[list], (uint)list);
    }

    /// <summary>Takes the next nearest lists; false when there are no more, or may be no more.</summary>
    bool Open(int breadth)
    {
        Rank();
        var count = Lists.Lists.Length;
        var probes = Math.Min(Math.Min(breadth, count - _closed), Math.Max(MaxProbes, 0) - _closed);
        if (probes <= 0) return false;
        _opened = _closed + probes;
        if (_opened > _sorted)
        {
            var rest = _order.AsSpan(_sorted, count - _sorted);
            OrderedKey.SortFirst(rest, _opened - _sorted);
            _sorted = _opened;
        }
        _sectionWidth = 0;
        return true;
    }

    void ScanSection(RowSet? allowed)
    {
        // Each section is twice as wide as the last: the lists are scanned again for each.
        var width = IsFirst ? Math.Max(Wanted, 1) : (int)Math.Min(2L * _sectionWidth, int.MaxValue / 4);
        _best.Start(width);
        _foundCount = 0;
        for (var i = _closed; i < _opened; i++)
            ScanList((int)(uint)_order[i], allowed);
        _sectionWidth = width;
        After = _best.Limit;
        if (float.IsPositiveInfinity(After)) _closed = _opened;
        Measure(After);
    }

    /// <summary>Makes a section of the entries found whose bound is up to <paramref name="end"/>.</summary>
    void Measure(float end)
    {
        if (_keys.Length < _foundCount) _keys = new ulong[_found.Length];
        (_given, _measured) = (0, 0);
        for (var i = 0; i < _foundCount; i++)
            if (_found[i].Bound <= end)
                _keys[_measured++] = OrderedKey.Of(_found[i].Distance, (uint)i);
    }

    /// <summary>Makes the next nearest of the section the candidates.</summary>
    void Give(int count)
    {
        count = Math.Min(count, _measured - _given);
        var keys = _keys.AsSpan(_given, _measured - _given);
        OrderedKey.SortFirst(keys, count);
        if (_candidates.Length < count) _candidates = new Candidate[Math.Max(count, 2 * _candidates.Length)];
        for (var i = 0; i < count; i++)
        {
            ref readonly var found = ref _found[(int)(uint)keys[i]];
            _candidates[i] = new(index.Blocks.Rows[found.Entry], index.Blocks.Keys[found.Entry], found.Distance);
        }
        _candidateCount = count;
        _given += count;
    }

    /// <summary>An entry that was measured.</summary>
    readonly record struct Found(float Bound, float Distance, uint Entry);
}
