using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors;

/// <summary>
/// Distances from one query to many rows of a column in memory: what exact scans, unindexed tails and re-ranking run. A column
/// is rows of equal length at a fixed stride, as the vector columns of storage are. The results are, to the bit, what the SQL
/// operators return for the same pair.
/// </summary>
/// <remarks>Safe for use from many threads at once.</remarks>
public abstract class RowDistances
{
    /// <summary>How much of a row is prefetched: the machine's own prefetcher follows after a few lines.</summary>
    const int PrefetchBytes = 1024;

    /// <summary>
    /// How many rows ahead of the current one memory is asked for. It pays for neighbouring rows too (8 % at 256 dimensions): at the end of a row,
    /// where lanes are summed, the machine's own prefetcher falls behind.
    /// </summary>
    const int PrefetchRows = 2;

    /// <summary>Rows whose beginnings are measured together, few enough to stay in a cache until the nearest of them are read whole.</summary>
    const int LimitedRows = 256;

    /// <summary>So few are not worth measuring twice.</summary>
    const int FewRows = 16;

    /// <summary>When more than one row in so many is near, the beginnings are read in vain.</summary>
    const int WorthwhileShare = 2;

    /// <param name="rowBytes">Bytes of a row that are read; a stride is at least this.</param>
    RowDistances(int rowBytes) => RowBytes = rowBytes;

    /// <summary>Bytes of a row that are read: dimensions × 4 or 2, or ⌈bits ÷ 8⌉.</summary>
    public int RowBytes { get; }

    /// <summary>Distances to the beginnings of rows, none of which is above that to the whole row; null where that does not hold.</summary>
    RowDistances? Beginning { get; init; }

    /// <summary>Distances by <paramref name="metric"/>, one of the first four, to rows of little-endian float32.</summary>
    public static RowDistances To(ReadOnlySpan<float> query, Metric metric) => Of(query.ToArray(), metric);

    /// <summary>The same without a copy: <paramref name="query"/> must not change any more.</summary>
    public static RowDistances Of(float[] query, Metric metric) => ToDense<float>(query, metric);

    /// <summary>Distances by <paramref name="metric"/>, one of the first four, to rows of little-endian binary16.</summary>
    public static RowDistances To(ReadOnlySpan<Half> query, Metric metric)
    {
        var wide = new float[query.Length];
        HalfConversion.ToSingle(query, wide);
        return ToDense<Half>(wide, metric);
    }

