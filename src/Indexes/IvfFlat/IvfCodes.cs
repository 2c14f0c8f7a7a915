using PgVectorCompat.Vectors;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>
/// What lists keep of a vector. Where distances follow from inner products there are one-bit codes: a search looks at those first, 32 at once, and
/// at the code proper only of entries that may be near enough. Where the code proper would have one or two bits a dimension, the one-bit codes alone
/// are smaller and find as much.
/// </summary>
static class IvfCodes
{
    /// <summary>Below this many dimensions a code is read as fast as its bounds.</summary>
    const int FewDimensions = 32;

    public static ResidualCodes? Residuals(VectorIndexOptions options)
        => CodeChoice.HasProducts(options) && options.Dimensions >= FewDimensions && CodeChoice.Resolve(options) != Quantization.None
            ? new(options.Dimensions, options.Metric == Metric.InnerProduct, options.Seed)
            : null;

    /// <summary>
    /// The options with what <see cref="Quantization.Auto"/> stands for: four bits a dimension where one-bit codes come first, since after those eight find no
    /// more and take twice the memory.
    /// </summary>
    public static VectorIndexOptions Resolve(VectorIndexOptions options) => options with
    {
        Quantization = options.Quantization == Quantization.Auto && Residuals(options) is not null ? Quantization.Sq4 : CodeChoice.Resolve(options),
    };

    public static VectorCode Train(VectorIndexOptions options, IVectorRows rows, BuildSettings settings)
        => HasNoCode(options) ? new NoCode() : CodeChoice.Train(Resolve(options), rows, settings);

    public static VectorCode Load(VectorIndexOptions options, BinaryReader reader)
        => HasNoCode(options) ? new NoCode() : CodeChoice.Load(Resolve(options), reader);

    static bool HasNoCode(VectorIndexOptions options)
        => Residuals(options) is not null && CodeChoice.RotatedBits(options) is 1 or 2;
}
