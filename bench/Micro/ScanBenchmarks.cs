using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Micro;

/// <summary>The ten nearest of a column that no cache holds: divide <see cref="Megabytes"/> by the time for the bandwidth.</summary>
public class ScanBenchmarks
{
    const int BlockRows = 256;
    const int SmokeRows = 100;

    byte[] _column = [];
    float[] _query = [];
    int[] _scattered = [];
    int _rows;

    /// <summary>0 is a column of a hundred rows.</summary>
    [Params(0, 256)]
    public int Megabytes { get; set; }

    [Params(256, 768)]
    public int Dimensions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _rows = Megabytes == 0 ? SmokeRows : (int)((long)Megabytes * 1024 * 1024 / (Dimensions * sizeof(float)));
        var numbers = new float[_rows * Dimensions];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = random.NextSingle() - 0.5f;
        _column = MemoryMarshal.AsBytes<float>(numbers).ToArray();
        _query = numbers[..Dimensions];
        _scattered = [.. Enumerable.Range(0, _rows)];
        random.Shuffle(_scattered);
    }

    [Benchmark] public double L2() => Contiguous(Metric.L2);
    [Benchmark] public double Cosine() => Contiguous(Metric.Cosine);
    [Benchmark] public double InnerProduct() => Contiguous(Metric.InnerProduct);

    /// <summary>The same rows in random order, as a filter's bitmap or an index would name them.</summary>
    [Benchmark]
    public double ScatteredL2()
    {
        var heap = new NearestHeap(10);
        var query = RowDistances.To(_query, Metric.L2);
        Span<double> distances = stackalloc double[BlockRows];
        for (var row = 0; row < _rows; row += BlockRows)
        {
            var slots = _scattered.AsSpan(row, Math.Min(BlockRows, _rows - row));
            query.Gather(_column, query.RowBytes, slots, distances[..slots.Length]);
            for (var i = 0; i < slots.Length; i++)
                heap.Offer(distances[i], slots[i]);
        }
        return heap.Bound;
    }

    double Contiguous(Metric metric)
    {
        var heap = new NearestHeap(10);
        var query = RowDistances.To(_query, metric);
        Span<double> distances = stackalloc double[BlockRows];
        for (var row = 0; row < _rows; row += BlockRows)
        {
            var block = distances[..Math.Min(BlockRows, _rows - row)];
            query.Contiguous(_column.AsSpan(row * query.RowBytes), query.RowBytes, block);
            heap.Offer(block, row);
        }
        return heap.Bound;
    }
}
