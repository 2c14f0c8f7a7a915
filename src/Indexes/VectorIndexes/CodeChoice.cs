using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes;

/// <summary>From the options of an index to the codes it keeps; the one place that knows every kind of code.</summary>
static class CodeChoice
{
    /// <summary>Vectors looked at to train codes.</summary>
    const int SampleSize = 20_000;

    /// <summary>From here on the errors of four bits a dimension cancel each other so well that a walk goes astray no more often than by eight.</summary>
    const int ManyDimensions = 128;

    /// <summary>The quantization that <see cref="Quantization.Auto"/> stands for, or the one asked for.</summary>
    public static Quantization Resolve(VectorIndexOptions options)
    {
        if (options.Element is VectorElement.Bit or VectorElement.Sparse) return Quantization.None;
        if (options.Quantization != Quantization.Auto) return options.Quantization;
        if (options.Dimensions < VectorCodes.FewDimensions) return Quantization.None;
        if (options.Metric == Metric.L1) return Quantization.F16;
        return options.Dimensions < ManyDimensions ? Quantization.Sq8 : Quantization.Sq4;
    }

    /// <summary>The codes for an index over these rows.</summary>
    /// <exception cref="NotSupportedException">There is no such code for these vectors.</exception>
    public static VectorCode Train(VectorIndexOptions options, IVectorRows rows, BuildSettings settings)
    {
        var (element, dimensions, metric) = (options.Element, options.Dimensions, options.Metric);
        return Resolve(options) switch
        {
            Quantization.Sq8 when HasProducts(options) => VectorCodes.Sq8(element, dimensions, metric, Mean()),
            _ when RotatedBits(options) is var bits and > 0 => VectorCodes.Rotated(element, dimensions, metric, bits, Mean(), options.Seed),
            _ => Untrained(options),
        };

        float[] Mean() => DenseSample.Take(options, rows, SampleSize, settings.Cancellation).Mean();
    }

    /// <summary>The codes of a saved index, from what their <see cref="VectorCode.Save"/> wrote.</summary>
    public static VectorCode Load(VectorIndexOptions options, BinaryReader reader) => Resolve(options) switch
    {
        Quantization.Sq8 when HasProducts(options) => VectorCodes.LoadSq8(options.Element, options.Dimensions, options.Metric, reader),
        _ when RotatedBits(options) is var bits and > 0 => VectorCodes.LoadRotated(options.Element, options.Dimensions, options.Metric, bits, reader),
        _ => Untrained(options),
    };

    static VectorCode Untrained(VectorIndexOptions options)
    {
        var (element, dimensions, metric) = (options.Element, options.Dimensions, options.Metric);
        return Resolve(options) switch
        {
            Quantization.None when element == VectorElement.Bit => VectorCodes.Bits(dimensions, metric),
            Quantization.None when element == VectorElement.Sparse => VectorCodes.Sparse(dimensions, metric),
            Quantization.None when element == VectorElement.Float32 || (IsDense(options) && dimensions < VectorCodes.FewDimensions)
                => VectorCodes.Float32(element, dimensions, metric),
            Quantization.None or Quantization.F16 when IsDense(options) => VectorCodes.Float16(element, dimensions, metric),
            _ => throw new NotSupportedException($"no {Resolve(options)} codes for {element} vectors by {metric}"),
        };
    }

    /// <summary>
    /// Bits a dimension after a rotation, 0 for other codes. Four of them are <c>sq4</c>; two are <c>pq16</c>, a sixteenth of the vector: at that size bits of
    /// single rotated dimensions find more than code books over several; one is <c>binary</c>, the signs, with two factors that make distances of them.
    /// </summary>
    public static int RotatedBits(VectorIndexOptions options) => !HasProducts(options) ? 0 : Resolve(options) switch
    {
        Quantization.Sq4 => 4,
        Quantization.Pq16 => 2,
        Quantization.Binary => 1,
        Quantization.Rabitq => options.RabitqBits,
        _ => 0,
    };

    /// <summary>Whether distances follow from inner products of float32 vectors, which codes approximate.</summary>
    public static bool HasProducts(VectorIndexOptions options)
        => IsDense(options) && options.Metric is Metric.L2 or Metric.InnerProduct or Metric.Cosine;

    static bool IsDense(VectorIndexOptions options) => options.Element is VectorElement.Float32 or VectorElement.Float16;
}
