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
        => HasResiduals(options) ? new(options.Dimensions, options.Metric == Metric.InnerProduct, options.Seed) : null;

    static bool HasResiduals(VectorIndexOptions options)
        => CodeChoice.HasProducts(options) && options.Dimensions >= FewDimensions && CodeChoice.Resolve(options) != Quantization.None;

    /// <summary>Whether codes prove of enough vectors that they are farther than a distance: by inner products a bound depends on their lengths.</summary>
    public static bool FindsRanges(VectorIndexOptions options) => options.Metric != Metric.InnerProduct && HasResiduals(options);

    /// <summary>
    /// The options with what <see cref="Quantization.Auto"/> stands for: four bits a dimension where one-bit codes come first, since after those eight find no
    /// more and take twice the memory.
    /// </summary>
    public static VectorIndexOptions Resolve(VectorIndexOptions options) => options with
    {
        Quantization = options.Quantization == Quantization.Auto && HasResiduals(options) ? Quantization.Sq4 : CodeChoice.Resolve(options),
    };

    public static VectorCode Train(VectorIndexOptions options, IVectorRows rows, BuildSettings settings)
        => HasNoCode(options) ? new NoCode() : CodeChoice.Train(Resolve(options), rows, settings);

    public static VectorCode Load(VectorIndexOptions options, BinaryReader reader)
        => HasNoCode(options) ? new NoCode() : CodeChoice.Load(Resolve(options), reader);

    static bool HasNoCode(VectorIndexOptions options)
        => HasResiduals(options) && CodeChoice.RotatedBits(options) is 1 or 2;
}
