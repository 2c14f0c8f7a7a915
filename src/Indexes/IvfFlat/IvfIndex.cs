using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// Inverted lists: vectors are grouped around centres, and a search looks at the lists with the nearest centres. An entry goes to its list at
/// once, so there is no tail. <see cref="Create"/>, then <see cref="VectorIndex.Build"/>; or <see cref="Load"/>.
/// </summary>
/// <remarks>
/// Lists hold blocks of 32 entries with one-bit codes, scanned by <see cref="FastScan"/>, and the code proper of each entry. Searches take no
/// locks; changes take one for the moment in which an encoded entry is put in its place or taken out.
/// </remarks>
public sealed unsafe class IvfIndex : VectorIndex
{
    /// <summary>With so many times the vectors that centres were found from, lists may have grown apart.</summary>
    const int Growth = 2;

    /// <summary>So many times as long as the mean is far too long.</summary>
    const int TimesMean = 4;

    /// <summary>Lists below this are read so fast that nothing is gained.</summary>
    const int LeastEntries = 512;

    /// <summary>With so many vectors a list, centres that were found from fewer vectors than lists are worth finding anew.</summary>
    const int LittleDataTimes = 20;

    readonly Lock _gate = new();

    readonly Readers _readers = new();
    readonly Pool<IvfScratch> _scratches = new();
    readonly Pool<VectorSearch> _searches = new();
    IvfBlocks? _blocks;
    IvfLists? _lists;

    /// <summary>The index itself and the searches that run; at zero the memory goes.</summary>
    int _users = 1;

    int _disposed;
    TimeSpan _buildTime;

    /// <summary>Vectors that the build found.</summary>
    long _built;

    IvfIndex(VectorIndexOptions options) : base(options) { }

    /// <summary>An index without rows that is to be built next.</summary>
    public static IvfIndex Create(VectorIndexOptions options) => new(options);

    /// <summary>Whether searches of such an index answer <see cref="VectorSearch.TryWithin"/>.</summary>
    public static bool FindsRanges(VectorIndexOptions options) => IvfCodes.FindsRanges(options);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="IndexDamagedException">The snapshot cannot be used.</exception>
    public static IvfIndex Load(Stream stream)
    {
        IvfIndex? index = null;
        try
        {
            var (reader, options, buildTime, built) = IvfSnapshot.Open(stream);
            index = new(options) { _buildTime = buildTime, _built = built };
            index._lists = IvfSnapshot.LoadLists(reader, options);
            index._blocks = new(IvfSnapshot.LoadCode(reader, options), index._lists.Residuals?.BlockBytes ?? 0, index._readers);
            IvfSnapshot.LoadBlocks(reader, index._lists, index._blocks);
            return index;
        }
        catch (Exception exception)
        {
            index?.Dispose();
            if (exception is ArgumentException or OverflowException or NotSupportedException)
                throw new IndexDamagedException($"the snapshot of an index cannot be read: {exception.Message}");
            throw;
        }
    }

    internal IvfBlocks Blocks => _blocks ?? throw new InvalidOperationException("the index has not been built");
    internal IvfLists Lists => _lists ?? throw new InvalidOperationException("the index has not been built");
    internal VectorCode Code => Blocks.Kind;
    internal Readers Readers => _readers;
    internal Pool<VectorSearch> Searches => _searches;

    public override void Build(IVectorRows rows, BuildSettings settings)
    {
        var builder = new IvfBuilder(Options, rows, settings, _readers);
        try
        {
            builder.Run();
        }
        catch
        {
            builder.Blocks?.Dispose();
            throw;
        }
        (_blocks, _lists, _buildTime) = (builder.Blocks, builder.Lists, builder.Elapsed);
        _built = _lists!.Live;
    }

