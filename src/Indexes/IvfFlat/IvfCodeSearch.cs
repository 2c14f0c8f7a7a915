using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>The loops over entries, compiled for each kind of code: with one-bit codes first where there are any, else over the codes alone.</summary>
sealed unsafe class IvfCodeSearch<TQuery> : IvfSearch where TQuery : unmanaged, ICodeQuery
{
    /// <summary>Bytes of a code that are asked for ahead.</summary>
    const int PrefetchBytes = 256;

    /// <summary>
    /// How far estimates may be off, in standard deviations: by one-bit codes, and by the code proper. On wordnet all lists then have 0.9999 of the ten
    /// nearest and more; two deviations cost 0.001 of them, and save a tenth of the time at most.
    /// </summary>
    const float BitDeviations = 3, CodeDeviations = 2.5f;

    /// <summary>What the rounding of the query adds to the error of a code, relative to the query's length.</summary>
    const float QueryError = 0.008f;

    readonly VectorCode<TQuery> _code;
    readonly ResidualCodes? _residuals;
    readonly bool _isProduct;
    readonly byte* _query, _tables;
    readonly float* _rotated;
    readonly float _deviation;
    TQuery _prepared;
    ResidualQuery _residual;

    /// <summary>‖q − origin‖.</summary>
    float _length;

    /// <summary>Of an entry that is near enough the distance by its code is at most the limit and the slope times its error.</summary>
    float _codeLimit, _codeSlope;

    public IvfCodeSearch(IvfIndex index, VectorCode<TQuery> code) : base(index)
    {
        _code = code;
        _isProduct = index.Options.Metric == Metric.InnerProduct;
        _residuals = index.Lists.Residuals;
        // Of the product with an error of length one that points anywhere.
        _deviation = CodeDeviations / MathF.Sqrt(Math.Max(1, index.Options.Dimensions - 1));
        _query = Allocate(code.QueryBytes);
        _tables = Allocate(_residuals?.TableBytes ?? 0);
        _rotated = (float*)Allocate((_residuals?.Padded ?? 0) * sizeof(float));
    }

    ReadOnlySpan<float> Vector => MemoryMarshal.Cast<byte, float>(Point);

    protected override void Prepare(ReadOnlySpan<byte> query)
    {
        _prepared = _code.Prepare(query, _query);
        if (_residuals is null) return;
        _residuals.Rotate(Vector, Lists.Origin, _rotated);
        _residual = _residuals.Prepare(_rotated, _tables);
        _length = MathF.Sqrt(Float32Kernels.SquaredL2(Vector, Lists.Origin));
    }

    protected override void ScanList(int list, RowSet? allowed)
    {
        if (_residuals is null) ScanCodes(Lists.Lists[list].Blocks, allowed);
        else ScanBits(list, Lists.Lists[list].Blocks, allowed);
    }

    /// <summary>Bounds of 32 entries at once, then the code of each that may be near enough.</summary>
    /// <remarks>
    /// An estimate errs in proportion to the part of q − c (or of q − x, which differs from it by the residual alone) that stands upright on the residual: what
    /// is nearer than the limit has an error of the limit's size at most.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ScanBits(int list, ReadOnlySpan<uint> blocks, RowSet? allowed)
    {
        var bounds = stackalloc float[IvfBlocks.Lanes];
        var (store, residual, query, isFirst, after) = (Index.Blocks, _residual, _prepared, IsFirst, After);
        var (distance, toCenter) = Base(list);
        foreach (var block in blocks)
        {
            var scan = store.Scan(block);
            var error = BitDeviations * (_isProduct ? toCenter : Math.Min(toCenter, MathF.Sqrt(Limit)));
            var near = residual.Bounds(scan, distance, error, Limit, bounds) & store.Live[block];
            Distances += IvfBlocks.Lanes;
            if (near == 0) continue;
            var first = (long)block * IvfBlocks.Lanes;
            if (typeof(TQuery) != typeof(NoQuery))
                for (var rest = near; rest != 0; rest &= rest - 1)
                    Prefetch.Lines(in *store.Code(first + BitOperations.TrailingZeroCount(rest)), Math.Min(PrefetchBytes, store.CodeBytes));
            for (; near != 0; near &= near - 1)
            {
                var lane = BitOperations.TrailingZeroCount(near);
                var entry = (uint)first + (uint)lane;
                var deviation = residual.Margin(scan, lane);
                var estimate = bounds[lane] + error * deviation;
                var bound = Interval(estimate, BitDeviations * deviation, toCenter, out var most);
                if (!isFirst && bound <= after) continue;
                if (allowed is not null && !allowed.Contains(store.Rows[entry])) continue;
                if (typeof(TQuery) == typeof(NoQuery)) Add(bound, bound, most, estimate, entry);
                else AddMeasured(bound, query.To(store.Code(entry)), entry);
            }
        }
    }