    /// <summary>Distances by <see cref="Metric.Hamming"/> or <see cref="Metric.Jaccard"/> to rows of packed bits.</summary>
    public static RowDistances To(ReadOnlySpan<byte> query, Metric metric) => metric switch
    {
        Metric.Hamming => new Rows<HammingRow>(new(query.ToArray()), query.Length),
        Metric.Jaccard => new Rows<JaccardRow>(new(query.ToArray()), query.Length),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "not a distance between bit strings"),
    };

    static RowDistances ToDense<TElement>(float[] query, Metric metric) where TElement : unmanaged => metric switch
    {
        Metric.L2 => Dense<L2Metric, TElement>(query),
        Metric.InnerProduct => Dense<InnerProductMetric, TElement>(query),
        Metric.Cosine => Dense<CosineMetric, TElement>(query),
        Metric.L1 => Dense<L1Metric, TElement>(query),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "not a distance between dense vectors"),
    };

    static Rows<DenseRow<TMetric, TElement>> Dense<TMetric, TElement>(float[] query)
        where TMetric : struct, IMetric where TElement : unmanaged
    {
        var beginning = TMetric.BeginsBelow ? Fold.BeginningOf(query.Length) : 0;
        return new(new(query), query.Length * Unsafe.SizeOf<TElement>())
        {
            Beginning = beginning == 0 ? null : new Rows<DenseRow<TMetric, TElement>>(new(query[..beginning]), beginning * Unsafe.SizeOf<TElement>()),
        };
    }

    /// <summary>Distance to one row, of at least <see cref="RowBytes"/> bytes.</summary>
    public double To(ReadOnlySpan<byte> row)
    {
        double distance = 0;
        Contiguous(row, RowBytes, new Span<double>(ref distance));
        return distance;
    }

    /// <summary>Distances to neighbouring rows, as many as there is room for in <paramref name="distances"/>.</summary>
    /// <param name="rows">Starts at the first row.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="distances">Receives the distance to each row.</param>
    public void Contiguous(ReadOnlySpan<byte> rows, int stride, Span<double> distances)
    {
        if (distances.IsEmpty) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, RowBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, (distances.Length - 1L) * stride + RowBytes, nameof(rows));
        Measure(in MemoryMarshal.GetReference(rows), stride, distances);
    }

    /// <summary>
    /// As <see cref="Contiguous(ReadOnlySpan{byte}, int, Span{double})"/>, where only rows within <paramref name="limit"/> matter: a row farther than that
    /// may get positive infinity instead of its distance. Where a part of a row can show that, the rest of it is not read.
    /// </summary>
    /// <param name="limit">NaN for none.</param>
    public void Contiguous(ReadOnlySpan<byte> rows, int stride, Span<double> distances, double limit)
    {
        if (Beginning is null || double.IsNaN(limit) || distances.Length < FewRows)
        {
            Contiguous(rows, stride, distances);
            return;
        }
        Span<int> near = stackalloc int[LimitedRows];
        Span<double> whole = stackalloc double[LimitedRows];
        while (!distances.IsEmpty)
        {
            var block = distances[..Math.Min(LimitedRows, distances.Length)];
            Beginning.Contiguous(rows, stride, block);
            var count = 0;
            for (var i = 0; i < block.Length; i++)
            {
                near[count] = i;
                count += block[i] > limit ? 0 : 1;
            }
            Gather(rows, stride, near[..count], whole[..count]);
            block.Fill(double.PositiveInfinity);
            for (var i = 0; i < count; i++)
                block[near[i]] = whole[i];
            distances = distances[block.Length..];
            if (distances.IsEmpty) return;
            rows = rows[(block.Length * stride)..];
            if (count <= block.Length / WorthwhileShare) continue;
            Contiguous(rows, stride, distances);
            return;
        }
    }

    /// <summary>Distances to the rows at <paramref name="slots"/>, in that order.</summary>
    /// <param name="column">Starts at slot 0.</param>
    /// <param name="stride">Bytes from one slot to the next.</param>
    /// <param name="slots">Numbers of rows within <paramref name="column"/>.</param>
    /// <param name="distances">Receives the distance to each row, as long as <paramref name="slots"/>.</param>
    public void Gather(ReadOnlySpan<byte> column, int stride, ReadOnlySpan<int> slots, Span<double> distances)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, RowBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(distances.Length, slots.Length);
        var slotCount = (column.Length - RowBytes + stride) / stride;
        foreach (var slot in slots)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)slotCount, nameof(slots));
        Measure(in MemoryMarshal.GetReference(column), stride, slots, distances);
    }

    /// <summary>Distances to rows at a fixed stride; the caller answers for the memory.</summary>
    protected abstract void Measure(ref readonly byte first, nint stride, Span<double> distances);

    /// <summary>Distances to scattered rows; the caller answers for the memory.</summary>
    protected abstract void Measure(ref readonly byte column, nint stride, ReadOnlySpan<int> slots, Span<double> distances);

    /// <summary>A query that knows its distance to a row in memory.</summary>
    interface IRowDistance
    {
        double To(ref readonly byte row);
    }

    readonly struct DenseRow<TMetric, TElement>(float[] query) : IRowDistance where TMetric : struct, IMetric where TElement : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public double To(ref readonly byte row) => TMetric.Distance(Fold.Run<TMetric, TElement, float>(
            in Unsafe.As<byte, TElement>(ref Unsafe.AsRef(in row)), in MemoryMarshal.GetArrayDataReference(query), query.Length));
    }

    readonly struct HammingRow(byte[] query) : IRowDistance
    {
        public double To(ref readonly byte row) => BitKernels.Hamming(MemoryMarshal.CreateReadOnlySpan(in row, query.Length), query);
    }

    readonly struct JaccardRow(byte[] query) : IRowDistance
    {
        public double To(ref readonly byte row) => BitKernels.Jaccard(MemoryMarshal.CreateReadOnlySpan(in row, query.Length), query);
    }

    /// <summary>The two loops over rows, compiled for each kind of row.</summary>
    sealed class Rows<TRow>(TRow query, int rowBytes) : RowDistances(rowBytes) where TRow : struct, IRowDistance
    {
        readonly TRow _query = query;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        protected override void Measure(ref readonly byte first, nint stride, Span<double> distances)
        {
            var query = _query;
            var prefetchBytes = Math.Min(RowBytes, PrefetchBytes);
            ref var row = ref Unsafe.AsRef(in first);
            for (var i = 0; i < distances.Length; i++, row = ref Unsafe.Add(ref row, stride))
            {
                if (i + PrefetchRows < distances.Length)
                    Prefetch.Lines(in Unsafe.Add(ref row, PrefetchRows * stride), prefetchBytes);
                distances[i] = query.To(in row);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        protected override void Measure(ref readonly byte column, nint stride, ReadOnlySpan<int> slots, Span<double> distances)
        {
            var query = _query;
            var prefetchBytes = Math.Min(RowBytes, PrefetchBytes);
            ref var start = ref Unsafe.AsRef(in column);
            for (var i = 0; i < slots.Length; i++)
            {
                if (i + PrefetchRows < slots.Length)
                    Prefetch.Lines(in Unsafe.Add(ref start, slots[i + PrefetchRows] * stride), prefetchBytes);
                distances[i] = query.To(in Unsafe.Add(ref start, slots[i] * stride));
            }
        }
    }
}