    public override bool Insert(long row, int key, ReadOnlySpan<byte> value)
    {
        if (Contains(row, key)) return true;
        var scratch = _scratches.TryTake() ?? new IvfScratch(Lists, Blocks);
        try
        {
            if (!Lists.Centers.ToPoint(value, scratch.Point) || !Blocks.TryEncode(value, scratch.Code)) return false;
            var list = scratch.Place(Lists);
            lock (_gate)
            {
                // A code may own memory: it is either put in its place or freed.
                if (Blocks.TryFind(row, key, out _))
                {
                    Code.Release(scratch.Code);
                    return true;
                }
                var entry = Lists.Lists[list].Take(Blocks, list);
                Blocks.SetCode(entry, scratch.Code);
                Lists.Residuals?.Copy(scratch.Block, 0, Blocks.Scan(entry / IvfBlocks.Lanes), (int)(entry % IvfBlocks.Lanes));
                Blocks.Place(entry, row, key);
                Blocks.Link(entry);
                return true;
            }
        }
        finally
        {
            if (!_scratches.TryReturn(scratch)) scratch.Dispose();
        }
    }

    public override bool Remove(long row, int key)
    {
        lock (_gate)
        {
            if (!Blocks.TryFind(row, key, out var entry)) return false;
            Blocks.Clear(entry);
            Blocks.Unlink(entry);
            var block = entry / IvfBlocks.Lanes;
            Lists.Lists[Blocks.Owners[block]].Give(block);
            return true;
        }
    }

    public override bool Contains(long row, int key)
    {
        lock (_gate) return Blocks.TryFind(row, key, out _);
    }

    public override void VisitEntries(Action<long, int> visitor)
    {
        lock (_gate)
            for (uint entry = 0; entry < Blocks.Count * (uint)IvfBlocks.Lanes; entry++)
                if (Blocks.IsLive(entry))
                    visitor(Blocks.Rows[entry], Blocks.Keys[entry]);
    }

    /// <summary>Nothing: entries go to their place at once, and what has outgrown its lists is built anew.</summary>
    public override bool Maintain(CancellationToken cancellation) => false;

    /// <summary>Whether lists have grown far apart since their centres were found, or those were found from next to nothing.</summary>
    public override bool IsOutgrown
    {
        get
        {
            var lists = Lists;
            var live = lists.Live;
            if (live < Growth * _built || live == 0) return false;
            return _built < lists.Lists.Length
                ? live >= LittleDataTimes * (long)lists.Lists.Length
                : lists.Longest >= LeastEntries && lists.Longest * (double)lists.Lists.Length > TimesMean * (double)live;
        }
    }

    public override VectorSearch Search(ReadOnlySpan<byte> query)
    {
        int users;
        do
        {
            users = Volatile.Read(ref _users);
            ObjectDisposedException.ThrowIf(users == 0 || Volatile.Read(ref _disposed) != 0, this);
        }
        while (Interlocked.CompareExchange(ref _users, users + 1, users) != users);

        var search = (IvfSearch)(_searches.TryTake() ?? Code.Use(new SearchMaker(this)));
        search.Begin(query);
        return search;
    }

    /// <summary>A search has ended.</summary>
    internal void Return(IvfSearch search)
    {
        if (!_searches.TryReturn(search)) search.Free();
        Leave();
    }

    public override void Save(Stream stream) => IvfSnapshot.Save(stream, Options, (_buildTime, _built), Lists, Blocks, _gate);

    public override VectorIndexStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                var lists = Lists;
                var live = lists.Live;
                return new()
                {
                    Count = live,
                    Tail = 0,
                    Deleted = 0,
                    Quantization = IvfCodes.Resolve(Options).Quantization,
                    AverageDegree = live / (double)lists.Lists.Length,
                    Lists = lists.Lists.Length,
                    CodeBytes = Blocks.CodeMemory + Code.StateBytes,
                    StructureBytes = lists.Bytes,
                    RowBytes = Blocks.RowMemory,
                    BuildTime = _buildTime,
                };
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0) Leave();
    }

    void Leave()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        while (_searches.TryTake() is IvfSearch search)
            search.Free();
        while (_scratches.TryTake() is { } scratch)
            scratch.Dispose();
        _blocks?.Dispose();
    }

    sealed class SearchMaker(IvfIndex index) : ICodeUser<VectorSearch>
    {
        public VectorSearch With<TQuery>(VectorCode<TQuery> code) where TQuery : unmanaged, ICodeQuery => new IvfCodeSearch<TQuery>(index, code);
    }
}
