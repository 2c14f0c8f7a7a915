using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// Reads stored dense vectors as float32. For the cosine distance they are scaled to length one: half the squared L2 distance between
/// such vectors is the cosine distance, so codes treat cosine as L2.
/// </summary>
/// <param name="Element">Float32 or Float16.</param>
public readonly record struct DenseInput(VectorElement Element, int Dimensions, bool Normalize)
{
    /// <summary>Reads vectors for distances by <paramref name="metric"/>.</summary>
    public static DenseInput For(VectorElement element, int dimensions, Metric metric)
    {
        if (element is not (VectorElement.Float32 or VectorElement.Float16))
            throw new ArgumentOutOfRangeException(nameof(element), element, "not a dense element");
        return new(element, dimensions, metric == Metric.Cosine);
    }

    /// <summary>Fills <paramref name="vector"/> (as long as there are dimensions); false, with zeros, for a zero vector that was to be scaled.</summary>
    public bool Read(ReadOnlySpan<byte> value, Span<float> vector)
    {
        if (Element == VectorElement.Float16)
            HalfConversion.ToSingle(MemoryMarshal.Cast<byte, Half>(value)[..Dimensions], vector);
        else
            MemoryMarshal.Cast<byte, float>(value)[..Dimensions].CopyTo(vector);
        if (!Normalize) return true;

        var norm = Norms.L2(vector);
        var scale = (float)(1 / norm);
        if (!(norm > 0) || !float.IsFinite(scale))
        {
            // The reciprocal of a tiny norm overflows float32 although the quotients would not.
            if (!(norm > 0))
            {
                vector.Clear();
                return false;
            }
            for (var i = 0; i < vector.Length; i++)
                vector[i] = (float)(vector[i] / norm);
            return true;
        }
        for (var i = 0; i < vector.Length; i++)
            vector[i] *= scale;
        return true;
    }
}
