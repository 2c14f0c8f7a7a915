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

    readonly VectorCode<TQuery> _code;
    readonly ResidualCodes? _residuals;
    readonly bool _isProduct;
    readonly byte* _query, _tables;
    readonly float* _rotated;
    TQuery _prepared;
    ResidualQuery _residual;

    public IvfCodeSearch(IvfIndex index, VectorCode<TQuery> code) : base(index)
    {
        _code = code;
        _isProduct = index.Options.Metric == Metric.InnerProduct;
        _residuals = index.Lists.Residuals;
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
    }

    protected override void ScanList(int list, RowSet? allowed)
    {
        if (_residuals is null) ScanCodes(Lists.Lists[list].Blocks, allowed);
        else ScanBits(list, Lists.Lists[list].Blocks, allowed);
    }

    /// <summary>Bounds of 32 entries at once, then the code of each that may be near enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ScanBits(int list, ReadOnlySpan<uint> blocks, RowSet? allowed)
    {
        var bounds = stackalloc float[IvfBlocks.Lanes];
        var (store, residual, query, isFirst, after) = (Index.Blocks, _residual, _prepared, IsFirst, After);
        var (distance, error) = Base(list);
        foreach (var block in blocks)
        {
            var scan = store.Scan(block);
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
                var bound = bounds[lane];
                if (!isFirst && bound <= after) continue;
                if (allowed is not null && !allowed.Contains(store.Rows[first + lane])) continue;
                if (typeof(TQuery) == typeof(NoQuery)) Add(bound, bound + error * residual.Margin(scan, lane), (uint)first + (uint)lane);
                else Add(bound, query.To(store.Code(first + lane)), (uint)first + (uint)lane);
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
                if (distance <= Limit && (isFirst || distance > after)) Add(distance, distance, (uint)first + (uint)lane);
            }
        }
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
            float distance;
            if (typeof(TQuery) == typeof(NoQuery))
            {
                var block = entries[i] / IvfBlocks.Lanes;
                var (toCenter, _) = Base(store.Owners[block]);
                distance = _residual.Bound(store.Scan(block), (int)(entries[i] % IvfBlocks.Lanes), toCenter, 0);
            }
            else
            {
                distance = _prepared.To(store.Code(entries[i]));
            }
            if (distance <= Limit) Add(distance, distance, entries[i]);
        }
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