    /// <summary>The code of every entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ScanCodes(ReadOnlySpan<uint> blocks, RowSet? allowed)
    {
        const int few = 8;
        var distances = stackalloc float[IvfBlocks.Lanes];
        var (store, query, isFirst, after) = (Index.Blocks, _prepared, IsFirst, After);
        foreach (var block in blocks)
        {
            var live = store.Live[block];
            var first = (long)block * IvfBlocks.Lanes;
            if (allowed is not null)
                for (var rest = live; rest != 0; rest &= rest - 1)
                    if (!allowed.Contains(store.Rows[first + BitOperations.TrailingZeroCount(rest)]))
                        live &= ~(rest & (0 - rest));
            if (live == 0) continue;
            Distances += BitOperations.PopCount(live);
            // A place that was never filled has no code that points anywhere.
            var all = BitOperations.PopCount(live) > few && !_code.IsVariable;
            if (all)
                for (var lane = 0; lane < IvfBlocks.Lanes; lane += 4)
                    query.To(store.Code(first + lane), store.Code(first + lane + 1), store.Code(first + lane + 2), store.Code(first + lane + 3), distances + lane);
            for (; live != 0; live &= live - 1)
            {
                var lane = BitOperations.TrailingZeroCount(live);
                var distance = all ? distances[lane] : query.To(store.Code(first + lane));
                if (distance <= Limit && (isFirst || distance > after)) Add(distance, distance, distance, distance, (uint)first + (uint)lane);
            }
        }
    }

    /// <remarks>
    /// With η the error of a code, ε that of the query and D the distance, the square by the code errs by 2·(D·η + D·ε + η·ε) at most: both
    /// errors stand upright on what they are errors of, so that of the products only parts as long as x − q count. To that come the floats' roundings, as
    /// shares of the greatest lengths that an entry within the limit can have.
    /// </remarks>
    protected override void PrepareWithin(ReadOnlySpan<byte> query, float limit)
    {
        const float ofSquares = 4e-5f, ofErrors = 1e-3f;
        var radius = MathF.Sqrt(limit);
        var (error, length) = _code.QueryError(query);
        var longest = length + radius;
        error += ofErrors * length;
        _codeSlope = 2 * (radius + error) * (1 + ofErrors);
        _codeLimit = limit + 2 * radius * error + _codeSlope * ofErrors * longest + ofSquares * (length + longest) * (length + longest);
    }

    /// <summary>Entries whose codes, of one bit and the proper ones, do not prove that they are farther.</summary>
    /// <remarks>
    /// The estimate errs by no more than 2 · ‖f·s − Rr‖ · ‖q − x‖, and the second length is in question only up to the limit. Floats round by a
    /// share of what is added up: of the squares of all lengths that an entry within the limit can have.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override bool ScanWithin(int list, float limit, int most)
    {
        const float rounding = 4e-5f;
        var bounds = stackalloc float[IvfBlocks.Lanes];
        var (store, residual, query, codeLimit, slope) = (Index.Blocks, _residual.Lowest, _prepared, _codeLimit, _codeSlope);
        var hasCodes = typeof(TQuery) != typeof(NoQuery) && float.IsFinite(slope);
        var (distance, toCenter) = Base(list);
        var radius = MathF.Sqrt(limit);
        var error = MathF.Sqrt(Math.Max(1, Index.Options.Dimensions - 1)) * Math.Min(toCenter, radius) * (1 + rounding);
        var widest = toCenter + radius;
        var end = limit + rounding * widest * (widest + _length);
        Distances += Lists.Lists[list].Live;
        foreach (var block in Lists.Lists[list].Blocks)
        {
            var near = residual.Bounds(store.Scan(block), distance, error, end, bounds) & store.Live[block];
            if (hasCodes)
                for (var rest = near; rest != 0; rest &= rest - 1)
                    Prefetch.Lines(in *store.Code(block * (long)IvfBlocks.Lanes + BitOperations.TrailingZeroCount(rest)), Math.Min(PrefetchBytes, store.CodeBytes));
            for (; near != 0; near &= near - 1)
            {
                var entry = block * IvfBlocks.Lanes + (uint)BitOperations.TrailingZeroCount(near);
                if (hasCodes)
                {
                    var code = store.Code(entry);
                    if (query.To(code) > codeLimit + slope * store.Error(code)) continue;
                }
                if (!TryAdd(entry, most)) return false;
            }
        }
        return true;
    }

