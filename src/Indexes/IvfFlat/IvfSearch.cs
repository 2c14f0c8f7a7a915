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
/// itself. Entries are looked at in sections of the order of bounds: all up to where the n-th best surely is are measured by the code, which gives a
/// narrower interval for the distance; so none of the n nearest is missed. The next section starts where the last ended. No entry comes twice, and
/// nothing need be remembered but where the section ended.
/// </remarks>
abstract unsafe class IvfSearch(IvfIndex index) : VectorSearch
{
    const int Alignment = 64;
    const int WiderSection = 4;

    readonly Readers.Reader _reader = index.Readers.Add();
    readonly BestDistances _best = new();
    ulong[] _order = [];
    float[] _ranks = [];
    ulong[] _keys = [];
    Found[] _found = new Found[256];
    Candidate[] _candidates = [];
    byte[] _query = [];
    int _queryBytes;
    int _candidateCount, _foundCount;

    /// <summary>Lists in <see cref="_order"/>: scanned for good, being scanned, sorted.</summary>
    int _closed, _opened, _sorted;

    bool _ranked;

    /// <summary>How many entries the section was made for; 0 before the first of the opened lists.</summary>
    int _sectionWidth;

    /// <summary>Measured entries of the section: those before the first are given out; the nearest of it are among so many.</summary>
    int _given, _measured, _near;

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
    public override bool HasBounds => Lists.Residuals is not null;
    public override int RerankWidth(int k, int breadth) => index.Code.RerankWidth(k);

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
        if (_query.Length < query.Length) _query = new byte[query.Length];
        query.CopyTo(_query);
        _queryBytes = query.Length;
        Prepare(query);
    }

    public sealed override bool Next(int breadth, RowSet? allowed = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(breadth, 1);
        while (true)
        {
            if (_given < _measured)
            {
                // First what may be among the nearest, as many as are wanted, then the rest of the section.
                Give(_given == 0 ? _near : _measured);
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
        Give(_near);
    }

    public sealed override bool TryWithin(double radius, int most)
    {
        // Squares beyond this leave float32.
        const float widest = 1e30f;
        _candidateCount = 0;
        if (!IvfCodes.FindsRanges(index.Options)) return false;
        // The exact distance of the operator is itself rounded: by less than this.
        const double rounding = 1e-5;
        var limit = (float)(index.Options.Metric == Metric.Cosine ? 2 * Math.Max(radius, 0) + rounding : radius * Math.Max(radius, 0) * (1 + rounding));
        if (!(limit < widest)) return false;
        PrepareWithin(_query.AsSpan(0, _queryBytes), limit);
        for (var list = 0; list < Lists.Lists.Length; list++)
            if (!ScanWithin(list, limit, most))
                return false;
        return true;
    }

    /// <summary>Makes the query ready for codes.</summary>
    protected abstract void Prepare(ReadOnlySpan<byte> query);

    /// <summary>Looks at the entries of a list, and reports by <see cref="Add"/> those that are in the section.</summary>
    protected abstract void ScanList(int list, RowSet? allowed);

    /// <summary>Looks at the entries of some rows.</summary>
    protected abstract void ScanRows(RowSet rows);

    /// <summary>Finds out what codes can prove about a query.</summary>
    protected abstract void PrepareWithin(ReadOnlySpan<byte> query, float limit);

    /// <summary>Reports by <see cref="TryAdd"/> all entries of a list whose square of L2 may be up to the limit; false when those were too many.</summary>
    protected abstract bool ScanWithin(int list, float limit, int most);

    /// <summary>Adds a candidate of <see cref="TryWithin"/>; false when there are as many as there may be.</summary>
    protected bool TryAdd(uint entry, int most)
    {
        if (_candidateCount == most) return false;
        if (_candidateCount == _candidates.Length) Array.Resize(ref _candidates, Math.Max(64, 2 * _candidateCount));
        _candidates[_candidateCount++] = new(index.Blocks.Rows[entry], index.Blocks.Keys[entry], float.NaN);
        return true;
    }

    /// <summary>Frees memory outside the managed heap.</summary>
    public virtual void Free() => index.Readers.Remove(_reader);

    /// <summary>An entry was measured.</summary>
    /// <param name="bound">What decides on its section.</param>
    /// <param name="least">Its distance is hardly ever less</param>
    /// <param name="most">nor more.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Add(float bound, float least, float most, float distance, uint entry)
    {
        if (_foundCount == _found.Length) Grow();
        _found[_foundCount++] = new(bound, least, distance, entry);
        if (most < _best.Limit) _best.Offer(most);
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
        // Each section is wider than the last: the lists are scanned again for each.
        var width = IsFirst ? Math.Max(Wanted, 1) : (int)Math.Min(WiderSection * (long)_sectionWidth, int.MaxValue / 4);
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
        (_given, _measured, _near) = (0, 0, 0);
        for (var i = 0; i < _foundCount; i++)
        {
            ref readonly var found = ref _found[i];
            if (!(found.Bound <= end)) continue;
            _keys[_measured++] = OrderedKey.Of(found.Least, (uint)i);
            if (found.Least <= end) _near++;
        }
        // Distances that cannot be told make all of them unknown.
        if (_near == 0) _near = _measured;
    }

    /// <summary>Makes the next nearest of the section, up to the given number, the candidates.</summary>
    void Give(int upTo)
    {
        var count = upTo - _given;
        var keys = _keys.AsSpan(_given, _measured - _given);
        OrderedKey.SortFirst(keys, count);
        if (_candidates.Length < count) _candidates = new Candidate[Math.Max(count, 2 * _candidates.Length)];
        for (var i = 0; i < count; i++)
        {
            ref readonly var found = ref _found[(int)(uint)keys[i]];
            _candidates[i] = new(index.Blocks.Rows[found.Entry], index.Blocks.Keys[found.Entry], found.Distance, BoundOf(found.Least));
        }
        _candidateCount = count;
        _given += count;
    }

    /// <summary>A bound as the operator would return it.</summary>
    float BoundOf(float least) => !HasBounds ? float.NegativeInfinity : index.Options.Metric switch
    {
        Metric.L2 => MathF.Sqrt(least),
        Metric.Cosine => least / 2,
        _ => least,
    };

    /// <summary>An entry that was measured.</summary>
    readonly record struct Found(float Bound, float Least, float Distance, uint Entry);
}
