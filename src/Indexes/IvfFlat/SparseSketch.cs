using System.Runtime.InteropServices;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// Folds a sparse vector of any number of dimensions into a few: each index goes to one of them by its hash, with a sign by its hash. Inner
/// products stay the same on average, which is enough to group similar vectors.
/// </summary>
static class SparseSketch
{
    public const int Dimensions = 128;

    /// <summary>False, with zeros, for a zero vector that was to be scaled to length one.</summary>
    /// <param name="value">Stored form: dimensions, indices, values.</param>
    public static bool Read(ReadOnlySpan<byte> value, bool normalize, Span<float> sketch)
    {
        var entries = value[sizeof(int)..];
        var indices = MemoryMarshal.Cast<byte, int>(entries[..(entries.Length / 2)]);
        var values = MemoryMarshal.Cast<byte, float>(entries[(entries.Length / 2)..]);
        sketch.Clear();
        for (var i = 0; i < indices.Length; i++)
        {
            var hash = (uint)indices[i] * 0x9E3779B1u;
            sketch[(int)(hash >> 25)] += (hash >> 24 & 1) == 0 ? values[i] : -values[i];
        }
        if (!normalize) return true;
        var scale = 1 / Norms.L2(values);
        foreach (ref var number in sketch)
            number = double.IsFinite(scale) ? (float)(number * scale) : 0;
        return indices.Length > 0;
    }
}