    /// <summary>Finds the entries of each row and measures them, the next ones being asked for meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void ScanRows(RowSet rows)
    {
        const int batch = 16;
        var entries = stackalloc uint[batch];
        var (store, count) = (Index.Blocks, 0);
        foreach (var row in rows)
            for (var found = store.TryFirst(row, out var entry); found; found = store.TryNext(ref entry))
            {
                // A chain that is being changed may lead to another row's entries.
                if (store.Rows[entry] != row) break;
                if (!store.IsLive(entry)) continue;
                entries[count++] = entry;
                Prefetch.Lines(in *store.Code(entry), Math.Min(PrefetchBytes, store.CodeBytes));
                if (count < batch) continue;
                MeasureRows(entries, count);
                count = 0;
            }
        MeasureRows(entries, count);
    }

    void MeasureRows(uint* entries, int count)
    {
        var store = Index.Blocks;
        Distances += count;
        for (var i = 0; i < count; i++)
        {
            if (typeof(TQuery) == typeof(NoQuery))
            {
                var (block, lane) = (entries[i] / IvfBlocks.Lanes, (int)(entries[i] % IvfBlocks.Lanes));
                var (distance, toCenter) = Base(store.Owners[block]);
                var estimate = _residual.Bound(store.Scan(block), lane, distance, 0);
                var bound = Interval(estimate, BitDeviations * _residual.Margin(store.Scan(block), lane), toCenter, out var most);
                Add(bound, bound, most, estimate, entries[i]);
            }
            else
            {
                AddMeasured(float.NegativeInfinity, _prepared.To(store.Code(entries[i])), entries[i]);
            }
        }
    }

    /// <summary>Adds an entry with its distance by the code, and what that says of the distance proper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void AddMeasured(float bound, float distance, uint entry)
    {
        var (least, most) = (distance, distance);
        if (_residuals is not null)
        {
            var error = _deviation * (Index.Blocks.Error(Index.Blocks.Code(entry)) + QueryError * _length);
            least = Interval(distance, _isProduct ? error : 2 * error, _length, out most);
        }
        Add(bound, least, most, distance, entry);
    }

    /// <summary>
    /// Between what the distance lies when its estimate errs by <paramref name="deviation"/> · <paramref name="length"/> at most, and for squares of L2 by
    /// <paramref name="deviation"/> · ‖q − x‖ too. Returns the lower end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float Interval(float estimate, float deviation, float length, out float most)
    {
        most = estimate + deviation * length;
        var least = estimate - deviation * length;
        if (_isProduct) return least;
        // D² ± deviation · D = estimate
        var root = MathF.Sqrt(Math.Max(0, deviation * deviation + 4 * estimate));
        var (low, high) = (Math.Max(0, root - deviation) / 2, (root + deviation) / 2);
        most = Math.Min(most, high * high);
        return Math.Max(least, low * low);
    }

    /// <summary>‖q − c‖² or −⟨q, c⟩ for the centre of a list, and ‖q − c‖.</summary>
    (float Distance, float Error) Base(int list)
    {
        Debug.Assert(_residuals is not null, "only one-bit codes are relative to centres");
        var center = ((FloatCenters)Lists.Centers)[list];
        var square = Float32Kernels.SquaredL2(Vector, center);
        return (_isProduct ? -Float32Kernels.Dot(Vector, center) : square, MathF.Sqrt(square));
    }

    public override void Free()
    {
        base.Free();
        NativeMemory.AlignedFree(_query);
        NativeMemory.AlignedFree(_tables);
        NativeMemory.AlignedFree(_rotated);
    }
}
