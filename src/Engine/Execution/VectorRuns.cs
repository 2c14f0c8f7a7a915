using PgVectorCompat.Storage;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Distances to many slots of a vector column.</summary>
static class VectorRuns
{
    /// <summary>Rows loaded together lie in neighbouring slots: whole runs of them are measured in one call.</summary>
    /// <param name="limit">Rows farther than this may get infinity for their distance; NaN for none.</param>
    public static void Measure(RowDistances measure, VectorColumn column, ReadOnlySpan<int> slots, Span<double> distances, double limit = double.NaN)
    {
        var stride = column.Stride;
        for (var i = 0; i < slots.Length;)
        {
            var length = 1;
            while (i + length < slots.Length && slots[i + length] == slots[i] + length)
                length++;
            var memory = column.Run(slots[i], length, out var contiguous);
            measure.Contiguous(memory, stride, distances.Slice(i, contiguous), limit);
            i += contiguous;
        }
    }
}
