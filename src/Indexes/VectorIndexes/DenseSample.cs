using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes;

/// <summary>Some vectors of a table, evenly spread over it, as float32 (of length one under cosine distance): what codes and lists are trained from.</summary>
sealed class DenseSample
{
    readonly float[] _numbers;

    DenseSample(float[] numbers, int count, int dimensions) => (_numbers, Count, Dimensions) = (numbers, count, dimensions);

    public int Count { get; }
    public int Dimensions { get; }

    /// <summary>One vector of the sample.</summary>
    public ReadOnlySpan<float> this[int index] => _numbers.AsSpan(index * Dimensions, Dimensions);

    /// <summary>All vectors, one after the other.</summary>
    public ReadOnlySpan<float> Numbers => _numbers.AsSpan(0, Count * Dimensions);

    /// <summary>Takes up to <paramref name="size"/> vectors, every n-th of the rows; fewer when vectors are long (256 MB at most).</summary>
    public static DenseSample Take(VectorIndexOptions options, IVectorRows rows, int size, CancellationToken cancellation)
    {
        const long mostNumbers = 64L << 20;
        var dimensions = options.Dimensions;
        var input = DenseInput.For(options.Element, dimensions, options.Metric);
        size = (int)Math.Min(Math.Min(size, mostNumbers / dimensions), Math.Max(rows.EstimatedCount, 1));
        var step = Math.Max(1, rows.EstimatedCount / size);
        var numbers = new float[(long)size * dimensions];
        var count = 0;
        long seen = 0;
        rows.Visit(0, 1, (_, _, value) =>
        {
            cancellation.ThrowIfCancellationRequested();
            if (seen++ % step != 0) return true;
            if (input.Read(value, numbers.AsSpan(count * dimensions, dimensions))) count++;
            return count < size;
        });
        return new(numbers, count, dimensions);
    }

    /// <summary>The mean of the sample; empty when there is no vector.</summary>
    public float[] Mean()
    {
        if (Count == 0) return [];
        var sums = new double[Dimensions];
        for (var i = 0; i < Count; i++)
        {
            var vector = this[i];
            for (var j = 0; j < vector.Length; j++)
                sums[j] += vector[j];
        }
        return [.. sums.Select(sum => (float)(sum / Count))];
    }
}
